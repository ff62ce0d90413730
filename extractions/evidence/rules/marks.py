"""Which values hold together, which do not, and which prove themselves; for weighing, without blame."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from extractions.evidence.rules import formats, sums
from extractions.evidence.rules.budget import Budget
from extractions.evidence.rules.record import UNJUDGED, Ledger, Record


@dataclass(frozen=True, slots=True)
class Marks:
    """By path: how many sums hold with the value, how many rules do not, and whose check digits are right."""

    held: Mapping[str, int]
    broken: Mapping[str, int]
    checked: frozenset[str]


def marks_of(
    values: Mapping[str, object], schema: object, evidence: Mapping[str, str], adjustments: Sequence[Decimal] = ()
) -> Marks:
    """`evidence` tells how each value stands in the document; `adjustments` are printed there, beside the values."""
    record, ledger = Record(values, schema), Ledger()
    shown = frozenset(path for path, kind in evidence.items() if kind in {"exact", "normalised"})
    sums.judge(record, ledger, shown, adjustments)
    broken = Counter(path for _rule, paths, _result, _params in ledger.broken for path in paths)
    broken.update(finding.blamed for finding in formats.findings(record, Budget()) if finding.rule != UNJUDGED)
    checked = frozenset(
        path
        for path, value in values.items()
        if isinstance(value, str) and value and not broken[path] and _has_check_digits(record, path)
    )
    return Marks(dict(ledger.held), dict(broken), checked)


def _has_check_digits(record: Record, path: str) -> bool:
    return record.field(path).means("codes") in formats.CHECK_DIGITS
