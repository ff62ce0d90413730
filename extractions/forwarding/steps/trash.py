"""Empties the trash: documents whose time in it is over are erased."""

from __future__ import annotations

import logging

from extractions import clock, wakeup
from extractions.forwarding.serialized import serialized_atomic
from extractions.models import Extraction, held
from extractions.models.lifecycle import IN_FLIGHT

BATCH = 200

log = logging.getLogger(__name__)


def empty_due() -> int:
    """Start the erasure of what is due and not held, in short transactions; how many."""
    begun, due = 0, Extraction.objects.filter(~held(), erase_due_at__lte=clock.now())
    while numbers := list(due.order_by("erase_due_at").values_list("pk", flat=True)[:BATCH]):
        begun += _begin(numbers)
    if begun:
        log.info("The time of %d documents in the trash is over", begun)
        wakeup.notify_workers()
    return begun


@serialized_atomic()
def _begin(numbers: list[int]) -> int:
    now = clock.now()
    rows = Extraction.objects.filter(~held(), pk__in=numbers, erase_due_at__lte=now)
    numbers = list(rows.values_list("pk", flat=True))
    begun = Extraction.objects.filter(~held(), pk__in=numbers, erase_due_at__lte=now).update(erase_due_at=None)
    # What is in flight keeps its due time: it is reconciled first.
    chosen = Extraction.objects.filter(pk__in=numbers, delete_requested_at__isnull=False, erase_due_at__isnull=True)
    chosen.exclude(state__in=IN_FLIGHT).update(next_try_at=now)
    return begun
