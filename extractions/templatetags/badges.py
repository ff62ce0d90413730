"""{% state_badge extraction %} and {% value_badge value %}: icon, word and what belongs to it."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

from extractions.models import Extraction, Value
from extractions.presentation.document.badges import Badge, badge_of
from extractions.presentation.operations import servers
from extractions.presentation.review import value_badges

register = template.Library()


@register.inclusion_tag("components/state_badge.html")
def state_badge(extraction: Extraction) -> dict[str, Badge]:
    return {"badge": badge_of(extraction)}


@register.inclusion_tag("components/value_badge.html")
def value_badge(value: Value) -> dict[str, Badge]:
    return {"badge": value_badges.badge_of(value)}


@register.filter
def why_automatic(routing: Mapping[str, object]) -> str:
    return servers.why_automatic(routing)
