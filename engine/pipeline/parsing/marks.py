"""Check boxes on the pages: where they stand, whether they are ticked, and the words that belong to each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .text_grid import Cell, Span, TextGrid

MARK = re.compile(r"(?P<ticked>[☑☒✓✔✗✘⊠🗹🗷]|[\[(]\s?[xX✓]\s?[\])])|(?P<empty>[☐□◻❏❑]|\[\s?\]|\(\s?\))")
ONLY_MARK = re.compile(rf"\W*(?:{MARK.pattern}|[xX✓])\W*")
"""A text that is a mark and nothing else; a typed cross may stand without a box."""
_NEAR = 0.06
"""How far from its box a label may begin, as a share of the page."""


_BEFORE = 0.8


@dataclass(frozen=True, slots=True)
class Mark:
    """One check box: its own place, and its label, from the nearest words to those of the line below."""

    place: Span
    ticked: bool
    labels: tuple[Span, ...]
    trust: float = 1.0
    """Less where the label stands before its box, as it seldom does."""

    @property
    def label(self) -> str:
        return " ".join(span.text for span in self.labels)


def all_marks(grid: TextGrid) -> list[Mark]:
    """Those without a label, too."""
    return [mark for cell in grid.cells for mark in _marks_of(grid, cell)]


def _marks_of(grid: TextGrid, cell: Cell) -> Iterator[Mark]:
    matches = list(MARK.finditer(cell.text))
    for order, match in enumerate(matches):
        stop = matches[order + 1].start() if order + 1 < len(matches) else len(cell.text)
        place = Span(cell, match.start(), match.end())
        behind = Span(cell, match.end(), stop).stripped()
        last = order + 1 == len(matches)
        label = _announced(cell, matches, order)
        label = label or (behind if behind.text else _right_of(grid, cell) if last else None)
        trust = 1.0 if label is not None else _BEFORE
        if label is None:
            label = _before(cell, matches, order) or (_left_of(grid, cell) if last else None)
        labels = () if label is None else (label, *_going_on(grid, label))
        yield Mark(place, match["ticked"] is not None, labels, trust)


def _announced(cell: Cell, matches: list[re.Match[str]], order: int) -> Span | None:
    """The words right before a box if they end in a colon, and with them every box of the line has its own."""
    if not all(cell.text[: match.start()].rstrip().endswith(":") for match in matches):
        return None
    return Span(cell, matches[order - 1].end() if order else 0, matches[order].start()).stripped()


def _right_of(grid: TextGrid, cell: Cell) -> Span | None:
    for other in grid.right_of(cell)[:1]:
        first = MARK.search(other.text)
        if other.box.x0 - cell.box.x1 < _NEAR and (first is None or first.start() > 0):
            return Span(other, 0, first.start() if first else len(other.text)).stripped()
    return None


def _left_of(grid: TextGrid, cell: Cell) -> Span | None:
    before = grid.before(cell)
    if before is None or cell.box.x0 - before.box.x1 > _NEAR or MARK.search(before.text):
        return None
    return before.span.stripped()


def _before(cell: Cell, matches: list[re.Match[str]], order: int) -> Span | None:
    start = matches[order - 1].end() if order else 0
    span = Span(cell, start, matches[order].start()).stripped()
    return span if span.text and order == 0 else None


def _going_on(grid: TextGrid, label: Span) -> Iterator[Span]:
    """The second line of a label, right under the first."""
    box = label.box
    for cell in grid.below(label.cell, box, reach=0.6):
        if abs(cell.box.x0 - box.x0) < 0.006 and not MARK.search(cell.text):
            yield cell.span
        return
