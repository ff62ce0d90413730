"""Keeps the feeds of events: in order, and no longer than messages of webhooks."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from extractions import clock
from extractions.forwarding.serialized import serialized_atomic
from extractions.models import DocumentEvent, EventFeed
from portal.people.models import Team


def put_in_order() -> None:
    """Also where nobody follows, so that whoever begins to does not wait for it."""
    waiting = DocumentEvent.objects.filter(batch=None).order_by().values("team").distinct()
    for team in Team.objects.filter(pk__in=waiting):
        while _sequence(team):
            pass


def clear() -> int:
    """Delete events that are older than WEBHOOK_LOG_DAYS."""
    oldest = clock.now() - timedelta(days=settings.WEBHOOK_LOG_DAYS)
    old = DocumentEvent.objects.filter(happened_at__lt=oldest).order_by().values("team").distinct()
    cleared = 0
    for team in Team.objects.filter(pk__in=old):
        while forgotten := _forget(team, oldest):
            cleared += forgotten
    return cleared


@serialized_atomic()
def _sequence(team: Team) -> bool:
    return EventFeed.sequence(team)


@serialized_atomic()
def _forget(team: Team, oldest: datetime) -> int:
    return EventFeed.forget(team, oldest)
