"""Where one column ends and the next begins: in the free strip between their heads that the words below leave."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from reading.document import Box, Word
from reading.literals.numbers import find_numbers

from ..boxes import around
from ..text_grid import Cell
from .headers import Column, options_of

_FULL = 0.6
"""Share of the rows that must have two figures under one head for it to be two heads that stand close."""
_SAMPLE = 40
_STRIPS = 5
_EMPTY, _CROWDED, _CUT = 0.4, 1.0, 2.0
"""What speaks against a boundary: a row with nothing in a column, each cell too many, each word that is cut."""


def fit(columns: list[Column], rows: Sequence[list[Cell]]) -> None:
    """Set the edges of the columns, which are in their order; heads of two columns that came as one are parted."""
    sample = [row for row in rows if sum(_is_figure(cell) for cell in row) > 1][:_SAMPLE]
    _add_first(columns, sample)
    _set_edges(columns, sample)
    for column in list(columns):
        if (parts := _parted(column, sample)) is not None:
            at = columns.index(column)
            columns[at : at + 1] = parts
            _set_edges(columns, sample)


def _is_figure(cell: Cell) -> bool:
    letters = sum(char.isalpha() for char in cell.text)
    return any(True for _ in find_numbers(cell.text)) and letters <= 0.5 * len(cell.text)


def _add_first(columns: list[Column], sample: Sequence[list[Cell]]) -> None:
    """A column to the left of all heads, as that of the numbers of the rows often has none."""
    left = [row[0].box for row in sample if row[0].box.x1 < columns[0].box.x0 and len(row) > len(columns)]
    if len(left) >= max(2, _FULL * len(sample)):
        columns.insert(0, Column("", around(left), {}))


def _set_edges(columns: Sequence[Column], sample: Sequence[list[Cell]]) -> None:
    """The boundaries that leave the most rows with one cell in each column, decided for all of them together."""
    boxes = [[cell.box for cell in row] for row in sample]
    words = [word.box for row in sample for cell in row for word in cell.words]
    paths: dict[float, tuple[float, tuple[float, ...]]] = {-1.0: (0.0, ())}
    for one, other in pairwise(columns):
        longer: dict[float, tuple[float, tuple[float, ...]]] = {}
        for at, cost in _strips(one.box.x1, other.box.x0, words):
            ways = [(before + cost + _crowding(boxes, left, at), (*path, at)) for left, (before, path) in paths.items()]
            longer[at] = min(ways)
        paths = longer
    _, best = min((cost + _crowding(boxes, left, 2.0), path) for left, (cost, path) in paths.items())
    for (one, other), at in zip(pairwise(columns), best, strict=True):
        one.right = other.left = at


def _crowding(rows: Sequence[Sequence[Box]], left: float, right: float) -> float:
    counts = [sum(left <= box.centre[0] < right for box in row) for row in rows]
    return sum(_EMPTY if count == 0 else _CROWDED * (count - 1) for count in counts)


def _strips(start: float, end: float, words: Sequence[Box]) -> list[tuple[float, float]]:
    """Where a boundary may be, the middle of every strip between the edges of words, and what speaks against it."""
    if end <= start:
        return [((start + end) / 2, 0.0)]
    near = [box for box in words if box.x1 > start and box.x0 < end]
    edges = sorted({start, end, *(min(max(x, start), end) for box in near for x in (box.x0, box.x1))})
    middles = [((left + right) / 2, right - left) for left, right in pairwise(edges)]
    found = [(at, sum(box.x0 < at < box.x1 for box in near) * _CUT - width) for at, width in middles]
    return sorted(found, key=lambda strip: strip[1])[:_STRIPS]


def _parted(column: Column, sample: Sequence[list[Cell]]) -> list[Column] | None:
    """Two columns in the place of one under which most rows have two cells of figures."""
    under = [[c for c in row if column.left <= c.box.centre[0] < column.right and _is_figure(c)] for row in sample]
    pairs = [cells for cells in under if len(cells) == 2]
    if len(pairs) < max(2, _FULL * len(sample)):
        return None
    start, end = max(cells[0].box.x1 for cells in pairs), min(cells[1].box.x0 for cells in pairs)
    if start >= end:
        return None
    words = [word for cell in column.cells for word in cell.words if _within(word, column.box)]
    middle = (median(c[0].box.centre[0] for c in pairs) + median(c[1].box.centre[0] for c in pairs)) / 2
    first = [word for word in words if word.box.centre[0] < middle]
    others = [word for word in words if word.box.centre[0] >= middle]
    boxes = [around(cells[at].box for cells in pairs) for at in (0, 1)]
    return [
        _head_of(part, column) if part else Column("", box, {})
        for part, box in zip((first, others), boxes, strict=True)
    ]


def _within(word: Word, box: Box) -> bool:
    return box.x0 - 0.001 <= word.box.centre[0] <= box.x1 + 0.001


def _head_of(words: Sequence[Word], column: Column) -> Column:
    box = words[0].box
    for word in words[1:]:
        box = box.union(word.box)
    text = re.sub(r"\s+", " ", " ".join(word.text for word in words))
    return Column(text, box, options_of(text), cells=column.cells, left=column.left, right=column.right)
