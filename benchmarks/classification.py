"""How well documents are told apart by categories whose names and descriptions the engine has not seen before.

The same documents are sorted with many sets of categories, as different people would name them in four languages:
everyday words, bare codes with a description, identifiers, names alone (`wordings.json`). An answer counts as confident
where the engine gives one at all. SHARED_DATA names the documents' folder.

    python -m benchmarks.classification [--of N] [--show]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from benchmarks._measuring import Report
from benchmarks.reading import DATA
from engine.pipeline import Category, Request
from engine.pipeline.classification import classify
from engine.pipeline.ocr import read_pages
from reading import CannotRead
from reading.document import Page

CORPORA = (
    "einvoices",
    "einvoices_scan",
    "einvoices_odd",
    "invoices_real",
    "receipts_sroie",
    "forms_funsd",
    "forms_irs",
)
CORPORA += ("documents_misc",)
Wording = dict[str, tuple[str, str]]
"""The name and description of the category for each class."""

WORDINGS: dict[str, Wording] = json.loads(Path(__file__).with_name("wordings.json").read_text("utf-8"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--of", type=int, default=15, help="documents of each corpus, at most")
    parser.add_argument("--show", action="store_true", help="every document that is sorted wrongly")
    given = parser.parse_args()
    if not (DATA / "einvoices").is_dir():
        print(f"Skipped: no documents in {DATA}; SHARED_DATA must name their folder.")
        return 0
    documents = list(read(given.of))
    report, whole = Report(), Counter[str]()
    for name, wording in WORDINGS.items():
        counts = sort(documents, wording, given.show)
        whole += counts
        tell(report, f"classes, {name}", counts, "")
    tell(report, "classes, all wordings", whole, ">= 0.88", ">= 0.95")
    return 1 if report.missed else 0


def read(most: int) -> Iterator[tuple[str, set[str], list[Page]]]:
    """Name, accepted classes and pages of each document that belongs to one of the classes."""
    for corpus in CORPORA:
        for path in sorted((DATA / corpus / "truth").glob("*.json"))[:most]:
            truth = json.loads(path.read_text("utf-8"))
            accepted = {truth["class"], *truth.get("class_alternatives", [])}
            if truth["class"] in next(iter(WORDINGS.values())):
                yield path.stem, accepted, pages_of(DATA / corpus / truth["file"])


def pages_of(path: Path) -> list[Page]:
    try:
        return list(read_pages(Request(path)))
    except CannotRead:
        return []


def sort(documents: list[tuple[str, set[str], list[Page]]], wording: Wording, show: bool) -> Counter[str]:
    categories = [Category(name, description) for name, description in wording.values()]
    classes = {name: kind for kind, (name, _description) in wording.items()}
    counts: Counter[str] = Counter(all=len(documents))
    wrong = defaultdict(list)
    for name, accepted, pages in documents:
        verdict = classify(pages, categories)
        counts["answered"] += verdict.name is not None
        if verdict.name is not None and classes[verdict.name] in accepted:
            counts["right"] += 1
        else:
            wrong[sorted(accepted)[0]].append(f"{name}: {verdict.name} ({verdict.confidence})")
    for kind in sorted(wrong) if show else ():
        print(f"  {kind}: {'; '.join(wrong[kind])}")
    return counts


def tell(report: Report, what: str, counts: Counter[str], goal: str, confident: str = "") -> None:
    report.line(what, counts["right"] / counts["all"], goal, "", f"{counts['right']} of {counts['all']}")
    answered = max(1, counts["answered"])
    report.line(
        f"{what}: of those answered", counts["right"] / answered, confident, "", f"{counts['answered']} answered"
    )


if __name__ == "__main__":
    sys.exit(main())
