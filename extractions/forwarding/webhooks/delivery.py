"""Delivers one message: claim, sign, send, record. Safe to repeat: a receiver knows a message again by its id.

A worker that is killed after sending leaves the lease to expire, and the message is sent once more. A document's next
message waits until the one before is delivered or given up.
"""

from __future__ import annotations

import logging
import random
from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Coalesce

from extractions import clock
from extractions.forwarding.serialized import serialized_atomic
from extractions.forwarding.time_scale import hours, span
from extractions.forwarding.webhooks import notices, payload, transport
from extractions.forwarding.webhooks.transport import Reply
from extractions.models import Extraction, ExtractionQuerySet, Webhook, WebhookAttempt, WebhookMessage
from extractions.models.webhook import TEST
from portal.database_retry import retry_on_database_error
from portal.sealing import Unreadable

LEASE = 90.0
DELAYS = tuple(60.0 * minutes for minutes in (1 / 12, 1, 5, 30, 120, 300, 600, 840, 1200, 1440))
"""Seconds between the attempts: eleven within about three days."""
MAX_RETRY_AFTER = 3600.0
CIRCUIT_FAILURES = 5
"""From so many failures in a row on, one message at a time tries whether the receiver is back."""
FIRST_HOLD, MAX_HOLD = 5.0, 900.0
PAUSE_AFTER_HOURS = 48.0
"""Shorter than all attempts at one message take, so that a receiver that is down costs no event."""
Outcome = WebhookAttempt.Outcome
State = WebhookMessage.State

log = logging.getLogger(__name__)


def deliver(message: WebhookMessage) -> None:
    """One attempt; does nothing if another worker has the message."""
    if not _claim(message):
        return
    now = clock.now()
    try:
        secrets = message.webhook.secrets(now)
    except Unreadable:
        reply = Reply(Outcome.SECRET_LOST, 0.0)
    else:
        body = retry_on_database_error(_freeze_body, message)
        if body is None:
            return
        headers = payload.headers_of(message.message_id, now, body, secrets)
        reply = transport.post(message.webhook.url, body.encode(), headers)
    retry_on_database_error(_record, message, reply)


def _claim(message: WebhookMessage) -> bool:
    now = clock.now()
    rows = WebhookMessage.objects.filter(pk=message.pk, lease=message.lease, state=State.WAITING)
    if not rows.update(lease=F("lease") + 1, lease_until=now + span(LEASE), attempts=F("attempts") + 1):
        return False
    message.lease += 1
    message.attempts += 1
    return True


@serialized_atomic()
def _freeze_body(message: WebhookMessage) -> str | None:
    """The body, stored at the first attempt; None if the webhook was removed meanwhile.

    Made anew only for a document that was deleted or moved since: then it holds ids only.
    """
    extraction = _locked(message).first()
    rows = WebhookMessage.objects.filter(pk=message.pk)
    stored = rows.values_list("body", flat=True).first()
    gone = message.extraction_id is not None and extraction is None
    if stored == "" or (stored and gone):
        stored = payload.body_of(message, extraction)
        rows.update(body=stored)
    return stored


def _locked(message: WebhookMessage) -> ExtractionQuerySet:
    """The document, if it is still there and of the webhook's team. The lock puts its erasure before or after us."""
    rows = Extraction.objects.select_for_update(of=("self",), no_key=True).filter(pk=message.extraction_id or 0)
    return rows.filter(team=message.webhook.team_id, delete_requested_at__isnull=True)


@serialized_atomic()
def _record(message: WebhookMessage, reply: Reply) -> None:
    shown = message.extraction_id is None or _locked(message).values_list("pk").first() is not None
    if WebhookMessage.objects.select_for_update(of=("self",), no_key=True).filter(pk=message.pk).first() is None:
        return  # the webhook was removed meanwhile
    WebhookAttempt.objects.create(
        message=message, at=clock.now(), seconds=reply.seconds, outcome=reply.outcome, http_status=reply.status,
        response_body=reply.body if shown else "",
    )  # fmt: skip
    if reply.delivered:
        _delivered(message)
    else:
        _failed(message, reply)


def _delivered(message: WebhookMessage) -> None:
    # A fact, whoever holds the lease by now.
    rows = WebhookMessage.objects.filter(pk=message.pk, state=State.WAITING)
    rows.update(state=State.DELIVERED, ended_at=clock.now(), next_try_at=None, lease_until=None)
    if message.event == TEST:
        return
    failing = Webhook.objects.filter(pk=message.webhook_id, failures__gt=0)
    was_held = failing.filter(failures__gte=CIRCUIT_FAILURES).exists()
    if failing.update(failures=0, failing_since=None, not_before=None) and was_held:
        WebhookMessage.objects.filter(webhook=message.webhook_id, lease_until__isnull=True).hasten()


def _failed(message: WebhookMessage, reply: Reply) -> None:
    now = clock.now()
    rows = WebhookMessage.objects.filter(pk=message.pk, lease=message.lease, state=State.WAITING)
    if message.event == TEST or message.attempts > len(DELAYS):
        rows.update(state=State.GIVEN_UP, ended_at=now, next_try_at=None, lease_until=None)
        log.warning("Webhook message %s is given up: %s", message.message_id, reply.outcome)
    else:
        wait = max(DELAYS[message.attempts - 1] * random.uniform(0.8, 1.2), min(reply.retry_after, MAX_RETRY_AFTER))
        rows.update(next_try_at=now + span(wait), lease_until=None)
    if message.event != TEST:
        _note_failure(message.webhook, reply)


def _note_failure(webhook: Webhook, reply: Reply) -> None:
    """Count the failure; hold the other messages, and pause, where it goes on for long."""
    now = clock.now()
    rows = Webhook.objects.filter(pk=webhook.pk)
    rows.update(failures=F("failures") + 1, failing_since=Coalesce("failing_since", now))
    failures, since = rows.values_list("failures", "failing_since").get()
    if reply.outcome == Outcome.GONE:
        _pause(webhook, Webhook.Pause.GONE)
    elif reply.outcome == Outcome.SECRET_LOST:
        _pause(webhook, Webhook.Pause.SECRET_LOST)
    elif since is not None and now - since > hours(PAUSE_AFTER_HOURS):
        _pause(webhook, Webhook.Pause.FAILING)
    elif failures >= CIRCUIT_FAILURES:
        rows.update(not_before=now + _hold(failures))


def _hold(failures: int) -> timedelta:
    longest = min(MAX_HOLD, FIRST_HOLD * 2.0 ** min(failures - CIRCUIT_FAILURES, 20))
    return span(longest * random.uniform(0.8, 1.2))


def _pause(webhook: Webhook, reason: Webhook.Pause) -> None:
    if webhook.pause_for(reason):
        log.warning("Webhook %d is paused: %s", webhook.pk, reason)
        notices.send_on_commit(webhook, reason)
