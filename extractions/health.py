"""Whether the portal does its work, in words for people and for the programs that watch it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from extractions.models import Connection, WorkerProcess

# Room for some uploads, and for the database to write what it must.
LEAST_FREE = 500 * 2**20
# It is asked every 15 seconds. With the time that a sign of life takes, a silent one is told of within a minute.
ENGINE_SILENT_AFTER = timedelta(seconds=50)


@dataclass(frozen=True, slots=True)
class Check:
    """`sentence` may be read by strangers; `detail` is for those who run the portal."""

    name: str
    sentence: str = ""
    detail: str = ""

    @property
    def well(self) -> bool:
        return not self.sentence


def checks() -> list[Check]:
    """All of them; without a database, only those that need none."""
    found = [_database()]
    if found[0].well:
        found += [_worker(), *_engine()]
    return [*found, _disk()]


def free_bytes() -> int:
    return shutil.disk_usage(settings.DATA_DIR).free


def _database() -> Check:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except DatabaseError as error:
        return Check("database", _("The database does not answer."), str(error))
    return Check("database", detail=connection.vendor)


def _worker() -> Check:
    alive = WorkerProcess.objects.minding().count()
    if alive:
        return Check("worker", detail=str(alive))
    last = WorkerProcess.objects.order_by("-seen_at").first()
    heard = last.seen_at.isoformat(timespec="seconds") if last else "never"
    name = last.name if last else ""
    return Check("worker", _("No worker is running: documents are kept, but not sent."), f"last seen {heard} {name}")


def _engine() -> Iterator[Check]:
    """Only the embedded engine is ours to keep alive; a service elsewhere that pauses is told by its banner."""
    current = Connection.current()
    if not current.embedded:
        yield Check("service", detail=current.pause or "working")
        return
    # It is the worker who asks, so what it last knew counts: without one, or beside one that just began, nothing is
    # known of an engine.
    asker = WorkerProcess.objects.minding().order_by("-seen_at").first()
    answered = current.answered_at or (asker and asker.started_at)
    heard = current.answered_at.isoformat(timespec="seconds") if current.answered_at else "never"
    if asker and answered and asker.seen_at - max(answered, asker.started_at) > ENGINE_SILENT_AFTER:
        yield Check("engine", _("The embedded engine does not answer: documents wait."), f"last answer {heard}")
    elif current.readiness == Connection.Readiness.BROKEN:
        yield Check("engine", _("The embedded engine cannot load its models."), f"last answer {heard}")
    else:
        yield Check("engine", detail=f"last answer {heard}")


def _disk() -> Check:
    free = free_bytes()
    detail = f"{free // 2**20} MB free"
    if free < LEAST_FREE:
        return Check("disk", _("The disk is nearly full: uploads may be refused."), detail)
    return Check("disk", detail=detail)
