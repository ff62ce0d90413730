"""Which fields the documents of a kind usually have, by the team's approved ones and by the vocabulary."""

from __future__ import annotations

from collections import Counter

from extractions.evidence.expectations import expected_paths
from extractions.models.extraction import Extraction
from extractions.models.parts import Value

LAST = 100
"""Approved documents that are looked at, the newest first."""
FEWEST = 8
SHARE = 0.9


def usual_paths(extraction: Extraction) -> frozenset[str]:
    """Single fields that should not be empty in this document, whether or not the schema requires them."""
    schema = extraction.schema
    if schema is None:
        return frozenset()
    return by_kind(extraction) | by_approved(extraction)


def by_kind(extraction: Extraction) -> frozenset[str]:
    """By what the document was classified as, else by what its schema is called."""
    schema = extraction.schema
    if schema is None:
        return frozenset()
    title = schema.schema.get("title") if isinstance(schema.schema, dict) else ""
    return expected_paths(schema.schema, [str(extraction.classifier_result or ""), schema.name, str(title or "")])


def by_approved(extraction: Extraction) -> frozenset[str]:
    """What nine in ten of the team's approved documents with this schema have, once there are enough of them."""
    rows = Extraction.objects.filter(
        team=extraction.team_id, schema=extraction.schema_id, review_state=Extraction.Review.APPROVED
    )
    newest = list(rows.exclude(pk=extraction.pk).order_by("-received_at").values_list("pk", flat=True)[:LAST])
    if len(newest) < FEWEST:
        return frozenset()
    # An empty value has no text.
    filled = Value.objects.filter(extraction__in=newest, removed=False).exclude(text="").exclude(path__contains="[")
    counts = Counter(filled.order_by().values_list("path", flat=True))
    return frozenset(path for path, count in counts.items() if count >= SHARE * len(newest))
