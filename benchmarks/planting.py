"""Whether wrong values are noticed and right ones left alone: python -m benchmarks.planting [documents per corpus]

Into the right result of each document mistakes are planted as engines make them: other texts and amounts of the page,
labels, neighbours' cells, letters confused, values cut, joined and swapped, rows doubled, split, shifted and dropped. A
value is noticed when evidence does not confirm it or when it breaks a rule. The documents lie outside the project;
SHARED_DATA names their folder. The families are among those that the confidence was learnt from: see benchmarks.green
for families left out.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from typing import Any

from benchmarks._answers import DATA, Document, documents, scorer, verdicts
from benchmarks._measuring import Report
from benchmarks._plants import MISTAKES, Page, planted, plants, set_at
from extractions.evidence.adjustments import printed_adjustments
from extractions.evidence.confidence import confidences
from extractions.evidence.grounding import Located, locate
from extractions.evidence.rules.check import by_path, check
from extractions.evidence.rules.record import Finding
from extractions.result.leaves import leaves

CORPORA = ("layouts", "einvoices", "einvoices_scan", "receipts_sroie")
LEAST = 0.99
MOST_PLANTS = 12  # of one document
SHARE = 0.1


def main() -> int:
    if not (DATA / "score.py").is_file():
        print(f"No documents in {DATA}; SHARED_DATA must name a folder with score.py and the corpora.")
        return 1
    most = int(sys.argv[1]) if len(sys.argv) > 1 else None
    report = Report()
    for corpus in CORPORA:
        measure(report, corpus, list(documents((corpus,), most)))
    return 1 if report.missed else 0


def measure(report: Report, corpus: str, read: list[Document]) -> None:
    tried: Counter[str] = Counter()
    noticed: Counter[str] = Counter()
    values = alarms = faulted = 0
    judge = scorer()
    for document in read:
        right = document.truth["expected"]
        unsure = asking(document, right)
        values += sum(leaf.value not in (None, "") for leaf in leaves(right))
        alarms += len(unsure)
        faulted += bool(broken(document, right) & {"lines", "total", "due", "line"})
        page = Page(document.words, random.Random(document.truth["id"]))
        for kind, path, data in mistaken(document, page):
            if verdicts(judge, document.truth, data).get(path, True):
                continue  # another way of writing the same
            tried[kind] += 1
            noticed[kind] += path in asking(document, data)
    for kind in sorted(tried):
        report.line(f"{corpus}: planted {kind} noticed", noticed[kind] / tried[kind], "", "", f"of {tried[kind]}")
    if tried:
        share = noticed.total() / tried.total()
        report.line(f"{corpus}: all planted noticed", share, ">= 0.97", "", f"of {tried.total()}")
    report.line(f"{corpus}: right values that ask", alarms / max(1, values), "", "", f"of {values}")
    share = faulted / max(1, len(read))
    report.line(f"{corpus}: right results whose sums are called broken", share, "", "", f"of {len(read)}")


def mistaken(document: Document, page: Page) -> list[tuple[str, str, Any]]:
    """Results with one mistake each, and with rows mistaken: kind, path and data."""
    right = document.truth["expected"]
    options = list(plants(right, page, tuple(MISTAKES)))
    found = []
    for plant in page.chance.sample(options, min(MOST_PLANTS, len(options))):
        data = planted(right, page, 0.0)
        set_at(data, plant.path, plant.value)
        found.append((plant.kind, plant.path, data))
    rows = planted(right, page, SHARE)
    wrong = [path for path, known in verdicts(scorer(), document.truth, rows).items() if not known and "[" in path]
    return [*found, *(("row", path, rows) for path in wrong[:MOST_PLANTS])]


def asking(document: Document, data: Any) -> set[str]:
    """The values that ask for a person."""
    located, found = judged(document, data)
    shares = zip(located.leaves, confidences(located, document.truth["schema"]), strict=True)
    return {leaf.path for leaf, share in shares if share is not None and share < LEAST} | set(by_path(found))


def broken(document: Document, data: Any) -> set[str]:
    """The rules that do not hold."""
    return {finding.rule for finding in judged(document, data)[1]}


def judged(document: Document, data: Any) -> tuple[Located, list[Finding]]:
    schema = document.truth["schema"]
    located = locate(list(leaves(data)), document.words, schema)
    kinds = {ground.path: str(ground.kind) for ground in located.grounds}
    values, adjustments = {leaf.path: leaf.value for leaf in located.leaves}, printed_adjustments(located.finder)
    return located, check(values, schema, evidence=kinds, adjustments=adjustments)


if __name__ == "__main__":
    sys.exit(main())
