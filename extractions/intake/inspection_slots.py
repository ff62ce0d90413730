"""Limits concurrent inspections of uploaded files.

An inspection occupies a web thread, so without a limit a few requests with expensive files would starve all other
pages. Excess requests are rejected at once rather than queued, since waiting would occupy a thread as well; clients
retry.
"""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Iterator

from django.conf import settings

MAX_PER_PERSON = 3
"""As many files as the upload page sends at a time (AT_ONCE in static/upload/receiving.js)."""


class Busy(Exception):
    """Too many concurrent inspections, by this person or in total. Nothing was kept; the request can be retried.

    `retry_after` is in seconds.
    """

    retry_after = 2


class InspectionSlots:
    """Places for inspections: at most `limit` in all and `per_person` for each person."""

    def __init__(self, per_person: int = MAX_PER_PERSON) -> None:
        self._per_person = per_person
        self._lock = threading.Lock()
        self._held: Counter[int] = Counter()

    @contextlib.contextmanager
    def slot(self, person_id: int, limit: int) -> Iterator[None]:
        """Hold a slot for the duration of the block; raises `Busy` at once if none is free."""
        with self._lock:
            if self._held[person_id] >= self._per_person or self._held.total() >= limit:
                raise Busy
            self._held[person_id] += 1
        try:
            yield
        finally:
            with self._lock:
                self._held[person_id] -= 1
                if not self._held[person_id]:
                    del self._held[person_id]


_admission = InspectionSlots()


def inspection_slot(person_id: int) -> contextlib.AbstractContextManager[None]:
    """A slot in this process, which keeps half of its threads free for pages."""
    return _admission.slot(person_id, max(1, settings.WEB_THREADS // 2))
