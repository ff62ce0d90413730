"""How likely each value is right: as the service says, held against the evidence, or by the evidence alone."""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from extractions.evidence.candidates import Kind
from extractions.evidence.clues import Evidence, vector
from extractions.evidence.grounding import Ground, Located, is_empty
from extractions.evidence.rules.marks import Marks, marks_of
from extractions.result.leaves import Leaf

MODEL = "confidence.json"
BROKEN, ABSENT = 0.5, 0.9
"""The most that a service is believed of a value that breaks a rule, or that the page does not show."""


@dataclass(frozen=True, slots=True)
class Model:
    """Boosted trees: each node is [clue, threshold, left, right], a leaf is a number. Trained by
    `benchmarks.evidence_training`.
    """

    clues: Sequence[str]
    base: float
    trees: Sequence[Sequence[Any]]
    knots: Sequence[tuple[float, float]]
    """Scores and probabilities to interpolate between."""

    def probability(self, row: Sequence[float]) -> float:
        score = self.base
        for nodes in self.trees:
            node = nodes[0]
            while isinstance(node, list):
                node = nodes[node[2] if row[node[0]] <= node[1] else node[3]]
            score += node
        return _between(self.knots, score)


@cache
def model() -> Model:
    table = json.loads((files("extractions.evidence") / MODEL).read_text(encoding="utf-8"))
    return Model(table["clues"], table["base"], table["trees"], [tuple(knot) for knot in table["knots"]])


def confidences(located: Located, schema: object, reported: Mapping[str, float] | None = None) -> list[float | None]:
    """For each leaf the probability that it is right; None for an empty one, and where no page could be read."""
    kinds = {ground.path: str(ground.kind) for ground in located.grounds}
    marks = marks_of({leaf.path: leaf.value for leaf in located.leaves}, schema, kinds)
    known, reported = model(), reported or {}
    found: list[float | None] = []
    clues = Evidence(located, schema, marks).clues()
    for leaf, ground, clue in zip(located.leaves, located.grounds, clues, strict=True):
        if leaf.path in reported and not is_empty(leaf.value):
            found.append(_held_against(reported[leaf.path], leaf, ground, marks))
        else:
            found.append(None if clue is None else known.probability(vector(clue, known.clues)))
    return found


def reported_confidence(answer: object) -> dict[str, float]:
    """What the service itself says (`x_confidence`), as far as it is a probability."""
    reported = answer.get("x_confidence") if isinstance(answer, Mapping) else None
    if not isinstance(reported, Mapping):
        return {}
    return {
        str(path): float(share)
        for path, share in reported.items()
        if isinstance(share, int | float) and not isinstance(share, bool) and 0 <= share <= 1
    }


def _held_against(reported: float, leaf: Leaf, ground: Ground, marks: Marks) -> float:
    """The service's confidence, less where the evidence speaks against the value."""
    ceiling = 1.0
    if marks.broken.get(leaf.path) and not marks.held.get(leaf.path):
        ceiling = BROKEN
    elif ground.kind == Kind.MISSING and not isinstance(leaf.value, bool):
        ceiling = ABSENT
    return min(reported, ceiling)


def _between(knots: Sequence[tuple[float, float]], score: float) -> float:
    """Linear between two knots, and no further than the outer ones."""
    at = bisect_right(knots, (score, math.inf))
    if at == 0:
        return knots[0][1]
    if at == len(knots):
        return knots[-1][1]
    (low, least), (high, most) = knots[at - 1], knots[at]
    return least + (most - least) * (score - low) / (high - low) if high > low else most
