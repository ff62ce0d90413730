"""Rollback detection: a counter in the database, both marker files and the name of a witness file advances in step.

Whatever is restored from a backup falls behind the others. A full backup copied over the data folder leaves the newer
witness file in place, because copying deletes nothing; the running process, and WITNESS_DIR where it is set, remember
the counter as well. Rolling back the whole machine cannot be detected from inside.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.db.models import Max

from extractions.forwarding.serialized import serialized_atomic
from extractions.models import Attempt, Extraction, Installation
from extractions.storage import file_store
from extractions.storage.file_store import Marker

FOLDER = "witness"
# Unscaled: this is about backups, not about documents.
BUSY_SECONDS, IDLE_SECONDS = 5.0, 60.0

log = logging.getLogger(__name__)
_remembered: dict[str, int] = {}


class CounterSchedule:
    """When to advance the counter: every `BUSY_SECONDS` while there is activity, else every `IDLE_SECONDS`."""

    def __init__(self) -> None:
        self._advanced_at = self._looked_at = float("-inf")
        self._state: tuple[int, int] = (0, 0)

    def advance_if_due(self) -> None:
        now = time.monotonic()
        if now - self._looked_at < BUSY_SECONDS:
            return
        self._looked_at = now
        state = _work_done()
        if state != self._state or now - self._advanced_at >= IDLE_SECONDS:
            self._state, self._advanced_at = state, now
            advance()


def advance() -> bool:
    """Advance everywhere. Markers are synced before the commit and hold both nonces until it has succeeded."""
    nonce = new_nonce()
    try:
        with serialized_atomic():
            row = Installation.objects.select_for_update().filter(doubted_at__isnull=True, number__gt=0).first()
            if row is None or not _write_markers(row, nonce):
                return False
            row.nonce, row.number = nonce, row.number + 1
            row.save(update_fields=["nonce", "number"])
        write_witness(row.number)
        _forget_previous(nonce)
    except OSError as error:
        log.warning("The counter in the data folder cannot be advanced: %s", error)
        return False
    remember(row)
    return True


def new_nonce() -> str:
    return uuid.uuid4().hex


def remember(row: Installation) -> None:
    _remembered[str(row.token)] = max(row.number, remembered(row))


def remembered(row: Installation) -> int:
    """The highest counter that this process has seen; a lower one in the database means a rollback."""
    return _remembered.get(str(row.token), 0)


def latest_witnessed() -> int:
    """The highest counter among the witness files."""
    return max((number for folder in _folders() for number, _path in _witnesses(folder)), default=0)


def write_witness(number: int) -> None:
    """Write a witness file and remove older ones. Best effort: failure, as on a full disk, is ignored."""
    for folder in _folders():
        with contextlib.suppress(OSError):
            folder.mkdir(exist_ok=True)
            (folder / f"{number:012}").touch()
            for older, path in _witnesses(folder):
                if older < number:
                    path.unlink(missing_ok=True)


def _write_markers(row: Installation, nonce: str) -> bool:
    """False if a marker does not match the database, which `clone_guard.verify_identity` resolves."""
    for path in (file_store.home_marker(), file_store.store_marker()):
        with file_store.opened(path, os.O_RDWR) as descriptor:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            marker = file_store.read(descriptor)
            if marker is None or row.nonce not in (marker.nonce, marker.previous):
                return False
            new = Marker(str(row.token), marker.highest, row.number + 1, nonce, row.nonce)
            file_store.write(descriptor, new)
            os.fsync(descriptor)
    return True


def _forget_previous(nonce: str) -> None:
    """After the commit, drop the previous nonce. If a power cut prevents that, it is harmless."""
    for path in (file_store.home_marker(), file_store.store_marker()):
        with file_store.opened(path, os.O_RDWR) as descriptor:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            marker = file_store.read(descriptor)
            if marker is not None and marker.nonce == nonce:
                file_store.write(descriptor, replace(marker, previous=""))


def _folders() -> list[Path]:
    outside = [Path(settings.WITNESS_DIR)] if settings.WITNESS_DIR else []
    return [Path(settings.DATA_DIR) / FOLDER, *outside]


def _witnesses(folder: Path) -> Iterator[tuple[int, Path]]:
    with contextlib.suppress(OSError):
        for path in list(folder.iterdir()):
            if path.name.isdecimal():
                yield int(path.name), path


def _work_done() -> tuple[int, int]:
    """Changes with every document received and every send attempt."""
    attempts = Attempt.objects.aggregate(last=Max("pk"))["last"] or 0
    return int(attempts), int(Extraction.objects.aggregate(last=Max("pk"))["last"] or 0)
