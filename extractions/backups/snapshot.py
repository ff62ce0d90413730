"""The database at one moment, to be read for as long as it takes while others go on writing."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from django.db import DEFAULT_DB_ALIAS, connections, transaction

ALIAS = "snapshot"


@contextlib.contextmanager
def snapshot(folder: Path) -> Iterator[str]:
    """The alias of a connection that sees one moment. With SQLite, it is a copy in `folder`, removed at the end."""
    source = connections[DEFAULT_DB_ALIAS]
    copy = folder / "snapshot.sqlite3"
    own = source.copy(ALIAS)
    if source.vendor == "sqlite":
        copy_sqlite(Path(source.settings_dict["NAME"]), copy)
        own.settings_dict["NAME"] = str(copy)
    connections[ALIAS] = own
    try:
        with transaction.atomic(using=ALIAS):
            if source.vendor == "postgresql":
                with connections[ALIAS].cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield ALIAS
    finally:
        own.close()
        del connections[ALIAS]
        for left in folder.glob(f"{copy.name}*"):
            left.unlink()


def copy_sqlite(source: Path, target: Path) -> None:
    """By SQLite itself and in one go: a file that is copied while it is written is no database."""
    with (
        contextlib.closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True, timeout=60)) as origin,
        contextlib.closing(sqlite3.connect(target)) as copy,
    ):
        origin.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
