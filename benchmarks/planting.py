"""Whether wrong values are noticed and right ones left alone: python -m benchmarks.planting [documents per set]

Into the right result of each document one wrong total, date or number is planted at a time. A value is flagged when it
is not found in the document as it is or written differently, or when it breaks a rule. Documents as in
benchmarks.grounding.
"""

from __future__ import annotations

import copy
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from benchmarks._measuring import Report
from benchmarks.grounding import DATA, DIGITAL, SCANS, Read, documents
from extractions.evidence.grounding import ground
from extractions.evidence.leaves import leaves
from extractions.evidence.rules.check import by_path, check

PROVEN = {"exact", "normalised", "none"}
TOTALS = ("total_with_vat", "amount_due", "total_without_vat", "total_vat", "total")
DATES = ("issue_date", "due_date", "date")
IDS = ("invoice_number", "iban", "seller.vat_id", "order_number")
SEED = 20261103


def main() -> int:
    if not (DATA / "einvoices").is_dir():
        print(f"No documents in {DATA}; set SHARED_DATA to the folder that holds einvoices and receipts_sroie.")
        return 1
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    report = Report()
    with tempfile.TemporaryDirectory() as cache:
        for what, corpora in (("digital PDFs", DIGITAL), ("scans", SCANS)):
            measure(report, what, [read for corpus in corpora for read in documents(corpus, most, Path(cache))])
    return 1 if report.missed else 0


def measure(report: Report, what: str, reads: list[Read]) -> None:
    planted: Counter[str] = Counter()
    noticed: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    values = alarms = 0
    for read in reads:
        right = read.truth["expected"]
        flags = flagged(read, right)
        values += sum(leaf.value not in (None, "") for leaf in leaves(right))
        alarms += len(flags)
        reasons.update(flags.values())
        for kind, path, wrong in plants(right):
            planted[kind] += 1
            noticed[kind] += path in flagged(read, with_value(right, path, wrong))
    for kind in sorted(planted):
        report.line(f"{what}: planted {kind} flagged", noticed[kind] / planted[kind], "", "", f"of {planted[kind]}")
    report.line(
        f"{what}: all planted flagged", noticed.total() / planted.total(), ">= 0.97", "", f"of {planted.total()}"
    )
    told = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
    report.line(f"{what}: false alarms on right values", alarms / values, "<= 0.03", "", f"of {values}: {told}")


def flagged(read: Read, result: dict[str, Any]) -> dict[str, str]:
    """Each value that asks for a person, with the reason."""
    schema = read.truth["schema"]
    found = ground(list(leaves(result)), read.pages, schema)
    kinds = {one.path: str(one.kind) for one in found}
    broken = by_path(check({leaf.path: leaf.value for leaf in leaves(result)}, schema, evidence=kinds))
    unproven = {path: kind for path, kind in kinds.items() if kind not in PROVEN}
    return unproven | {path: str(rules[0]["rule"]) for path, rules in broken.items()}


def plants(result: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Kind, path and wrong value: digits swapped or changed, as slips of reading and typing are."""
    chance = random.Random(SEED)
    known = {leaf.path: leaf.value for leaf in leaves(result)}
    for path in TOTALS:
        if isinstance(known.get(path), int | float) and known[path]:
            yield "total", path, _other_number(known[path], chance)
    for path in DATES:
        if isinstance(known.get(path), str) and len(known[path]) == 10:
            moved = date.fromisoformat(known[path]) + timedelta(days=chance.choice((-31, -9, -1, 1, 10, 28, 365)))
            yield "date", path, moved.isoformat()
    for path in IDS:
        if isinstance(known.get(path), str) and any(one.isdigit() for one in known[path]):
            yield "id", path, _other_digit(known[path], chance)


def _other_number(number: float, chance: random.Random) -> float:
    text = f"{number:.2f}"
    while (other := float(_other_digit(text, chance))) == number:
        pass
    return other


def _other_digit(text: str, chance: random.Random) -> str:
    places = [at for at, one in enumerate(text) if one.isdigit()]
    at = chance.choice(places)
    digit = chance.choice([one for one in "0123456789" if one != text[at]])
    return text[:at] + digit + text[at + 1 :]


def with_value(result: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(result)
    holder = changed
    *above, last = path.split(".")
    for name in above:
        holder = holder[name]
    holder[last] = value
    return changed


if __name__ == "__main__":
    sys.exit(main())
