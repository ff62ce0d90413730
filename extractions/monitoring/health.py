"""Health checks, for people and for monitoring."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from statistics import median

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Min
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extractions import clock
from extractions.backups import history
from extractions.forwarding.steps.connection_state import SENDABLE, active_connections
from extractions.models import Attempt, Connection, Extraction, Installation, WorkerProcess
from extractions.models.worker_process import STARTING
from extractions.storage import file_store

# Space for some uploads and for essential database writes.
MIN_FREE_BYTES = 500 * 2**20
# Polled every 15 seconds; with the heartbeat interval, silence is reported within a minute.
ENGINE_SILENT_AFTER = timedelta(seconds=50)
# A sendable document waits too long after ten minutes, or after a multiple of the usual wait.
ACCEPTABLE_WAIT, WAIT_FACTOR = timedelta(minutes=10), 5
SAMPLED = 200


class Level(StrEnum):
    """Overall severity."""

    WELL = "well"
    DEGRADED = "degraded"
    """Works, but needs attention."""
    DOWN = "unwell"
    """Documents are not received, not sent, or not read."""


@dataclass(frozen=True, slots=True)
class Check:
    """`sentence` is safe for the public; `detail` is for operators."""

    name: str
    sentence: str = ""
    detail: str = ""
    level: Level = Level.DOWN

    @property
    def well(self) -> bool:
        return not self.sentence

    @property
    def severity(self) -> Level:
        return Level.WELL if self.well else self.level


def checks() -> list[Check]:
    """All checks; without a database, only those that do not need it."""
    found = [_database()]
    if found[0].well:
        found += [_worker(), _own_folder(), *_engine(), _sending(), _queue(), _quarantine(), _backup()]
    return [*found, _disk()]


def worst(found: Iterable[Check]) -> Level:
    levels = {check.severity for check in found}
    return next((level for level in (Level.DOWN, Level.DEGRADED) if level in levels), Level.WELL)


def free_bytes() -> int:
    """Free bytes in DATA_DIR; 0 if it is missing."""
    try:
        return shutil.disk_usage(settings.DATA_DIR).free
    except OSError:
        return 0


def _database() -> Check:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except DatabaseError as error:
        return Check("database", _("The database does not answer."), str(error))
    return Check("database", detail=connection.vendor)


def _worker() -> Check:
    schedulers = list(WorkerProcess.objects.schedulers())
    working = [process for process in schedulers if not process.error_code]
    refusing = [
        f"{item.name}: {item.error_code} in {item.data_dir}"
        for item in schedulers
        if item.error_code not in ("", STARTING)
    ]
    if working and refusing:
        sentence = _("A worker refuses to work, because its folder of files is not the portal's.")
        return Check("worker", sentence, "; ".join(refusing), Level.DEGRADED)
    if refusing:
        doubt = Installation.objects.filter(doubted_at__isnull=False).exists()
        return Check("worker", _copied() if doubt else _no_folder(), "; ".join(refusing))
    if schedulers:
        return Check("worker", detail=str(len(schedulers)))
    last = WorkerProcess.objects.order_by("-seen_at").first()
    heard = last.seen_at.isoformat(timespec="seconds") if last else "never"
    name = last.name if last else ""
    return Check("worker", _("No worker is running: documents are kept, but not sent."), f"last seen {heard} {name}")


def _copied() -> str:
    return _("This looks like a restored or copied portal: nothing is sent until staff decide.")


def _no_folder() -> str:
    return _("No worker can reach the portal's folder of files: documents wait.")


def _own_folder() -> Check:
    """The store as seen by this web process, which receives uploads into it."""
    detail = str(settings.DATA_DIR)
    if file_store.is_reachable():
        return Check("files", detail=detail)
    return Check("files", _("The web process cannot reach the portal's folder of files: uploads are refused."), detail)


def _sending() -> Check:
    """Whether every connection sends. A temporary pause is no outage until documents have waited too long."""
    paused = [connection for connection in active_connections() if connection.paused]
    detail = "; ".join(f"{_name(connection)}: {connection.pause}" for connection in paused) or "working"
    if not paused:
        return Check("sending", detail=detail)
    level = Level.DOWN if any(_is_outage(connection) for connection in paused) else Level.DEGRADED
    reasons = {"reasons": ", ".join(sorted({str(connection.get_pause_display()) for connection in paused}))}
    if all(connection.is_own for connection in paused):
        sentence = _("Sending is paused for a team with a connection of its own: %(reasons)s.") % reasons
    else:
        sentence = _("Sending is paused: %(reasons)s.") % reasons
    return Check("sending", sentence, detail, level)


def _is_outage(connection: Connection) -> bool:
    """Not for a team's own connection, nor for a manual pause."""
    pause = Connection.Pause
    if connection.pause in (pause.COPIED, pause.STORE_AWAY):
        return True
    if connection.is_own or connection.pause == pause.BY_HAND:
        return False
    if connection.pause not in (pause.UNREACHABLE, pause.RATE):
        return True
    waiting = Extraction.objects.filter(connection=connection, state=Extraction.State.QUEUED)
    return waiting.filter(state_changed_at__lt=clock.now() - ACCEPTABLE_WAIT).exists()


def _name(connection: Connection) -> str:
    """By primary key: monitoring must not learn who uses it."""
    return f"connection {connection.pk}" if connection.is_own else "connection of the settings"


def _queue() -> Check:
    """Wait of the oldest sendable document, compared with the usual wait."""
    now = clock.now()
    waiting = Extraction.objects.filter(SENDABLE, state=Extraction.State.QUEUED, delete_requested_at__isnull=True)
    oldest = waiting.aggregate(first=Min("state_changed_at"))["first"]
    age = max(now - oldest, timedelta(0)) if oldest else timedelta(0)
    limit = max(ACCEPTABLE_WAIT, WAIT_FACTOR * _usual_wait(now))
    detail = f"oldest waits {round(age.total_seconds())} s, limit {round(limit.total_seconds())} s"
    if age <= limit:
        return Check("queue", detail=detail)
    return Check("queue", _("Documents wait longer to be sent than usual."), detail, Level.DEGRADED)


def _usual_wait(now: datetime) -> timedelta:
    """Median time from receipt to first attempt over the last day."""
    attempts = Attempt.objects.filter(number=1, started_at__gte=now - timedelta(days=1)).order_by("-started_at")
    times = attempts.values_list("started_at", "extraction__received_at")[:SAMPLED]
    waits = [max((started - received).total_seconds(), 0.0) for started, received in times]
    return timedelta(seconds=median(waits)) if waits else timedelta(0)


def _quarantine() -> Check:
    row = Installation.objects.first()
    count = row.quarantined_files if row else 0
    if row is None or not row.quarantine_is_news:
        return Check("quarantine", detail=f"{count} files that staff know of" if count else "empty")
    kept = f"{settings.QUARANTINE_DAYS} days" if settings.QUARANTINE_DAYS else "for ever"
    sentence = ngettext(
        "%(count)s file is in quarantine: no document knows it.",
        "%(count)s files are in quarantine: no document knows them.",
        count,
    )
    detail = f"{count} files, {row.quarantined_bytes} bytes, kept {kept}"
    return Check("quarantine", sentence % {"count": count}, detail, Level.DEGRADED)


def _backup() -> Check:
    """Only where a schedule promises one."""
    done = history.latest()
    last = (
        f"last {done.finished_at.isoformat(timespec='seconds')} to {done.place}"
        if done and done.finished_at
        else "none"
    )
    if not history.is_scheduled():
        return Check("backup", detail=f"no schedule, {last}")
    if error := history.latest_error():
        return Check("backup", _("The last backup failed."), f"{last}; {error}", Level.DEGRADED)
    if history.is_late(clock.now()):
        return Check("backup", _("The last backup is older than the schedule allows."), last, Level.DEGRADED)
    return Check("backup", detail=last)


def _engine() -> Iterator[Check]:
    """Only for the embedded engine, which we operate ourselves."""
    current = Connection.current()
    if not current.embedded:
        return
    # The worker polls the engine: without a worker, or with one that has just started, its state is unknown.
    poller = WorkerProcess.objects.schedulers().filter(error_code="").order_by("-seen_at").first()
    answered = current.answered_at or (poller and poller.started_at)
    heard = current.answered_at.isoformat(timespec="seconds") if current.answered_at else "never"
    if poller and answered and poller.seen_at - max(answered, poller.started_at) > ENGINE_SILENT_AFTER:
        yield Check("engine", _("The embedded engine does not answer: documents wait."), f"last answer {heard}")
    elif current.readiness == Connection.Readiness.BROKEN:
        yield Check("engine", _("The embedded engine cannot load its models."), f"last answer {heard}")
    else:
        yield Check("engine", detail=f"last answer {heard}")


def _disk() -> Check:
    if not Path(settings.DATA_DIR).is_dir():
        return Check("disk", _("The disk of the portal is not there."), str(settings.DATA_DIR))
    free = free_bytes()
    detail = f"{free // 2**20} MB free"
    if free < MIN_FREE_BYTES:
        return Check("disk", _("The disk is nearly full: uploads may be refused."), detail)
    return Check("disk", detail=detail)
