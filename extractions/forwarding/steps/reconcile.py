"""Reconciliation after an ambiguous send: find out whether the document arrived before sending it again."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from extractions import clock
from extractions.forwarding.api.answers import Answer
from extractions.forwarding.api.errors import ApiUnavailable
from extractions.forwarding.steps import connection_state
from extractions.forwarding.steps.search_canary import Freshness, freshness
from extractions.forwarding.steps.service_facts import record_arrival
from extractions.forwarding.steps.service_search import SEARCH_LIMIT, UNSEARCHABLE, find_by_key
from extractions.forwarding.time_scale import hours, search_gap, settling, span
from extractions.forwarding.worker_name import worker_name
from extractions.models import Attempt, Extraction
from extractions.models.error_codes import ErrorCode
from portal.database_retry import retry_on_database_error

State = Extraction.State

LEASE = 300.0
SEARCH_GAPS = (5.0, 10.0, 15.0, 30.0, 60.0)
MAX_HAND_OVERS = 3
GIVE_UP_UNREACHABLE_HOURS = 72.0  # hours
GIVE_UP_HOURS = {ErrorCode.CORRUPT: 0.5, UNSEARCHABLE: 0.25}
PROOF_SECONDS = 600.0
"""How long to wait for proof that the search is fresh before a person has to decide."""
MAX_GAP_SECONDS = 600.0
MAX_LIMIT_HOURS = 1.0  # hours

log = logging.getLogger(__name__)


def reconcile(extraction: Extraction) -> None:
    """One search for a document that may have arrived."""
    client = connection_state.client_for(extraction.connection)
    lease = _claim(extraction)
    if lease is None:
        return
    begun = clock.now()
    if client is None:
        _leave_undecided(extraction, lease, ErrorCode.WRONG_ADDRESS)
        return
    try:
        # Freshness first: an index that is fresh now is still fresh for the search that follows.
        fresh = freshness(extraction, client) if _is_conclusive(extraction, begun) else Freshness.UNPROVEN
        hits = find_by_key(extraction.connection, client, str(extraction.key))
    except ApiUnavailable as error:
        retry_on_database_error(_search_failed, extraction, lease, error)
        return
    if hits:
        retry_on_database_error(record_hits, extraction, hits)
    else:
        retry_on_database_error(_not_found, extraction, lease, begun, fresh)


def record_hits(extraction: Extraction, hits: list[Answer]) -> None:
    """Record every hit. The first becomes the document's id unless it has one."""
    for hit in hits:
        record_arrival(extraction, hit)
    attempts = Attempt.objects.filter(extraction=extraction, remote_id="").order_by("-number", "-pk")
    if last := attempts.first():
        Attempt.objects.filter(pk=last.pk).update(remote_id=hits[0].id)


def _claim(extraction: Extraction) -> int | None:
    """Claim the row for one search; the new lease, or None if another process was faster."""
    lease = extraction.lease
    rows = Extraction.objects.filter(pk=extraction.pk, state=State.CHECKING, lease=lease)
    until = clock.now() + span(LEASE)
    return lease + 1 if rows.update(lease=F("lease") + 1, lease_until=until, held_by=worker_name()) else None


def _search_failed(extraction: Extraction, lease: int, error: ApiUnavailable) -> None:
    """A failed search does not count and is retried; after the give-up time a person decides."""
    if error.code in connection_state.PAUSING_CODES:
        connection_state.pause_for_error(extraction.connection, error)
    if error.code == SEARCH_LIMIT:
        # Nothing was searched yet, so the age is no reason to ask a person.
        _search_later(
            extraction,
            lease,
            min(hours(MAX_LIMIT_HOURS), max(search_gap(SEARCH_GAPS[0]), span(error.retry_after or 0.0))),
        )
        return
    age = clock.now() - extraction.state_changed_at
    if age > hours(GIVE_UP_HOURS.get(error.code, GIVE_UP_UNREACHABLE_HOURS)):
        code = error.code if error.code == UNSEARCHABLE else ErrorCode.UNDECIDED
        _leave_undecided(extraction, lease, code, error.detail)
        return
    retry_after = span(error.retry_after or 0.0)
    # A search that does not terminate costs many requests, so back off faster.
    backoff = age if error.code == UNSEARCHABLE else age / 4
    _search_later(extraction, lease, min(span(MAX_GAP_SECONDS), max(search_gap(SEARCH_GAPS[0]), backoff, retry_after)))


def _settled_at(extraction: Extraction, begun: datetime) -> datetime:
    return (extraction.handed_over_at or begun) + settling()


def _is_conclusive(extraction: Extraction, begun: datetime) -> bool:
    """Whether "not found" in this search may be final."""
    return extraction.search_misses + 1 >= len(SEARCH_GAPS) and begun >= _settled_at(extraction, begun)


def _not_found(extraction: Extraction, lease: int, begun: datetime, fresh: Freshness) -> None:
    search_misses = extraction.search_misses + 1
    settled = _settled_at(extraction, begun)
    if search_misses < len(SEARCH_GAPS):
        _search_later(extraction, lease, search_gap(SEARCH_GAPS[search_misses]), search_misses=search_misses)
    elif begun < settled:
        _search_later(extraction, lease, min(settled - begun, settling()), search_misses=search_misses)
    elif _is_unwanted(extraction):
        _cancel(extraction, lease, search_misses)
    elif fresh is Freshness.FRESH and extraction.connection.search_is_trusted():
        _confirm_absent(extraction, lease, search_misses)
    elif begun - settled < search_gap(PROOF_SECONDS):
        _search_later(extraction, lease, search_gap(SEARCH_GAPS[-1]), search_misses=search_misses)
    else:
        _leave_undecided(extraction, lease, (fresh if fresh is Freshness.STALE else Freshness.UNPROVEN).value)


def _is_unwanted(extraction: Extraction) -> bool:
    extraction.connection.refresh_from_db()
    extraction.refresh_from_db(fields=["cancel_requested_at", "delete_requested_at"])
    return bool(extraction.cancel_requested_at or extraction.delete_requested_at)


def _cancel(extraction: Extraction, lease: int, search_misses: int) -> None:
    """Cancelled or deleted, and not found. It will not be sent again, so no proof is needed."""
    now = clock.now()
    due = now if extraction.delete_requested_at else None
    # If it turns up later after all, it is deleted there then.
    fields: dict[str, Any] = {
        "next_try_at": due,
        "lease_until": None,
        "search_misses": search_misses,
        "duplicate_search_at": now,
    }
    extraction.transition({State.CHECKING}, State.CANCELLED, lease=lease, **fields)


def _confirm_absent(extraction: Extraction, lease: int, search_misses: int) -> None:
    handed_over = extraction.tries.filter(handed_over_at__isnull=False).exclude(outcome=Attempt.Outcome.REFUSED).count()
    if handed_over >= MAX_HAND_OVERS:
        _leave_undecided(extraction, lease, ErrorCode.UNDECIDED, f"handed over {handed_over} times and never found")
    else:
        log.warning("%s did not arrive; sending it again", extraction.key)
        extraction.transition(
            {State.CHECKING},
            State.QUEUED,
            lease=lease,
            next_try_at=clock.now(),
            lease_until=None,
            search_misses=search_misses,
            error_code=ErrorCode.NOT_ARRIVED,
            error_detail="",
        )


def _leave_undecided(extraction: Extraction, lease: int, code: str, detail: str = "") -> None:
    """Leave it to a person, unless it was already cancelled or deleted."""
    unwanted = Extraction.objects.filter(pk=extraction.pk).exclude(
        cancel_requested_at__isnull=True, delete_requested_at__isnull=True
    )
    state = State.CANCELLED if unwanted.exists() else State.UNDECIDED
    fields: dict[str, Any] = {"next_try_at": None, "lease_until": None, "error_code": code, "error_detail": detail}
    if state == State.CANCELLED:
        # If it turns up later after all, it is deleted there then.
        now = clock.now()
        fields |= {"next_try_at": now, "duplicate_search_at": now}
    log.warning("%s: unknown whether it arrived (%s %s)", extraction.key, code, detail)
    extraction.transition({State.CHECKING}, state, lease=lease, **fields)


def _search_later(extraction: Extraction, lease: int, wait: timedelta, **fields: object) -> None:
    """Schedule the next search relative to now, so that a clock jump affects one gap only."""
    rows = Extraction.objects.filter(pk=extraction.pk, state=State.CHECKING, lease=lease)
    rows.update(next_try_at=clock.now() + wait, lease_until=None, **fields)
