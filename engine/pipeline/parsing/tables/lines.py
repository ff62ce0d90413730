"""One visual line of a table's body: which of its words stand in which column."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from reading.document import Box, Word
from reading.literals.numbers import find_numbers

from ..text_grid import Cell, Span
from .headers import NUMERIC, Column

_COUNT_AND_UNIT = re.compile(r"(\d[\d.,]*)\s+([^\W\d_]{1,12}\.?)")
_COUNT_AND_MORE = re.compile(r"(\d[\d.,]*)\s+(\S.*)")
_CLOSE = 0.01
_WORD = r"[^\W\d_]{2,}"
_SENTENCE = 6
_SHARES = ("vat_rate", "vat_amount", "discount")
"""Columns that may hold a percentage."""
_MOST_WORDS = 2
"""Words beside a figure in its cell: a currency, a unit. More of them are a sentence."""


@dataclass(eq=False, slots=True)
class Line:
    """One visual line of the body with its words by column; `row` is its number in the grid."""

    parts: dict[Column, list[Span]]
    top: float
    bottom: float
    page: int
    row: int = 0
    cells: list[Cell] = field(default_factory=list)

    def figures(self) -> set[Column]:
        return {column for column, spans in self.parts.items() if any(has_number(span) for span in spans)}

    def numeric(self) -> set[Column]:
        """The numeric columns that contain a figure on this line, with at most a word or two beside it."""
        return {
            column
            for column in self.parts
            if column.numeric and any(_is_figure(span, column) for span in self.parts[column])
        }

    @property
    def height(self) -> float:
        return self.bottom - self.top


def make_line(row: list[Cell], columns: list[Column]) -> Line:
    top, bottom = min(cell.box.y0 for cell in row), max(cell.box.y1 for cell in row)
    return Line(split_row(row, columns), top, bottom, row[0].page, row[0].row, row)


def has_number(span: Span) -> bool:
    return any(True for _ in find_numbers(span.text))


def _is_figure(span: Span, column: Column) -> bool:
    if "%" in span.text and column.concept not in _SHARES:
        return False
    cut_from = "" if span.text == span.cell.text else span.cell.text
    sentence = len(re.findall(_WORD, cut_from)) > _SENTENCE
    return not sentence and has_number(span) and len(re.findall(_WORD, span.text)) <= _MOST_WORDS


def split_row(row: list[Cell], columns: list[Column]) -> dict[Column, list[Span]]:
    parts: dict[Column, list[Span]] = {}
    for cell in row:
        for column, span in _split_cell(cell, columns):
            parts.setdefault(column, []).append(span)
    return parts


def _split_cell(cell: Cell, columns: list[Column]) -> list[tuple[Column, Span]]:
    """A cell belongs to the column it stands in; one that spans several is split between words."""
    if counted := _count_and_unit(cell, columns) or _count_and_more(cell, columns):
        return counted
    over = [column for column in columns if _shared(cell.box, column) > 0.15 * min(cell.box.width, column.box.width)]
    if len(over) <= 1:
        column = over[0] if over else _nearest(cell, columns)
        return [(column, cell.span)] if column is not None else []
    pieces: list[tuple[Column, Span]] = []
    for word, offset in zip(cell.words, cell.offsets, strict=True):
        under = max(over, key=lambda column: max(0.0, _shared(word.box, column)))
        span = Span(cell, offset, offset + len(word.text))
        if pieces and under is not pieces[-1][0] and _runs_on(word, under, pieces[-1][0]):
            under = pieces[-1][0]
        if pieces and pieces[-1][0] is under:
            pieces[-1] = (under, Span(cell, pieces[-1][1].start, span.end))
        else:
            pieces.append((under, span))
    return pieces


def _shared(box: Box, column: Column) -> float:
    return min(box.x1, column.right) - max(box.x0, column.left)


def _runs_on(word: Word, under: Column, before: Column) -> bool:
    """Whether a word overruns the edge of the column before, rather than starting the next one."""
    figure = any(char.isdigit() for char in word.text)
    if NUMERIC & set(under.options) and "description" not in under.options:
        return not figure
    return bool("description" in before.options and word.box.x0 < under.box.x0 - _CLOSE)


def _count_and_unit(cell: Cell, columns: list[Column]) -> list[tuple[Column, Span]]:
    """A count and its unit in one cell, each below a header of its own."""
    match = _COUNT_AND_UNIT.fullmatch(cell.text)
    quantity = next((column for column in columns if column.options.get("quantity", 0) >= 0.9), None)
    unit = next((column for column in columns if column.options.get("unit", 0) >= 0.9), None)
    if match is None or quantity is None or unit is None or quantity is unit:
        return []
    if gap_between(cell.box, quantity.box) > 0.01 and gap_between(cell.box, unit.box) > 0.01:
        return []
    return [(quantity, cell.span.cut(*match.span(1))), (unit, cell.span.cut(*match.span(2)))]


def _count_and_more(cell: Cell, columns: list[Column]) -> list[tuple[Column, Span]]:
    """A count at the right edge of its column, followed closely by the text of the next column."""
    match = _COUNT_AND_MORE.fullmatch(cell.text)
    at = next((at for at, column in enumerate(columns[:-1]) if column.options.get("quantity", 0) >= 0.9), None)
    if match is None or at is None:
        return []
    count, more = cell.span.cut(*match.span(1)), cell.span.cut(*match.span(2))
    quantity, behind = columns[at], columns[at + 1]
    if NUMERIC & set(behind.options) or count.box.x1 > behind.box.x0 or more.box.x1 > behind.right:
        return []
    under = gap_between(count.box, quantity.box) < _CLOSE and gap_between(more.box, behind.box) < _CLOSE
    return [(quantity, count), (behind, more)] if under and more.box.x0 > behind.box.x0 - 2 * _CLOSE else []


def _nearest(cell: Cell, columns: list[Column]) -> Column | None:
    """The nearest column for a cell that is below none; figures go to numeric columns."""
    figures = has_number(cell.span) and not any(char.isalpha() for char in cell.text.replace("EUR", ""))
    fitting = [column for column in columns if bool(NUMERIC & set(column.options)) == figures] or columns
    best = min(fitting, key=lambda column: gap_between(cell.box, column.box), default=None)
    return best if best is not None and gap_between(cell.box, best.box) < 0.2 else None


def gap_between(one: Box, other: Box) -> float:
    return max(other.x0 - one.x1, one.x0 - other.x1, 0.0)
