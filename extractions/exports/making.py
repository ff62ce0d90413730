"""Produces exports: streamed within the request, or by the worker into a file that is kept for a day."""

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

from extractions import clock
from extractions.exports import spreadsheet
from extractions.exports.archive import Archive
from extractions.exports.exported import log_export
from extractions.exports.layout import Layout, layout_of
from extractions.exports.reading import document_ids
from extractions.exports.text import Progress, csv_of, json_lines_of
from extractions.models import Export
from extractions.storage import file_store
from portal.people.models import Membership

FORMATS = {
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
PEOPLE, PROGRAMS = "people", "programs"
AT_ONCE, FILES_AT_ONCE = 1000, 100  # documents that may be exported within a request
FOLDER = "exports"
LEASE = timedelta(seconds=90)
REPORT_EVERY_SECONDS = 1.0
MAX_ATTEMPTS = 3
RETRY_AFTER = timedelta(seconds=30)

log = logging.getLogger(__name__)


class LeaseLost(Exception):
    """The export was cancelled, or another worker has taken it over."""


@dataclass
class Stream:
    """The bytes of an export. `failed`, the number of files left out, is final once all are read."""

    form: str
    numbers: Sequence[int]
    teams: Sequence[int]
    separator: str
    progress: Progress
    people: bool = False
    """Whether it is written for people: titles, words and local times, instead of names, codes and ISO times."""
    failed: int = 0

    def __post_init__(self) -> None:
        self._language, self._zone = translation.get_language(), timezone.get_current_timezone()

    def __iter__(self) -> Iterator[bytes]:
        """In the language and time zone of whoever asked: a response is streamed when its request is over."""
        blocks = self._blocks()
        while True:
            with translation.override(self._language), timezone.override(self._zone):
                block = next(blocks, None)
            if block is None:
                return
            yield block

    def _blocks(self) -> Iterator[bytes]:
        match self.form:
            case "json":
                yield from json_lines_of(self.numbers, self.progress)
            case "xlsx":
                yield from self._workbook()
            case "zip":
                archive = Archive(self.numbers, self._layout, self.progress, separator=self.separator)
                yield from archive.stream()
                self.failed = archive.failed
            case "csv" | "items":
                items = self.form == "items"
                yield from csv_of(self.numbers, self._layout, self.progress, separator=self.separator, items=items)
            case form:
                raise ValueError(form)

    @property
    def _layout(self) -> Layout:
        return layout_of(self.numbers, self.teams, people=self.people)

    def _workbook(self) -> Iterator[bytes]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "book.xlsx"
            by_schema = spreadsheet.by_schema(self.numbers) if self.people else [("", self.numbers)]
            parts = ((name, numbers, layout_of(numbers, self.teams, people=self.people)) for name, numbers in by_schema)
            spreadsheet.write_workbook(path, parts, self.progress)
            yield from spreadsheet.chunks_of(path)


def at_once(form: str, count: int) -> bool:
    """Whether so many documents are exported within the request."""
    return count <= (FILES_AT_ONCE if form == "zip" else AT_ONCE)


def make(export: Export) -> None:
    """Run by the worker. Idempotent: only one of two claims succeeds, and files without a row are swept up."""
    if not file_store.is_reachable() or not export.claim(LEASE):
        return
    if export.attempts > MAX_ATTEMPTS:
        export.fail()
        return
    name = f"{FOLDER}/{uuid.uuid4().hex}.{FORMATS[export.form][1]}"
    path = Path(settings.MEDIA_ROOT) / name
    try:
        file_store.make_folder(FOLDER)
        language = export.options.get("language", settings.LANGUAGE_CODE)
        with translation.override(language), timezone.override(export.options.get("zone")):
            failed = _write(export, path)
        # Files missing because the folder was unmounted must not be left out for good.
        file_store.require()
    except LeaseLost:
        path.unlink(missing_ok=True)
        return
    except Exception:
        path.unlink(missing_ok=True)
        log.exception("Export %s failed", export.key)
        rows = Export.objects.filter(pk=export.pk, lease=export.lease)
        rows.update(lease_until=None, next_try_at=clock.now() + RETRY_AFTER)
        return
    if not export.finish(name, path.stat().st_size, failed):
        path.unlink(missing_ok=True)


def clear() -> int:
    """Delete expired exports; returns how many."""
    old = Export.objects.filter(expires_at__lte=clock.now())
    files = [Path(settings.MEDIA_ROOT) / str(row.file.name) for row in old.exclude(file="")]
    count, _by_model = old.delete()
    for file in files:
        file.unlink(missing_ok=True)
    return count


def _write(export: Export, path: Path) -> int:
    numbers = document_ids(export.person, export.query, export.numbers, teams=export.teams)
    # Documents may have been added that match since the export was requested.
    lines = export.options.get("lines")
    lines = log_export(export.form, numbers, search=export.query, person=export.person, lines=lines)
    options = export.options | {"lines": lines}
    Export.objects.filter(pk=export.pk, lease=export.lease).update(total=len(numbers), options=options)
    reporter = _ProgressReporter(export)
    separator = str(export.options.get("separator", ","))
    people = export.options.get("style") == PEOPLE
    stream = Stream(export.form, numbers, list(export.teams), separator, reporter.add, people)
    with path.open("wb") as file:
        for block in stream:
            file.write(block)
    return stream.failed


class _ProgressReporter:
    """Stores progress about once a second, renewing the lease. Raises `LeaseLost`."""

    def __init__(self, export: Export) -> None:
        self.export, self.done, self.reported_at = export, 0, time.monotonic()

    def add(self, count: int) -> None:
        self.done += count
        if time.monotonic() - self.reported_at >= REPORT_EVERY_SECONDS:
            self.reported_at = time.monotonic()
            if not self.export.progress(self.done, LEASE):
                raise LeaseLost


def teams_of(person_pk: int) -> list[int]:
    return list(Membership.objects.filter(person=person_pk).values_list("team_id", flat=True))
