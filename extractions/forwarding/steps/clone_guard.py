"""Tells the original portal from a restored or cloned one, and its data folder from any other.

Two portals with the same rows would pay for the same documents twice, as would an older backup that does not know what
was sent after it. Database and marker files (`file_store`) hold the same token and a counter that advances in step
(`witness`); whichever was restored falls behind. The database also records its own file or cluster and the inodes of
the markers, which differ in a copy.

A mismatch of the folder alone may be the fault of this process, started with another DATA_DIR: while another worker has
the right folder, such a process refuses to work and changes nothing.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection as database
from django.db import transaction
from django.db.models import F, Max

from extractions import clock, wakeup
from extractions.backups import suspended_access
from extractions.forwarding.serialized import serialized_atomic
from extractions.forwarding.steps import witness
from extractions.forwarding.steps.reconcile import SEARCH_GAPS
from extractions.forwarding.time_scale import search_gap
from extractions.forwarding.worker_name import worker_name
from extractions.models import Attempt, Connection, Extraction, Installation, WorkerProcess
from extractions.models.connection import ConnectionQuerySet
from extractions.storage import file_store
from extractions.storage.file_store import Marker, MarkerFile, StoreUnavailable
from portal.audit.recording import Action, record
from portal.people.models import User

MARK = file_store.HOME_MARKER
Pause = Connection.Pause
State = Extraction.State
Doubt = Installation.Doubt
# Pauses set by this module, and lifted once everything matches.
GUARD_PAUSES = (Pause.COPIED, Pause.STORE_AWAY)

LOCK = 0x636C6F6E  # key of the PostgreSQL advisory lock
log = logging.getLogger(__name__)


class NoDocuments(Exception):
    """The folder has none of the latest documents, so it is probably the wrong one."""


def is_recognised() -> bool:
    """Whether this process may work; see `verify_identity`."""
    return not verify_identity()


def verify_identity() -> str:
    """Empty if database and folder belong together; else the reason, one of `Installation.Doubt`.

    With a reason, nothing is sent: by this process alone if another one has the right folder, else by any, until the
    folder is back or staff confirm with `confirm_sole_copy`.
    """
    if not _database_is_a_file():
        return ""
    row = Installation.objects.first()
    if (
        row is not None
        and row.number
        and not _mismatch(row)
        and not Connection.objects.filter(pause__in=GUARD_PAUSES).exists()
    ):
        witness.remember(row)
        return ""
    with serialized_atomic():
        _wait_for_other_processes()
        row = Installation.objects.select_for_update().first()
        return _initialise_or_doubt() if row is None else _resolve(row)


def _wait_for_other_processes() -> None:
    """At the first start there is no row to lock, and two workers would each initialise the folder."""
    if database.vendor == "postgresql":  # a transaction of SQLite holds all of it
        with database.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def record_attempt(attempt: int) -> None:
    """Raise the high-water mark of attempts in the marker; raises `StoreUnavailable` without the right marker."""
    token = Installation.objects.values_list("token", flat=True).first()
    try:
        with _marker(file_store.home_marker(), os.O_RDWR) as descriptor:
            marker = file_store.read(descriptor)
            if marker is None or (token is not None and marker.token != str(token)):
                raise StoreUnavailable("the marker in DATA_DIR is not this portal's")
            if marker.highest < attempt:
                values = marker.token, attempt, marker.number, marker.nonce, marker.previous
                file_store.write(descriptor, Marker(*values))
    except FileNotFoundError as error:
        if token is not None:
            raise StoreUnavailable("DATA_DIR has no marker") from error


def confirm_sole_copy(person: User | None, *, without_documents: bool = False) -> bool:
    """Staff confirm that this is the only copy. Documents that another copy may have sent are reconciled first.

    Raises `NoDocuments` for a folder with none of the latest documents, unless `without_documents`.
    """
    with serialized_atomic():
        row = Installation.objects.select_for_update().first()
        if row is None or not (row.doubted_at or _mismatch(row)):
            return False
        if not without_documents and not file_store.has_known_documents():
            raise NoDocuments
        now = clock.now()
        doubted_at = row.doubted_at or now
        unsure = Extraction.objects.filter(state__in=(State.QUEUED, State.SENDING), received_at__lte=doubted_at)
        unsure.update(
            state=State.CHECKING,
            state_changed_at=now,
            handed_over_at=now,
            lease=F("lease") + 1,
            lease_until=None,
            next_try_at=now + search_gap(SEARCH_GAPS[0]),
            search_misses=0,
            retrying_since=None,
        )
        Connection.objects.filter(pause__in=GUARD_PAUSES).update(**Connection.WORKING)
        _initialise(row, person)
        record(Action.RESUMED, row, person=person)
        transaction.on_commit(wakeup.notify_workers, robust=True)
    log.warning("%s confirmed that this is the only copy of the portal; sending resumes", person)
    return True


def _mismatch(row: Installation) -> str:
    """The mismatch, if any. Markers are read first: an advance in between is then in the database as well."""
    home = file_store.find(file_store.home_marker())
    store = file_store.find(file_store.store_marker())
    latest = witness.latest_witnessed()
    row.refresh_from_db()
    if row.doubted_at and row.doubt not in Installation.OF_THE_FOLDER:
        return row.doubt or Doubt.DATABASE_COPIED
    if row.place != _database_location():
        return Doubt.DATABASE_COPIED
    if home is None or home.marker is None:
        return Doubt.STORE_AWAY
    if not row.number:
        return _legacy_mismatch(row, home)
    if store is None or store.marker is None:
        return Doubt.STORE_AWAY
    if wrong := _folder_mismatch(row, home, home.inode == row.home_inode):
        return wrong
    if wrong := _folder_mismatch(row, store, store.inode == row.store_inode):
        return wrong
    if home.marker.highest > _last_attempt():
        return Doubt.DATABASE_OLDER
    if max(latest, witness.remembered(row)) > row.number:
        return Doubt.SET_BACK
    return ""


def _folder_mismatch(row: Installation, found: MarkerFile, same_place: bool) -> str:
    marker = found.marker or Marker()
    if not same_place:
        return Doubt.FOLDER_COPIED if marker.token == str(row.token) else Doubt.OTHER_FOLDER
    if marker.token == str(row.token) and row.nonce in (marker.nonce, marker.previous):
        return ""
    return Doubt.DATABASE_OLDER if marker.number > row.number else Doubt.FOLDER_OLDER


def _legacy_mismatch(row: Installation, home: MarkerFile) -> str:
    """For installations from before there were counters."""
    marker = home.marker or Marker()
    if home.inode != row.home_inode:
        return Doubt.FOLDER_COPIED if marker.token == str(row.token) else Doubt.OTHER_FOLDER
    if marker.token != str(row.token) or marker.highest > _last_attempt():
        return Doubt.DATABASE_OLDER
    return "" if file_store.has_known_documents() else Doubt.STORE_AWAY


def _resolve(row: Installation) -> str:
    """Act on the verdict, with the row locked."""
    wrong = _mismatch(row)
    if not wrong:
        _clear_doubt(row)
        if not row.number:
            _initialise(row, row.confirmed_by, anew=False)
    elif wrong in Installation.OF_THE_FOLDER and _another_worker_is_operational():
        pass  # only this process has the wrong folder
    elif wrong == Doubt.STORE_AWAY:
        _pause(Pause.STORE_AWAY, Connection.objects.filter(pause=Pause.NONE))
    else:
        _doubt(row, wrong)
    return wrong


def _clear_doubt(row: Installation) -> None:
    """Everything matches: clear the doubt and lift our pauses."""
    if row.doubted_at is not None:
        log.warning("Database and data folder match again")
        row.doubted_at, row.doubt = None, ""
        row.save(update_fields=["doubted_at", "doubt"])
    paused = Connection.objects.filter(pause__in=GUARD_PAUSES)
    if paused.exists():
        waiting = Extraction.objects.filter(connection__in=paused.values("pk"), state=State.QUEUED)
        numbers = list(waiting.values_list("pk", flat=True))
        paused.update(**Connection.WORKING)
        # Reset backoff that has lost its reason.
        Extraction.objects.filter(pk__in=numbers, state=State.QUEUED).update(next_try_at=clock.now())
        log.warning("The data folder is reachable again; sending resumes")
        transaction.on_commit(wakeup.notify_workers, robust=True)


def _initialise_or_doubt() -> str:
    """A database without an installation row is new, or a backup older than the folder."""
    home = file_store.find(file_store.home_marker())
    if home is not None and home.marker is not None and home.marker.highest > _last_attempt():
        _doubt(Installation(begun_at=clock.now()), Doubt.DATABASE_OLDER)
        return Doubt.DATABASE_OLDER
    if not file_store.has_known_documents():
        _pause(Pause.STORE_AWAY, Connection.objects.filter(pause=Pause.NONE))
        return Doubt.STORE_AWAY
    _initialise(Installation())
    return ""


def _initialise(row: Installation, person: User | None = None, *, anew: bool = True) -> None:
    """Write the same values to database and markers. If killed in between, they differ and nothing is sent, except at
    the first start, where there is no row yet and it is simply repeated."""
    settings.MEDIA_ROOT.mkdir(exist_ok=True)
    (settings.MEDIA_ROOT / file_store.STORE_FOLDER).mkdir(exist_ok=True)
    if anew:
        row.token, row.begun_at = uuid.uuid4(), clock.now()
    row.number = max(row.number, witness.remembered(row), witness.latest_witnessed(), *_marker_counters()) + 1
    row.nonce, row.confirmed_by = witness.new_nonce(), person
    row.place, row.doubted_at, row.doubt = _database_location(), None, ""
    marker = Marker(str(row.token), _last_attempt(), row.number, row.nonce)
    for path in (file_store.home_marker(), file_store.store_marker()):
        with _marker(path, os.O_RDWR | os.O_CREAT) as descriptor:
            file_store.write(descriptor, marker)
            os.fsync(descriptor)
            inode = file_store.inode_of(descriptor)
        with file_store.opened(path.parent, os.O_RDONLY) as folder:
            os.fsync(folder)
        setattr(row, "home_inode" if path.name == MARK else "store_inode", inode)
    row.save()
    witness.write_witness(row.number)


def _marker_counters() -> Iterator[int]:
    """The counters of the existing markers."""
    for path in (file_store.home_marker(), file_store.store_marker()):
        found = file_store.find(path)
        yield found.marker.number if found is not None and found.marker is not None else 0


def _doubt(row: Installation, wrong: str) -> None:
    if row.doubted_at is None:
        row.doubted_at, row.doubt = clock.now(), wrong
        row.save()
        if wrong not in Installation.OF_THE_FOLDER:  # an older database has tokens that were revoked since
            suspended_access.suspend_all()
            row.refresh_from_db(fields=["access_suspended_at"])
        log.error(
            "Probably a restored or copied portal (%s); nothing is sent until staff confirm that it is the only one",
            Doubt(wrong).label,
        )
    # Manual pauses are kept; `Connection.resume` checks for doubt.
    _pause(Pause.COPIED, Connection.objects.exclude(pause__in=(Pause.COPIED, Pause.BY_HAND)))


def _pause(pause: Connection.Pause, rows: ConnectionQuerySet) -> None:
    if rows.update(**Connection.WORKING | {"pause": pause, "paused_at": clock.now()}):
        log.error("Nothing is sent: %s", pause.label)


def _another_worker_is_operational() -> bool:
    return WorkerProcess.objects.operational().exclude(name=worker_name()).exists()


def _last_attempt() -> int:
    """Primary key of the latest attempt in the database, 0 without any."""
    return int(Attempt.objects.aggregate(last=Max("pk"))["last"] or 0)


def _database_is_a_file() -> bool:
    return database.vendor != "sqlite" or Path(database.settings_dict["NAME"]).is_file()


def _database_location() -> str:
    """Identifies the database file or cluster: differs in a copy, survives a restart."""
    if database.vendor == "sqlite":
        return f"file {Path(database.settings_dict['NAME']).stat().st_ino}"
    with database.cursor() as cursor:
        cursor.execute("SELECT has_function_privilege('pg_control_system()', 'execute')")
        may_ask = cursor.fetchone()[0]
        cluster = "(SELECT system_identifier FROM pg_control_system())" if may_ask else "0"
        cursor.execute(f"SELECT {cluster}, oid FROM pg_database WHERE datname = current_database()")  # noqa: S608
        identifier, oid = cursor.fetchone()
    return f"cluster {identifier}, database {oid}"


@contextlib.contextmanager
def _marker(path: Path, flags: int) -> Iterator[int]:
    """The marker's file descriptor, with an exclusive lock."""
    with file_store.opened(path, flags) as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
