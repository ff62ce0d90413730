"""Backups as they are noted in the database, deleted when there are enough, and due by the schedule."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError

from extractions import clock
from extractions.backups.place import Busy, Unusable
from extractions.backups.taking import Taken, take_and_prune
from extractions.models import Backup

KEPT_LINES = 200
LATE_FACTOR = 1.5
"""A backup is late when one and a half of the usual time has passed, so that a slow one is none yet."""
log = logging.getLogger(__name__)


def take_and_note(place: Path, passphrase: str, keep: int, say: Callable[[str], None]) -> Taken:
    """Takes a backup, deletes all but the newest `keep` of the folder (0 keeps all), and notes how it went."""
    row = Backup.objects.create(place=str(place), begun_at=clock.now())
    try:
        taken = take_and_prune(place, passphrase, keep, say)
    except Busy:
        row.delete()
        raise
    except (Unusable, OSError, DatabaseError) as error:
        Backup.objects.filter(pk=row.pk).update(error=str(error))
        raise
    manifest = taken.manifest
    Backup.objects.filter(pk=row.pk).update(
        finished_at=clock.now(),
        name=taken.name,
        documents=sum(manifest.documents.values()),
        files=manifest.files,
        bytes=manifest.bytes,
        has_keys=bool(manifest.keys_sha256),
        missing=len(manifest.missing),
    )
    old = Backup.objects.order_by("-pk").values_list("pk", flat=True)[KEPT_LINES:]
    Backup.objects.filter(pk__in=list(old)).delete()
    return taken


def latest() -> Backup | None:
    """The newest that was finished."""
    return Backup.objects.filter(finished_at__isnull=False).order_by("-finished_at").first()


def latest_error() -> str:
    """Why the newest attempt failed; empty if it did not."""
    newest = Backup.objects.order_by("-begun_at").first()
    return newest.error if newest else ""


def is_scheduled() -> bool:
    return bool(settings.BACKUP_DIR and settings.BACKUP_EVERY_HOURS)


def is_due(now: datetime) -> bool:
    """By the schedule, counted from the last attempt, so that a failing one is not tried all the time."""
    newest = Backup.objects.order_by("-begun_at").first()
    if not is_scheduled() or newest is None:
        return is_scheduled()
    pause = timedelta(hours=settings.BACKUP_EVERY_HOURS)
    if newest.finished_at is None:
        pause = min(pause, timedelta(hours=1))
    return now >= newest.begun_at + pause


def is_late(now: datetime) -> bool:
    """Whether the schedule was missed: no finished backup is as new as it should be."""
    if not is_scheduled():
        return False
    done = latest()
    first = Backup.objects.order_by("begun_at").first()
    since = done.finished_at if done and done.finished_at else first.begun_at if first else now
    return now > since + LATE_FACTOR * timedelta(hours=settings.BACKUP_EVERY_HOURS)
