"""Transactions of this process one after the other, where the database can only do one at a time anyhow.

SQLite lets those who wait try again after growing naps, so under load the unlucky one waits for seconds; a lock wakes
them in turn. PostgreSQL needs none of it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from django.db import connection, transaction

_turn = threading.RLock()


@contextmanager
def written_at_once() -> Iterator[None]:
    """All of it in one transaction, or nothing; also as a decorator."""
    with _turn if connection.vendor == "sqlite" else nullcontext(), transaction.atomic():
        yield
