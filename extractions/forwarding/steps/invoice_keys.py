"""Keys for the documents from before there were keys of invoices, in batches; a restart goes on where it stopped."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence

from django.db.models.functions import Substr

from extractions.forwarding.serialized import serialized_atomic
from extractions.models import Extraction, Installation, Value
from extractions.models.extraction_queryset import LARGE_COLUMNS
from extractions.verification.invoice_keys import BEGINNING, keys_of, store
from extractions.verification.review_status import scalars_of

BATCH = 200
SECONDS = 5.0


def key_some() -> None:
    """Go on for a few seconds."""
    until = time.monotonic() + SECONDS
    while key_next_batch() and time.monotonic() < until:
        """Each batch is kept by itself."""


def key_next_batch() -> bool:
    """Whether there may be more. Documents that are edited meanwhile get their keys from the edit."""
    installation = Installation.objects.only("invoices_keyed_to").first()
    if installation is None or installation.invoices_keyed_to is None:
        return False
    rows = Extraction.objects.filter(pk__gt=installation.invoices_keyed_to).order_by("pk")
    batch = list(
        rows.select_related("schema").defer(*LARGE_COLUMNS).annotate(beginning=Substr("content", 1, BEGINNING))[:BATCH]
    )
    _key([row for row in batch if row.state == Extraction.State.EXTRACTED and row.delete_requested_at is None])
    mine = Installation.objects.filter(pk=installation.pk, invoices_keyed_to=installation.invoices_keyed_to)
    mine.update(invoices_keyed_to=batch[-1].pk if len(batch) == BATCH else None)
    return len(batch) == BATCH


@serialized_atomic()
def _key(rows: Sequence[Extraction]) -> None:
    """Under the documents' locks, so that no key outlives the erasure of its document."""
    locked = Extraction.objects.select_for_update().filter(pk__in=[row.pk for row in rows]).order_by("pk")
    there = set(locked.filter(deleted_at__isnull=True).values_list("pk", flat=True))
    values: defaultdict[int, list[Value]] = defaultdict(list)
    for value in Value.objects.filter(extraction__in=there).exclude(path__contains="["):
        values[value.extraction_id].append(value)
    store(
        [
            keys_of(row, scalars_of(values[row.pk]), str(getattr(row, "beginning", None) or ""))
            for row in rows
            if row.pk in values
        ],
        replace=False,
    )
