"""From a wish to bytes: at once while somebody waits, or by the worker into a file that is kept for a day."""

from __future__ import annotations

import logging
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy, pgettext_lazy

from extractions.exports import spreadsheet
from extractions.exports.archive import Archive
from extractions.exports.layout import Layout, layout_of
from extractions.exports.reading import numbers_of
from extractions.exports.text import Progress, csv_of, json_lines_of
from extractions.models import Export
from portal.people.models import Membership

FORMS = {
    "csv": (gettext_lazy("CSV, a row for each document"), "csv", "text/csv; charset=utf-8"),
    "items": (gettext_lazy("CSV, a row for each line item"), "csv", "text/csv; charset=utf-8"),
    "xlsx": (
        pgettext_lazy("format", "Excel"),
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    "json": (gettext_lazy("JSON, a line for each document"), "jsonl", "application/x-ndjson"),
    "zip": (gettext_lazy("ZIP with originals, pictures and data"), "zip", "application/zip"),
}
AT_ONCE, FILES_AT_ONCE = 1000, 100  # documents for which somebody may wait
FOLDER = "exports"
LEASE = timedelta(seconds=90)
TELL_EVERY = 1.0
MOST_ATTEMPTS = 3
AGAIN_AFTER = timedelta(seconds=30)

log = logging.getLogger(__name__)


class Lost(Exception):
    """Somebody cancelled it, or another worker has it."""


@dataclass
class Stream:
    """The bytes of an export. `failed` is known when they have all been read."""

    form: str
    numbers: Sequence[int]
    teams: Sequence[int]
    separator: str
    progress: Progress
    failed: int = 0

    def __iter__(self) -> Iterator[bytes]:
        match self.form:
            case "json":
                yield from json_lines_of(self.numbers, self.progress)
            case "xlsx":
                yield from self._workbook()
            case "zip":
                archive = Archive(self.numbers, self._layout, self.progress, separator=self.separator)
                yield from archive.stream()
                self.failed = archive.failed
            case form:
                items = form == "items"
                yield from csv_of(self.numbers, self._layout, self.progress, separator=self.separator, items=items)

    @property
    def _layout(self) -> Layout:
        return layout_of(self.numbers, self.teams)

    def _workbook(self) -> Iterator[bytes]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "book.xlsx"
            spreadsheet.write_workbook(path, self.numbers, self._layout, self.progress)
            yield from spreadsheet.chunks_of(path)


def at_once(form: str, count: int) -> bool:
    """Whether so many may be made while somebody waits."""
    return count <= (FILES_AT_ONCE if form == "zip" else AT_ONCE)


def make(export: Export) -> None:
    """The worker's: safe to run twice, for only one of two claims wins and a file without a row is swept away."""
    if not export.claim(LEASE):
        return
    if export.attempts > MOST_ATTEMPTS:
        export.fail()
        return
    name = f"{FOLDER}/{uuid.uuid4().hex}.{FORMS[export.form][1]}"
    path = Path(settings.MEDIA_ROOT) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with translation.override(export.options.get("language", settings.LANGUAGE_CODE)):
            failed = _write(export, path)
    except Lost:
        path.unlink(missing_ok=True)
        return
    except Exception:
        path.unlink(missing_ok=True)
        log.exception("Export %s failed", export.key)
        rows = Export.objects.filter(pk=export.pk, lease=export.lease)
        rows.update(lease_until=None, next_try_at=timezone.now() + AGAIN_AFTER)
        return
    if not export.finish(name, path.stat().st_size, failed):
        path.unlink(missing_ok=True)


def clear() -> int:
    """Remove what was kept for its day; how many."""
    old = Export.objects.filter(expires_at__lte=timezone.now())
    files = [Path(settings.MEDIA_ROOT) / str(row.file.name) for row in old.exclude(file="")]
    count, _by_model = old.delete()
    for file in files:
        file.unlink(missing_ok=True)
    return count


def _write(export: Export, path: Path) -> int:
    numbers = numbers_of(export.person, export.query, export.numbers)
    Export.objects.filter(pk=export.pk, lease=export.lease).update(total=len(numbers))
    teller = _Teller(export)
    separator = str(export.options.get("separator", ","))
    stream = Stream(export.form, numbers, list(export.teams), separator, teller.more)
    with path.open("wb") as file:
        for block in stream:
            file.write(block)
    return stream.failed


class _Teller:
    """Notes how far it is, now and then, and ends the work when it is not ours any more."""

    def __init__(self, export: Export) -> None:
        self.export, self.done, self.told_at = export, 0, time.monotonic()

    def more(self, count: int) -> None:
        self.done += count
        if time.monotonic() - self.told_at >= TELL_EVERY:
            self.told_at = time.monotonic()
            if not self.export.progress(self.done, LEASE):
                raise Lost


def teams_of(person_pk: int) -> list[int]:
    return list(Membership.objects.filter(person=person_pk).values_list("team_id", flat=True))
