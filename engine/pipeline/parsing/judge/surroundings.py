"""What stands around a candidate: the words before it, to its left and above it, and what they name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reading.normalization import fold

from ..labels import Label, LabelMap
from ..phrases import PARTY_PHRASES
from ..text_grid import Cell, words_of_name
from .proposals import Proposal, is_currency

Floats = NDArray[np.float32]
_BEFORE = re.compile(r"[^\d]*$")
_FARTHEST = 40
"""Letters before a value that may be its label."""
_HEADS = 0.16
"""Of the page: so far above a line its party may be named."""
NONE = -1


@dataclass(frozen=True, slots=True)
class Neighbours:
    """For each cell the nearest one to its left and above it that has letters, and how far away they are."""

    left: NDArray[np.int32]
    left_gap: Floats
    above: NDArray[np.int32]
    above_gap: Floats
    heading: NDArray[np.int32]
    """The cell above that names a party."""


def neighbours(cells: Sequence[Cell], parties: Sequence[Mapping[str, float]]) -> Neighbours:
    size = len(cells)
    found = _without_neighbours(size)
    pages = sorted({cell.page for cell in cells})
    speaks = np.array([_speaks(cell) for cell in cells], bool)
    names = np.array([bool(party) for party in parties], bool)
    rows = np.array([cell.row for cell in cells])
    boxes = np.array([(cell.box.x0, cell.box.y0, cell.box.x1, cell.box.y1) for cell in cells], np.float32)
    numbers = np.array([cell.page for cell in cells])
    for page in pages:
        at = np.flatnonzero(numbers == page)
        _of_page(found, at, boxes[at], rows[at], speaks[at], names[at])
    return found


def _without_neighbours(size: int) -> Neighbours:
    left, above, heading = (np.full(size, NONE, np.int32) for _ in range(3))
    left_gap, above_gap = (np.ones(size, np.float32) for _ in range(2))
    return Neighbours(left, left_gap, above, above_gap, heading)


def _of_page(
    found: Neighbours, at: NDArray[np.int64], boxes: Floats, rows: NDArray[np.int64], speaks: NDArray[np.bool_],
    names: NDArray[np.bool_],
) -> None:  # fmt: skip
    x0, y0, x1, y1 = boxes.T
    gap = x0[:, None] - x1[None, :]
    left = (rows[:, None] == rows[None, :]) & (gap > -0.01) & speaks[None, :]
    np.fill_diagonal(left, val=False)
    _nearest(np.where(left, np.maximum(gap, 0), 1), at, found.left, found.left_gap)
    drop = y0[:, None] - y1[None, :]
    shared = np.minimum(x1[:, None], x1[None, :]) - np.maximum(x0[:, None], x0[None, :])
    narrow = np.minimum((x1 - x0)[:, None], (x1 - x0)[None, :])
    over = (drop > -0.004) & (rows[:, None] > rows[None, :]) & (shared > 0.2 * narrow)
    _nearest(np.where(over & speaks[None, :], np.maximum(drop, 0), 1), at, found.above, found.above_gap)
    near = np.abs(x0[:, None] - x0[None, :]) < 0.06
    heads = (near | (shared > 0.5 * narrow)) & (drop > -0.004) & (drop < _HEADS) & names[None, :]
    _nearest(np.where(heads, np.maximum(drop, 0), 1), at, found.heading, np.empty(len(found.heading), np.float32))


def _nearest(distance: Floats, at: NDArray[np.int64], index: NDArray[np.int32], gap: Floats) -> None:
    best = distance.argmin(axis=1)
    far = distance[np.arange(len(at)), best]
    index[at] = np.where(far < 1, at[best], NONE)
    gap[at] = far


def _speaks(cell: Cell) -> bool:
    """Whether a text may be a label: it has letters, and is not just a currency."""
    letters = sum(char.isalpha() for char in cell.text)
    digits = sum(char.isdigit() for char in cell.text)
    return letters >= 2 and letters > digits and len(cell.text) <= 90 and not is_currency(cell.text)


class Surroundings:
    """For each candidate the texts of its labels, by number, and the concepts that these name."""

    def __init__(self, cells: Sequence[Cell], labels: LabelMap, concepts: Sequence[str]) -> None:
        self.cells = cells
        self._labels = labels
        self._index = {cell: number for number, cell in enumerate(cells)}
        self._concepts = {concept: number for number, concept in enumerate(concepts)}
        self.parties = [_party(cell) for cell in cells]
        self.neighbours = neighbours(cells, self.parties) if cells else _without_neighbours(0)
        self.texts: list[str] = [""]
        self._known: dict[str, int] = {"": 0}
        self._of_cell: dict[int, Floats] = {}

    def text_number(self, text: str) -> int:
        plain = " ".join(words_of_name(text))
        if plain not in self._known:
            self._known[plain] = len(self.texts)
            self.texts.append(plain)
        return self._known[plain]

    def at(self, proposal: Proposal) -> int:
        return self._index.get(proposal.spans[0].cell, NONE) if proposal.spans else NONE

    def inline(self, proposal: Proposal) -> tuple[str, Floats]:
        """The words right before a value in its own line, and the concepts of the last label among them."""
        span = proposal.spans[0]
        before = span.cell.text[: span.start]
        if not before:
            return "", self._nothing
        near = _BEFORE.search(before[-_FARTHEST:])
        text = near[0] if near is not None and sum(char.isalpha() for char in near[0]) > 1 else before[-_FARTHEST:]
        labels = [label for label in self._labels.by_cell[span.cell] if label.end <= span.start]
        return text, self._vector(labels[-1].concepts if labels else {})

    def labels_in(self, cell: Cell) -> Sequence[Label]:
        return self._labels.by_cell[cell]

    def is_label(self, cell: Cell) -> bool:
        return self._labels.is_label(cell)

    def of_cell(self, number: int) -> Floats:
        """The concepts that a whole line names."""
        if number == NONE:
            return self._nothing
        if number not in self._of_cell:
            merged: dict[str, float] = {}
            for label in self._labels.by_cell[self.cells[number]]:
                for concept, quality in label.concepts.items():
                    merged[concept] = max(quality, merged.get(concept, 0.0))
            self._of_cell[number] = self._vector(merged)
        return self._of_cell[number]

    @property
    def _nothing(self) -> Floats:
        return np.zeros(len(self._concepts), np.float32)

    def _vector(self, concepts: Mapping[str, float]) -> Floats:
        vector = self._nothing
        for concept, quality in concepts.items():
            if concept in self._concepts:
                vector[self._concepts[concept]] = quality
        return vector


def _party(cell: Cell) -> Mapping[str, float]:
    """The party that a line names at its beginning."""
    if len(cell.tokens) > 8:
        return {}
    matches = PARTY_PHRASES.find(cell.tokens)
    return matches[0].concepts if matches and matches[0].first <= 1 else {}


def plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", fold(text)).strip()
