"""All rules of one result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from extractions.evidence.rules import formats, sums
from extractions.evidence.rules.budget import Budget
from extractions.evidence.rules.own import OwnRule, judge
from extractions.evidence.rules.record import UNJUDGED, Finding, Ledger, Record

DOUBTFUL = frozenset({"missing", "fuzzy", ""})


def check(
    values: Mapping[str, object],
    schema: object,
    *,
    required: Iterable[str] = (),
    evidence: Mapping[str, str] | None = None,
    own: Sequence[OwnRule] = (),
    adjustments: Sequence[Decimal] = (),
    today: date | None = None,
) -> list[Finding]:
    """What does not hold. `evidence` tells how each value stands in the document, which shows who is to blame.

    `adjustments` are what the pages print for allowances, charges and the like; see `evidence.adjustments`.
    """
    record = Record(values, schema)
    ledger = Ledger()
    known = evidence or {}
    shown = frozenset(path for path, kind in known.items() if kind not in DOUBTFUL)
    sums.judge(record, ledger, shown, adjustments)
    doubtful = frozenset(path for path, kind in known.items() if kind in DOUBTFUL)
    budget = Budget()
    found: list[Finding] = [*formats.findings(record, budget), *formats.missing(record, frozenset(required))]
    found += ledger.findings(doubtful)
    found += judge(own, values, today or date.today(), budget)  # noqa: DTZ011 - documents have no time zone
    return found


def by_path(found: Sequence[Finding]) -> dict[str, list[dict[str, object]]]:
    """For each value that is to blame, the rules that it breaks, as they are kept."""
    blamed: dict[str, list[dict[str, object]]] = {}
    for finding in found:
        if finding.rule != UNJUDGED:
            blamed.setdefault(finding.blamed, []).append(finding.as_json())
    return blamed


def unjudged(found: Sequence[Finding]) -> list[dict[str, object]]:
    """The rules that could not be judged, with the reason, as they are kept."""
    return [dict(finding.params) for finding in found if finding.rule == UNJUDGED]
