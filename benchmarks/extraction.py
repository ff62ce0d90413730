"""How much of real documents the engine's pipeline gets right: values, rows, places, classes and how sure it is.

Per corpus: precision, recall and F1 over single values and cells of rows together, the same as the mean over families,
the share of documents with everything right, of given single values that are wrong, and how far the confidence can be
believed. Documents of families that the rules or the judge were made with say little about those of others:
`python -m engine.training --evaluate` leaves whole families out.

The documents and their truth are not part of the project: SHARED_DATA names their folder (default ../shared/data
beside the project), and its score.py says when a value is right. Usage:

    python -m benchmarks.extraction [corpus ...] [--from FOLDER] [--limit N] [--show]

where FOLDER holds corpora that are not in SHARED_DATA.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks._measuring import Report
from benchmarks._pages import pages_of
from benchmarks._places import is_shown, true_places
from benchmarks._scores import Scored, Tally, calibration_error, confirmed, general_name, macro_f1, score_values
from benchmarks._truths import Labelled, documents_of, origin_of, scorer_of, shared_data
from engine.pipeline import Category, Request, Step, StepDone, run
from reading import CannotRead
from reading.document import Page

CORPORA = (
    "layouts", "einvoices", "einvoices_scan", "einvoices_odd", "invoices_real", "receipts_sroie", "receipts_sroie2",
    "forms_funsd", "forms_funsd2", "forms_irs", "documents_misc", "cases",
)  # fmt: skip

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


@dataclass(frozen=True)
class Goal:
    """Least figures of a corpus; those that are None only inform."""

    f1: str = ""
    macro: str = ""
    cells: str = ""
    wrong: str = ""
    all_right: str = ""


GOALS = {
    "layouts": Goal(macro=">= 0.90", cells=">= 0.88", wrong="<= 0.03", all_right=">= 0.45"),
    "einvoices": Goal(macro=">= 0.88", wrong="<= 0.04"),
    "einvoices_scan": Goal(macro=">= 0.85", wrong="<= 0.08"),
    "receipts_sroie": Goal(f1=">= 0.90"),
    "forms_irs": Goal(f1=">= 0.75"),
    "forms_funsd": Goal(f1=">= 0.72"),
    "documents_misc": Goal(f1=">= 0.85"),
}
"""For documents of families never seen; a corpus of a tranche (`layouts_2`) has the goals of its kind."""


@dataclass
class Measured:
    documents: list[Scored] = field(default_factory=list)
    places: Tally = field(default_factory=Tally)
    classes: Tally = field(default_factory=Tally)
    failures: Counter[str] = field(default_factory=Counter)
    pages: int = 0
    seconds: float = 0.0


def main() -> int:
    options = _options()
    if not (shared_data() / "score.py").is_file():
        print("No documents to measure with: SHARED_DATA must name a folder with score.py and the corpora.")
        return 0
    scorer, report = scorer_of(shared_data()), Report()
    for corpus in options.corpora or CORPORA:
        documents = list(documents_of((options.folder or shared_data()) / corpus))[: options.limit]
        if not documents:
            print(f"{corpus}: not there")
            continue
        _print(report, corpus, _measure(documents, scorer, options.show), options.show)
    return 1 if report.missed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="*", help=f"of {', '.join(CORPORA)}; all of them when left out")
    parser.add_argument("--from", dest="folder", type=Path, help="the folder of the corpora, instead of SHARED_DATA")
    parser.add_argument("--limit", type=int, help="documents of each corpus, at most")
    parser.add_argument("--show", action="store_true", help="every field by name, and every value that is wrong")
    return parser.parse_args()


def _measure(documents: list[Labelled], scorer: ModuleType, show: bool) -> Measured:
    measured = Measured()
    for document in documents:
        begun = time.process_time()
        try:
            answer, pages = _answer(document)
        except CannotRead as error:
            measured.failures[error.reason] += 1
            answer, pages = {}, []
        measured.seconds += time.process_time() - begun
        measured.pages += answer.get("pages", 0)
        data, confidence = answer.get("extracted_data") or {}, answer.get("x_confidence") or {}
        scored = score_values(scorer, document.truth, data, confidence, document.family)
        measured.documents.append(scored)
        if show:
            _show_mistakes(scorer, document, data, scored)
        _count_places(measured, document, answer, _drawn_from(document) or pages, scored)
        _count_class(measured, document, answer)
    return measured


def _answer(document: Labelled) -> tuple[dict[str, Any], list[Page]]:
    request = Request(document.path, schema=document.truth.get("schema"), categories=CATEGORIES)
    pages = pages_of(document.path)
    answer: dict[str, Any] = {}
    for event in run(request, pages=pages):
        if isinstance(event, StepDone) and event.step is not Step.IMAGES:
            answer |= event.result
    return answer, pages


def _show_mistakes(scorer: ModuleType, document: Labelled, data: dict[str, Any], scored: Scored) -> None:
    kinds = document.truth.get("compare", {})
    expected, given = scorer.flat(document.truth["expected"], kinds), scorer.flat(data, kinds)
    for name, tally in scored.by_field.items():
        if not tally.right == tally.expected == tally.given:
            got = given.get(name, ("", None))[1]
            print(f"  {document.truth['id']} {name}: expected {expected[name][1]!r}, got {got!r}")


def _drawn_from(document: Labelled) -> list[Page]:
    """The pages of the file that a scan was made of, where its true places come from."""
    if "derived_from" not in document.truth:
        return []
    data = document.path.parents[2]
    corpus = document.truth["derived_from"].split("/")[0]
    return pages_of(data / corpus / origin_of(data, document.truth)["file"])


def _count_places(
    measured: Measured, document: Labelled, answer: dict[str, Any], pages: list[Page], scored: Scored
) -> None:
    """Of the single values that are right and have a true place."""
    for name, tally in scored.by_field.items():
        single = not name.endswith("[]") and (tally.right, tally.expected) == (1, 1)
        if single and (wanted := true_places(document.truth, name, pages)):
            found = answer.get("x_locations", {}).get(name, [])
            measured.places.add(is_shown(wanted, found), 1, bool(found))


def _count_class(measured: Measured, document: Labelled, answer: dict[str, Any]) -> None:
    truth = document.truth
    if "classifier_result" in answer and truth.get("class") in {category.name for category in CATEGORIES}:
        verdict = answer["classifier_result"]
        accepted = {truth["class"], *truth.get("class_alternatives", [])}
        measured.classes.add(verdict in accepted, 1, verdict is not None)


def _print(report: Report, corpus: str, measured: Measured, show: bool) -> None:
    documents, goal = measured.documents, GOALS.get(corpus.removesuffix("_2").removesuffix("_3").rstrip("2"), Goal())
    every = sum((document.all for document in documents), Tally())
    single = sum((document.single for document in documents), Tally())
    cells = sum((document.cells for document in documents), Tally())
    if show:
        _print_fields(documents)
    macro, families = macro_f1(documents)
    whole = sum(document.all_right for document in documents) / len(documents)
    report.line(f"{corpus}: F1 of all values", every.f1, goal.f1, "", _counted(every))
    report.line(f"{corpus}: F1, mean over families", macro, goal.macro, "", f"{families} families")
    if cells.expected:
        report.line(f"{corpus}: F1 of cells of rows", cells.f1, goal.cells, "", _counted(cells))
    report.line(f"{corpus}: given single values that are wrong", single.wrong_share, goal.wrong, "", _counted(single))
    report.line(f"{corpus}: documents with every value right", whole, goal.all_right, "", f"of {len(documents)}")
    _print_confidence(report, corpus, [item for document in documents for item in document.sure])
    if measured.places.expected:
        places = measured.places
        report.line(f"{corpus}: places of right values", places.recall, ">= 0.95", "", _counted(places))
    if measured.classes.expected:
        report.line(f"{corpus}: classes", measured.classes.recall, "", "", _counted(measured.classes))
    seconds = measured.seconds / max(1, measured.pages)
    report.line(f"{corpus}: processor time a page", seconds, "", "s", f"{len(documents)} documents")
    if measured.failures:
        print(f"  not read: {dict(measured.failures)}")


def _print_confidence(report: Report, corpus: str, sure: list[tuple[float, bool]]) -> None:
    if not sure:
        return
    tally, silent = confirmed(sure)
    report.line(f"{corpus}: calibration error", calibration_error(sure), "<= 0.03", "", f"{len(sure)} values")
    report.line(f"{corpus}: right of confirmed", tally.precision, ">= 0.99", "", f"{tally.given} confirmed")
    report.line(f"{corpus}: confirmed of right", tally.recall, ">= 0.70", "", f"{tally.expected} right")
    report.line(f"{corpus}: wrong values that are confirmed", silent, "<= 0.05")


def _print_fields(documents: list[Scored]) -> None:
    by_field: dict[str, Tally] = {}
    for document in documents:
        for name, tally in document.by_field.items():
            key = general_name(name)
            by_field[key] = by_field.get(key, Tally()) + tally
    for name, tally in sorted(by_field.items()):
        print(f"  {name:<40} {_counted(tally)}")


def _counted(tally: Tally) -> str:
    return f"{tally.right} of {tally.expected}, {tally.given} given (P {tally.precision:.3f} R {tally.recall:.3f})"


if __name__ == "__main__":
    sys.exit(main())
