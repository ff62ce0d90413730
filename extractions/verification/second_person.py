"""Whether a document requires a second approval, by its team's policy for the schema and its current amount."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q

from extractions.models.evidence import SecondPersonPolicy
from extractions.models.extraction import Extraction

BUCKETS = 10_000


def policy_of(extraction: Extraction) -> SecondPersonPolicy | None:
    """None without a policy. An annotation `has_policy` on the row that is false saves the query."""
    if extraction.schema_id is None or not getattr(extraction, "has_policy", True):
        return None
    return SecondPersonPolicy.objects.filter(schema=extraction.schema_id, team=extraction.team_id).first()


def is_wanted(extraction: Extraction, amount: Decimal | None) -> bool:
    """Deterministic but for the amount, which people may change: the rest depends on the document alone."""
    policy = policy_of(extraction)
    if policy is None:
        return False
    if is_above(policy, amount) or in_share(policy, extraction.key):
        return True
    return bool(policy.first) and received_before(extraction, policy.first) < policy.first


def is_above(policy: SecondPersonPolicy, amount: Decimal | None) -> bool:
    """By absolute amount, so credit notes count; an unknown amount counts as above."""
    return policy.above is not None and (amount is None or abs(amount) > policy.above)


def in_share(policy: SecondPersonPolicy, key: UUID) -> bool:
    """A stable random sample, by the hash of the document's key."""
    bucket = int.from_bytes(hashlib.sha256(key.bytes).digest()[:8]) % BUCKETS
    return bucket * 100 < policy.share * BUCKETS


def received_before(extraction: Extraction, most: int) -> int:
    """How many documents of the schema the team received before this one, counted up to `most`."""
    earlier = Q(received_at__lt=extraction.received_at) | Q(received_at=extraction.received_at, pk__lt=extraction.pk)
    rows: Any = Extraction.objects.filter(earlier, schema=extraction.schema_id, team=extraction.team_id)
    return int(rows.order_by()[:most].count())
