"""Takes files out of a watched folder, each exactly once.

The order makes it safe to be killed anywhere: stored file, then one transaction with the document's row and the
`IncomingFile`, then the move. A pending `IncomingFile` says that a file only has to be moved.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import logging
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Any

from django.core.files import File
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError
from django.utils import translation

from extractions import clock
from extractions.forwarding.serialized import serialized_atomic
from extractions.incoming import folder_files
from extractions.incoming.folder_files import DONE, REFUSED, FoundFile
from extractions.incoming.leases import LeaseLost, settle
from extractions.incoming.options import Stopped, arrival_of, options_of
from extractions.intake import receiving
from extractions.intake.file_names import clean_name
from extractions.intake.receiving import DISK_FULL, Refused, StoredFile
from extractions.intake.unattended import Arrival, Taken, submit_once
from extractions.models import IncomingFile, WatchedFolder
from extractions.presentation.upload.refusals import refusal
from extractions.services.watched_folders import resolved
from extractions.storage.file_store import StoreUnavailable

STABLE_SECONDS = 5.0
"""A file must not have changed for so long: whoever writes it, perhaps over a slow network, is done."""
INTERVAL = timedelta(seconds=5)
MAX_FILES_PER_RUN = 20
"""Then the others' turn comes."""
TEMPORARY = ("disk", "budget", "option")
"""Refusals that are not the file's fault, and may end."""
SINGLE = ("option", "unreadable")
"""What stops some files, but not those of other subfolders."""
Outcome = IncomingFile.Outcome

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Sightings:
    """Since when this process has seen a file as it is (monotonic seconds)."""

    _seen: dict[tuple[int, str], tuple[tuple[int, int, int], float]] = field(default_factory=dict)

    def is_stable(self, folder: int, found: FoundFile) -> bool:
        key, now = (folder, str(found.path)), time.monotonic()
        version, since = self._seen.get(key, (None, now))
        if version != found.version:
            since = now
        self._seen[key] = (found.version, since)
        return now - since >= STABLE_SECONDS

    def keep(self, folder: int, paths: set[str]) -> None:
        """Forget what is no longer in this folder."""
        gone = [key for key in self._seen if key[0] == folder and key[1] not in paths]
        for key in gone:
            self._seen.pop(key, None)


sightings = Sightings()


def run(folder: WatchedFolder, stop: threading.Event) -> None:
    """Take what is there and has settled, under a lease; what stays waits for the next run."""
    lease = folder.claim()
    if lease is None:
        return
    taking = Run(folder, lease, stop)
    try:
        taking.all()
        stopped = taking.stopped
    except LeaseLost:
        return
    except Stopped as reason:
        stopped = reason
    except StoreUnavailable:
        stopped = Stopped("store")
    except OSError as error:
        stopped = Stopped(_trouble_of(error), error.strerror or "")
        log.warning("The watched folder %s: %s", folder.path, error)
    settle(folder, lease, stopped, interval=INTERVAL, more=taking.more, waiting=taking.waiting)


def _trouble_of(error: OSError) -> str:
    if error.errno in DISK_FULL:
        return "disk"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "denied"
    return "missing"


class Run:
    def __init__(self, folder: WatchedFolder, lease: int, stop: threading.Event) -> None:
        self.folder, self.lease, self.stop = folder, lease, stop
        self.waiting = 0
        self.more = False
        self.stopped = Stopped("")
        self._moved = 0
        self._rules = {rule.subfolder.casefold(): rule for rule in folder.rules.all()}

    def all(self) -> None:
        arrival = arrival_of(self.folder)
        place = resolved(self.folder.path)
        if place is None or str(place) != self.folder.path:
            # The settings changed, or a part of the path was replaced by a link.
            raise Stopped("outside")
        paths = set()
        with folder_files.opened(place) as root:
            for name in (DONE, REFUSED):  # before anything is taken that could then not be moved
                with folder_files.folder_below(root, PurePosixPath(name)) as descriptor:
                    if not os.access(f"/proc/self/fd/{descriptor}", os.W_OK | os.X_OK):
                        raise Stopped("denied")
            self._forget_moved(root)
            for found in folder_files.walk(root):
                paths.add(str(found.path))
                if self.stop.is_set() or self._moved >= MAX_FILES_PER_RUN:
                    self.more = not self.stop.is_set()
                    return
                self._consider(root, found, arrival)
        sightings.keep(self.folder.pk, paths)

    def _forget_moved(self, root: int) -> None:
        """Rows of files that were moved just before the worker was killed; and old ones."""
        rows = IncomingFile.objects.filter(folder=self.folder)
        for row in rows.filter(moved_at__isnull=True).exclude(moved_to=""):
            if not _is_there(root, row.path) and _is_there(root, row.moved_to):
                rows.filter(pk=row.pk).update(moved_at=clock.now())
        rows.filter(found_at__lt=clock.now() - IncomingFile.RETENTION, moved_at__isnull=False).delete()

    def _consider(self, root: int, found: FoundFile, arrival: Arrival) -> None:
        if not found.is_link and (not found.size or not sightings.is_stable(self.folder.pk, found)):
            self.waiting += 1
            return
        if not self.folder.renew(self.lease):
            raise LeaseLost
        try:
            row = self._refused(found, "", "link", {}) if found.is_link else self._read(found, arrival)
        except Stopped as stopped:
            if stopped.code not in SINGLE:
                raise
            self.stopped, self.waiting = stopped, self.waiting + 1
            return
        if row is not None:
            self._move(root, found, row)

    def _read(self, found: FoundFile, arrival: Arrival) -> IncomingFile | None:
        try:
            descriptor = found.open()
        except FileNotFoundError:
            return None
        except PermissionError as error:
            raise Stopped("unreadable", _shown(found)) from error
        with os.fdopen(descriptor, "rb") as file:
            return self._pending(found, file) or self._take(found, file, arrival)

    def _pending(self, found: FoundFile, file: Any) -> IncomingFile | None:
        """The row of a file that was taken before, but not moved."""
        row = IncomingFile.objects.filter(folder=self.folder, path=_shown(found), moved_at__isnull=True).first()
        if row is None:
            return None
        if row.sha256 == hashlib.file_digest(file, "sha256").hexdigest():
            return row
        # Replaced by another file under the same name.
        IncomingFile.objects.filter(pk=row.pk).update(moved_at=clock.now(), moved_to="")
        file.seek(0)
        return None

    def _take(self, found: FoundFile, file: Any, arrival: Arrival) -> IncomingFile | None:
        options = options_of(self.folder, self._rules.get(found.subfolder.casefold()), self._metadata(found))
        upload = UploadedFile(File(file), name=found.name, size=found.size)
        try:
            stored = receiving.receive(upload)
        except Refused as refused:
            if not found.unchanged():
                return None
            if refused.reason in TEMPORARY:
                raise Stopped(refused.reason) from refused
            # Nobody is there to enter a password.
            reason = "locked" if refused.reason == "password" else refused.reason
            return self._refused(found, _digest(file), reason, refused.facts)
        if not found.unchanged():
            receiving.discard(stored)
            return None
        try:
            return self._register(found, stored, options, arrival)
        except (Refused, LeaseLost, IntegrityError) as error:
            # After any other error the row may have been committed all the same: then it needs its file.
            receiving.discard(stored)
            if isinstance(error, Refused):
                raise Stopped(error.reason) from error
            if isinstance(error, IntegrityError):
                return None  # another worker took it
            raise

    def _register(self, found: FoundFile, stored: StoredFile, options: Any, arrival: Arrival) -> IncomingFile:
        with serialized_atomic():
            if not self.folder.renew(self.lease):
                raise LeaseLost
            taken: Taken = submit_once(stored, options, arrival)
            return IncomingFile.objects.create(
                folder=self.folder,
                extraction=taken.extraction,
                path=_shown(found),
                sha256=stored.sha256,
                outcome=Outcome.RECEIVED if taken.is_new else Outcome.KNOWN,
            )

    def _refused(self, found: FoundFile, sha256: str, reason: str, facts: Mapping[str, object]) -> IncomingFile:
        pending = IncomingFile.objects.filter(folder=self.folder, path=_shown(found), moved_at__isnull=True).first()
        return pending or IncomingFile.objects.create(
            folder=self.folder,
            path=_shown(found),
            sha256=sha256,
            outcome=Outcome.REFUSED,
            reason=reason,
            facts=dict(facts),
        )

    def _move(self, root: int, found: FoundFile, row: IncomingFile) -> None:
        refused = row.outcome == Outcome.REFUSED
        target = PurePosixPath(REFUSED if refused else DONE) / found.path.parent
        with folder_files.folder_below(root, target) as folder:
            name = folder_files.free_name(folder, found.name)
            rows = IncomingFile.objects.filter(pk=row.pk)
            # First where to: if the worker is killed in between, the next run can tell that it is done.
            rows.update(moved_to=_text(target / name))
            if refused:
                folder_files.write_note(folder, folder_files.note_name(name), self._note(found, row))
            with contextlib.suppress(FileNotFoundError):  # taken back at the last moment
                folder_files.move(found, folder, name)
            rows.update(moved_at=clock.now())
        self._moved += 1

    def _note(self, found: FoundFile, row: IncomingFile) -> str:
        with translation.override(self.folder.language):
            return f"{refusal(clean_name(found.name), row.reason, row.facts)}\n"

    def _metadata(self, found: FoundFile) -> dict[str, str]:
        key = self.folder.subfolder_key
        return {key: clean_name(found.subfolder)} if key and found.subfolder else {}


def _is_there(root: int, path: str) -> bool:
    return Path(f"/proc/self/fd/{root}/{path}").exists()


def _digest(file: Any) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


def _shown(found: FoundFile) -> str:
    return _text(found.path)


def _text(path: PurePosixPath) -> str:
    """The path as text that a database takes: names need not be UTF-8."""
    return os.fsencode(str(path)).decode("utf-8", "backslashreplace").replace("\0", "")[:1000]
