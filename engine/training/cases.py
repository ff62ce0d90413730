"""What a document teaches: for each single value the right one among its proposals and options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.pipeline.parsing import survey_of, walked
from engine.pipeline.parsing.judge.cells import ListCell, ListCells
from engine.pipeline.parsing.judge.options import Document, Option
from engine.pipeline.parsing.judge.surroundings import Floats
from engine.pipeline.parsing.schema_extractor import SchemaExtractor
from reading.document import Page

from .corpora import Sample

_NEGATIVES = 25
"""Wrong proposals of a field that the first stage learns from: those that look likely, and some by chance."""
_LIKELY = 0.5
_NOTHING = object()


@dataclass(eq=False, slots=True)
class Case:
    """One document as the judge sees it, with what is right for the fields that are scored."""

    sample: Sample
    document: Document
    expected: dict[int, Any]
    """By the number of the field; None is a value that is not on the page."""
    kinds: dict[int, str]
    scorer: ModuleType
    rules: dict[str, Any]
    cells: list[ListCell]
    right_cells: list[bool]
    wanted_cells: int
    """Cells of lists that are expected."""
    is_altered: bool = False
    """Whether values were taken from it; it is learned from, but tells nothing of how good the engine is."""

    def is_right(self, at: int, value: object) -> bool:
        kind, wanted = self.kinds[at], self.expected[at]
        return wanted is not None and bool(self.scorer.norm(kind, value) == wanted)

    def labels(self, at: int) -> NDArray[np.bool_]:
        """Which of the proposals of a field are right."""
        return np.array(
            [self.is_right(at, self.document.value(at, int(index))) for index in self.document.chosen[at]], bool
        )


def case_of(sample: Sample, pages: Sequence[Page], scorer: ModuleType, concepts: Sequence[str]) -> Case:
    extractor, data = walked(pages, sample.truth["schema"])
    document = Document(survey_of(extractor), extractor.queries, concepts)
    compare = sample.truth.get("compare", {})
    truth = scorer.flat(sample.truth["expected"], compare)
    expected, kinds = {}, {}
    for at, one in enumerate(extractor.queries):
        if one.path in truth and truth[one.path][0] not in ("rows", "list"):
            kinds[at], value = truth[one.path]
            expected[at] = scorer.norm(kinds[at], value)
    cells, right, wanted = _cells(extractor, truth, scorer, compare)
    return Case(sample, document, expected, kinds, scorer, data, cells, right, wanted)


def _cells(
    extractor: SchemaExtractor, truth: dict[str, Any], scorer: ModuleType, compare: dict[str, str]
) -> tuple[list[ListCell], list[bool], int]:
    """The cells of lists that are scored, whether each is right, and how many cells are expected."""
    survey = survey_of(extractor)
    cells: list[ListCell] = []
    right: list[bool] = []
    wanted = 0
    for read in extractor.lists:
        found = ListCells(read, survey).cells()
        kind, expected = truth.get(f"{read.path}[]", truth.get(read.path, ("", None)))
        if kind == "rows":
            marks, count = _of_rows(found, expected, scorer, compare, f"{read.path}[].")
        elif kind == "list":
            marks, count = _of_list(found, expected, scorer)
        else:
            continue
        wanted += count
        cells += [cell for cell in found if cell.path in marks]
        right += [marks[cell.path] for cell in found if cell.path in marks]
    return cells, right, wanted


def _of_rows(
    cells: Sequence[ListCell],
    expected: Sequence[dict[str, Any]],
    scorer: ModuleType,
    compare: dict[str, str],
    path: str,
) -> tuple[dict[str, bool], int]:
    """Rows are aligned as the scorer does it: each expected one takes the best that is left."""

    def said(row: dict[str, Any]) -> dict[str, Any]:
        normal = {name: scorer.norm(compare.get(path + name, "text"), value) for name, value in row.items()}
        return {name: value for name, value in normal.items() if value is not None}

    wanted = [said(row) for row in expected]
    names = {name for row in wanted for name in row}
    given: dict[int, dict[str, Any]] = {}
    for cell in cells:
        given.setdefault(cell.index, {})[cell.name] = cell.value
    normal = {index: said(row) for index, row in given.items()}
    left, partner = sorted(given), {}
    for row in wanted:
        alike = [(sum(normal[index].get(name) == value for name, value in row.items()), -index) for index in left]
        hits, index = max(alike, default=(0, 0))
        if hits:
            partner[-index] = row
            left.remove(-index)
    marks = {
        cell.path: partner.get(cell.index, {}).get(cell.name) == normal[cell.index].get(cell.name, _NOTHING)
        for cell in cells
        if cell.name in names
    }
    return marks, sum(len(row) for row in wanted)


def _of_list(cells: Sequence[ListCell], expected: Any, scorer: ModuleType) -> tuple[dict[str, bool], int]:
    left = scorer.norm("list", expected) or []
    count, marks = len(left), {}
    for cell in cells:
        text = scorer.norm("text", cell.value)
        marks[cell.path] = text in left
        if text in left:
            left.remove(text)
    return marks, count


def lessons(case: Case, rng: np.random.Generator) -> tuple[Floats, NDArray[np.bool_]]:
    """Rows for the first stage."""
    rows, labels = [], []
    likely = list(case.document.names()).index("best_set"), list(case.document.names()).index("best_concept")
    for at in case.expected:
        right, found = case.labels(at), case.document.rows[at]
        near = (found[:, likely[0]] > _LIKELY) | (found[:, likely[1]] > _LIKELY)
        wrong = np.flatnonzero(~right)
        hard = wrong[near[wrong]][: 2 * _NEGATIVES]
        rest = wrong[~near[wrong]]
        some = rng.choice(rest, min(_NEGATIVES, len(rest)), replace=False) if len(rest) else rest
        taken = np.sort(np.concatenate([np.flatnonzero(right), hard, some])).astype(np.int64)
        rows.append(found[taken])
        labels.append(right[taken])
    if not rows:
        return np.zeros((0, len(case.document.names())), np.float32), np.zeros(0, bool)
    return np.vstack(rows), np.concatenate(labels)


def judged(case: Case, options: Sequence[Sequence[Option]]) -> tuple[Floats, NDArray[np.bool_]]:
    """Rows for the second stage."""
    pairs = [(option.row, case.is_right(at, option.value)) for at in case.expected for option in options[at]]
    if not pairs:
        return np.zeros((0, 0), np.float32), np.zeros(0, bool)
    return np.vstack([row for row, _ in pairs]), np.array([right for _, right in pairs], bool)
