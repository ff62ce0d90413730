"""Values that are more than one cell: a column under its head, a row beside its name."""

from __future__ import annotations

from collections.abc import Sequence

from .candidates import Finder
from .labels import Label
from .marks import MARK
from .text_grid import Cell, Span

_COLUMN_GAP = 3.5
_ALIGNED = 0.012
_SHORT = 6
"""More words than these stand in no cell of a table."""


def column_under(finder: Finder, label: Label) -> list[Span]:
    """The cells under a label as far as they follow each other, none of them beside another label's value."""
    box = Span(label.cell, label.start, label.end).box
    found: list[Span] = []
    edge, row = box.y1, label.cell.row
    for cells in finder.grid.rows[label.cell.row + 1 :]:
        under = [cell for cell in cells if cell.page == label.cell.page and _within(cell, box.x0, box.x1)]
        if not under or under[0].row == row:
            continue
        cell = under[0]
        if cell.box.y0 - edge > _COLUMN_GAP * box.height or finder.labels.is_label(cell) or len(cell.tokens) > _SHORT:
            break
        if any(char.isalnum() for char in cell.text):
            found.append(cell.span.stripped(" \t:;·•●|"))
            edge = cell.box.y1
    return found


def _within(cell: Cell, left: float, right: float) -> bool:
    return left - _ALIGNED <= cell.box.centre[0] <= right + _ALIGNED or (
        cell.box.x0 < (left + right) / 2 < cell.box.x1 and cell.box.width < 2.5 * (right - left)
    )


def row_beside(finder: Finder, label: Label) -> list[Span]:
    """The cells to the right of a label that is alone in its cell, up to the next label."""
    if label.cell.text[label.end :].strip(" :.").strip():
        return []
    found: list[Span] = []
    for cell in finder.grid.right_of(label.cell):
        if finder.labels.is_label(cell) or len(cell.tokens) > _SHORT or MARK.search(cell.text):
            break
        if any(char.isalnum() for char in cell.text):
            found.append(cell.span.stripped(" \t:;·•●|"))
    return found


def figures(spans: Sequence[Span]) -> float:
    """The share of values that have a digit in them, as values have rather than names."""
    return sum(any(char.isdigit() for char in span.text) for span in spans) / max(1, len(spans))
