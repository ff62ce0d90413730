"""One claim on a document being sent: lease, attempt and gate, and what each outcome writes. `send` calls it."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import Error as DatabaseError
from django.db import IntegrityError
from django.db.models import F, Q

from extractions import clock
from extractions.forwarding.api.answers import Answer
from extractions.forwarding.api.errors import ApiError, ApiUnavailable
from extractions.forwarding.api.multipart import UploadRequest
from extractions.forwarding.serialized import serialized_atomic
from extractions.forwarding.steps import clone_guard
from extractions.forwarding.steps.connection_state import SENDABLE
from extractions.forwarding.steps.duplicates import next_search_at, was_handed_over_before
from extractions.forwarding.steps.reconcile import SEARCH_GAPS
from extractions.forwarding.steps.service_facts import record_arrival
from extractions.forwarding.steps.service_search import SEARCH_LIMIT
from extractions.forwarding.time_scale import hours, scaled, search_gap, span
from extractions.forwarding.worker_name import worker_name
from extractions.models import Attempt, Extraction
from extractions.models.error_codes import ErrorCode
from extractions.storage import file_store
from extractions.storage.file_store import StoreUnavailable

State = Extraction.State
Outcome = Attempt.Outcome

LEASE, LEASE_AFTER_GATE = 60.0, 150.0
RENEW_SECONDS = 20.0
GATE_SECONDS = 2.0  # unscaled: bounds a slow database
MAX_RETRY_HOURS = 72.0  # hours
MAX_RETRY_AFTER_HOURS = 1.0  # hours
MAX_BACKOFF, MAX_BACKOFF_EMBEDDED = 600.0, 30.0
FIRST_BACKOFF, FIRST_BACKOFF_EMBEDDED = 5.0, 1.0
# A file counts as missing after this many misses in a reachable store, this many seconds apart.
MAX_MISSES, MISS_RETRY_SECONDS = 3, 300.0
STORE_RETRY = 5.0
# Refusals that are not about the document, so the attempt does not count.
UNCOUNTED_CODES = {ErrorCode.KEY_REFUSED, ErrorCode.NO_CREDITS, ErrorCode.RATE_LIMIT, ErrorCode.WRONG_ADDRESS}


class SendAborted(Exception):
    """The upload was aborted before its end was released."""


def claim(extraction: Extraction, stop: threading.Event, *, isolated: bool = False) -> SendAttempt | None:
    """QUEUED -> SENDING; None if another process was faster or sending is not allowed.

    Crash suspects are claimed by isolated senders only, one at a time, which a unique constraint ensures.
    """
    try:
        attempt = _claim(extraction, isolated=isolated)
    except IntegrityError:
        return None
    return SendAttempt(extraction, attempt, stop) if attempt else None


def _claim(extraction: Extraction, *, isolated: bool) -> Attempt | None:
    now = clock.now()
    with serialized_atomic():
        rows = Extraction.objects.filter(
            SENDABLE,
            pk=extraction.pk,
            state=State.QUEUED,
            # The options may have changed since the row was read.
            lease=extraction.lease,
            next_try_at__lte=now,
            delete_requested_at__isnull=True,
            suspected_at__isnull=not isolated,
        )
        claimed = rows.update(
            state=State.SENDING,
            state_changed_at=now,
            lease=F("lease") + 1,
            lease_until=now + span(LEASE),
            held_by=worker_name(),
            next_try_at=None,
            attempts=F("attempts") + 1,
            search_misses=0,
        )
        if not claimed:
            return None
        extraction.refresh_from_db(
            fields=["state", "lease", "lease_until", "next_try_at", "attempts", "retrying_since"]
        )
        return Attempt.objects.create(
            extraction=extraction, number=extraction.attempts, lease=extraction.lease, started_at=now
        )


class SendAttempt:
    def __init__(self, extraction: Extraction, attempt: Attempt, stop: threading.Event) -> None:
        self.extraction = extraction
        self.attempt = attempt
        self.lease = extraction.lease
        self._stop = stop
        self._renewed_at = time.monotonic()

    def upload_request(self) -> UploadRequest:
        extraction = self.extraction
        return UploadRequest(
            path=Path(extraction.document.path),
            name=extraction.name,
            mime=extraction.mime,
            size=extraction.size,
            sha256=extraction.sha256,
            key=str(extraction.key),
            server=extraction.server,
            schema=extraction.schema.remote_id if extraction.schema else None,
            classifier=extraction.classifier.remote_id if extraction.classifier else None,
            metadata=extraction.metadata,
            page_start=extraction.pdf_page_start,
            page_end=extraction.pdf_page_end,
        )

    def checkpoint(self) -> None:
        """Before every block: renew the lease; raises `SendAborted` if it is lost or the worker is stopping."""
        if self._stop.is_set():
            raise SendAborted("the worker is stopping")
        if time.monotonic() - self._renewed_at < scaled(RENEW_SECONDS):
            return
        rows = Extraction.objects.filter(pk=self.extraction.pk, state=State.SENDING, lease=self.lease)
        if not _write_or_abort(lambda: rows.update(lease_until=clock.now() + span(LEASE))):
            raise SendAborted("the lease is lost")
        self._renewed_at = time.monotonic()

    def gate(self) -> None:
        """SENDING -> SENT, committed before the last bytes leave; raises `SendAborted`."""
        self.checkpoint()
        try:
            clone_guard.record_attempt(self.attempt.pk)
        except (OSError, StoreUnavailable) as error:
            raise SendAborted(f"the marker cannot be written: {error}") from error
        passed_at = _write_or_abort(self._hand_over)
        if passed_at is None:
            raise SendAborted("cancelled, paused or taken over")
        if time.monotonic() - passed_at > GATE_SECONDS:
            raise SendAborted("the gate took too long")

    @serialized_atomic()
    def _hand_over(self) -> float | None:
        """Monotonic time at the start of the update, without the wait for the lock; None if it did not apply."""
        requested_at = time.monotonic()
        now = clock.now()
        again: dict[str, Any] = {}
        if was_handed_over_before(self.extraction, self.attempt):
            again["duplicate_search_at"] = next_search_at(now, now)
        passed = self.extraction.transition(
            {State.SENDING},
            State.SENT,
            lease=self.lease,
            where=SENDABLE,
            handed_over_at=now,
            lease_until=now + span(LEASE_AFTER_GATE),
            retrying_since=None,
            original_missed_at=None,
            original_misses=None,
            # It got through, so it is no longer a crash suspect.
            suspected_at=None,
            crashes=0,
            **again,
        )
        if passed:
            Attempt.objects.filter(pk=self.attempt.pk).update(handed_over_at=now)
        return requested_at if passed else None

    @serialized_atomic()
    def record_acceptance(self, http_status: int, answer: Answer) -> None:
        record_arrival(self.extraction, answer)
        self.end(Outcome.ACCEPTED, http_status=http_status, remote_id=answer.id)

    @serialized_atomic()
    def record_refusal(self, code: ErrorCode, error: ApiError | None = None) -> None:
        """Permanently refused: not accepted, not charged, not retried."""
        detail = error.detail if error else ""
        self.extraction.transition(
            {State.SENDING, State.SENT},
            State.REJECTED,
            lease=self.lease,
            error_code=code,
            error_detail=detail,
            **Extraction.RESTING,
        )
        self._apply_pending_requests()
        self.end(Outcome.REFUSED, http_status=error.http_status if error else None, detail=detail)

    @serialized_atomic()
    def requeue(self, error: ApiUnavailable) -> None:
        """QUEUED again: definitely not accepted, by an explicit refusal or because the end was not released."""
        extraction, now = self.extraction, clock.now()
        outcome = Outcome.REFUSED if error.code in UNCOUNTED_CODES else Outcome.NOT_SENT
        fields: dict[str, Any] = {
            "error_code": error.detailed_code,
            "error_detail": error.detail,
        }
        if error.code in UNCOUNTED_CODES:
            fields |= {"attempts": F("attempts") - 1, "next_try_at": now, "retrying_since": None}
        elif error.code == SEARCH_LIMIT:
            # Other documents used up the search quota, so neither the attempt nor the time counts.
            fields |= {"attempts": F("attempts") - 1, "next_try_at": now + self._wait(error), "retrying_since": None}
        else:
            since = extraction.retrying_since or now
            if now - since > hours(MAX_RETRY_HOURS):
                self.record_refusal(ErrorCode.EXPIRED, error)
                return
            fields |= {"retrying_since": since, "next_try_at": now + self._wait(error)}
        self._queue(fields, {State.SENDING, State.SENT})
        self._apply_pending_requests()
        self.end(outcome, http_status=error.http_status, detail=error.detail)

    @serialized_atomic()
    def abort(self, reason: str) -> None:
        """The end was not released. If the row is SENT already, only a search can confirm that."""
        fields = {"attempts": F("attempts") - 1, "next_try_at": clock.now()}
        if not self._queue(fields, {State.SENDING}) and not self.start_checking():
            self._apply_pending_requests()
        self.end(Outcome.NOT_SENT, detail=reason)

    def record_unreadable_original(self, reason: str) -> None:
        """The stored file cannot be read or has changed; final only after several misses in a reachable store.

        A failing disk may block for minutes, so it is checked before the database is locked.
        """
        self._miss_original(reason, store_is_reachable=file_store.is_reachable())

    @serialized_atomic()
    def _miss_original(self, reason: str, *, store_is_reachable: bool) -> None:
        now = clock.now()
        fields: dict[str, Any] = {"attempts": F("attempts") - 1, "next_try_at": now + span(STORE_RETRY)}
        if store_is_reachable:
            since = self.extraction.original_missed_at or now
            misses = (self.extraction.original_misses or 0) + 1
            if misses >= MAX_MISSES and now - since >= span((MAX_MISSES - 1) * MISS_RETRY_SECONDS):
                self.record_refusal(ErrorCode.ORIGINAL_MISSING, ApiError(ErrorCode.ORIGINAL_MISSING, reason))
                return
            fields |= {
                "original_missed_at": since,
                "original_misses": misses,
                "next_try_at": now + span(MISS_RETRY_SECONDS),
            }
            fields |= {"error_code": ErrorCode.ORIGINAL_MISSING, "error_detail": reason}
        self._queue(fields, {State.SENDING})
        self._apply_pending_requests()
        self.end(Outcome.NOT_SENT, detail=reason)

    @serialized_atomic()
    def record_unclear(self, error: ApiError) -> None:
        """The outcome is unknown; reconcile."""
        self.start_checking(error.detailed_code, error.detail)
        self.end(Outcome.UNCLEAR, http_status=error.http_status, detail=error.detail)

    def start_checking(self, error_code: ErrorCode = ErrorCode.INTERRUPTED, detail: str = "") -> bool:
        return start_checking(self.extraction, self.lease, error_code, detail)

    def _queue(self, fields: dict[str, Any], from_: Collection[str]) -> bool:
        fields |= {"lease_until": None, "handed_over_at": None}
        return self.extraction.transition(from_, State.QUEUED, lease=self.lease, **fields)

    def _apply_pending_requests(self) -> None:
        """The service has nothing: carry out a pending cancellation or deletion; a cancelled row has no hand-over."""
        now = clock.now()
        rows = Extraction.objects.filter(pk=self.extraction.pk, remote_id="")
        unwanted = Q(cancel_requested_at__isnull=False) | Q(delete_requested_at__isnull=False)
        self.extraction.transition(
            {State.QUEUED}, State.CANCELLED, lease=self.lease, where=unwanted, **Extraction.RESTING
        )
        rows.filter(state=State.CANCELLED).update(handed_over_at=None)
        rows.filter(delete_requested_at__isnull=False, state__in=Extraction.AT_REST).update(next_try_at=now)

    def _wait(self, error: ApiUnavailable) -> timedelta:
        retry_after = min(span(error.retry_after or 0.0), hours(MAX_RETRY_AFTER_HOURS))
        return max(self._backoff(), retry_after)

    def _backoff(self) -> timedelta:
        first, longest = FIRST_BACKOFF, MAX_BACKOFF
        if self.extraction.connection.embedded:
            first, longest = FIRST_BACKOFF_EMBEDDED, MAX_BACKOFF_EMBEDDED
        wait = min(longest, first * 2.0 ** min(self.extraction.attempts - 1, 20))
        return span(random.uniform(0.5, 1.0) * wait)

    def end(self, outcome: Outcome, **fields: Any) -> None:
        rows = Attempt.objects.filter(pk=self.attempt.pk, ended_at__isnull=True)
        rows.update(ended_at=clock.now(), outcome=outcome, **fields)


def start_checking(
    extraction: Extraction, lease: int, error_code: ErrorCode = ErrorCode.INTERRUPTED, detail: str = ""
) -> bool:
    """SENT -> CHECKING; the first search follows the hand-over by `SEARCH_GAPS[0]` seconds."""
    now = clock.now()
    gap = search_gap(SEARCH_GAPS[0])
    first_look = max(now, min((extraction.handed_over_at or now) + gap, now + gap))
    return extraction.transition(
        {State.SENT},
        State.CHECKING,
        lease=lease,
        raise_lease=True,
        lease_until=None,
        next_try_at=first_look,
        search_misses=0,
        error_code=error_code,
        error_detail=detail,
    )


def _write_or_abort(write: Any) -> Any:
    """Abort if the database is unavailable: nothing is released yet, so that is safe."""
    try:
        return write()
    except DatabaseError as error:
        raise SendAborted(f"the database is unavailable: {error}") from error
