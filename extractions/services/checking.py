"""Rules are judged again when a value changes: another field may break or heal."""

from __future__ import annotations

from collections.abc import Sequence

from extractions.models import Extraction, Value


def recheck(extraction: Extraction, touched: Sequence[Value]) -> list[Value]:
    """The values whose standing changed by what was touched."""
    return []
