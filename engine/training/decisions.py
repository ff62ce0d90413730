"""What is decided of each document by models that have not seen its family, and how likely such a decision is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.pipeline.parsing.judge.calibration import NAMES, Calibration, rows_of
from engine.pipeline.parsing.judge.decision import decide
from engine.pipeline.parsing.judge.judging import floor_of
from engine.pipeline.parsing.judge.options import Option
from engine.pipeline.parsing.judge.surroundings import Floats

from .cases import Case
from .learning import splits, weight_of

_RIDGE = 1.0
_STEPS = 60


@dataclass(frozen=True, slots=True)
class Decision:
    """What is given for each field that is scored, with the features of its calibration."""

    case: Case
    chosen: Mapping[int, Option]
    rows: Mapping[int, Floats]

    def right(self) -> list[bool]:
        return [self.case.is_right(at, option.value) for at, option in self.chosen.items()]


def decisions_of(
    cases: Sequence[Case],
    options: Sequence[Sequence[Sequence[Option]]],
    folds: Sequence[int],
    floors: Sequence[Mapping[str, float]],
) -> list[Decision]:
    """`floors` are by fold."""
    return [
        _decision(case, found, floors[fold]) for case, found, fold in zip(cases, options, folds, strict=True)
    ]  # fmt: skip


def _decision(case: Case, options: Sequence[Sequence[Option]], floors: Mapping[str, float]) -> Decision:
    document = case.document
    chosen = decide(document.queries, options, [floor_of(one, floors) for one in document.queries])
    rows = rows_of(document.survey, document.queries, options, chosen)
    scored = [at for at in case.expected if chosen[at] is not None]
    given = {at: option for at in scored if (option := chosen[at]) is not None}
    return Decision(case, given, {at: row for at in given if (row := rows[at]) is not None})


def calibration_of(decisions: Sequence[Decision]) -> Calibration:
    """Logistic regression, held towards believing the judge as it is."""
    rows = np.vstack([row for one in decisions for row in one.rows.values()]).astype(np.float64)
    right = np.array([right for one in decisions for right in one.right()], np.float64)
    weights = np.array([weight_of(one.case) for one in decisions for _ in one.chosen], np.float64)
    start = np.array([float(name == "odds") for name in NAMES])
    found = start.copy()
    for _ in range(_STEPS):
        share = _logistic(rows @ found)
        bend = (rows * (weights * share * (1 - share))[:, None]).T @ rows + _RIDGE * np.eye(len(NAMES))
        found += np.linalg.solve(bend, rows.T @ (weights * (right - share)) - _RIDGE * (found - start))
    return Calibration(tuple(round(float(one), 5) for one in found))


def calibrations_without(decisions: Sequence[Decision], folds: Sequence[int]) -> list[Calibration]:
    """By fold, learned on the others."""
    return [calibration_of([decisions[at] for at in inside]) for inside, _ in splits(folds)]


def _logistic(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-odds)), np.float64)
