"""Documents that were handed over more than once: late searches, and the price of a duplicate acceptance.

No search can rule out that an acceptance becomes visible later than expected. A key that was handed over twice is
therefore searched for again after DUPLICATE_SEARCH_HOURS; the schedule survives restarts and deletion of the document.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max, Q

from extractions import clock
from extractions.forwarding.api.answers import Answer
from extractions.forwarding.api.errors import ApiRejected, ApiUnavailable
from extractions.forwarding.serialized import serialized_atomic
from extractions.forwarding.steps import connection_state
from extractions.forwarding.steps.service_facts import record_arrival
from extractions.forwarding.steps.service_search import find_by_key
from extractions.forwarding.time_scale import hours, span
from extractions.models import Attempt, DoublePayment, Extraction, Spending
from extractions.models.extraction_queryset import LARGE_COLUMNS
from portal.database_retry import retry_on_database_error

State = Extraction.State
LEASE = 300.0
RETRY_HOURS = 0.25  # hours
GIVE_UP_HOURS = 30 * 24.0  # hours
PRICE_RETRY_SECONDS, PRICE_GIVE_UP_SECONDS = 60.0, 24 * 3600.0
IN_DOUBT = (State.QUEUED, State.SENDING, State.SENT, State.CHECKING)

log = logging.getLogger(__name__)


def was_handed_over_before(extraction: Extraction, attempt: Attempt) -> bool:
    """Whether an earlier attempt may have reached the service. `extraction` is as loaded before this attempt."""
    if extraction.handed_over_at is not None:
        return True
    earlier = Attempt.objects.filter(extraction=extraction, handed_over_at__isnull=False).exclude(pk=attempt.pk)
    return earlier.exclude(outcome__in=(Attempt.Outcome.REFUSED, Attempt.Outcome.NOT_SENT)).exists()


def next_search_at(handed_over_at: datetime, now: datetime) -> datetime | None:
    """The next scheduled search; None after the last."""
    planned = (handed_over_at + hours(number) for number in sorted(settings.DUPLICATE_SEARCH_HOURS))
    return next((moment for moment in planned if moment > now), None)


def next_due(now: datetime) -> Extraction | None:
    due = Extraction.objects.filter(duplicate_search_at__lte=now).select_related("connection").defer(*LARGE_COLUMNS)
    return due.order_by("duplicate_search_at", "pk").first()


def search_again(extraction: Extraction) -> None:
    """One search; records every acceptance that it finds."""
    now = clock.now()
    rows = Extraction.objects.filter(pk=extraction.pk, duplicate_search_at=extraction.duplicate_search_at)
    if not rows.update(duplicate_search_at=now + span(LEASE)):
        return
    mine = Extraction.objects.filter(pk=extraction.pk)
    handed_over_at = _last_hand_over(extraction)
    client = connection_state.client_for(extraction.connection)
    if extraction.state in IN_DOUBT and now - handed_over_at < hours(GIVE_UP_HOURS):
        mine.update(duplicate_search_at=now + hours(RETRY_HOURS))
        return
    if client is None:
        log.error("%s was sent more than once and cannot be searched for: the API key is gone", extraction.key)
        mine.update(duplicate_search_at=None)
        return
    try:
        hits = find_by_key(extraction.connection, client, str(extraction.key))
    except ApiUnavailable as error:
        over = now - handed_over_at > hours(GIVE_UP_HOURS)
        level = logging.ERROR if over else logging.INFO
        log.log(level, "%s was sent more than once and cannot be searched for: %s", extraction.key, error.detail)
        mine.update(duplicate_search_at=None if over else now + hours(RETRY_HOURS))
        return
    for hit in hits:
        retry_on_database_error(record_arrival, extraction, hit)
    mine.update(duplicate_search_at=next_search_at(handed_over_at, now))


def _last_hand_over(extraction: Extraction) -> datetime:
    """Reference time of the schedule, also for a row whose own hand-over was reset."""
    if extraction.handed_over_at is not None:
        return extraction.handed_over_at
    known: datetime | None = extraction.tries.aggregate(last=Max("handed_over_at"))["last"]
    return known or extraction.state_changed_at


def next_unpriced(now: datetime) -> DoublePayment | None:
    due = DoublePayment.objects.filter(credits_due_at__lte=now).select_related("extraction__connection")
    heavy = (f"extraction__{name}" for name in LARGE_COLUMNS)
    return due.defer(*heavy).order_by("credits_due_at", "pk").first()


def fetch_price(payment: DoublePayment) -> None:
    """Fetch what the duplicate cost. If the service never tells, assume the price of the first acceptance: same
    document, same options."""
    now = clock.now()
    rows = DoublePayment.objects.filter(pk=payment.pk, credits_due_at=payment.credits_due_at)
    age = now - payment.noticed_at
    if not rows.update(credits_due_at=now + max(span(PRICE_RETRY_SECONDS), age / 2)):
        return
    answer, gone = _retrieve(payment)
    if answer is not None and answer.credit_used is not None:
        retry_on_database_error(_count, payment, answer.credit_used, False)
    elif gone or age > span(PRICE_GIVE_UP_SECONDS):
        used = payment.extraction.credit_used
        retry_on_database_error(_count, payment, payment.extraction.credits_expected if used is None else used, True)


def _retrieve(payment: DoublePayment) -> tuple[Answer | None, bool]:
    """The service's extract, if available; and whether it never will be."""
    client = connection_state.client_for(payment.extraction.connection)
    if client is None:
        return None, True
    try:
        return client.retrieve(payment.remote_id), False
    except ApiRejected:
        return None, True
    except ApiUnavailable:
        return None, False


@serialized_atomic()
def _count(payment: DoublePayment, credits: int, estimated: bool) -> None:
    rows = DoublePayment.objects.filter(pk=payment.pk, credits__isnull=True)
    if rows.update(credits=max(0, credits), estimated=estimated, credits_due_at=None) and credits > 0:
        Spending.objects.add(payment.extraction, credits, clock.now(), documents=0)


def reset_far_clocks(now: datetime) -> int:
    """Repair due times that a wrong system clock has set too far ahead."""
    latest = now + hours(max(settings.DUPLICATE_SEARCH_HOURS, default=0.0)) + timedelta(hours=1)
    far = Q(duplicate_search_at__gt=latest)
    return Extraction.objects.filter(far).update(duplicate_search_at=now)
