"""{% paused_webhooks team %}: the team's webhooks that paused themselves, for the banner in its settings."""

from __future__ import annotations

from django import template

from extractions.models import Webhook
from portal.people.models import Team

register = template.Library()


@register.simple_tag
def paused_webhooks(team: Team) -> list[Webhook]:
    paused = Webhook.objects.filter(team=team).exclude(pause__in=(Webhook.Pause.NONE, Webhook.Pause.BY_HAND))
    return list(paused)
