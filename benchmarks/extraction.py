"""How much of real documents the engine's pipeline gets right: fields, rows, places and classes, per corpus.

The documents and their truth are not part of the project: SHARED_DATA names their folder (default ../shared/data
beside the project), and its score.py says when a value is right. Usage:

    python -m benchmarks.extraction [corpus ...] [--limit N] [--show]
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks._measuring import Report
from benchmarks._places import is_shown, true_places
from engine.pipeline import Category, Request, Step, StepDone, run
from engine.pipeline.ocr import read_pages
from reading import CannotRead
from reading.document import Page

PROJECT = Path(__file__).resolve().parent.parent
INVOICES = ("einvoices", "einvoices_scan", "einvoices_odd", "invoices_real")
CORPORA = (*INVOICES, "receipts_sroie", "forms_funsd", "forms_irs", "documents_misc")
GOALS = {
    "einvoices": ">= 0.92",
    "einvoices_scan": ">= 0.85",
    "einvoices_odd": ">= 0.85",
    "invoices_real": ">= 0.90",
    "receipts_sroie": ">= 0.90",
    "forms_irs": ">= 0.957",
    "forms_funsd": ">= 0.64",
}
"""Of the header fields. Corpora that are not named only inform."""
CELLS = {"einvoices": ">= 0.85", "einvoices_scan": ">= 0.75"}
"""Of the cells of rows."""

CATEGORIES = (
    Category("Invoice", "A bill for goods or services with invoice number, amounts and payment terms"),
    Category("CreditNote", "A credit note that takes back all or part of an invoice"),
    Category("Receipt", "A till receipt or proof of a payment that was made"),
    Category("UtilityBill", "A bill for electricity, gas, water or telephone"),
    Category("BankStatement", "A statement of account with transactions and balances"),
    Category("Payslip", "A statement of wages with gross pay, deductions and net pay"),
    Category("Contract", "An agreement between parties, with clauses and signatures"),
    Category("Form", "A form with labelled boxes or lines that someone fills in"),
    Category("Resume", "The curriculum vitae of a person: experience, education, skills"),
    Category("BusinessCard", "A business card of a person with company and contact details"),
    Category("DriverLicense", "A driving licence"),
    Category("IdentityDocument", "An identity card, passport or residence permit"),
    Category("HealthInsuranceCard", "A card of a health insurance with member number"),
)


@dataclass
class Tally:
    """Right, expected and given values, and what else was counted on the way."""

    right: int = 0
    expected: int = 0
    given: int = 0

    def add(self, right: int, expected: int, given: int) -> None:
        self.right, self.expected, self.given = self.right + right, self.expected + expected, self.given + given

    @property
    def recall(self) -> float:
        return self.right / self.expected if self.expected else 0.0

    @property
    def precision(self) -> float:
        return self.right / self.given if self.given else 0.0


@dataclass
class Measured:
    fields: Tally = field(default_factory=Tally)
    rows: Tally = field(default_factory=Tally)
    places: Tally = field(default_factory=Tally)
    classes: Tally = field(default_factory=Tally)
    by_field: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    failures: Counter[str] = field(default_factory=Counter)
    documents: int = 0
    pages: int = 0
    seconds: float = 0.0


def main() -> int:
    options = _options()
    data = Path(os.environ.get("SHARED_DATA") or PROJECT / "../shared/data").resolve()
    if not (data / "score.py").is_file():
        print("No documents to measure with: SHARED_DATA must name a folder with score.py and the corpora.")
        return 0
    scorer, report = _load(data / "score.py"), Report()
    for corpus in options.corpora or CORPORA:
        folder = data / corpus / "truth"
        if not folder.is_dir():
            print(f"{corpus}: not there")
            continue
        measured = _measure(data / corpus, scorer, sorted(folder.glob("*.json"))[: options.limit], options.show)
        _print(report, corpus, measured, options.show)
    return 1 if report.missed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="*", help=f"of {', '.join(CORPORA)}; all of them when left out")
    parser.add_argument("--limit", type=int, help="documents of each corpus, at most")
    parser.add_argument("--show", action="store_true", help="every field by name, and every value that is wrong")
    return parser.parse_args()


def _load(path: Path) -> ModuleType:
    """The reference scorer stays where it is; it is not ours to copy."""
    spec = importlib.util.spec_from_file_location("reference_scorer", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _measure(corpus: Path, scorer: ModuleType, truths: Sequence[Path], show: bool) -> Measured:
    measured = Measured()
    for path in truths:
        truth = json.loads(path.read_text(encoding="utf-8"))
        begun = time.process_time()
        try:
            answer, pages = _answer(corpus / truth["file"], truth.get("schema"))
        except CannotRead as error:
            measured.failures[error.reason] += 1
            answer, pages = {}, []
        measured.seconds += time.process_time() - begun
        measured.documents += 1
        measured.pages += answer.get("pages", 0)
        _count_values(measured, scorer, truth, answer, show)
        _count_places(measured, scorer, truth, answer, _drawn_from(corpus.parent, truth) or pages)
        if "classifier_result" in answer and truth.get("class") in {category.name for category in CATEGORIES}:
            accepted = {truth["class"], *truth.get("class_alternatives", [])}
            verdict = answer["classifier_result"]
            measured.classes.add(verdict in accepted, 1, verdict is not None)
            if show and verdict not in accepted:
                print(f"  {path.stem}: class {verdict} ({answer['classifier_confidence']}), expected {truth['class']}")
    return measured


def _answer(path: Path, schema: dict[str, Any] | None) -> tuple[dict[str, Any], list[Page]]:
    request = Request(path, schema=schema, categories=CATEGORIES)
    pages = list(read_pages(request))
    answer: dict[str, Any] = {}
    for event in run(request, pages=pages):
        if isinstance(event, StepDone) and event.step is not Step.IMAGES:
            answer |= event.result
    return answer, pages


def _count_values(
    measured: Measured, scorer: ModuleType, truth: dict[str, Any], answer: dict[str, Any], show: bool
) -> None:
    data, kinds = answer.get("extracted_data") or {}, truth.get("compare", {})
    expected, given = scorer.flat(truth.get("expected", {}), kinds), scorer.flat(data, kinds)
    for name, counts in scorer.score({**truth, "expected": truth.get("expected", {})}, data).items():
        rows = expected[name][0] == "rows"
        (measured.rows if rows else measured.fields).add(*counts)
        measured.by_field[name].add(*counts)
        right = counts[0] == counts[1] == counts[2]
        if show and not right:
            print(f"  {truth['id']} {name}: expected {expected[name][1]!r}, got {given.get(name, ('', None))[1]!r}")


def _drawn_from(data: Path, truth: dict[str, Any]) -> list[Page]:
    """The pages of the file that a scan was made of, where its true places come from."""
    if "derived_from" not in truth:
        return []
    corpus, name = truth["derived_from"].split("/")
    file = json.loads((data / corpus / "truth" / f"{name}.json").read_text(encoding="utf-8"))["file"]
    return list(read_pages(Request(data / corpus / file)))


def _count_places(
    measured: Measured, scorer: ModuleType, truth: dict[str, Any], answer: dict[str, Any], pages: list[Page]
) -> None:
    """Of the single values that are right and have a true place."""
    data = answer.get("extracted_data") or {}
    for name, counts in scorer.score({**truth, "expected": truth.get("expected", {})}, data).items():
        wanted = [] if name.endswith("[]") or counts[:2] != (1, 1) else true_places(truth, name, pages)
        if wanted:
            found = answer.get("x_locations", {}).get(name, [])
            measured.places.add(is_shown(wanted, found), 1, bool(found))


def _print(report: Report, corpus: str, measured: Measured, show: bool) -> None:
    def counted(tally: Tally) -> str:
        return f"{tally.right} of {tally.expected}, {tally.given} given (precision {tally.precision:.3f})"

    if show:
        for name, tally in sorted(measured.by_field.items()):
            print(f"  {name:<40} {counted(tally)}")
    if measured.fields.expected:
        report.line(f"{corpus}: fields", measured.fields.recall, GOALS.get(corpus, ""), "", counted(measured.fields))
    if measured.rows.expected:
        report.line(f"{corpus}: cells of rows", measured.rows.recall, CELLS.get(corpus, ""), "", counted(measured.rows))
    if measured.places.expected:
        report.line(
            f"{corpus}: places of right values", measured.places.recall, ">= 0.95", "", counted(measured.places)
        )
    if measured.classes.expected:
        report.line(f"{corpus}: classes", measured.classes.recall, "", "", counted(measured.classes))
    seconds = measured.seconds / max(1, measured.pages)
    report.line(f"{corpus}: processor time a page", seconds, "", "s", f"{measured.documents} documents")
    if measured.failures:
        print(f"  not read: {dict(measured.failures)}")


if __name__ == "__main__":
    sys.exit(main())
