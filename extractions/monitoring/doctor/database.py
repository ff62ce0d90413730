"""Whether the database is the right one for this code, keeps what it confirms, and knows the time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

from extractions.monitoring.doctor.finding import Finding, unwise, well, wrong
from portal import schema_state, triggers
from portal.environment import database_error

SUBJECT = "database"
NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "fuse.sshfs", "fuse.glusterfs"}
OLDEST_POSTGRESQL = 14
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
LARGEST_SKEW_SECONDS = 5.0


def answers() -> Finding:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return wrong(SUBJECT, database_error() or str(error))
    return well(SUBJECT, f"{connection.display_name} answers.")


def examine() -> Iterator[Finding]:
    """Only where it answers."""
    yield _migrations()
    yield from _triggers()
    yield from _postgresql() if connection.vendor == "postgresql" else _sqlite()


def _migrations() -> Finding:
    loader = MigrationLoader(connection)
    if newer := schema_state.unknown_migrations(loader):
        sentence = f"The database is of a newer version of the portal: it has {', '.join(newer)}."
        return wrong(SUBJECT, sentence, "Install that version again, or restore a backup that was taken before it.")
    if pending := schema_state.pending_migrations(loader):
        return wrong(SUBJECT, f"{len(pending)} migrations are not applied.", "manage.py upgrade")
    return well(SUBJECT, "Its tables are those of this version.")


def _triggers() -> Iterator[Finding]:
    for difference in triggers.differences(DEFAULT_DB_ALIAS):
        remedy = "manage.py migrate" if difference.repairable else "Find out who added it."
        yield wrong(SUBJECT, f"Trigger {difference}.", remedy)


def _postgresql() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000, clock_timestamp()")
        version, their_time = cursor.fetchone()
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(DURABLE)])
        settings = dict(cursor.fetchall())
    if version < OLDEST_POSTGRESQL:
        yield unwise(SUBJECT, f"PostgreSQL {version} is not tested with the portal.", "Upgrade to 14 or newer.")
    # remote_apply and remote_write promise more than `on` does.
    weak = [name for name, good in DURABLE.items() if settings[name] not in (good, "remote_apply", "remote_write")]
    if weak:
        sentence = f"{', '.join(weak)} is off: what the portal has confirmed may be lost in a power cut, or paid twice."
        yield wrong(SUBJECT, sentence, "Switch it on in postgresql.conf.")
    skew = abs((datetime.now(UTC) - their_time).total_seconds())
    if skew > LARGEST_SKEW_SECONDS:
        sentence = f"The clocks of this machine and of the database are {skew:.0f} s apart."
        yield wrong("clock", sentence, "Let both machines keep the time by NTP.")
    else:
        yield well("clock", "This machine and the database agree.")


def _sqlite() -> Iterator[Finding]:
    """Its locks need a file system of this machine, and the rows tell whether the clock went back."""
    path = Path(str(connection.settings_dict["NAME"])).resolve()
    kind = file_system_of(path)
    if kind in NETWORK_FILE_SYSTEMS:
        yield wrong(SUBJECT, f"SQLite on {kind} loses data.", "Use a disk of this machine, or PostgreSQL.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT MAX(applied) FROM django_migrations")
        (applied,) = cursor.fetchone()
    latest = datetime.fromisoformat(str(applied)).replace(tzinfo=UTC) if applied else datetime.now(UTC)
    skew = (latest - datetime.now(UTC)).total_seconds()
    if skew > LARGEST_SKEW_SECONDS:
        yield wrong("clock", f"It is before {latest:%Y-%m-%d %H:%M}, when the database was set up.", "Set the clock.")
    else:
        yield well("clock", "It is later than what the database has.")


def file_system_of(path: Path) -> str:
    """The type of the mount that holds the path; empty where the kernel does not tell."""
    try:
        lines = Path("/proc/self/mounts").read_text().splitlines()
    except OSError:
        return ""
    mounts = {line.split()[1]: line.split()[2] for line in lines}
    return next((mounts[str(parent)] for parent in (path, *path.parents) if str(parent) in mounts), "")
