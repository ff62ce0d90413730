"""Poison-message handling: crash suspects are sent one at a time by a separate process.

When a worker is lost, every document that it was sending becomes a suspect, and no crash is counted. In isolation a
crash has one possible cause, and the worker survives to record it. A sender killed together with its worker proves
nothing, so its document is retried without counting.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.db import connection as database
from django.db.models import Q

from extractions import clock
from extractions.forwarding.serialized import serialized_atomic
from extractions.forwarding.steps.connection_state import SENDABLE
from extractions.forwarding.steps.dispatch import step
from extractions.forwarding.steps.send_attempt import LEASE, LEASE_AFTER_GATE
from extractions.forwarding.time_scale import span
from extractions.forwarding.worker_name import WORKER_NAME_VARIABLE, worker_name
from extractions.models import Attempt, Extraction
from extractions.models.error_codes import ErrorCode

State = Extraction.State

MAX_CRASHES = 3
FIRST_WAIT, WAIT_FACTOR = 60.0, 4.0
"""Seconds until a document that crashed its sender is retried, and the growth factor per crash."""
STARTUP_SECONDS = 15.0
WATCH_SECONDS = 1.0
MAX_PER_PROCESS = 100
POLL_SECONDS = 0.05

log = logging.getLogger(__name__)


def next_suspect(now: datetime) -> int | None:
    """The next suspect; None while another one is being sent by any worker."""
    suspects = Extraction.objects.filter(suspected_at__isnull=False)
    if suspects.filter(state=State.SENDING).exists():
        return None
    due = suspects.filter(SENDABLE, state=State.QUEUED, next_try_at__lte=now)
    return due.order_by("next_try_at", "pk").values_list("pk", flat=True).first()


def send_isolated(pk: int, stop: threading.Event) -> None:
    """Start a sender process for this suspect and those after it, and watch how it ends."""
    before, begun = Extraction.objects.values_list("lease", flat=True).get(pk=pk), clock.now()
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-m", "django", "send_isolated", str(pk)],
        cwd=settings.BASE_DIR,
        env=os.environ | {WORKER_NAME_VARIABLE: worker_name()},
    )
    ended_by_us = _wait_for(process, SenderWatchdog(pk), stop)
    broke_down = process.returncode < 0 and not ended_by_us
    if broke_down and record_crash(begun, signal.Signals(-process.returncode).name):
        return
    # The process did not even claim it: do not respawn at once.
    untouched = Extraction.objects.filter(pk=pk, state=State.QUEUED, lease=before)
    untouched.update(next_try_at=clock.now() + span(STARTUP_SECONDS))


def _wait_for(process: subprocess.Popen[bytes], watch: SenderWatchdog, stop: threading.Event) -> bool:
    """Wait for the process; True if we ended it. A frozen sender would block all suspects but proves nothing about its
    document: its lease has expired, so the sweep recovers the row."""
    terminated = killed = False
    while process.poll() is None:
        if stop.is_set() and not terminated:
            process.terminate()
            terminated = True
        if watch.is_frozen():
            log.error("The isolated sender %d makes no progress; killing it", process.pid)
            process.kill()
            killed = True
            process.wait()
        threading.Event().wait(POLL_SECONDS)
    return terminated or killed


class SenderWatchdog:
    """Detects a frozen sender: one that neither renews its lease, nor hands over, ends or claims the next suspect."""

    def __init__(self, pk: int) -> None:
        self._pk = pk
        self._seen: tuple[Any, ...] | None = None
        self._progress_at = self._checked_at = time.monotonic()
        self._timeout = LEASE + STARTUP_SECONDS

    def is_frozen(self) -> bool:
        """In unscaled time, since this is about a process; queries the database at most once per `WATCH_SECONDS`."""
        now = time.monotonic()
        if now - self._checked_at >= WATCH_SECONDS:
            self._checked_at = now
            self._check(now)
        return now - self._progress_at > self._timeout

    def _check(self, now: float) -> None:
        in_hand = Q(state=State.SENDING, suspected_at__isnull=False) | Q(state=State.SENT, pk=self._pk)
        rows = Extraction.objects.filter(in_hand, held_by=worker_name()).order_by("-state_changed_at")
        try:
            held = rows.values_list("pk", "state", "lease", "lease_until").first()
        except DatabaseError as error:
            # Without the database the sender cannot make progress either.
            log.warning("The database is away: %s", error)
            database.close()
            self._progress_at = now
            return
        # A row that is no longer held may have been recovered by the sweep; that is not progress.
        if held is None or held == self._seen:
            return
        self._pk, self._seen, self._progress_at = held[0], held, now
        self._timeout = (LEASE if held[1] == State.SENDING else LEASE_AFTER_GATE) + STARTUP_SECONDS


def send_suspects(first: int, stop: threading.Event) -> None:
    """Body of the sender process: one document at a time."""
    sent: set[int] = set()
    current: int | None = first
    while current is not None and current not in sent and len(sent) < MAX_PER_PROCESS and not stop.is_set():
        step(current, stop, isolated=True)
        sent.add(current)
        current = next_suspect(clock.now())


def record_crash(claimed_since: datetime, cause: str) -> bool:
    """Count the crash against the document that the sender held; False if it held none."""
    with serialized_atomic():
        rows = Extraction.objects.filter(
            state=State.SENDING, suspected_at__isnull=False, held_by=worker_name(), state_changed_at__gte=claimed_since
        )
        extraction = rows.only("key", "state", "lease", "crashes").first()
        if extraction is None:
            return False
        crashes = extraction.crashes + 1
        now = clock.now()
        changes: dict[str, Any] = {"crashes": crashes, "error_code": ErrorCode.CRASHES, "error_detail": cause}
        if crashes >= MAX_CRASHES:
            moved = extraction.transition(
                {State.SENDING}, State.REJECTED, lease=extraction.lease, **changes, **Extraction.RESTING
            )
        else:
            wait = span(FIRST_WAIT * WAIT_FACTOR ** (crashes - 1))
            moved = extraction.transition(
                {State.SENDING},
                State.QUEUED,
                lease=extraction.lease,
                lease_until=None,
                next_try_at=now + wait,
                **changes,
            )
        if moved:
            log.error("%s crashed its sender (%s), %d of %d", extraction.key, cause, crashes, MAX_CRASHES)
            end_attempts(extraction, Attempt.Outcome.CRASHED, cause)
    return moved


def mark_suspect(extraction: Extraction) -> bool:
    """A worker was lost while sending this document, perhaps among others. Nothing was released, so it is safe to
    resend: in isolation, with backoff if that is lost as well."""
    now = clock.now()
    again = extraction.suspected_at is not None
    wait = span(min(600.0, 5.0 * 2.0 ** min(extraction.attempts, 20))) if again else span(0)
    return extraction.transition(
        {State.SENDING},
        State.QUEUED,
        lease=extraction.lease,
        lease_until=None,
        next_try_at=now + wait,
        suspected_at=extraction.suspected_at or now,
        retrying_since=(extraction.retrying_since or now) if again else extraction.retrying_since,
        error_code=ErrorCode.CRASHES,
        error_detail="",
    )


def end_attempts(extraction: Extraction, outcome: Attempt.Outcome, detail: str = "") -> None:
    rows = Attempt.objects.filter(extraction=extraction, ended_at__isnull=True)
    rows.update(ended_at=clock.now(), outcome=outcome, detail=detail)
