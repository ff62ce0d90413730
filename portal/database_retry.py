"""Retries while the database is busy or unreachable, and tells such errors from others."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

TRANSIENT_ERRORS = (OperationalError, InterfaceError)
"""Errors that may end by themselves; all others are bugs in the statement."""
try:
    from redis.exceptions import ConnectionError as RedisConnectionError
    from redis.exceptions import TimeoutError as RedisTimeoutError
except ImportError:
    SHARED_CACHE_ERRORS: tuple[type[Exception], ...] = ()
else:
    SHARED_CACHE_ERRORS = (RedisConnectionError, RedisTimeoutError)
BUSY_STATES = ("08", "40", "53300", "55P03", "57")
"""SQLSTATE prefixes: connection lost, rollback, too many connections, lock not available, server restarting."""
INITIAL_BACKOFF, MAX_BACKOFF = 0.1, 5.0
READ_ONLY_STATEMENTS = ("SELECT", "PRAGMA", "BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT", "SET", "SHOW")

log = logging.getLogger(__name__)
T = TypeVar("T")


def retry_on_database_error(write: Callable[..., T], *args: object, attempts: int | None = None) -> T:
    """Call `write` until it succeeds; with `attempts`, raise the last error after that many.

    Inside a transaction a single statement cannot be retried, so the error is raised at once.
    """
    backoff, attempt = INITIAL_BACKOFF, 1
    while True:
        try:
            return write(*args)
        except TRANSIENT_ERRORS as error:
            if connection.in_atomic_block or attempt == attempts:
                raise
            log.warning("The database is unavailable, retrying: %s", error)
            connection.close()
        time.sleep(backoff)
        backoff, attempt = min(MAX_BACKOFF, backoff * 2), attempt + 1


def is_busy(error: BaseException | None) -> bool:
    """Whether the error is temporary: the database is locked or restarting, or the shared Redis is unreachable."""
    if isinstance(error, SHARED_CACHE_ERRORS):
        return True
    if not isinstance(error, TRANSIENT_ERRORS):
        return False
    cause = error.__cause__
    if connection.vendor == "sqlite":
        return str(getattr(cause, "sqlite_errorname", "")).startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
    state = getattr(cause, "sqlstate", None)
    return state is None or str(state).startswith(BUSY_STATES)


def only_reads(sql: str) -> bool:
    """Judged by its first word."""
    return sql.lstrip("( \t\r\n").upper().startswith(READ_ONLY_STATEMENTS)


class WriteWatch:
    """An execute wrapper that notices whether anything was written on this thread's connection."""

    written = False

    def __call__(
        self, execute: Callable[..., object], sql: str, params: object, many: bool, context: Mapping[str, object]
    ) -> object:
        result = execute(sql, params, many, context)
        self.written = self.written or not only_reads(sql)
        return result


@contextmanager
def watched_writes() -> Iterator[WriteWatch]:
    watch = WriteWatch()
    with connection.execute_wrapper(watch):
        yield watch
