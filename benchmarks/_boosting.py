"""Gradient boosting of small trees for a yes or no, with calibration; numpy only, the same result on every machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.uint8]
BINS = 32
DECIMALS = 4
RIDGE = 1.0


@dataclass(frozen=True, slots=True)
class Settings:
    trees: int
    depth: int
    rate: float = 0.15
    fewest: float = 20.0  # weight of a leaf
    ridge: float = 5.0
    share: float = 0.5  # of the clues that each tree may look at
    seed: int = 1


@dataclass
class Trees:
    """Each tree is [clue, threshold, left, right] by node, and a number for a leaf; node 0 is the root."""

    base: float
    trees: list[list[Any]] = field(default_factory=list)

    def scores(self, rows: Array) -> Array:
        return np.array([score(self.base, self.trees, row) for row in rows.tolist()])


def score(base: float, trees: list[list[Any]], row: list[float]) -> float:
    total = base
    for nodes in trees:
        node = nodes[0]
        while isinstance(node, list):
            node = nodes[node[2] if row[node[0]] <= node[1] else node[3]]
        total += node
    return total


def train(rows: Array, right: Array, weights: Array, settings: Settings, start: Array | None = None) -> Trees:
    """`start` has for each row the log odds that the trees correct; without it, they begin with the mean."""
    edges = [_edges(column) for column in rows.T]
    codes = np.stack([np.searchsorted(cut, col, "left") for cut, col in zip(edges, rows.T, strict=True)], 1)
    codes = np.ascontiguousarray(codes.T.astype(np.uint8))
    mean = float(np.average(right, weights=weights))
    grown = Trees(0.0 if start is not None else round(float(np.log(mean / (1 - mean))), DECIMALS))
    scores = np.full(len(rows), grown.base) if start is None else start.copy()
    chance = np.random.RandomState(settings.seed)
    for _ in range(settings.trees):
        probable = 1 / (1 + np.exp(-scores))
        slope, bend = weights * (right - probable), weights * probable * (1 - probable)
        allowed = np.flatnonzero(chance.rand(rows.shape[1]) < settings.share)
        nodes: list[Any] = []
        _grow(nodes, np.arange(len(rows)), codes, edges, slope, bend, allowed, settings, settings.depth, scores)
        grown.trees.append(nodes)
    return grown


def _edges(column: Array) -> Array:
    values = np.unique(np.round(column, DECIMALS))
    if len(values) > BINS:
        values = np.unique(np.round(np.quantile(column, np.linspace(0, 1, BINS + 1)[1:-1]), DECIMALS))
    return values[:-1] if len(values) <= BINS and len(values) > 1 else values


def _grow(
    nodes: list[Any], here: NDArray[np.int64], codes: Codes, edges: list[Array], slope: Array, bend: Array,
    allowed: NDArray[np.int64], settings: Settings, depth: int, scores: Array,
) -> int:  # fmt: skip
    """Add the node for these rows and what is below it; `scores` are raised on the way."""
    number = len(nodes)
    nodes.append(None)
    split = _best_split(here, codes, slope, bend, allowed, settings) if depth else None
    if split is None:
        step = settings.rate * slope[here].sum() / (bend[here].sum() + settings.ridge)
        nodes[number] = round(float(step), DECIMALS)
        scores[here] += nodes[number]
        return number
    clue, code = split
    goes_left = codes[clue][here] <= code
    below = [here[goes_left], here[~goes_left]]
    left, right = (
        _grow(nodes, part, codes, edges, slope, bend, allowed, settings, depth - 1, scores) for part in below
    )
    nodes[number] = [int(clue), round(float(edges[clue][code]), DECIMALS), left, right]
    return number


def _best_split(
    here: NDArray[np.int64], codes: Codes, slope: Array, bend: Array, allowed: NDArray[np.int64], settings: Settings
) -> tuple[int, int] | None:
    best, most = None, 1e-3
    slopes, bends = slope[here], bend[here]
    whole = slopes.sum() ** 2 / (bends.sum() + settings.ridge)
    for clue in allowed:
        column = codes[clue][here]
        left = np.cumsum(np.bincount(column, slopes, BINS + 2))
        weight = np.cumsum(np.bincount(column, bends, BINS + 2))
        count = np.cumsum(np.bincount(column, minlength=BINS + 2))
        gain = left**2 / (weight + settings.ridge) + (slopes.sum() - left) ** 2 / (
            bends.sum() - weight + settings.ridge
        )
        gain[(count < settings.fewest) | (len(here) - count < settings.fewest)] = -1.0
        at = int(gain.argmax())
        if gain[at] - whole > most:
            best, most = (int(clue), at), float(gain[at] - whole)
    return best


def calibrated(scores: Array, right: Array, weights: Array, knots: Sequence[float] = ()) -> list[float]:
    """Intercept and slope of the log odds by the score, and the change of slope at each knot: logistic regression, held
    towards believing the score.

    An isotonic curve has too few values at its upper end to tell 0.98 from 0.998.
    """
    columns = _bent(scores, knots)
    start = np.array([0.0, 1.0, *(0.0 for _ in knots)])
    found = start.copy()
    for _ in range(80):
        probable = 1 / (1 + np.exp(-columns @ found))
        slope = columns.T @ (weights * (right - probable)) - RIDGE * (found - start)
        bend = (columns * (weights * probable * (1 - probable))[:, None]).T @ columns + RIDGE * np.eye(len(start))
        found += np.clip(np.linalg.solve(bend, slope), -2, 2)
    return [round(float(one), DECIMALS) for one in found]


def _bent(scores: Array, knots: Sequence[float]) -> Array:
    return np.stack([np.ones(len(scores)), scores, *(np.maximum(0, scores - knot) for knot in knots)], 1)


def probabilities(scores: Array, calibration: Sequence[float], knots: Sequence[float] = ()) -> Array:
    return np.asarray(1 / (1 + np.exp(-_bent(scores, knots) @ np.array(calibration))), np.float64)
