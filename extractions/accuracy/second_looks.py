"""Blind second looks: which documents are drawn, who may do them, and how one ends."""

from __future__ import annotations

import hashlib
from uuid import UUID

from extractions.models import AccuracyPolicy, Extraction, SecondLook

BUCKETS = 10_000
SALT = b"second look"
"""So that the sample is another one than that of second approvals."""


def draw(extraction: Extraction) -> bool:
    """Draw the document by chance, at the rate of its team."""
    share = share_for(extraction.team_id)
    if not share or not is_drawn(extraction.key, share):
        return False
    _look, new = SecondLook.objects.get_or_create(extraction=extraction)
    return new


def share_for(team: int) -> int:
    """Percent of the documents that nobody touched."""
    return AccuracyPolicy.objects.filter(team=team).values_list("blind_share", flat=True).first() or 0


def is_drawn(key: UUID, share: int) -> bool:
    """A stable random sample, by the hash of the document's key."""
    bucket = int.from_bytes(hashlib.sha256(SALT + key.bytes).digest()[:8]) % BUCKETS
    return bucket * 100 < share * BUCKETS
