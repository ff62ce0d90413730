"""What is counted of the values of a document, and the figures that are made of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

BINS = 10
"""Of the expected calibration error: equally wide, from 0 to 1."""
CONFIRMED = 0.99
"""The confidence from which a value counts as confirmed."""


@dataclass
class Tally:
    """Right, expected and given values."""

    right: int = 0
    expected: int = 0
    given: int = 0

    def add(self, right: int, expected: int, given: int) -> None:
        self.right, self.expected, self.given = self.right + right, self.expected + expected, self.given + given

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.right + other.right, self.expected + other.expected, self.given + other.given)

    @property
    def recall(self) -> float:
        return self.right / self.expected if self.expected else 0.0

    @property
    def precision(self) -> float:
        return self.right / self.given if self.given else 0.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    @property
    def wrong_share(self) -> float:
        """Of the values that were given."""
        return 1 - self.precision if self.given else 0.0


@dataclass
class Scored:
    """One document: its single values, the cells of its rows, and how sure each given value was said to be."""

    family: str = ""
    single: Tally = field(default_factory=Tally)
    cells: Tally = field(default_factory=Tally)
    by_field: dict[str, Tally] = field(default_factory=dict)
    sure: list[tuple[float, bool]] = field(default_factory=list)
    """Confidence of a given value, and whether it is right."""

    @property
    def all_right(self) -> bool:
        return all(tally.right == tally.expected == tally.given for tally in self.by_field.values())

    @property
    def all(self) -> Tally:
        return self.single + self.cells


def score_values(
    scorer: ModuleType, truth: Mapping[str, Any], data: Mapping[str, Any], confidence: Mapping[str, float], family: str
) -> Scored:
    """Only what the truth expects is judged; `confidence` has the leaves by their path."""
    scored = Scored(family)
    kinds = truth.get("compare", {})
    expected, given = scorer.flat(truth["expected"], kinds), scorer.flat(data, kinds)
    for name, counts in scorer.score(truth, data).items():
        rows = expected[name][0] == "rows"
        (scored.cells if rows else scored.single).add(*counts)
        scored.by_field[name] = Tally(*counts)
        if rows:
            found = given.get(name, ("", []))[1]
            rights = rights_of_rows(scorer, kinds, name, expected[name][1], found if isinstance(found, list) else [])
            base = name.removesuffix("[]")
            cells = ((base + path, right) for path, right in rights)
            scored.sure += [(confidence[path], right) for path, right in cells if path in confidence]
        elif counts[2] == 1 and name in confidence:
            scored.sure.append((confidence[name], counts[0] == 1))
    return scored


def rights_of_rows(
    scorer: ModuleType, kinds: Mapping[str, str], name: str, expected: Sequence[Any], found: Sequence[Any]
) -> Iterator[tuple[str, bool]]:
    """For each given cell its path behind the list's, `[0].amount`, and whether it is right in the best alignment."""

    def cells(row: Mapping[str, Any]) -> dict[str, Any]:
        normal = {key: scorer.norm(kinds.get(f"{name}.{key}", "text"), value) for key, value in row.items()}
        return {key: value for key, value in normal.items() if value is not None}

    wanted = [cells(row) for row in expected]
    given = {index: cells(row) for index, row in enumerate(found) if isinstance(row, Mapping)}
    asked = set().union(*wanted) if wanted else set()
    matched: dict[int, dict[str, Any]] = {}
    for row in wanted:
        free = [index for index in given if index not in matched]
        likeness = {index: sum(given[index].get(key) == value for key, value in row.items()) for index in free}
        best = max(free, key=lambda index: likeness[index], default=None)
        if best is not None and likeness[best]:
            matched[best] = row
    for index, row in given.items():
        for key, value in row.items():
            if key in asked:
                yield f"[{index}].{key}", matched.get(index, {}).get(key) == value


def macro_f1(documents: Iterable[Scored]) -> tuple[float, int]:
    """The mean over the families of their F1, and how many families there are."""
    families: dict[str, Tally] = {}
    for document in documents:
        families[document.family] = families.get(document.family, Tally()) + document.all
    return sum(tally.f1 for tally in families.values()) / max(1, len(families)), len(families)


def calibration_error(sure: Sequence[tuple[float, bool]]) -> float:
    """Expected calibration error: the gap between confidence and share of right values, weighted over the bins."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for confidence, right in sure:
        bins[min(BINS - 1, int(confidence * BINS))].append((confidence, right))
    gaps = [abs(sum(confidence for confidence, _ in one) - sum(right for _, right in one)) for one in bins]
    return sum(gaps) / max(1, len(sure))


def confirmed(sure: Sequence[tuple[float, bool]], threshold: float = CONFIRMED) -> tuple[Tally, float]:
    """Of the values at or above the threshold, those that are right, of all right ones; and the share of wrong values
    that are confirmed all the same."""
    above = [right for confidence, right in sure if confidence >= threshold]
    wrong = [confidence for confidence, right in sure if not right]
    silent = sum(confidence >= threshold for confidence in wrong)
    return Tally(sum(above), sum(right for _, right in sure), len(above)), silent / max(1, len(wrong))


def general_name(path: str) -> str:
    """A field's path without the numbers of rows."""
    return re.sub(r"\[\d+\]", "[]", path)
