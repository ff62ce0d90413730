"""Thread pools per webhook (bulkheads): a receiver that answers slowly delays no other and no document."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.db.models import Exists, OuterRef

from extractions.forwarding.runtime.thread_pool import BoundedThreadPool
from extractions.forwarding.webhooks.delivery import CIRCUIT_FAILURES, deliver
from extractions.models import Installation, Webhook, WebhookMessage
from extractions.models.webhook import TEST, WebhookMessageQuerySet

THREADS = 2


class WebhookPools:
    """One pool per webhook with messages to send; it is closed once there are none."""

    def __init__(self, on_done: Callable[[], object]) -> None:
        self._on_done = on_done
        self._by_webhook: dict[int, BoundedThreadPool] = {}

    @property
    def pools(self) -> list[BoundedThreadPool]:
        return list(self._by_webhook.values())

    def hand_out(self, now: datetime) -> bool:
        """Start what is due; returns whether something is left for which no thread was free."""
        waiting = WebhookMessage.objects.filter(webhook=OuterRef("pk"), state=WebhookMessage.State.WAITING)
        webhooks = list(Webhook.objects.filter(Exists(waiting)).select_related("team"))
        self._close_idle({webhook.pk for webhook in webhooks})
        # A copied portal tells nobody of what it does until somebody has confirmed that it is the only one.
        if not webhooks or Installation.in_doubt():
            return False
        return sum(self._hand_out(webhook, now) for webhook in webhooks) > 0

    def _hand_out(self, webhook: Webhook, now: datetime) -> bool:
        pool = self._by_webhook.get(webhook.pk)
        busy = [key for key in pool.busy if isinstance(key, int)] if pool else []
        # One message at a time tries whether a receiver that fails over and over is back.
        free = (THREADS if webhook.failures < CIRCUIT_FAILURES else 1) - len(busy)
        found = list(_due(webhook, now).exclude(pk__in=busy)[: free + 1]) if free > 0 else []
        for message in found[:free]:
            if pool is None:
                pool = self._by_webhook[webhook.pk] = BoundedThreadPool("webhook", THREADS, self._on_done)
            message.webhook = webhook
            pool.offer(message.pk, partial(deliver, message))
        return len(found) > free or free <= 0

    def _close_idle(self, waiting: set[int]) -> None:
        for pk in [pk for pk, pool in self._by_webhook.items() if pk not in waiting and not pool.busy]:
            self._by_webhook.pop(pk).close(time.monotonic())


def _due(webhook: Webhook, now: datetime) -> WebhookMessageQuerySet:
    """While it is paused or held back, tests only."""
    due = WebhookMessage.objects.filter(webhook=webhook).due(now)
    held = webhook.pause or (webhook.not_before is not None and webhook.not_before > now)
    return due.filter(event=TEST) if held else due
