"""Finding what was left behind: leases that ran out, clocks that nobody set, files without rows."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from extractions.exports import making
from extractions.forwarding import copies
from extractions.forwarding.sending import LATER_AT_MOST, to_checking
from extractions.forwarding.times import hours, scaled, settling
from extractions.forwarding.turns import written_at_once
from extractions.models import Attempt, Connection, ContentImage, Export, Extraction, PageImage
from portal.connection import connection_url

State = Extraction.State

MOST_CRASHES = 3
ORPHAN_SECONDS = 24 * 3600.0
LONGEST_SLEEP = 2.0  # hours; the longest wait that is ever planned is one
BATCH = 500

log = logging.getLogger(__name__)


def sweep() -> None:
    """Everything that the clock alone decides. Safe to run at any time, by anybody."""
    for extraction in _held_too_long(State.SENDING):
        lost_while_sending(extraction)
    for extraction in _held_too_long(State.SENT):
        log.warning("%s: the worker was lost after the hand-over; looking", extraction.key)
        if to_checking(extraction, extraction.lease):
            _end_attempt(extraction, Attempt.Outcome.UNCLEAR)
    _expire()
    # A hold on a row that is at rest has no owner any more.
    held = Extraction.objects.filter(state__in=Extraction.AT_REST, lease_until__lte=timezone.now())
    held.filter(next_try_at__isnull=True).update(lease_until=None)


def tidy() -> None:
    """What reads the whole table or the whole disk, and is not urgent."""
    set_missing_clocks()
    wake_what_sleeps_too_long()
    making.clear()
    clear_files()
    clear_uploads()


def lost_while_sending(extraction: Extraction) -> None:
    """Nothing was released, so it is harmless to send again; but not for ever."""
    crashes = extraction.crashes + 1
    with written_at_once():
        if crashes >= MOST_CRASHES:
            moved = extraction._move(
                {State.SENDING},
                State.REJECTED,
                lease=extraction.lease,
                crashes=crashes,
                trouble="crashes",
                **Extraction.RESTING,
            )
        else:
            moved = extraction._move(
                {State.SENDING},
                State.QUEUED,
                lease=extraction.lease,
                crashes=crashes,
                lease_until=None,
                next_try_at=timezone.now(),
            )
        if moved:
            log.warning("%s: a worker was lost while sending (%d)", extraction.key, crashes)
            _end_attempt(extraction, Attempt.Outcome.CRASHED)


def clear_files() -> int:
    """Remove files that no row names: of uploads that were never submitted, of rows that were emptied.

    Not those that were here before this database was: a newer one may have known them (`copies`).
    """
    removed = 0
    kept_until = copies.kept_until()
    if kept_until is None:
        return 0
    oldest = time.time() - scaled(ORPHAN_SECONDS)
    for batch in _batches(Path(settings.MEDIA_ROOT)):
        old = {
            str(path.relative_to(settings.MEDIA_ROOT)): path for path in batch if _is_between(path, kept_until, oldest)
        }
        known: set[str] = set()
        for rows, column in (
            (Extraction.objects, "document"),
            (ContentImage.objects, "file"),
            (PageImage.objects, "file"),
            (PageImage.objects, "small"),
            (PageImage.objects, "sharp"),
            (Export.objects, "file"),
        ):
            known |= set(rows.filter(**{f"{column}__in": list(old)}).values_list(column, flat=True))
        for name in old.keys() - known:
            old[name].unlink(missing_ok=True)
            removed += 1
    if removed:
        log.info("%d files without a row removed", removed)
    return removed


def clear_uploads() -> int:
    """Remove what a web process left of uploads when it was killed."""
    oldest = time.time() - scaled(ORPHAN_SECONDS)
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR)
    left = [path for path in folder.iterdir() if path.is_file() and _is_between(path, 0.0, oldest)]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def _held_too_long(state: str) -> list[Extraction]:
    held = Extraction.objects.filter(state=state, lease_until__lte=timezone.now())
    return list(held.only("key", "state", "lease", "crashes", "attempts", "handed_over_at")[:BATCH])


def _expire() -> None:
    """Documents that could not be sent for days, by their own failures or by a connection that never answers."""
    now = timezone.now()
    queued = Extraction.objects.filter(state=State.QUEUED, next_try_at__isnull=False)
    unreachable = Connection.objects.filter(pause=Connection.Pause.UNREACHABLE)
    queued.filter(connection__in=unreachable, later_since__isnull=True).update(later_since=now)
    for extraction in queued.filter(later_since__lte=now - hours(LATER_AT_MOST))[:BATCH]:
        extraction._move(
            {State.QUEUED}, State.REJECTED, lease=extraction.lease, trouble="expired", **Extraction.RESTING
        )
    # Queued for an address that the settings do not name any more.
    of_settings = queued.filter(connection__scope=Connection.Scope.SETTINGS)
    for extraction in of_settings.exclude(connection__base_url=connection_url())[:BATCH]:
        extraction._move(
            {State.QUEUED}, State.REJECTED, lease=extraction.lease, trouble="wrong_address", **Extraction.RESTING
        )
    # Registered in the very moment in which the key was replaced and forgotten: nobody would ever send it.
    forgotten = Connection.objects.own().filter(retired_at__isnull=False, sealed_key="")
    for extraction in queued.filter(connection__in=forgotten)[:BATCH]:
        extraction._move(
            {State.QUEUED}, State.REJECTED, lease=extraction.lease, trouble="wrong_address", **Extraction.RESTING
        )


def set_missing_clocks() -> None:
    """No row without an alarm clock unless it is at rest; this only ever repairs, and reads the whole table."""
    silent = Q(next_try_at__isnull=True, lease_until__isnull=True)
    unfinished = Q(state__in=Extraction.UNDERWAY) | Q(delete_requested_at__isnull=False, deleted_at__isnull=True)
    if repaired := Extraction.objects.filter(silent, unfinished).update(next_try_at=timezone.now()):
        log.error("%d rows had no alarm clock", repaired)


def wake_what_sleeps_too_long() -> None:
    """Nothing here waits for hours. What does was put to sleep by a clock that went wrong and was put right since."""
    now = timezone.now()
    latest = now + max(hours(LONGEST_SLEEP), 2 * settling())
    found = 0
    for name in ("next_try_at", "lease_until", "pages_due_at", "evidence_due_at"):
        found += Extraction.objects.filter(**{f"{name}__gt": latest}).update(**{name: now})
    found += Connection.objects.filter(next_probe_at__gt=latest).update(next_probe_at=now)
    # Searched for from now on, for nobody knows when it really was.
    in_doubt = Extraction.objects.filter(state=State.CHECKING, handed_over_at__gt=latest)
    found += in_doubt.update(handed_over_at=now)
    if found:
        log.error("%d alarm clocks were set for a day that is far away; has the clock of this machine jumped?", found)


def _end_attempt(extraction: Extraction, outcome: Attempt.Outcome) -> None:
    rows = Attempt.objects.filter(extraction=extraction, ended_at__isnull=True)
    rows.update(ended_at=timezone.now(), outcome=outcome)


def _batches(root: Path) -> Iterator[list[Path]]:
    batch = []
    for path in root.rglob("*"):
        if path.is_file():
            batch.append(path)
        if len(batch) == BATCH:
            yield batch
            batch = []
    yield batch


def _is_between(path: Path, first: float, last: float) -> bool:
    try:
        return first <= path.stat().st_mtime < last
    except FileNotFoundError:
        return False
