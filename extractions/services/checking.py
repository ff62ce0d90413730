"""Rules are judged again when a value changes: another field may break or heal."""

from __future__ import annotations

from collections.abc import Sequence

from extractions.assessing import standing
from extractions.checking import broken_rules
from extractions.evidence.rules.check import by_path
from extractions.models import Extraction, Standing, Value


def recheck(extraction: Extraction, touched: Sequence[Value]) -> list[Value]:
    """The values whose rules came out otherwise after `touched` was changed. One reading, and two writes if it did."""
    if not touched:
        return []
    values = list(extraction.values.select_related("confirmed_by"))
    found = by_path(broken_rules(extraction, [value for value in values if not value.removed]))
    changed = []
    for value in values:
        broken = [] if value.removed else found.get(value.path, [])
        if value.broken != broken:
            value.broken = broken
            value.standing = standing(value)
            changed.append(value)
    if changed:
        Value.objects.bulk_update(changed, ("broken", "standing"), batch_size=500)
        standings = [value.standing for value in values if not value.removed]
        needs, broken_count = standings.count(Standing.NEEDS_YOU), standings.count(Standing.BROKEN)
        Extraction.objects.filter(pk=extraction.pk).update(needs=needs, broken_count=broken_count)
    return changed
