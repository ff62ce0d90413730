"""Does what the worker does, in the thread of the test."""

from datetime import timedelta

from django.utils import timezone

from extractions.forwarding.runtime.webhook_pools import _due
from extractions.forwarding.webhooks.delivery import deliver
from extractions.models import Webhook, WebhookAttempt, WebhookMessage


def run(webhook):
    """What the worker does in one tick, in this thread."""
    webhook = Webhook.objects.get(pk=webhook.pk)
    found = list(_due(webhook, timezone.now()))
    for message in found:
        deliver(message)
    return len(found)


def drive(webhook, clock, hours):
    """Everything that is due within so many hours, when it is due."""
    until = clock() + timedelta(hours=hours)
    while clock() < until:
        if run(webhook):
            continue
        webhook.refresh_from_db()
        moments = [*WebhookMessage.objects.values_list("next_try_at", flat=True), webhook.not_before]
        coming = [moment for moment in moments if moment is not None and moment > clock()]
        if webhook.pause or not coming:
            return
        clock.reach(min(coming))


def outcomes():
    return list(WebhookAttempt.objects.order_by("pk").values_list("outcome", flat=True))


def message(event=None):
    rows = WebhookMessage.objects.order_by("pk")
    return rows.get(event=event) if event else rows.get()
