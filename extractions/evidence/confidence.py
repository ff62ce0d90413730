"""How likely each value is right: as the service says, held against the evidence, or by the evidence alone."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from extractions.evidence.adjustments import printed_adjustments
from extractions.evidence.candidates import Kind
from extractions.evidence.clues import Clues, Evidence, vector
from extractions.evidence.grounding import Ground, Located, is_empty
from extractions.evidence.reported import clues_of_reported
from extractions.evidence.rules.marks import marks_of
from extractions.result.leaves import Leaf

MODEL = "confidence.json"
ABSENT = 0.9
"""The most that a service is believed of a value that the pages do not show."""
KNOTS = (1.5, 3.0, 4.5)
"""Scores at which a calibration may bend: one slope for all would be that of the doubtful values, and too careful."""
BOUNDS = (0.001, 0.9995)
"""Of a reported probability, what is believed at least and at most."""


@dataclass(frozen=True, slots=True)
class Model:
    """Boosted trees: each node is [clue, threshold, left, right], a leaf is a number. Trained by
    `benchmarks.evidence_training`.
    """

    clues: Sequence[str]
    base: float
    trees: Sequence[Sequence[Any]]
    calibration: Mapping[str, Sequence[float]]
    """For single values and for cells, intercept and slope of the log odds by the score, and how much the slope changes
    at each of KNOTS."""
    start: str = ""
    """The clue, itself a probability, that the trees correct."""

    def probability(self, row: Sequence[float], *, is_cell: bool) -> float:
        score = self.base + (log_odds(row[self.clues.index(self.start)]) if self.start else 0.0)
        for nodes in self.trees:
            node = nodes[0]
            while isinstance(node, list):
                node = nodes[node[2] if row[node[0]] <= node[1] else node[3]]
            score += node
        intercept, slope, *bends = self.calibration["cell" if is_cell else "single"]
        odds = (
            intercept
            + slope * score
            + sum(bend * max(0.0, score - knot) for bend, knot in zip(bends, KNOTS, strict=False))
        )
        return 1 / (1 + math.exp(-odds))


@dataclass(frozen=True, slots=True)
class Models:
    """For values of which the service says nothing, and for those of which it says how sure it is."""

    alone: Model
    reported: Model


@cache
def models() -> Models:
    table = json.loads((files("extractions.evidence") / MODEL).read_text(encoding="utf-8"))
    return Models(_model(table["alone"]), _model(table["reported"]))


def _model(table: Mapping[str, Any]) -> Model:
    return Model(table["clues"], table["base"], table["trees"], table["calibration"], table.get("start", ""))


def log_odds(share: float) -> float:
    bounded = min(max(share, BOUNDS[0]), BOUNDS[1])
    return math.log(bounded / (1 - bounded))


def confidences(located: Located, schema: object, reported: Mapping[str, float] | None = None) -> list[float | None]:
    """For each leaf the probability that it is right; None for an empty one, and where no page could be read.

    `reported` is what the service says, by path: one clue among others, and all that there is for a value without
    evidence.
    """
    kinds = {ground.path: str(ground.kind) for ground in located.grounds}
    values = {leaf.path: leaf.value for leaf in located.leaves}
    marks = marks_of(values, schema, kinds, printed_adjustments(located.finder))
    said = clues_of_reported([leaf.path for leaf in located.leaves if not is_empty(leaf.value)], reported or {})
    found: list[float | None] = []
    evidence = Evidence(located, schema, marks).clues()
    for leaf, ground, clues in zip(located.leaves, located.grounds, evidence, strict=True):
        own = said.get(leaf.path)
        share = own["reported"] if own else None
        if clues is not None and not (own and isinstance(leaf.value, bool)):  # a box that is not ticked is no text
            share = _weighed(clues, own, is_cell="[" in leaf.path)
        found.append(share if share is None or not own else _held_against(share, leaf, ground))
    return found


def _weighed(clues: Clues, reported: Clues | None, *, is_cell: bool) -> float:
    model = models().reported if reported else models().alone
    return model.probability(vector(clues | (reported or {}), model.clues), is_cell=is_cell)


def _held_against(share: float, leaf: Leaf, ground: Ground) -> float:
    """No more than what is left where the pages do not show the value."""
    is_absent = ground.kind == Kind.MISSING and not isinstance(leaf.value, bool)
    return min(share, ABSENT) if is_absent else share
