"""{% state_badge extraction %}: icon, word and what belongs to it."""

from __future__ import annotations

from django import template

from extractions.models import Extraction
from extractions.presentation.badges import Badge, badge_of

register = template.Library()


@register.inclusion_tag("components/state_badge.html")
def state_badge(extraction: Extraction) -> dict[str, Badge]:
    return {"badge": badge_of(extraction)}
