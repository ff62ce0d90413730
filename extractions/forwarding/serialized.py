"""Serialized write transactions on SQLite, which allows one writer at a time anyway.

SQLite's busy handler polls with growing delays, so under load an unlucky writer waits for seconds; a process-wide lock
wakes writers promptly. PostgreSQL does not need it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from django.db import connection, transaction

_turn = threading.RLock()


@contextmanager
def serialized_atomic() -> Iterator[None]:
    """`transaction.atomic` under the process-wide lock; also a decorator."""
    with _turn if connection.vendor == "sqlite" else nullcontext(), transaction.atomic():
        yield
