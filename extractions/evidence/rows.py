"""The rows of a table and the lines of the document they stand on, in the same order, however long the table is.

A value of a long table stands in hundreds of places. Only those near the line of its row are worth weighing, and the
line is known by what all the values of the row have in common.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from extractions.evidence.candidates import Candidate
from extractions.evidence.pages import Index

MANY = 20  # candidates: with fewer in every cell, all of them are weighed
MOST_OPTIONS = 40  # lines that are tried for one row
SAME_LINE = 0.5  # of a line's height
PAGE_GAP = 4  # lines: rows do not reach over the end of a page
CLOSE = {0: 1.0, 1: 0.4, -1: 0.4, 2: 0.15, -2: 0.15}
"""What a value says for a line by how many lines away it stands."""
BESIDE = 2  # candidates before and after its row that a value keeps which does not stand there

Place = TypeVar("Place", int, tuple[int, float])
Cell = list[Candidate]


@dataclass(frozen=True, slots=True)
class Step:
    """A row on a line, with what all rows up to it weigh, and the row before it."""

    weight: float
    row: int
    option: int
    before: Step | None


def in_order(rows: Sequence[Sequence[tuple[Place, float]]]) -> list[Place | None]:
    """One line for each row so that rows follow each other down the pages and as much as possible fits.

    Each row gives its lines from the top downwards, with their weights. Of equal ways the one that ends highest wins.
    """
    places: list[Place] = []  # where a way may end so far, downwards; each weighs more than the one above
    ways: list[Step] = []
    for number, options in enumerate(rows):
        fresh = []
        for option, (place, weight) in enumerate(options):
            above = bisect_left(places, place)
            before = ways[above - 1] if above else None
            fresh.append((place, Step(weight + (before.weight if before else 0.0), number, option, before)))
        for place, way in fresh:
            _keep(places, ways, place, way)
    return _closed_up(rows, ways[-1] if ways else None)


def _closed_up(rows: Sequence[Sequence[tuple[Place, float]]], step: Step | None) -> list[Place | None]:
    """The lines of the way that ends with this step; each row as near to the next as weighs no less."""
    lines: list[Place | None] = [None] * len(rows)
    after: Place | None = None
    while step is not None:
        options = rows[step.row]
        option, (place, weight) = step.option, options[step.option]
        while after is not None and option + 1 < len(options) and options[option + 1][0] < after:
            option += 1
            if options[option][1] >= weight:
                place, weight = options[option]
        lines[step.row] = after = place
        step = step.before
    return lines


def _keep(places: list[Place], ways: list[Step], place: Place, way: Step) -> None:
    at = bisect_left(places, place)
    if at and ways[at - 1].weight >= way.weight:
        return
    beaten = at
    while beaten < len(ways) and ways[beaten].weight <= way.weight:
        beaten += 1
    if beaten == at and at < len(places) and places[at] == place:
        return
    places[at:beaten], ways[at:beaten] = [place], [way]


@dataclass(frozen=True, slots=True)
class Standing:
    """The candidates of one value by the line they stand on."""

    lines: list[int]
    on: dict[int, Cell]
    weight: float

    def near(self, line: int) -> Cell:
        found = [one for away in sorted(CLOSE) for one in self.on.get(line + away, ())]
        if found:
            return found
        at = bisect_left(self.lines, line)
        return [one for other in self.lines[max(0, at - BESIDE) : at + BESIDE] for one in self.on[other]]


def narrowed(rows: list[list[Cell]], index: Index) -> list[list[Cell]]:
    """The candidates that are near the line of their row; all of a row that has none."""
    if not any(len(cell) > MANY for row in rows for cell in row):
        return rows
    numbers = _numbered(index)
    known: dict[int, Standing] = {}
    for row in rows:
        for cell in row:
            if cell and id(cell) not in known:
                known[id(cell)] = _standing(cell, numbers)
    stand = [[known[id(cell)] if cell else None for cell in row] for row in rows]
    lines = _laid([[word for word in row if word] for row in stand])
    return [
        [one.near(line) if one and line is not None else cell for cell, one in zip(row, standing, strict=True)]
        for row, standing, line in zip(rows, stand, lines, strict=True)
    ]


def _numbered(index: Index) -> list[int]:
    """For each word the number of its line, from the first page to the last."""
    numbers, line = [0] * len(index.words), 0
    for heights in index.by_height.values():
        line += PAGE_GAP
        first = heights[0][0]
        for middle, at in heights:
            if middle - first > SAME_LINE * index.line:
                line, first = line + 1, middle
            numbers[at] = line
    return numbers


def _standing(cell: Cell, numbers: list[int]) -> Standing:
    on: defaultdict[int, Cell] = defaultdict(list)
    for one in cell:
        on[numbers[one.spans[0].first]].append(one)
    return Standing(sorted(on), dict(on), (1 + min(2.0, len(cell[0].text) / 10)) / len(cell) ** 0.3)


def _laid(rows: list[list[Standing]]) -> list[int | None]:
    """A line for each row: at first each is tried around its turn among those that are the same, then between others"""
    keys = [tuple(id(word) for word in row) for row in rows]
    known = {key: sorted(_shared(row)) for key, row in dict(zip(keys, rows, strict=True)).items()}
    turns: Counter[tuple[int, ...]] = Counter()
    options = []
    for key, row in zip(keys, rows, strict=True):
        first = max(0, min(turns[key] - MOST_OPTIONS // 2, len(known[key]) - MOST_OPTIONS))
        turns[key] += 1
        options.append(_weighed(row, known[key][first : first + MOST_OPTIONS]))
    lines = in_order(options)
    for first, last in _gaps(lines):
        above = lines[first - 1] if first else None
        below = lines[last] if last < len(lines) else None
        between = [
            _weighed(row, _between(known[key], above, below))
            for key, row in zip(keys[first:last], rows[first:last], strict=True)
        ]
        lines[first:last] = in_order(between)
    return lines


def _gaps(lines: list[int | None]) -> list[tuple[int, int]]:
    """From and to where rows have no line."""
    gaps, first = [], None
    for number, line in enumerate([*lines, 0]):
        if line is None and first is None:
            first = number
        elif line is not None and first is not None:
            gaps.append((first, number))
            first = None
    return gaps


def _between(lines: list[int], above: int | None, below: int | None) -> list[int]:
    first = bisect_right(lines, above) if above is not None else 0
    last = bisect_left(lines, below) if below is not None else len(lines)
    return lines[first : min(last, first + MOST_OPTIONS)]


def _weighed(row: list[Standing], lines: list[int]) -> list[tuple[int, float]]:
    return [(line, _weight(row, line)) for line in lines]


def _shared(row: list[Standing]) -> set[int]:
    """The lines that hold most of the row: those of its rarest value, and of the next, as far as others agree."""
    rarest = sorted(row, key=lambda one: len(one.lines))
    found: set[int] = set()
    for first in range(min(2, len(rarest))):
        lines = set(rarest[first].lines)
        for other in (*rarest[first + 1 :], *rarest[:first]):
            lines = _agreed(lines, other)
        found |= lines
    return found


def _agreed(lines: set[int], other: Standing) -> set[int]:
    if len(lines) < len(other.on):
        return {line for line in lines if line in other.on} or lines
    return (other.on.keys() & lines) or lines


def _weight(row: list[Standing], line: int) -> float:
    weight = 0.0
    for one in row:
        for away, share in CLOSE.items():  # the closest first
            if line + away in one.on:
                weight += one.weight * share
                break
    return weight
