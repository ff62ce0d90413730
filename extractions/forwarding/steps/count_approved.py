"""Counts documents that were approved before approvals were counted: in the worker, some at a time, resumable.

Documents approved since are counted with their approval (`accuracy.counting`), and counting is idempotent, so it does
not matter where a crash interrupts this.
"""

from __future__ import annotations

import logging
import time

from django.db.models import Max

from extractions import clock
from extractions.accuracy import counting
from extractions.forwarding.serialized import serialized_atomic
from extractions.models import AccuracyBackfill, Extraction

BATCH = 200
AT_A_TIME_SECONDS = 1.0

log = logging.getLogger(__name__)
_finished = False


def count_some() -> int:
    """How many documents were counted now. Costs nothing once all are."""
    global _finished
    if _finished:
        return 0
    progress = _progress()
    if progress.finished_at is not None:
        _finished = True
        return 0
    counted, until = 0, time.monotonic() + AT_A_TIME_SECONDS
    while time.monotonic() < until:
        keys = _next(progress)
        if not keys:
            AccuracyBackfill.objects.filter(pk=progress.pk).update(finished_at=clock.now())
            log.info("All documents that were approved before are counted")
            break
        for key in keys:
            counted += _count(key)
            progress.reached = key
            if time.monotonic() >= until:
                break
        AccuracyBackfill.objects.filter(pk=progress.pk, reached__lt=progress.reached).update(reached=progress.reached)
    return counted


def reset() -> None:
    """Look at the stored progress again."""
    global _finished
    _finished = False


def _progress() -> AccuracyBackfill:
    """Documents received later than the first start cannot have been approved before it."""
    row = AccuracyBackfill.objects.first()
    if row is None:
        last = Extraction.objects.aggregate(last=Max("pk"))["last"] or 0
        row, _new = AccuracyBackfill.objects.get_or_create(pk=1, defaults={"until": last})
    return row


def _next(progress: AccuracyBackfill) -> list[int]:
    rows = Extraction.objects.filter(pk__gt=progress.reached, pk__lte=progress.until)
    approved = rows.filter(review_state=Extraction.Review.APPROVED, delete_requested_at__isnull=True)
    return list(approved.order_by("pk").values_list("pk", flat=True)[:BATCH])


@serialized_atomic()
def _count(key: int) -> bool:
    rows = Extraction.objects.select_for_update(of=("self",)).select_related("schema").defer("content", "raw")
    extraction = rows.filter(pk=key, review_state=Extraction.Review.APPROVED, delete_requested_at__isnull=True).first()
    if extraction is None or extraction.approved_at is None:
        return False
    return counting.count_approval(extraction, extraction.approved_at)
