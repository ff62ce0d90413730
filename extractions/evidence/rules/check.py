"""All rules of one result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from extractions.evidence.rules import formats, sums
from extractions.evidence.rules.own import OwnRule, judge
from extractions.evidence.rules.record import Finding, Ledger, Record

DOUBTFUL = frozenset({"missing", "fuzzy", ""})


def check(
    values: Mapping[str, Any],
    schema: Any,
    *,
    required: Iterable[str] = (),
    evidence: Mapping[str, str] | None = None,
    own: Sequence[OwnRule] = (),
    today: date | None = None,
) -> list[Finding]:
    """What does not hold. `evidence` tells how each value stands in the document, which shows who is to blame."""
    record = Record(values, schema)
    ledger = Ledger()
    known = evidence or {}
    sums.judge(record, ledger, frozenset(path for path, kind in known.items() if kind not in DOUBTFUL))
    doubtful = frozenset(path for path, kind in known.items() if kind in DOUBTFUL)
    found: list[Finding] = [*formats.findings(record), *formats.missing(record, frozenset(required))]
    found += ledger.findings(doubtful)
    found += judge(own, values, today or date.today())  # noqa: DTZ011 - documents have no time zone
    return found


def by_path(found: Sequence[Finding]) -> dict[str, list[dict[str, Any]]]:
    """For each value that is to blame, the rules that it breaks, as they are kept."""
    blamed: dict[str, list[dict[str, Any]]] = {}
    for one in found:
        blamed.setdefault(one.blamed, []).append(one.as_json())
    return blamed
