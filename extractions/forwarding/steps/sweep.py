"""Recovers what was left behind: expired leases, missing due times, orphaned files."""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from extractions import clock
from extractions.exports import making
from extractions.forwarding.api.transport import ANSWER_SECONDS, MIN_UPLOAD_RATE, READ_SECONDS
from extractions.forwarding.serialized import serialized_atomic
from extractions.forwarding.steps import duplicates, file_removals, isolation, quarantine, search_canary
from extractions.forwarding.steps.send_attempt import LEASE_AFTER_GATE, MAX_RETRY_HOURS, start_checking
from extractions.forwarding.time_scale import hours, scaled, settling, span
from extractions.models import Attempt, Connection, Draft, Extraction, Installation
from extractions.models.error_codes import ErrorCode
from extractions.storage import file_store
from portal.default_api import connection_url

State = Extraction.State

ORPHAN_SECONDS = 24 * 3600.0
MAX_WAIT_HOURS = 2.0  # the longest regular wait is one hour
BATCH = 500
# Folders below MEDIA_ROOT with aborted uploads, and with exports, which can be made again.
DISPOSABLE = frozenset({"incoming", making.FOLDER})
HELD = (State.SENDING, State.SENT)
COLUMNS = ("key", "state", "lease", "attempts", "handed_over_at", "suspected_at", "retrying_since")

log = logging.getLogger(__name__)
_known_changed: set[tuple[int, int, int]] = set()


def sweep() -> None:
    """Everything that depends on the clock alone. Idempotent; any process may run it."""
    for extraction in _lease_expired(State.SENDING):
        lost_while_sending(extraction)
    for extraction in _lease_expired(State.SENT):
        log.warning("%s: worker lost after the hand-over; reconciling", extraction.key)
        if start_checking(extraction, extraction.lease):
            isolation.end_attempts(extraction, Attempt.Outcome.UNCLEAR)
    end_abandoned_attempts()
    search_canary.recheck_provable()
    _expire()
    recover_missing()
    file_removals.carry_out()
    # A lease on a row at rest has no owner any more.
    held = Extraction.objects.filter(state__in=Extraction.AT_REST, lease_until__lte=clock.now())
    held.filter(next_try_at__isnull=True).update(lease_until=None)


def tidy() -> None:
    """Housekeeping that scans the table or the disk; not urgent."""
    set_missing_clocks()
    reset_far_clocks()
    making.clear()
    clear_orphaned_files()
    clear_uploads()


def lost_while_sending(extraction: Extraction) -> None:
    with serialized_atomic():
        if isolation.mark_suspect(extraction):
            log.warning("%s: worker lost while sending; resending in isolation", extraction.key)
            isolation.end_attempts(extraction, Attempt.Outcome.CRASHED)


def end_abandoned_attempts() -> int:
    """End attempts whose sender was lost after the row had moved on (cancelled, found, reported by a webhook).

    A living sender ends its attempt itself within its deadlines, whose sum is waited for here.
    """
    longest = READ_SECONDS + settings.UPLOAD_MAX_BYTES / MIN_UPLOAD_RATE + ANSWER_SECONDS + LEASE_AFTER_GATE
    open_ones = Attempt.objects.filter(ended_at__isnull=True, started_at__lte=clock.now() - span(longest))
    current = Extraction.objects.filter(pk=OuterRef("extraction"), lease=OuterRef("lease"), state__in=HELD)
    abandoned = list(open_ones.exclude(Exists(current)).values_list("pk", flat=True)[:BATCH])
    rows = Attempt.objects.filter(pk__in=abandoned, ended_at__isnull=True)
    ended = rows.filter(handed_over_at__isnull=True).update(
        ended_at=clock.now(), outcome=Attempt.Outcome.CRASHED
    ) + rows.update(ended_at=clock.now(), outcome=Attempt.Outcome.UNCLEAR)
    if ended:
        log.warning("Ended %d attempts abandoned by lost workers", ended)
    return ended


def clear_orphaned_files() -> int:
    """Quarantine orphaned files; how many. Only aborted uploads and exports are deleted at once.

    Does nothing while the installation is in doubt: another database may reference the files.
    """
    row = Installation.objects.first()
    if (row is not None and row.doubted_at) or not file_store.is_reachable():
        return 0
    now = clock.now()
    discard_drafts()
    cleared = 0
    oldest = now.timestamp() - scaled(ORPHAN_SECONDS)
    for batch in _batches(Path(settings.MEDIA_ROOT)):
        names = {str(path.relative_to(settings.MEDIA_ROOT)) for path in batch if _is_older(path, oldest)}
        # In this order: a row deleted in between has its removal request by then. Requested removals stay.
        unknown = names - quarantine.referenced_names(names)
        unknown -= file_removals.requested(unknown)
        passing = {name for name in unknown if Path(name).parts[0] in DISPOSABLE}
        for name in passing:
            (Path(settings.MEDIA_ROOT) / name).unlink(missing_ok=True)
        cleared += len(passing) + quarantine.set_aside(unknown - passing, now)
    quarantine.restore()
    quarantine.delete_expired(now)
    quarantine.update_totals()
    return cleared


def discard_drafts() -> None:
    """Delete abandoned drafts and their files."""
    with serialized_atomic():
        abandoned = Draft.objects.abandoned().select_for_update()
        file_removals.request(abandoned.values_list("document", flat=True))
        abandoned.delete()
    file_removals.carry_out()


def recover_missing() -> int:
    """Requeue documents whose missing file is back; how many."""
    missing = Extraction.objects.filter(error_code=ErrorCode.ORIGINAL_MISSING, delete_requested_at__isnull=True)
    missing = missing.filter(state__in=(State.QUEUED, State.REJECTED)).order_by("pk")
    rows = list(missing.only("document", "size", "sha256", "state", "lease"))
    if not rows or not file_store.is_reachable():
        return 0
    quarantine.restore({str(row.document.name) for row in rows})
    found = 0
    for row in rows:
        if _is_the_original(row):
            fields = {"next_try_at": clock.now()} | Extraction.UNTRIED
            found += row.transition({row.state}, State.QUEUED, lease=row.lease, raise_lease=True, **fields)
    if found:
        log.warning("Requeued %d documents whose files are back", found)
    return found


def clear_uploads() -> int:
    """Remove temporary upload files left by killed web processes; how many."""
    oldest = time.time() - scaled(ORPHAN_SECONDS)
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR)
    if not folder.is_dir():
        return 0
    left = [path for path in folder.iterdir() if path.is_file() and _is_older(path, oldest)]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def _lease_expired(state: str) -> list[Extraction]:
    held = Extraction.objects.filter(state=state, lease_until__lte=clock.now())
    return list(held.only(*COLUMNS)[:BATCH])


def _expire() -> None:
    """Reject documents that could not be sent for `MAX_RETRY_HOURS`, or never can be."""
    now = clock.now()
    queued = Extraction.objects.filter(state=State.QUEUED, next_try_at__isnull=False)
    unreachable = Connection.objects.filter(pause=Connection.Pause.UNREACHABLE)
    queued.filter(connection__in=unreachable, retrying_since__isnull=True).update(retrying_since=now)
    for extraction in queued.filter(retrying_since__lte=now - hours(MAX_RETRY_HOURS))[:BATCH]:
        extraction.transition(
            {State.QUEUED}, State.REJECTED, lease=extraction.lease, error_code=ErrorCode.EXPIRED, **Extraction.RESTING
        )
    # Queued for an address that is no longer in the settings.
    of_settings = queued.filter(connection__scope=Connection.Scope.SETTINGS)
    for extraction in of_settings.exclude(connection__base_url=connection_url())[:BATCH]:
        extraction.transition(
            {State.QUEUED},
            State.REJECTED,
            lease=extraction.lease,
            error_code=ErrorCode.WRONG_ADDRESS,
            **Extraction.RESTING,
        )
    # Registered just as the key was replaced and discarded: nothing would ever send it.
    forgotten = Connection.objects.own().filter(retired_at__isnull=False, sealed_key="")
    for extraction in queued.filter(connection__in=forgotten)[:BATCH]:
        extraction.transition(
            {State.QUEUED},
            State.REJECTED,
            lease=extraction.lease,
            error_code=ErrorCode.WRONG_ADDRESS,
            **Extraction.RESTING,
        )


def set_missing_clocks() -> None:
    """Every row that is not at rest needs a due time; a repair that scans the whole table."""
    silent = Q(next_try_at__isnull=True, lease_until__isnull=True)
    deleted = Q(delete_requested_at__isnull=False, erase_due_at__isnull=True, deleted_at__isnull=True)
    original = Q(original_erasure_requested_at__isnull=False, original_erased_at__isnull=True)
    unfinished = Q(state__in=Extraction.UNDERWAY) | deleted | original
    if repaired := Extraction.objects.filter(silent, unfinished).update(next_try_at=clock.now()):
        log.error("Repaired %d rows without a due time", repaired)


def reset_far_clocks() -> None:
    """Repair due times too far ahead: they were set by a clock that was wrong and has been corrected."""
    now = clock.now()
    latest = now + max(hours(MAX_WAIT_HOURS), 2 * settling())
    found = 0
    for name in ("next_try_at", "lease_until", "pages_due_at", "evidence_due_at"):
        found += Extraction.objects.filter(**{f"{name}__gt": latest}).update(**{name: now})
    found += duplicates.reset_far_clocks(now)
    found += Connection.objects.filter(next_probe_at__gt=latest).update(next_probe_at=now)
    # The real hand-over time is unknown; count the search times from now.
    in_doubt = Extraction.objects.filter(state=State.CHECKING, handed_over_at__gt=latest)
    found += in_doubt.update(handed_over_at=now)
    if found:
        log.error("Reset %d due times that were too far ahead; has the system clock jumped?", found)


def _is_the_original(extraction: Extraction) -> bool:
    """Whether the file matches its digest. A differing file is hashed again only after it changes."""
    try:
        path = Path(extraction.document.path)
        facts = path.stat()
        version = (extraction.pk, facts.st_ino, facts.st_mtime_ns)
        if facts.st_size != extraction.size or version in _known_changed:
            return False
        with path.open("rb") as file:
            same = hashlib.file_digest(file, "sha256").hexdigest() == extraction.sha256
    except (OSError, ValueError):
        return False
    if not same:
        _known_changed.add(version)
    return same


def _batches(root: Path) -> Iterator[list[Path]]:
    """All files except quarantined ones and the store's marker."""
    batch = []
    marker = file_store.store_marker()
    for folder, folders, names in os.walk(root):
        if Path(folder) == root and quarantine.FOLDER in folders:
            folders.remove(quarantine.FOLDER)
        for path in (Path(folder) / name for name in names):
            if path != marker:
                batch.append(path)
            if len(batch) == BATCH:
                yield batch
                batch = []
    yield batch


def _is_older(path: Path, last: float) -> bool:
    try:
        return path.stat().st_mtime < last
    except FileNotFoundError:
        return False
