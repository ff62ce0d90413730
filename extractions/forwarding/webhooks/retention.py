"""How long messages and their log are kept."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from extractions import clock
from extractions.forwarding.serialized import serialized_atomic
from extractions.models import WebhookMessage

BATCH = 500


def clear() -> int:
    """Delete messages that are older than WEBHOOK_LOG_DAYS, those that wait for a paused webhook included."""
    oldest = clock.now() - timedelta(days=settings.WEBHOOK_LOG_DAYS)
    cleared = 0
    while numbers := list(WebhookMessage.objects.filter(happened_at__lt=oldest).values_list("pk", flat=True)[:BATCH]):
        with serialized_atomic():
            WebhookMessage.objects.filter(pk__in=numbers).delete()
        cleared += len(numbers)
    return cleared
