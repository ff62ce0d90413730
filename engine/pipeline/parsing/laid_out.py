"""Labels and values that stand side by side or one above the other, in no box: pairs, columns under a head, and
tables whose rows and columns have names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .boxes import shared_width
from .marks import MARK
from .numbered import printed_number
from .places import Place
from .text_grid import Cell, Span, TextGrid

_COLON, _BESIDE, _OVER, _CELL, _ROW_ALONE, _LABEL_BELOW = 1.0, 0.95, 0.92, 0.96, 0.8, 0.9
_SMALL = 0.8
"""Of the height of what is written: small print is less high."""
_LETTERS = 3
_MOST_WORDS = 12
_NEAR = 0.5
"""Of the page: a label and the value beside it stand no further apart."""
_FLUSH = 0.012
_REACH = 1.6
"""Lines between a label and the value under it, at most."""
_HEADS = 25
"""Rows above a value among which the head of its column is looked for."""
_FIGURES = re.compile(r"[-+(]?\W{0,3}\d[\d\s.,'’/-]*\W{0,3}(?:[A-Za-z]{1,3})?\.?")


def laid_out_places(grid: TextGrid) -> Iterator[Place]:
    rows = [[cell for cell in row if not MARK.search(cell.text)] for row in grid.rows]
    stacked = [place for row in rows for cell in row for place in _under(grid, cell)]
    yield from stacked
    names = {cell for place in stacked for cell in place.named_by}
    for row in rows:
        for order, cell in enumerate(row):
            yield from _behind_colon(cell)
            both = order > 0 and cell in names and row[order - 1] in names
            if order and not both and not cell.text.rstrip().endswith(":"):
                yield from _beside(grid, row[:order], cell)


def tabled_places(grid: TextGrid) -> Iterator[Place]:
    """Only the figures that are named by their row and their column."""
    return (place for place in laid_out_places(grid) if place.is_tabled)


def _behind_colon(cell: Cell) -> Iterator[Place]:
    colon = re.search(r":\s+(?=\S)", cell.text)
    if colon is not None and _is_label(cell.text[: colon.start()]):
        yield Place((Span(cell, colon.end(), len(cell.text)),), ((cell.text[: colon.start()], _COLON),))


def _beside(grid: TextGrid, before: list[Cell], cell: Cell) -> Iterator[Place]:
    """A value and what is before it on its line; a figure further right is named by its row and its column."""
    left = before[-1]
    named = [other for other in before if _is_label(other.text)]
    if not named or left.box.x1 + _NEAR < cell.box.x0:
        return
    name = named[-1]
    if not _is_figure(cell):
        if name is left and not (printed_number(name.text) and printed_number(cell.text)):
            yield Place((cell.span,), ((name.text, _BESIDE),), (name,))
        return
    several = sum(_is_figure(other) for other in grid.rows[cell.row] if other.box.x0 > name.box.x1) > 1
    head = _head(grid, cell) if several else None
    labels: list[tuple[str, float]] = []
    if head is not None:
        labels = [(f"{name.text} {head.text}", _CELL), (f"{head.text} {name.text}", _CELL * 0.99)]
    first = left is name
    labels.append((name.text, (_BESIDE if head is None else 0.9) if first else _ROW_ALONE))
    yield Place((cell.span,), tuple(labels), (name,), is_tabled=head is not None)


def _head(grid: TextGrid, cell: Cell) -> Cell | None:
    """The nearest words over a figure, past other figures of its column."""
    for row in reversed(grid.rows[max(0, cell.row - _HEADS) : cell.row]):
        for other in row:
            if other.page != cell.page or shared_width(other.box, cell.box) < -_FLUSH:
                continue
            lined_up = (
                abs(other.box.x1 - cell.box.x1) < _FLUSH
                or abs(other.box.x0 - cell.box.x0) < _FLUSH
                or shared_width(other.box, cell.box) > 0.5 * min(other.box.width, cell.box.width)
            )
            if lined_up and not _is_figure(other):
                return other if _is_label(other.text) and len(row) > 1 else None
    return None


def _under(grid: TextGrid, cell: Cell) -> Iterator[Place]:
    """What stands under a label, flush with it or around its middle, with nothing between. Small print under larger
    letters names what is written above it."""
    for other in grid.below(cell, reach=_REACH):
        lined_up = (
            abs(other.box.x0 - cell.box.x0) < _FLUSH
            or abs(other.box.x1 - cell.box.x1) < _FLUSH
            or abs(other.box.centre[0] - cell.box.centre[0]) < _FLUSH
        )
        if _is_smaller(other, cell):
            if lined_up and _is_label(other.text):
                yield Place((cell.span,), ((other.text, _LABEL_BELOW),), (other,))
            return
        numbered = printed_number(cell.text) and printed_number(other.text)
        if lined_up and _is_label(cell.text) and not numbered and not other.text.rstrip().endswith(":"):
            yield Place((other.span,), ((cell.text, _OVER),), (cell,))
        return


def _is_smaller(one: Cell, other: Cell) -> bool:
    return one.box.height < _SMALL * other.box.height


def _is_label(text: str) -> bool:
    letters = sum(char.isalpha() for char in text)
    digits = sum(char.isdigit() for char in text)
    running = text.lstrip()[:1].islower()
    return not running and letters >= _LETTERS and letters > 2 * digits and len(text.split()) <= _MOST_WORDS


def _is_figure(cell: Cell) -> bool:
    return _FIGURES.fullmatch(cell.text.strip()) is not None
