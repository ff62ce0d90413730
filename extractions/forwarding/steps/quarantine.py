"""Orphaned files are quarantined rather than deleted: a database restored from a backup does not know newer ones.

They keep their names below `quarantine/<time>/`, so they can be restored once a row references them again.
`manifest.jsonl` logs every event. Files are deleted after QUARANTINE_DAYS, which the manifest and the log record.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import QuerySet, Value
from django.db.models.functions import Least

from extractions.forwarding.time_scale import hours
from extractions.models import ContentImage, Draft, Export, Extraction, Installation, PageImage
from extractions.storage import file_store

FOLDER, MANIFEST = "quarantine", "manifest.jsonl"
STAMP = "%Y%m%dT%H%M%SZ"
REASON = "no row in the database names this file"
DELETED_REASON = "the row that named this file was deleted"
BATCH = 500

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class QuarantinedFile:
    """A file in quarantine. `name` is its original name, relative to MEDIA_ROOT."""

    path: Path
    name: str
    since: datetime


def referenced_names(names: Collection[str]) -> set[str]:
    """Which of these files a row references."""
    columns: tuple[tuple[QuerySet[Any], str], ...] = (
        (Extraction.objects.all(), "document"),
        (Draft.objects.all(), "document"),
        (ContentImage.objects.all(), "file"),
        (PageImage.objects.all(), "file"),
        (PageImage.objects.all(), "small"),
        (PageImage.objects.all(), "sharp"),
        (Export.objects.all(), "file"),
    )
    return {
        name
        for rows, column in columns
        for name in rows.filter(**{f"{column}__in": list(names)}).values_list(column, flat=True)
    }


def set_aside(names: Collection[str], now: datetime) -> int:
    """Move these unreferenced files into quarantine; how many were moved."""
    moved = 0
    folder = root() / now.astimezone(UTC).strftime(STAMP)
    for name in names:
        source, target = Path(settings.MEDIA_ROOT) / name, folder / name
        try:
            facts = _describe(source)
            file_store.make_folder(str(target.parent.relative_to(settings.MEDIA_ROOT)))
            _log_event("set aside", name, now, reason=REASON, **facts)
            source.rename(target)
        except FileNotFoundError:
            continue  # moved by another process
        moved += 1
    if moved:
        log.warning("Moved %d orphaned files to %s", moved, folder)
    return moved


def restore(names: Collection[str] | None = None) -> int:
    """Restore files that are referenced again, out of `names` or of all; how many."""
    kept = {content.name: content for content in contents() if names is None or content.name in names}
    returned = 0
    for batch in _batches(list(kept)):
        for name in referenced_names(batch):
            target = Path(settings.MEDIA_ROOT) / name
            if target.exists():
                continue
            file_store.make_folder(str(target.parent.relative_to(settings.MEDIA_ROOT)))
            kept[name].path.rename(target)
            _log_event("returned", name, datetime.now(UTC))
            returned += 1
    if returned:
        log.warning("Restored %d files from quarantine: rows reference them again", returned)
    return returned


def delete_expired(now: datetime) -> int:
    """Delete files older than QUARANTINE_DAYS; how many. 0 days keeps them for ever."""
    if not settings.QUARANTINE_DAYS:
        return 0
    expired = [content for content in contents() if content.since < now - hours(24 * settings.QUARANTINE_DAYS)]
    for item in expired:
        _log_event("deleted", item.name, now, reason=f"kept for {settings.QUARANTINE_DAYS} days")
        item.path.unlink(missing_ok=True)
    if expired:
        remove_empty_folders()
        log.warning("Deleted %d files after %d days in quarantine", len(expired), settings.QUARANTINE_DAYS)
    return len(expired)


def delete_copies(name: str) -> int:
    """Delete quarantined copies of a file whose row was deleted on purpose; how many."""
    copies = [folder / name for folder, _since in _folders() if (folder / name).is_file()]
    for copy in copies:
        _log_event("deleted", name, datetime.now(UTC), reason=DELETED_REASON)
        copy.unlink(missing_ok=True)
    return len(copies)


def has_copies(name: str) -> bool:
    return any((folder / name).is_file() for folder, _since in _folders())


def remove_empty_folders() -> None:
    for folder, _since in _folders():
        if not any(path.is_file() for path in folder.rglob("*")):
            shutil.rmtree(folder, ignore_errors=True)


def update_totals() -> None:
    """Store the totals for the worker page and monitoring."""
    kept = list(contents())
    rows = Installation.objects.all()
    rows.update(
        quarantined_files=len(kept),
        quarantine_seen=Least("quarantine_seen", Value(len(kept))),
        quarantined_bytes=sum(item.path.stat().st_size for item in kept),
        quarantined_since=min((item.since for item in kept), default=None),
    )


def contents() -> Iterator[QuarantinedFile]:
    for folder, since in _folders():
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                yield QuarantinedFile(path, str(path.relative_to(folder)), since)


def _folders() -> Iterator[tuple[Path, datetime]]:
    if not root().is_dir():
        return
    for folder in sorted(root().iterdir()):
        try:
            yield folder, datetime.strptime(folder.name, STAMP).replace(tzinfo=UTC)
        except ValueError:
            continue  # the manifest, or something put there by hand


def root() -> Path:
    return Path(settings.MEDIA_ROOT) / FOLDER


def _describe(path: Path) -> dict[str, object]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        facts = os.fstat(file.fileno())
    modified_at = datetime.fromtimestamp(facts.st_mtime, UTC)
    return {"sha256": digest, "size": facts.st_size, "modified_at": modified_at.isoformat(timespec="seconds")}


def _log_event(event: str, name: str, at: datetime, **facts: object) -> None:
    """Append to the manifest and sync before the file moves; what cannot be logged is not moved."""
    file_store.make_folder(FOLDER)
    line = {"event": event, "name": name, "at": at.isoformat(timespec="seconds")} | facts
    with (root() / MANIFEST).open("a") as manifest:
        manifest.write(json.dumps(line, ensure_ascii=False) + "\n")
        manifest.flush()
        os.fsync(manifest.fileno())


def _batches(names: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), BATCH):
        yield names[start : start + BATCH]
