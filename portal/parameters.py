"""Parses row ids, keys and dates from URLs and forms."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.utils import timezone

MAX_ID_DIGITS = 18  # more would overflow the database's bigint
EARLIEST, LATEST = date(2, 1, 1), date(9998, 12, 31)
"""Beyond these, conversion between time zones overflows."""


def row_id(text: str) -> int | None:
    """The primary key; None for anything that cannot be one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_ID_DIGITS else None


def row_key(text: object) -> UUID | None:
    """The key of a row or of a batch in an address; None for anything that is none."""
    try:
        return UUID(str(text))
    except ValueError:
        return None


def start_of_day(day: date) -> datetime:
    """Midnight at the start of the day, in the current time zone."""
    return timezone.make_aware(datetime.combine(min(max(day, EARLIEST), LATEST), time()))


def end_of_day(day: date) -> datetime:
    """Midnight at the end of the day (exclusive)."""
    return start_of_day(min(max(day, EARLIEST), LATEST - timedelta(days=1)) + timedelta(days=1))
