"""Erases what a deleted document leaves behind in the files of the database.

SQLite overwrites deleted rows with zeros (PRAGMA secure_delete, see the settings); the write-ahead log, which still
holds them, is truncated soon after.
"""

from __future__ import annotations

import threading

from django.db import connection

BUSY_TIMEOUT_MS = 200
_requested = threading.Event()
_requested.set()  # the engine may have been killed before it got round to it


def request_erasure() -> None:
    _requested.set()


def erase() -> None:
    """Truncate the write-ahead log if anything was deleted; a reader in the way postpones it to the next call."""
    if not _requested.is_set():
        return
    _requested.clear()  # first, so that a deletion in the meantime is not missed
    busy = True
    try:
        busy = _checkpoint()
    finally:
        if busy:
            _requested.set()


def _checkpoint() -> bool:
    """Whether a reader was in the way. It is retried soon, so it waits less than the timeout of the connection."""
    with connection.cursor() as cursor:
        timeout = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        try:
            return bool(cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
        finally:
            cursor.execute(f"PRAGMA busy_timeout={timeout}")
