# ruff: noqa: S608 - every name in these statements is our own
"""Indexes what an earlier version indexed otherwise, in small batches.

The rows themselves say whether it is their turn, so a worker can be stopped, and two do not disturb each other.
"""

from __future__ import annotations

import time

from django.db import connection

from extractions.models import Value
from extractions.models.parts import folded_text
from extractions.search.index_triggers import EXTRACTION, FOLDING, VECTOR, WORDS

BATCH, DOCUMENTS = 500, 20
SECONDS = 1.0
"""How long one turn may take; then other work of the worker gets its thread."""


def catch_up() -> int:
    """Index for about `SECONDS`; returns how many values and documents were done."""
    until, done = time.monotonic() + SECONDS, 0
    for batch in (_fold_values, _fold_documents):
        while (found := batch()) and time.monotonic() < until:
            done += found
        done += found
    return done


def values_left() -> bool:
    """Whether searches by field may miss values of earlier versions."""
    return Value.objects.filter(folded__isnull=True).exists()


def _fold_values() -> int:
    outdated = Value.objects.filter(folded__isnull=True)
    values = list(outdated.only("pk", "text").order_by("pk")[:BATCH])
    for value in values:
        value.folded = folded_text(value.text)
    # Only where it is still null: an edit meanwhile has indexed the new text.
    outdated.order_by().bulk_update(values, ["folded"])
    return len(values)


def _fold_documents() -> int:
    """PostgreSQL's vectors; SQLite's FTS5 folds by itself."""
    if connection.vendor != "postgresql":
        return 0
    oldest = f"SELECT id FROM {WORDS} WHERE folding < {FOLDING} ORDER BY id LIMIT {DOCUMENTS} FOR UPDATE SKIP LOCKED"
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {WORDS} AS kept SET folding = {FOLDING}, vector = {VECTOR.format(row='document.')}"
            f" FROM {EXTRACTION} AS document WHERE document.id = kept.id AND kept.id IN ({oldest})"
        )
        return int(cursor.rowcount)
