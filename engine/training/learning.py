"""Learning the three models, with every family judged by models that have not seen it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import lightgbm
import numpy as np
from numpy.typing import NDArray

from engine.pipeline.parsing.judge.cells import NAMES as CELL_NAMES
from engine.pipeline.parsing.judge.options import Option, judge_names
from engine.pipeline.parsing.judge.pair_features import names as scorer_names
from engine.pipeline.parsing.judge.surroundings import Floats

from .boosting import learn, predict
from .cases import Case, judged, lessons

FOLDS = 4
_USUAL = {"bagging_fraction": 0.8, "bagging_freq": 1}
SCORER = _USUAL | {"num_leaves": 31, "max_depth": 7, "learning_rate": 0.12, "min_data_in_leaf": 20,
                   "feature_fraction": 0.4, "lambda_l2": 2.0}  # fmt: skip
JUDGE = _USUAL | {"num_leaves": 15, "max_depth": 5, "learning_rate": 0.06, "min_data_in_leaf": 20,
                  "feature_fraction": 0.4, "lambda_l2": 5.0}  # fmt: skip
CELLS = _USUAL | {"num_leaves": 8, "max_depth": 4, "learning_rate": 0.06, "min_data_in_leaf": 30,
                  "feature_fraction": 0.5, "lambda_l2": 5.0}  # fmt: skip
ROUNDS = {"scorer": 120, "judge": 180, "cells": 120}
_MORE_IS_BETTER = (
    "best_concept", "finder", "score", "logit", "lead", "rules_score", "sum_by_rules", "sum_by_scores", "product",
    "sum", "head_concept",
)  # fmt: skip
"""Features of the second stage and of cells of which more never makes a value less likely, whatever was learned."""
Lesson = tuple[Floats, NDArray[np.bool_]]


DRAWN, ALTERED = 0.3, 0.5
"""What a value on a page that was drawn, or whose values were taken away, counts beside one that somebody sent."""


@dataclass(frozen=True, slots=True)
class Boosters:
    scorer: lightgbm.Booster
    judge: lightgbm.Booster
    cells: lightgbm.Booster


@dataclass(slots=True)
class Learned:
    """The models of all documents, those of each fold, and what models that had not seen its family say of each."""

    whole: Boosters
    without: list[Boosters]
    """By fold, learned from all the others."""
    options: list[list[list[Option]]]


def weight_of(case: Case) -> float:
    return (DRAWN if case.sample.is_drawn else 1.0) * (ALTERED if case.is_altered else 1.0)


def learn_all(cases: Sequence[Case], folds: Sequence[int]) -> Learned:
    """Cells and options carry the probabilities that models of other families give them."""
    concepts = cases[0].document.concepts
    weights = [weight_of(case) for case in cases]
    taught = [lessons(case, np.random.default_rng(number)) for number, case in enumerate(cases)]
    scorers, boosters = [], []
    scores: list[list[Floats]] = [[] for _ in cases]
    for inside, outside in splits(folds):
        scorers.append(_learn("scorer", SCORER, scorer_names(concepts), taught, weights, inside))
        for at in outside:
            scores[at] = cases[at].document.split(predict(scorers[-1], cases[at].document.stacked()))
    options = [case.document.options(found) for case, found in zip(cases, scores, strict=True)]
    taught_options = [judged(case, found) for case, found in zip(cases, options, strict=True)]
    shown = [_cells(case) for case in cases]
    for scorer, (inside, outside) in zip(scorers, splits(folds), strict=True):
        judge = _learn("judge", JUDGE, judge_names(concepts), taught_options, weights, inside)
        cells = _learn("cells", CELLS, CELL_NAMES, shown, weights, inside)
        boosters.append(Boosters(scorer, judge, cells))
        for at in outside:
            give_probabilities(judge, options[at])
            for cell, said in zip(cases[at].cells, predict(cells, shown[at][0]), strict=True):
                cell.probability = float(said)
    whole = Boosters(
        _learn("scorer", SCORER, scorer_names(concepts), taught, weights),
        _learn("judge", JUDGE, judge_names(concepts), taught_options, weights),
        _learn("cells", CELLS, CELL_NAMES, shown, weights),
    )
    return Learned(whole, boosters, options)


def splits(folds: Sequence[int]) -> Iterator[tuple[list[int], list[int]]]:
    for fold in sorted(set(folds)):
        inside = [at for at, other in enumerate(folds) if other != fold]
        yield inside, [at for at, other in enumerate(folds) if other == fold]


def _learn(
    name: str,
    settings: Mapping[str, object],
    names: Sequence[str],
    lessons_of: Sequence[Lesson],
    weights: Sequence[float],
    inside: Sequence[int] | None = None,
) -> lightgbm.Booster:
    chosen = range(len(lessons_of)) if inside is None else inside
    full = [(*lessons_of[at], weights[at]) for at in chosen if len(lessons_of[at][0])]
    rows, right = np.vstack([rows for rows, _, _ in full]), np.concatenate([right for _, right, _ in full])
    weight = np.concatenate([np.full(len(right), weight, np.float32) for _, right, weight in full])
    if name != "scorer":
        settings = {**settings, "monotone_constraints": [int(one in _MORE_IS_BETTER) for one in names]}
    return learn(rows, right, weight, ROUNDS[name], settings)


def _cells(case: Case) -> Lesson:
    if not case.cells:
        return np.zeros((0, len(CELL_NAMES)), np.float32), np.zeros(0, bool)
    return np.vstack([cell.row for cell in case.cells]), np.array(case.right_cells, bool)


def give_probabilities(booster: lightgbm.Booster, options: Sequence[Sequence[Option]]) -> None:
    flat = [option for found in options for option in found]
    if flat:
        for option, said in zip(flat, predict(booster, np.vstack([option.row for option in flat])), strict=True):
            option.probability = float(said)
