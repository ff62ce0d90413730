"""One claim on one document that is being sent: its lease, its attempt, its gate, and its ways out."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import Error as DatabaseError
from django.db.models import F, Q
from django.utils import timezone

from extractions.forwarding import copies
from extractions.forwarding.answers import Answer
from extractions.forwarding.connections import MAY_BE_SENT
from extractions.forwarding.errors import ApiError
from extractions.forwarding.facts import arrived
from extractions.forwarding.form import Outgoing
from extractions.forwarding.heartbeat import worker_name
from extractions.forwarding.look import GAPS
from extractions.forwarding.times import hours, look_gap, scaled, span
from extractions.forwarding.turns import written_at_once
from extractions.models import Attempt, Extraction

State = Extraction.State
Outcome = Attempt.Outcome

LEASE, LEASE_AFTER_GATE = 60.0, 150.0
RENEW_SECONDS = 20.0
GATE_SECONDS = 2.0  # of real time, for it is about a database that is slow
LATER_AT_MOST = 72.0  # hours
LONGEST_BACK_OFF, LONGEST_BACK_OFF_EMBEDDED = 600.0, 30.0
FIRST_BACK_OFF, FIRST_BACK_OFF_EMBEDDED = 5.0, 1.0
# Clear words of the service: nobody's fault, so the attempt does not count.
NOT_COUNTED = {"key_refused", "no_credits", "rate", "wrong_address"}


class Dropped(Exception):
    """The end of the document was not released."""


def claim(extraction: Extraction, stop: threading.Event) -> Sending | None:
    """QUEUED -> SENDING, or None if somebody else was faster or nothing may be sent."""
    now = timezone.now()
    with written_at_once():
        rows = Extraction.objects.filter(
            MAY_BE_SENT,
            pk=extraction.pk,
            state=State.QUEUED,
            # What was chosen may have been changed since the row was read.
            lease=extraction.lease,
            next_try_at__lte=now,
            delete_requested_at__isnull=True,
        )
        claimed = rows.update(
            state=State.SENDING,
            state_changed_at=now,
            lease=F("lease") + 1,
            lease_until=now + span(LEASE),
            held_by=worker_name(),
            next_try_at=None,
            attempts=F("attempts") + 1,
            looks=0,
        )
        if not claimed:
            return None
        extraction.refresh_from_db(fields=["state", "lease", "lease_until", "next_try_at", "attempts", "later_since"])
        attempt = Attempt.objects.create(
            extraction=extraction, number=extraction.attempts, lease=extraction.lease, started_at=now
        )
    return Sending(extraction, attempt, stop)


class Sending:
    def __init__(self, extraction: Extraction, attempt: Attempt, stop: threading.Event) -> None:
        self.extraction = extraction
        self.attempt = attempt
        self.lease = extraction.lease
        self._stop = stop
        self._renewed = time.monotonic()

    def outgoing(self) -> Outgoing:
        extraction = self.extraction
        return Outgoing(
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
        """Before every block: go on only while the lease is ours, and nobody wants us to stop."""
        if self._stop.is_set():
            raise Dropped("the worker is stopping")
        if time.monotonic() - self._renewed < scaled(RENEW_SECONDS):
            return
        rows = Extraction.objects.filter(pk=self.extraction.pk, state=State.SENDING, lease=self.lease)
        if not _write(lambda: rows.update(lease_until=timezone.now() + span(LEASE))):
            raise Dropped("the lease is lost")
        self._renewed = time.monotonic()

    def gate(self) -> None:
        """SENDING -> SENT, on disk, before the end of the document leaves."""
        self.checkpoint()
        try:
            copies.note(self.attempt.pk)
        except OSError as error:
            raise Dropped(f"the mark cannot be written: {error}") from error
        passed_at = _write(self._hand_over)
        if passed_at is None:
            raise Dropped("cancelled, paused or taken over")
        if time.monotonic() - passed_at > GATE_SECONDS:
            raise Dropped("the gate took too long")

    @written_at_once()
    def _hand_over(self) -> float | None:
        """When the row was asked, by the monotonic clock; None if it says no. Waiting for our turn does not count."""
        asked_at = time.monotonic()
        now = timezone.now()
        passed = self.extraction._move(
            {State.SENDING},
            State.SENT,
            lease=self.lease,
            where=MAY_BE_SENT,
            handed_over_at=now,
            lease_until=now + span(LEASE_AFTER_GATE),
            later_since=None,
        )
        if passed:
            Attempt.objects.filter(pk=self.attempt.pk).update(handed_over_at=now)
        return asked_at if passed else None

    @written_at_once()
    def accepted(self, http_status: int, answer: Answer) -> None:
        arrived(self.extraction, answer)
        self._end(Outcome.ACCEPTED, http_status=http_status, remote_id=answer.id)

    @written_at_once()
    def refused(self, code: str, error: ApiError | None = None) -> None:
        """Nothing was taken, nothing is paid; trying again would change nothing."""
        detail = error.detail if error else ""
        self.extraction._move(
            {State.SENDING, State.SENT},
            State.REJECTED,
            lease=self.lease,
            trouble=code,
            trouble_detail=detail,
            **Extraction.RESTING,
        )
        self._keep_promises()
        self._end(Outcome.REFUSED, http_status=error.http_status if error else None, detail=detail)

    @written_at_once()
    def put_back(self, error: ApiError) -> None:
        """QUEUED again: surely not taken, by a clear word or because the end was not released."""
        extraction, now = self.extraction, timezone.now()
        outcome = Outcome.REFUSED if error.code in NOT_COUNTED else Outcome.NOT_SENT
        fields: dict[str, Any] = {
            "trouble": error.trouble,
            "trouble_detail": error.detail,
        }
        if error.code in NOT_COUNTED:
            fields |= {"attempts": F("attempts") - 1, "next_try_at": now, "later_since": None}
        else:
            since = extraction.later_since or now
            if now - since > hours(LATER_AT_MOST):
                self.refused("expired", error)
                return
            fields |= {"later_since": since, "next_try_at": now + self._back_off()}
        self._queue(fields, {State.SENDING, State.SENT})
        self._keep_promises()
        self._end(outcome, http_status=error.http_status, detail=error.detail)

    @written_at_once()
    def drop(self, reason: str) -> None:
        """The end was not released. Where the row says it was, only a search may say otherwise."""
        fields = {"attempts": F("attempts") - 1, "next_try_at": timezone.now()}
        if not self._queue(fields, {State.SENDING}) and not self.check():
            self._keep_promises()
        self._end(Outcome.NOT_SENT, detail=reason)

    @written_at_once()
    def doubtful(self, error: ApiError) -> None:
        """Nobody knows whether it was taken."""
        self.check(error.trouble, error.detail)
        self._end(Outcome.UNCLEAR, http_status=error.http_status, detail=error.detail)

    def check(self, trouble: str = "interrupted", detail: str = "") -> bool:
        return to_checking(self.extraction, self.lease, trouble, detail)

    def _queue(self, fields: dict[str, Any], from_: Collection[str]) -> bool:
        fields |= {"lease_until": None, "handed_over_at": None}
        return self.extraction._move(from_, State.QUEUED, lease=self.lease, **fields)

    def _keep_promises(self) -> None:
        """The service has nothing, so a wish that waited for this is fulfilled, and a cancelled row owes nothing."""
        now = timezone.now()
        rows = Extraction.objects.filter(pk=self.extraction.pk, remote_id="")
        wished = Q(cancel_requested_at__isnull=False) | Q(delete_requested_at__isnull=False)
        self.extraction._move({State.QUEUED}, State.CANCELLED, lease=self.lease, where=wished, **Extraction.RESTING)
        rows.filter(state=State.CANCELLED).update(handed_over_at=None)
        rows.filter(delete_requested_at__isnull=False, state__in=Extraction.AT_REST).update(next_try_at=now)

    def _back_off(self) -> timedelta:
        first, longest = FIRST_BACK_OFF, LONGEST_BACK_OFF
        if self.extraction.connection.embedded:
            first, longest = FIRST_BACK_OFF_EMBEDDED, LONGEST_BACK_OFF_EMBEDDED
        wait = min(longest, first * 2.0 ** min(self.extraction.attempts - 1, 20))
        return span(random.uniform(0.5, 1.0) * wait)

    def _end(self, outcome: Outcome, **fields: Any) -> None:
        rows = Attempt.objects.filter(pk=self.attempt.pk, ended_at__isnull=True)
        rows.update(ended_at=timezone.now(), outcome=outcome, **fields)


def to_checking(extraction: Extraction, lease: int, trouble: str = "interrupted", detail: str = "") -> bool:
    """SENT -> CHECKING, with the first look some seconds after the hand-over."""
    now = timezone.now()
    gap = look_gap(GAPS[0])
    first_look = max(now, min((extraction.handed_over_at or now) + gap, now + gap))
    return extraction._move(
        {State.SENT},
        State.CHECKING,
        lease=lease,
        raise_lease=True,
        lease_until=None,
        next_try_at=first_look,
        looks=0,
        trouble=trouble,
        trouble_detail=detail,
    )


def _write(write: Any) -> Any:
    """A database that does not take it now is a reason to break off, for nothing is released yet."""
    try:
        return write()
    except DatabaseError as error:
        raise Dropped(f"the database is away: {error}") from error
