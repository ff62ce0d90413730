"""Looks everywhere for texts, one kind of place after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from django.conf import settings
from django.db import connection

from extractions.traces import database_bytes, files, rows
from extractions.traces.blocks import Haystack
from extractions.traces.needle import Needle
from extractions.traces.report import Place, Report
from reading.sandbox import SandboxPool

Look = Callable[[Haystack], None]
PLACES: dict[str, Look] = {
    "rows": rows.look_at_rows,
    "index": rows.look_at_index,
    "database": database_bytes.look_at_bytes,
    "wal": database_bytes.look_at_wal,
    "files": files.look_at_files,
    "exports": files.look_at_exports,
    "temporary": files.look_at_temporary,
    "rest": files.look_at_rest,
}
ONLY_SQLITE, ONLY_POSTGRESQL = {"index"}, {"wal"}
"""PostgreSQL's index is looked at as rows and bytes; SQLite's log lies beside the database."""


def look_everywhere(
    needles: Sequence[Needle], *, skip: Sequence[str] = (), also: Sequence[Path] = (), say: Callable[[Place], object]
) -> Report:
    """`say` is called with each place once it was looked at."""
    report = Report([], list(_unseen(skip, also)))
    apart = ONLY_POSTGRESQL if connection.vendor == "sqlite" else ONLY_SQLITE
    looks: list[tuple[str, Look]] = [(name, look) for name, look in PLACES.items() if name not in {*apart, *skip}]
    looks += [(str(path), _look_at(path)) for path in also]
    with SandboxPool(1) as pool:
        for name, look in looks:
            place = Place(name)
            look(Haystack(needles, place, pool))
            report.places.append(place)
            say(place)
    return report


def _look_at(path: Path) -> Look:
    return lambda haystack: files.look_at(haystack, path)


def _unseen(skip: Sequence[str], also: Sequence[Path]) -> list[str]:
    sentences = [f"{', '.join(skip)}: skipped as asked."] if skip else []
    if settings.BACKUP_DIR and Path(settings.BACKUP_DIR) not in also:
        sentences.append(
            f"Backups in {settings.BACKUP_DIR}: they keep what was there when they were taken, until they are deleted."
            f" `--also {settings.BACKUP_DIR}` looks at them."
        )
    if connection.vendor == "postgresql":
        sentences.append(
            "Long values that PostgreSQL has compressed, in the freed space of tables."
            " `manage.py remove_traces --rewrite-tables` overwrites it."
        )
    return [
        *sentences,
        "Other backups, archived write-ahead logs and replicas of the database.",
        "The extraction service, unless it is the embedded engine, whose data lies below DATA_DIR.",
        "Copies that people made: exports and files they downloaded, mails, what webhooks delivered.",
        "Standard error of the processes, unless --also names the files that it is kept in.",
        "Words in pictures, and whatever is encrypted: keys of teams, secrets, protected PDF files.",
    ]
