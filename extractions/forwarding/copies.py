"""Telling a restored or copied portal from the one that was always here.

Two portals with the same rows would pay for the same documents twice, and so would an older backup that knows nothing
of what was sent after it was made. The database and a small file in DATA_DIR, the mark, carry the same token. The
database knows on which file or in which cluster it lies, and which inode the mark has; a copy of either has others.
The mark knows the number of the last send; a database that counts less far is older than its folder.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection as database
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from extractions import bell
from extractions.forwarding.look import GAPS
from extractions.forwarding.times import look_gap
from extractions.forwarding.turns import written_at_once
from extractions.models import Attempt, Connection, Extraction, Installation
from portal.audit.recording import Action, record
from portal.people.models import User

MARK = "installation.json"
LONGEST_MARK = 512
Pause = Connection.Pause
State = Extraction.State

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mark:
    """What the file says: which installation this is, and the number of the last send."""

    token: str = ""
    highest: int = 0


def recognise() -> bool:
    """Whether this is the installation that it was. If not, every connection is paused until staff say `go_on`."""
    if not _database_lies_somewhere():
        return True
    with contextlib.suppress(FileNotFoundError), _opened(os.O_RDONLY) as file:
        if _fits(_read(file), _inode(file), Installation.objects.first()):
            return True
    with _locked() as file, written_at_once():
        row = Installation.objects.select_for_update().first()
        mark, inode = _read(file), _inode(file)
        if _fits(mark, inode, row):
            return True
        if row is None and not _may_have_lost(mark):
            _begin(file)
            return True
        _doubt(row)
    return False


def note(attempt: int) -> None:
    """Write down that this send is about to be released. Where there is no mark, the next `recognise` sees that."""
    with contextlib.suppress(FileNotFoundError), _opened(os.O_RDWR) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        mark = _read(file)
        if mark is not None and mark.highest < attempt:
            _write(file, Mark(mark.token, attempt))


def go_on(person: User) -> bool:
    """Somebody says that this is the only copy. What it may have sent is in doubt, and looked for before it is sent."""
    with _locked() as file, written_at_once():
        row = Installation.objects.select_for_update().filter(doubted_at__isnull=False).first()
        if row is None or row.doubted_at is None:
            return False
        now = timezone.now()
        unsure = Extraction.objects.filter(state__in=(State.QUEUED, State.SENDING), received_at__lte=row.doubted_at)
        unsure.update(
            state=State.CHECKING,
            state_changed_at=now,
            handed_over_at=now,
            lease=F("lease") + 1,
            lease_until=None,
            next_try_at=now + look_gap(GAPS[0]),
            looks=0,
            later_since=None,
        )
        Connection.objects.filter(pause=Pause.COPIED).update(**Connection.WORKING)
        _begin(file, row, person)
        record(Action.RESUMED, row, person=person)
        transaction.on_commit(bell.ring, robust=True)
    log.warning("%s says that this is the only copy of the portal; sending goes on", person)
    return True


def kept_until() -> float | None:
    """Files older than this may belong to rows that were lost, and stay; None: for the time being all do."""
    row = Installation.objects.first()
    if row is None:
        return 0.0
    return None if row.doubted_at else row.begun_at.timestamp()


def _fits(mark: Mark | None, inode: int, row: Installation | None) -> bool:
    """The mark is read first: sends that come in between only make the database count further."""
    return (
        row is not None
        and mark is not None
        and row.doubted_at is None
        and mark.token == str(row.token)
        and row.place == _place(inode)
        and mark.highest <= _highest()
    )


def _may_have_lost(mark: Mark | None) -> bool:
    """Whether a database that knows no installation may be older than the folder, and have something to send."""
    return mark is not None and mark.highest > _highest() and Extraction.objects.exists()


def _begin(file: int, row: Installation | None = None, person: User | None = None) -> None:
    """From now on this is it: database and mark get a new token. Killed in between, they differ, and nothing is sent;
    but for the first time, when there is no row yet, and it is simply done again."""
    row = row or Installation()
    row.token, row.place, row.doubted_at = uuid.uuid4(), _place(_inode(file)), None
    row.begun_at, row.confirmed_by = timezone.now(), person
    row.save()
    _write(file, Mark(str(row.token), _highest()))
    # Once file and name are on the disk, later writes only change what is in it.
    os.fsync(file)
    folder = os.open(settings.DATA_DIR, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def _doubt(row: Installation | None) -> None:
    row = row or Installation(begun_at=timezone.now())
    if row.doubted_at is None:
        row.doubted_at = timezone.now()
        row.save()
        log.error(
            "This looks like a restored or copied portal; nothing is sent until staff say that it is the only one"
        )
    # What staff paused stays so; whoever resumes it meets the doubt (`Connection.resume`).
    working = Connection.objects.exclude(pause__in=(Pause.COPIED, Pause.BY_HAND))
    if working.exists():
        working.update(**Connection.WORKING | {"pause": Pause.COPIED, "paused_at": timezone.now()})


def _highest() -> int:
    """The number of the last send that the database knows of."""
    return int(Attempt.objects.aggregate(last=Max("pk"))["last"] or 0)


def _database_lies_somewhere() -> bool:
    return database.vendor != "sqlite" or Path(database.settings_dict["NAME"]).is_file()


def _place(inode: int) -> str:
    """Where database and mark lie. A copy of either has another place, a restart has not."""
    if database.vendor == "sqlite":
        return f"file {Path(database.settings_dict['NAME']).stat().st_ino}, mark {inode}"
    with database.cursor() as cursor:
        cursor.execute("SELECT has_function_privilege('pg_control_system()', 'execute')")
        may_ask = cursor.fetchone()[0]
        cluster = "(SELECT system_identifier FROM pg_control_system())" if may_ask else "0"
        cursor.execute(f"SELECT {cluster}, oid FROM pg_database WHERE datname = current_database()")  # noqa: S608
        identifier, oid = cursor.fetchone()
    return f"cluster {identifier}, database {oid}, mark {inode}"


@contextlib.contextmanager
def _opened(flags: int) -> Iterator[int]:
    file = os.open(Path(settings.DATA_DIR) / MARK, flags | os.O_CLOEXEC, 0o600)
    try:
        yield file
    finally:
        os.close(file)


@contextlib.contextmanager
def _locked() -> Iterator[int]:
    """The mark, for one at a time."""
    with _opened(os.O_RDWR | os.O_CREAT) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _read(file: int) -> Mark | None:
    """None for a mark that is new, or cannot be read."""
    try:
        told = json.loads(os.pread(file, LONGEST_MARK, 0))
        return Mark(str(told["token"]), int(told["highest"]))
    except (ValueError, KeyError, TypeError):
        return None


def _write(file: int, mark: Mark) -> None:
    """In place, for a new file would have another inode; in one piece of one length, so that no reader sees half."""
    text = json.dumps({"token": mark.token, "highest": mark.highest})
    os.pwrite(file, f"{text:<{LONGEST_MARK - 1}}\n".encode(), 0)


def _inode(file: int) -> int:
    return os.fstat(file).st_ino
