"""How many of the fields that people wanted of a document are in the schema that is proposed from it.

Layouts by other people are proposed from three examples of a family at once, everything else from one document alone.
A field of the truth is had if a proposed one holds its value: the same value by the truth's own comparison, or a value
that stands where the truth has it; what is not printed as it is (a currency, a country) if both mean the same. A
proposed field that was ticked and holds no value of the truth counts as unwanted, although the truth of forms and
receipts names only some of what is on the page. SHARED_DATA names the documents' folder.

    python -m benchmarks.proposing [--of N] [--show] [--only CORPUS]
"""

from __future__ import annotations

import argparse
import os
import pickle
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks._measuring import Report
from benchmarks._places import is_shown, true_places
from benchmarks._truths import Labelled, documents_of, scorer_of, shared_data
from engine.pipeline import Request
from engine.pipeline.ocr import read_pages
from engine.pipeline.parsing.concepts import meaning_of
from engine.pipeline.parsing.fields import Field, Type
from engine.pipeline.proposing import propose
from extractions.schemas.fields import Kind
from extractions.schemas.proposing import Proposed, proposal_of
from reading.document import Page
from reading.errors import CannotRead
from reading.literals.dates import find_dates

CORPORA = ("layouts", "einvoices", "einvoices_scan", "documents_misc", "receipts_sroie", "forms_irs", "forms_funsd")
HELD_OUT = ("einvoices_odd", "invoices_real", "receipts_sroie2", "forms_funsd2")
HELD_OUT_FAMILIES = (
    "magento", "odoo_invoice", "odoo_pos", "rechnungsfee", "siwapp", "swissqr", "typst_invoice", "xprfacture",
)  # fmt: skip
"""Of the layouts by other people: nobody looked at what is proposed from these while it was made."""
EXAMPLES = 3
KEEP = os.environ.get("PROPOSING_KEEP", "")
"""A folder in which pages that were read stay from one run to the next."""


@dataclass
class Tally:
    wanted: int = 0
    had: int = 0
    ticked_had: int = 0
    ticked: int = 0
    unwanted: int = 0
    missing: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        for name in ("wanted", "had", "ticked_had", "ticked", "unwanted"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.missing += other.missing


@dataclass(frozen=True)
class Wanted:
    """One value of a truth, and the places where it stands."""

    key: str
    kind: str
    value: object
    places: list[dict[str, Any]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--of", type=int, default=25, help="proposals of each corpus, at most")
    parser.add_argument("--show", action="store_true", help="what is missing, and what is proposed for nothing")
    parser.add_argument("--only", default="", help="one corpus")
    given = parser.parse_args()
    data = shared_data()
    if not (data / "layouts").is_dir():
        print(f"Skipped: no documents in {data}; SHARED_DATA must name their folder.")
        return 0
    report, scorer = Report(), scorer_of(data)
    for title, corpora, strangers in (("looked at", CORPORA, False), ("held out", ("layouts", *HELD_OUT), True)):
        whole = Tally()
        for corpus in corpora:
            if given.only in ("", corpus):
                tally = measure(groups_of(data / corpus, strangers)[: given.of], scorer, given.show)
                told(report, f"{title}: {corpus}", tally)
                whole.add(tally)
        told(report, f"{title}: all", whole, ">= 0.8")
    return 1 if report.missed else 0


def told(report: Report, title: str, tally: Tally, goal: str = "") -> None:
    if tally.wanted:
        detail = f"of {tally.wanted}; ticked from the start {tally.ticked_had / tally.wanted:.3f}"
        report.line(f"{title}, wanted fields proposed", tally.had / tally.wanted, goal, "", detail)
        report.line(f"{title}, ticked for nothing", tally.unwanted / max(1, tally.ticked), "", "", f"of {tally.ticked}")


def groups_of(corpus: Path, strangers: bool) -> list[list[Labelled]]:
    documents = list(documents_of(corpus))
    if corpus.name != "layouts":
        return [[document] for document in documents]
    families: dict[str, list[Labelled]] = defaultdict(list)
    for document in documents:
        if (document.family in HELD_OUT_FAMILIES) == strangers:
            families[document.family].append(document)
    return [family[:EXAMPLES] for family in families.values()]


def measure(groups: Sequence[list[Labelled]], scorer: ModuleType, show: bool) -> Tally:
    whole = Tally()
    for group in groups:
        read = [(document, pages) for document in group if (pages := pages_of(document.path))]
        proposal = proposal_of([propose(pages) for _document, pages in read], "en")
        wanted = [list(wanted_of(document, pages)) for document, pages in read]
        tally = compare(proposal.fields, wanted, scorer)
        whole.add(tally)
        if show:
            print(f"  {group[0].name}: {tally.had} of {tally.wanted}; missing {tally.missing}")
    return whole


def pages_of(path: Path) -> list[Page]:
    kept = Path(KEEP) / f"{sha256(path.read_bytes()).hexdigest()}.pickle" if KEEP else None
    if kept is not None and kept.exists():
        pages: list[Page] = pickle.loads(kept.read_bytes())
        return pages
    try:
        pages = list(read_pages(Request(path)))
    except CannotRead:
        pages = []
    if kept is not None:
        kept.write_bytes(pickle.dumps(pages))
    return pages


def wanted_of(document: Labelled, pages: Sequence[Page]) -> Iterator[Wanted]:
    truth = document.truth
    for path, key, value in leaves(truth["expected"]):
        kind = truth["compare"].get(key, "text")
        if value not in (None, "", []) and not (kind == "number" and not value):
            yield Wanted(key, kind, value, true_places(truth, path, pages))


def leaves(value: object, path: str = "", key: str = "") -> Iterator[tuple[str, str, object]]:
    """Path of a value, the same without numbers of rows, value."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from leaves(item, f"{path}.{name}" if path else name, f"{key}.{name}" if key else name)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for at, item in enumerate(value):
            yield from leaves(item, f"{path}[{at}]", f"{key}[]")
    else:
        yield path, key, value


def compare(fields: Sequence[Proposed], wanted: Sequence[Sequence[Wanted]], scorer: ModuleType) -> Tally:
    """Of all documents together: a field counts once, however many examples have it."""
    singles = [(item, item.ticked and whole) for item, whole in single_fields(fields)]
    had: dict[str, bool] = {}
    used: set[int] = set()
    for number, values in enumerate(wanted):
        for value in values:
            matching = [(item, ticked) for item, ticked in singles if holds(item, number, value, scorer)]
            used |= {id(item) for item, _ticked in matching}
            if matching:
                had[value.key] = had.get(value.key, False) or any(ticked for _item, ticked in matching)
    keys = dict.fromkeys(value.key for values in wanted for value in values)
    chosen = [item for item, ticked in singles if ticked]
    return Tally(
        len(keys), len(had), sum(had.values()), len(chosen), sum(id(item) not in used for item in chosen),
        [key for key in keys if key not in had],
    )  # fmt: skip


def single_fields(fields: Sequence[Proposed], ticked: bool = True) -> Iterator[tuple[Proposed, bool]]:
    """The fields that have a value of their own, with whether all that is above them is ticked."""
    for item in fields:
        if item.field.kind is Kind.GROUP:
            yield from single_fields(item.fields, ticked and item.ticked)
        else:
            yield item, ticked


def holds(item: Proposed, document: int, wanted: Wanted, scorer: ModuleType) -> bool:
    examples = [example for example in item.examples if example.document == document]
    for example in examples:
        if same(wanted, example.value, scorer):
            return True
        found = [{"page": example.page, "bbox": list(box)} for box in (*example.boxes, *example.other_boxes)]
        if wanted.places and is_shown(wanted.places, found):
            return True
    return bool(examples) and not wanted.places and means_the_same(item, wanted.key)


def same(wanted: Wanted, printed: str, scorer: ModuleType) -> bool:
    if wanted.kind == "boolean":
        return False
    if wanted.kind == "date":
        return any(day.value.isoformat() == str(wanted.value)[:10] for day in find_dates(printed))
    expected = scorer.norm(wanted.kind, wanted.value)
    return expected not in (None, "") and scorer.norm(wanted.kind, printed) == expected


def means_the_same(item: Proposed, key: str) -> bool:
    one = meaning_of(Field(item.field.name, Type.STRING))
    other = meaning_of(Field(key.rpartition(".")[2].removesuffix("[]"), Type.STRING))
    return one.concept != "" and one.concept == other.concept


if __name__ == "__main__":
    sys.exit(main())
