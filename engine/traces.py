"""What a deleted document leaves in the files of the database.

SQLite writes zeros over its rows (see the settings); the journal, which still holds them, is emptied soon after."""

from __future__ import annotations

import threading

from django.db import connection

SHORT = 200  # milliseconds
_left = threading.Event()
_left.set()  # the engine may have been killed before it could


def wipe_soon() -> None:
    _left.set()


def wipe() -> None:
    """Empty the journal if anything was deleted; once more later if somebody is just reading."""
    if not _left.is_set():
        return
    _left.clear()  # before, so that what is deleted meanwhile is not forgotten
    busy = True
    try:
        busy = _checkpoint()
    finally:
        if busy:
            _left.set()


def _checkpoint() -> bool:
    """Whether somebody was in the way. It comes again soon, so that it need not wait as long as a write does."""
    with connection.cursor() as cursor:
        patience = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout={SHORT}")
        try:
            return bool(cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
        finally:
            cursor.execute(f"PRAGMA busy_timeout={patience}")
