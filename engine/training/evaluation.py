"""What the judge is worth on families that it has not seen: right, wrong, calibration, and what may be marked green."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.pipeline.parsing.field_queries import FieldQuery
from engine.pipeline.parsing.judge.calibration import Calibration
from engine.pipeline.parsing.judge.decision import is_empty
from engine.pipeline.parsing.judge.judging import floor_of, kind_of
from engine.pipeline.parsing.judge.models import Curve
from engine.pipeline.parsing.judge.options import Option

from .boosting import isotonic
from .cases import Case
from .decisions import Decision
from .learning import splits, weight_of

KINDS = ("text", "number", "date", "option", "boolean")
_GRID = [round(0.02 * step, 2) for step in range(5, 36)]
_CELL_GRID = _GRID[:3]
"""Cells that are left out leave a hole in a row: less is risked for them."""
_BETA = 0.7
"""How much a value that is found counts beside one that is not wrong."""
_FEWEST = 150
"""Values of a kind from which a floor of its own can be chosen."""
_GREEN = 0.99
_BINS = 10


@dataclass(slots=True)
class Count:
    right: float = 0
    expected: float = 0
    given: float = 0

    def add(self, right: bool, expected: bool, given: bool, weight: float = 1) -> None:
        self.right += weight * right
        self.expected += weight * expected
        self.given += weight * given

    @property
    def score(self) -> float:
        """F of beta: an empty field asks for a look, and a wrong value may pass without one."""
        square = _BETA**2
        both = square * self.expected + self.given
        return (1 + square) * self.right / both if both else 0.0

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.expected + self.given) if self.expected + self.given else 0.0

    @property
    def wrong(self) -> float:
        return 1 - self.right / self.given if self.given else 0.0


@dataclass(slots=True)
class Settings:
    """What is chosen on documents besides the models themselves."""

    floors: Mapping[str, float]
    calibration: Calibration
    cells: Curve


@dataclass(slots=True)
class Figures:
    """Counts by corpus and by family, of the rules, of the judge and of cells; confidences of what was given."""

    rules: dict[tuple[str, str], Count] = field(default_factory=lambda: defaultdict(Count))
    values: dict[tuple[str, str], Count] = field(default_factory=lambda: defaultdict(Count))
    cells: dict[tuple[str, str], Count] = field(default_factory=lambda: defaultdict(Count))
    given_values: dict[str, list[tuple[float, bool]]] = field(default_factory=lambda: defaultdict(list))
    given_cells: dict[str, list[tuple[float, bool]]] = field(default_factory=lambda: defaultdict(list))


def floors_of(cases: Sequence[Case], options: Sequence[Sequence[Sequence[Option]]]) -> dict[str, float]:
    """Floors at which the mean score of corpora is highest.

    Documents from which values were taken count as well: what is not on a page is rarer where everything was chosen to
    be scored than it is in life.
    """
    fields = [one for case, found in zip(cases, options, strict=True) for one in _best_of(case, found)]
    best = max(_GRID, key=lambda floor: _mean_score(fields, _alike(floor)))
    floors = _alike(best)
    for kind in KINDS:
        count = sum(kind_of(case.document.queries[at]) == kind for case in cases for at in case.expected)
        if count >= _FEWEST:
            floors[kind] = max(_GRID, key=lambda floor: _mean_score(fields, floors | {kind: floor}))
    floors["cells"] = max(_CELL_GRID, key=lambda floor: _cells_f1(cases, floor))
    return floors


def floors_without(
    cases: Sequence[Case], options: Sequence[Sequence[Sequence[Option]]], folds: Sequence[int]
) -> list[dict[str, float]]:
    """By fold, floors that were chosen on the others."""
    return [floors_of([cases[at] for at in inside], [options[at] for at in inside]) for inside, _ in splits(folds)]


def curve_of_cells(cases: Sequence[Case]) -> Curve:
    """From what the model said of cells to the share that was right."""
    found = [
        (cell.probability, right, weight_of(case))
        for case in cases
        for cell, right in zip(case.cells, case.right_cells, strict=True)
    ]
    said, right, weights = zip(*found, strict=True)
    at, share = isotonic(said, right, weights)
    return Curve(tuple(at), tuple(share))


def curves_without(cases: Sequence[Case], folds: Sequence[int]) -> list[Curve]:
    """By fold, learned on the others."""
    return [curve_of_cells([cases[at] for at in inside]) for inside, _ in splits(folds)]


def _alike(floor: float) -> dict[str, float]:
    return dict.fromkeys(KINDS, floor)


@dataclass(frozen=True, slots=True)
class _Best:
    """The likeliest option of one field, whatever the other fields say: near enough to choose floors by."""

    query: FieldQuery
    corpora: tuple[str, ...]
    weight: float
    is_wanted: bool
    said: float
    is_right: bool


def _best_of(case: Case, found: Sequence[Sequence[Option]]) -> Iterator[_Best]:
    """Documents from which values were taken count among all, but not in their corpus."""
    corpora = ("",) if case.is_altered else ("", case.sample.corpus)
    for at, wanted in case.expected.items():
        query = case.document.queries[at]
        usable = () if is_empty(query) else found[at]
        best = max(usable, key=lambda option: option.probability, default=None)
        said, right = (best.probability, case.is_right(at, best.value)) if best is not None else (-1.0, False)
        yield _Best(query, corpora, weight_of(case), wanted is not None, said, right)


def _mean_score(fields: Sequence[_Best], floors: dict[str, float]) -> float:
    """Over all values, and by corpus."""
    counts: dict[str, Count] = defaultdict(Count)
    for one in fields:
        given = one.said >= floor_of(one.query, floors)
        for name in one.corpora:
            counts[name].add(given and one.is_right, one.is_wanted, given, one.weight)
    return float(np.mean([counts[""].score, np.mean([count.score for count in counts.values()])]))


def _cells_f1(cases: Sequence[Case], floor: float) -> float:
    count = Count()
    for case in cases:
        count.expected += case.wanted_cells
        for cell, right in zip(case.cells, case.right_cells, strict=True):
            if cell.probability >= floor:
                count.add(right, False, True)
    return count.f1


def measure(
    options: Sequence[Sequence[Sequence[Option]]],
    decisions: Sequence[Decision],
    folds: Sequence[int],
    chosen: Sequence[Settings],
) -> Figures:
    """Each document with floors, calibration and curves that were chosen on the other folds."""
    figures = Figures()
    for fold, settings in zip(sorted(set(folds)), chosen, strict=True):
        for at in (at for at, other in enumerate(folds) if other == fold and not decisions[at].case.is_altered):
            _count(figures, options[at], decisions[at], settings)
    return figures


def _count(figures: Figures, options: Sequence[Sequence[Option]], decision: Decision, settings: Settings) -> None:
    case, chosen = decision.case, decision.chosen
    key = (case.sample.corpus, case.sample.family)
    for at, wanted in case.expected.items():
        option, ruled = chosen.get(at), next((one for one in options[at] if one.by_rules), None)
        right = option is not None and case.is_right(at, option.value)
        figures.values[key].add(right, wanted is not None, option is not None)
        by_rules = ruled is not None and case.is_right(at, ruled.value)
        figures.rules[key].add(by_rules, wanted is not None, ruled is not None)
        if option is not None:
            figures.given_values[case.sample.corpus].append((settings.calibration([decision.rows[at]])[0], right))
    figures.cells[key].expected += case.wanted_cells
    for cell, right in zip(case.cells, case.right_cells, strict=True):
        if cell.probability >= settings.floors["cells"]:
            figures.cells[key].add(right, False, True)
            figures.given_cells[case.sample.corpus].append((float(settings.cells([cell.probability])[0]), right))


def printed(figures: Figures) -> Iterator[str]:
    corpora = sorted({corpus for corpus, _ in figures.values})
    yield f"{'single values':18} {'rules F1':>9} {'macro':>6} {'wrong':>6} | {'judge F1':>9} {'macro':>6} {'wrong':>6}"
    for corpus in (*corpora, ""):
        rules, judge = (_summed(counts, corpus) for counts in (figures.rules, figures.values))
        yield (f"{corpus or 'all':18} {rules[0].f1:9.3f} {rules[1]:6.3f} {rules[0].wrong:6.3f} | "
               f"{judge[0].f1:9.3f} {judge[1]:6.3f} {judge[0].wrong:6.3f}")  # fmt: skip
    for corpus in corpora:
        cells, macro = _summed(figures.cells, corpus)
        if cells.expected:
            yield f"cells {corpus:16} F1 {cells.f1:.3f} macro {macro:.3f} wrong {cells.wrong:.3f}"
    for name, given in (("values", figures.given_values), ("cells", figures.given_cells)):
        for corpus, pairs in sorted(given.items()):
            yield f"{name} {corpus:18} {_of_confidence(pairs)}"
        yield f"{name} {'all':18} {_of_confidence([pair for pairs in given.values() for pair in pairs])}"


def _summed(counts: dict[tuple[str, str], Count], corpus: str) -> tuple[Count, float]:
    """The sum of a corpus, or of all, and the mean F1 of its families."""
    chosen = [count for (name, _), count in counts.items() if corpus in ("", name)]
    total = Count(*(sum(getattr(one, part) for one in chosen) for part in ("right", "expected", "given")))
    scored = [one.f1 for one in chosen if one.expected or one.given]
    return total, float(np.mean(scored)) if scored else 0.0


def _of_confidence(given: Sequence[tuple[float, bool]]) -> str:
    said, right = np.array([one for one, _ in given]), np.array([one for _, one in given])
    green = said >= _GREEN
    of_green = float(right[green].mean()) if green.any() else 0.0
    return (
        f"calibration error {calibration_error(given):.3f}; at {_GREEN:.0%}: {of_green:.3f} of {int(green.sum())} green"
        f" are right, {float(green[right].mean()):.3f} of the right are green"
    )


def calibration_error(given: Sequence[tuple[float, bool]]) -> float:
    """Expected calibration error: the mean distance of confidence and share right in ten bins, weighted by size."""
    said, right = np.array([one for one, _ in given]), np.array([one for _, one in given], float)
    bins = np.minimum((said * _BINS).astype(int), _BINS - 1)
    parts = [(bins == one) for one in range(_BINS) if (bins == one).any()]
    return float(sum(part.mean() * abs(said[part].mean() - right[part].mean()) for part in parts))
