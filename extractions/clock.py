"""The clock for leases and due times: the database's, shared by all processes and machines.

PostgreSQL's clock is read every `REFRESH_SECONDS` and extrapolated with the monotonic clock, so that jumps of the local
clock have no effect. SQLite has only the local clock; there, time never falls behind timestamps already written, so
that no row waits for a clock that was set back to catch up.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import DatabaseError, connection
from django.utils import timezone

REFRESH_SECONDS = 5.0
# Timestamps further ahead are ignored: a clock that is days ahead would never be caught up with.
LARGEST_SKEW = timedelta(days=1)
LATEST_ON_SQLITE = (
    "SELECT MAX(seen_at) FROM extractions_workerprocess",
    "SELECT received_at FROM extractions_extraction ORDER BY id DESC LIMIT 1",
)


@dataclass(frozen=True, slots=True)
class _Reading:
    """The database's time, and the monotonic time at which it was read."""

    at: datetime
    read_at: float

    @property
    def age(self) -> float:
        return time.monotonic() - self.read_at

    def now(self) -> datetime:
        return self.at + timedelta(seconds=self.age)


_lock = threading.Lock()
_reading: _Reading | None = None


def now() -> datetime:
    """The database's time, extrapolated while the database is unavailable."""
    global _reading
    reading = _reading
    if reading is None or reading.age >= REFRESH_SECONDS:
        at = _read()
        if at is not None:
            if reading is not None and connection.vendor == "sqlite":
                at = max(at, reading.now())  # what was written last lies behind what has been counted since
            reading = _Reading(at, time.monotonic())
            with _lock:
                _reading = reading
    if reading is None:
        return timezone.now()
    if connection.vendor == "postgresql":
        return reading.now()
    behind = timedelta(0) <= reading.now() - timezone.now() <= LARGEST_SKEW
    return reading.now() if behind else timezone.now()


def reset() -> None:
    """Discard the cached reading."""
    global _reading
    with _lock:
        _reading = None


def _read() -> datetime | None:
    """Bypasses Django's query log, in which it would count against whoever needs the time."""
    try:
        connection.ensure_connection()
        with connection.wrap_database_errors:
            if connection.vendor == "postgresql":
                at: datetime = connection.connection.execute("SELECT clock_timestamp()").fetchone()[0]
                return at
            rows = [connection.connection.execute(query).fetchone() for query in LATEST_ON_SQLITE]
    except DatabaseError:
        return None
    return max((_as_datetime(row[0]) for row in rows if row and row[0]), default=None)


def _as_datetime(value: datetime | str) -> datetime:
    parsed = datetime.fromisoformat(value) if isinstance(value, str) else value
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
