"""Schedules the removal of erased data from the database's files, soon after a deletion."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db.models import F, Q

from extractions import clock
from extractions.forwarding.serialized import serialized_atomic
from extractions.models import Installation
from extractions.search.erasure import remove_traces
from portal.database_retry import retry_on_database_error

REST_FACTOR = 20
"""Rewriting the index is expensive: pause for this multiple of its last duration."""

log = logging.getLogger(__name__)
T = TypeVar("T")
_rest_until = 0.0


def note_erasure() -> None:
    """Call within the transaction that erases a row."""
    Installation.objects.update(erased_at=clock.now())


def remove_if_due() -> bool:
    """Whether it was done now and completely. Concurrent runs are harmless."""
    global _rest_until
    if time.monotonic() < _rest_until or not is_due():
        return False
    started = time.monotonic()
    complete = remove()
    _rest_until = time.monotonic() + REST_FACTOR * (time.monotonic() - started)
    return complete


def remove(*, rewrite_tables: bool = False) -> bool:
    """Run now. False if a concurrent reader may still see what was deleted, in a table or in the write-ahead log."""
    begun = clock.now()
    complete = remove_traces(_serialized, rewrite_tables=rewrite_tables)
    if complete:
        retry_on_database_error(lambda: Installation.objects.update(traces_removed_at=begun))
    log.info("What the database kept of deleted documents is %s", "removed" if complete else "still read by somebody")
    return complete


def is_due() -> bool:
    never_removed = Q(traces_removed_at__isnull=True)
    return Installation.objects.filter(
        never_removed | Q(traces_removed_at__lt=F("erased_at")), erased_at__isnull=False
    ).exists()


def _serialized(write: Callable[[], T]) -> T:
    with serialized_atomic():
        return write()
