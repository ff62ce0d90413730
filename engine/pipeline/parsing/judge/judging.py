"""From what the rules read of a document to a verdict on each single value."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..field_queries import FieldQuery, ListRead
from ..fields import Type
from ..text_grid import Span
from .calibration import rows_of
from .cells import ListCells
from .decision import decide
from .models import Judge, load
from .options import Document, Option, Surveyed

_EVEN = 0.5
_TRUST = 0.25
_SHORT, _FLOOR_OF_SHORT = 2, 0.001
"""Letters of a tick or a code such as WA, of which the models have seen too few to overrule the rules."""
UNKNOWN = 0.5
"""The confidence of a value that no model has judged."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The value of a field with its words, and the probability that it is right; None and 0 where it is left empty."""

    value: object
    spans: tuple[Span, ...]
    confidence: float


_EMPTY = Verdict(None, (), 0.0)


def judge_values(survey: Surveyed, queries: Sequence[FieldQuery], judge: Judge | None = None) -> dict[str, Verdict]:
    """A verdict for each path."""
    if not queries:
        return {}
    judge = judge or load()
    document = Document(survey, queries, judge.concepts)
    options = document.options(document.split(judge.scorer(document.stacked())))
    give_probabilities(judge, options)
    floors = [floor_of(one, judge.floors) for one in queries]
    chosen = decide(queries, options, floors)
    rows = rows_of(survey, queries, options, chosen)
    likely = iter(judge.calibration([row for row in rows if row is not None]))
    return {
        one.path: _EMPTY if option is None else Verdict(option.value, option.spans, round(next(likely), 4))
        for one, option in zip(queries, chosen, strict=True)
    }


def judge_lists(survey: Surveyed, lists: Sequence[ListRead], judge: Judge | None = None) -> dict[str, Verdict]:
    """A verdict for each cell that the rules have read; the cells themselves are theirs."""
    cells = [cell for read in lists for cell in ListCells(read, survey).cells()]
    if not cells:
        return {}
    judge = judge or load()
    curve = judge.curves["cells"]
    found = {}
    for cell, said in zip(cells, judge.cells(np.vstack([cell.row for cell in cells])), strict=True):
        likely = round(float(curve([said])[0]), 4)
        given = said >= judge.floors["cells"]
        found[cell.path] = Verdict(cell.value, cell.spans, likely) if given else _EMPTY
    return found


def floor_of(query: FieldQuery, floors: Mapping[str, float]) -> float:
    """What the rules left empty is filled only where a value is likelier right than wrong; what they are sure of stays
    a little longer."""
    floor = floors[kind_of(query)]
    if query.answer is not None and len(re.sub(r"[\W_]", "", str(query.answer.value))) <= _SHORT:
        return min(floor, _FLOOR_OF_SHORT)
    return max(floor, _EVEN) if query.answer is None else floor * (1 - _TRUST * query.answer.score)


def kind_of(query: FieldQuery) -> str:
    """The kind of value, each of which has its own floor."""
    field = query.field
    if field.options:
        return "option"
    if field.type is Type.BOOLEAN:
        return "boolean"
    if field.type in (Type.NUMBER, Type.INTEGER):
        return "number"
    return "date" if field.is_date else "text"


def give_probabilities(judge: Judge, options: Sequence[Sequence[Option]]) -> None:
    """What the second stage says of each option."""
    flat = [option for found in options for option in found]
    if flat:
        for option, said in zip(flat, judge.judge(np.vstack([option.row for option in flat])), strict=True):
            option.probability = float(said)
