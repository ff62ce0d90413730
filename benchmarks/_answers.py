"""The engine's answers to the documents of SHARED_DATA, the words of their pages, and which values are right."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks._pages import pages_of
from benchmarks._truths import scorer_of, shared_data
from engine.pipeline.location import locate
from engine.pipeline.parsing import parse
from engine.pipeline.parsing.judge import Judge, load
from extractions.evidence.pages import PageOfWords
from extractions.result.leaves import leaves
from extractions.result.rows import is_row, split_row
from reading import CannotRead
from reading.document import Page, Source

DATA = shared_data()
CORPORA = (
    "layouts", "einvoices", "einvoices_scan", "einvoices_odd", "invoices_real", "receipts_sroie", "receipts_sroie2",
    "forms_funsd", "forms_funsd2", "forms_irs", "documents_misc",
)  # fmt: skip
ALIKE = ("einvoices_odd",)
"""Corpora that one program printed."""
SALT = "evidence-1:"
FOLDS = 5
Scorer = ModuleType


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it was read, and what is right."""

    truth: dict[str, Any]
    path: Path
    family: str
    corpus: str
    pages: list[Page]
    is_drawn: bool = False

    @property
    def words(self) -> list[PageOfWords]:
        return [_words(page) for page in self.pages]

    @property
    def fold(self) -> int:
        return zlib.crc32((SALT + self.family).encode()) % FOLDS


def corpora_of(folder: Path) -> list[Path]:
    """The corpora in a folder beside SHARED_DATA, by name."""
    return sorted(path.parent for path in folder.glob("*/truth"))


def documents(
    corpora: Sequence[str] = CORPORA,
    most: int | None = None,
    extra: Sequence[Path] = (),
    drawn: Sequence[Path] = (),
    is_wanted: Callable[[str], bool] = bool,
) -> Iterator[Document]:
    """Those that can be read. Documents of a family were laid out by the same program or issuer.

    `extra` are folders of corpora beside those of SHARED_DATA, `drawn` are corpora that this project drew. `is_wanted`
    is asked with the name of a document.
    """
    folders = [*(DATA / corpus for corpus in corpora), *(corpus for folder in extra for corpus in corpora_of(folder))]
    folders += drawn
    families = _families([*(DATA / corpus for corpus in CORPORA), *folders])
    for folder in folders:
        for path in sorted((folder / "truth").glob("*.json"))[:most]:
            truth = json.loads(path.read_text(encoding="utf-8"))
            file = folder / truth["file"]
            if truth.get("expected") and is_wanted(f"{folder.name}/{file.name}") and (pages := _pages(file)):
                yield Document(truth, file, families[truth["id"]], folder.name, pages, folder in drawn)


class Judges:
    """For each document the engine's judge that has not learned from its family, of those that
    `engine.training --judges FOLDER` wrote; the installed one for documents that none has learned from."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._folds: dict[str, int] = json.loads((folder / "folds.json").read_text("utf-8")) if folder else {}

    def is_unseen(self, name: str) -> bool:
        """Whether a judge is there that did not learn from this document, and others that did."""
        return name in self._folds

    def judge_of(self, document: Document) -> Judge:
        fold = self._folds.get(f"{document.corpus}/{document.path.name}")
        return load() if fold is None or self._folder is None else load(self._folder / str(fold))


def engine_answer(document: Document, judges: Judges) -> dict[str, Any]:
    """`extracted_data`, `x_confidence` and `x_locations`."""
    parsed = parse(document.pages, document.truth["schema"], judge=judges.judge_of(document))
    places = locate(parsed.places, document.pages)
    return {"extracted_data": parsed.data, "x_confidence": dict(parsed.confidence), "x_locations": places}


def verdicts(scorer: Scorer, truth: dict[str, Any], data: Any) -> dict[str, bool]:
    """Whether each given value is right, by path; values that the truth says nothing of are left out."""
    kinds = truth.get("compare", {})
    expected = scorer.flat(truth["expected"], kinds)
    found: dict[str, bool] = {}
    rows: dict[str, dict[int, dict[str, Any]]] = {}
    for leaf in leaves(data):
        above = leaf.path.rpartition(".")[0]
        if is_row(above) and above.count("[") == 1:
            table, number = split_row(above)
            rows.setdefault(table, {}).setdefault(number, {})[leaf.path.rpartition(".")[2]] = leaf.value
            continue
        kind, wanted = expected.get(leaf.path.partition("[")[0], (None, None))
        given = scorer.norm("text" if kind == "list" else kind, leaf.value) if kind else None
        if given is None:
            continue
        wanted = scorer.norm(kind, wanted)
        found[leaf.path] = given in (wanted or []) if kind == "list" else given == wanted
    for table, numbered in rows.items():
        if expected.get(f"{table}[]", ("", 0))[0] == "rows":
            found |= _of_rows(_norm_of(scorer, kinds, table), table, expected[f"{table}[]"][1], numbered)
    return found


def _norm_of(scorer: Scorer, kinds: dict[str, str], table: str) -> Callable[[str, Any], Any]:
    return lambda name, value: scorer.norm(kinds.get(f"{table}[].{name}", "text"), value)


def _of_rows(
    norm: Callable[[str, Any], Any], table: str, wanted: list[dict[str, Any]], given: dict[int, dict[str, Any]]
) -> dict[str, bool]:
    """Rows are aligned one to one, the best match first, as the reference scorer does."""
    truths = [{name: norm(name, value) for name, value in row.items()} for row in wanted]
    answers = {number: {name: norm(name, value) for name, value in row.items()} for number, row in given.items()}
    known = {name for row in truths for name, value in row.items() if value is not None}
    left, found = set(answers), dict[str, bool]()
    for truth in truths:
        agree = Counter({
            number: sum(answers[number].get(name) == value for name, value in truth.items() if value is not None)
            for number in sorted(left)
        })  # fmt: skip
        best = agree.most_common(1)
        if best and best[0][1]:
            number = best[0][0]
            left.discard(number)
            for name, value in answers[number].items():
                if value is not None and name in truth:
                    found[f"{table}[{number}].{name}"] = value == truth[name]
    for number in left:
        for name, value in answers[number].items():
            if value is not None and name in known:
                found[f"{table}[{number}].{name}"] = False
    return found


def opposite_signs(truth: dict[str, Any], data: Any) -> frozenset[str]:
    """Paths of numbers that are right but for their sign: whether a credit note is negative is a convention."""
    known = {-leaf.value for leaf in leaves(truth["expected"]) if _is_number(leaf.value) and leaf.value}
    return frozenset(leaf.path for leaf in leaves(data) if _is_number(leaf.value) and leaf.value in known)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def scorer() -> Scorer:
    return scorer_of(DATA)


def _families(folders: Sequence[Path]) -> dict[str, str]:
    """By document; a scan is of the family of what it was made of."""
    found: dict[str, str] = {}
    derived: dict[str, str] = {}
    for folder in dict.fromkeys(folders):
        for path in (folder / "truth").glob("*.json"):
            truth = json.loads(path.read_text(encoding="utf-8"))
            name = truth.get("layout_family") or truth.get("form") or truth.get("group")
            name = name or (folder.name if folder.name in ALIKE else truth["id"])
            found[truth["id"]] = f"{folder.name}/{name}"
            if "derived_from" in truth:
                derived[truth["id"]] = truth["derived_from"]
    return found | {scan: found.get(source, source) for scan, source in derived.items()}


def _pages(path: Path) -> list[Page]:
    try:
        return pages_of(path)
    except CannotRead:
        return []


def _words(page: Page) -> PageOfWords:
    placed = [(word.box.x0, word.box.y0, word.box.x1, word.box.y1, word.text) for word in page.words]
    return PageOfWords(page.number, placed, page.source is Source.OCR)
