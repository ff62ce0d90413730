"""What a deleted document leaves in the files of the database.

SQLite writes zeros over its rows (see the settings); the journal, which still holds them, is emptied soon after."""

from __future__ import annotations

import threading

from django.db import connection

_left = threading.Event()
_left.set()  # the engine may have been killed before it could


def wipe_soon() -> None:
    _left.set()


def wipe() -> None:
    """Empty the journal if anything was deleted; once more later if somebody is just reading."""
    if not _left.is_set():
        return
    _left.clear()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy = cursor.fetchone()[0]
    if busy:
        _left.set()
