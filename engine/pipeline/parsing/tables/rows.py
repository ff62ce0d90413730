"""Reads the body of a table below a head; `extent` says which lines are rows, `grouping` what belongs to each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from reading.literals.style import Style
from reading.normalization import fold

from ..labels import LabelMap
from ..readers import Figure, find_figures
from ..text_grid import Cell, Span, TextGrid
from .columns import TIMES, assign
from .extent import Extent, RowScorer, find_extent, is_carried, names_a_total, stands_apart
from .fitting import fit
from .grouping import group
from .headers import Column, Header
from .lines import Line, make_line, split_row

_PAGE_NUMBER = re.compile(
    r"\b(?:page|seite|pagina|blatt|p\.)\s?\d+(?:\s?(?:of|sur|von|van|de|/)\s?\d+)?\W*$|^\d+\s?/\s?\d+$"
)
_SAME_EDGE = 0.012
_FEW_FIGURES = 3


@dataclass(eq=False, slots=True)
class Item:
    """One row of a table: the pieces of text in each of its columns, from top to bottom."""

    parts: dict[Column, list[Span]] = field(default_factory=dict)

    def add(self, line: Line) -> None:
        for column, spans in line.parts.items():
            self.parts.setdefault(column, []).extend(spans)

    def numbers(self, column: Column, style: Style) -> list[Figure]:
        return [figure for span in self.parts.get(column, []) for figure in find_figures(_counted(span), style)]

    @property
    def cells(self) -> list[Cell]:
        return [span.cell for spans in self.parts.values() for span in spans]


def _counted(span: Span) -> Span:
    """The count of '2x', which by itself is no number."""
    match = TIMES.fullmatch(span.text)
    return span.cut(*match.span("count")) if match else span


@dataclass(eq=False, slots=True)
class Body:
    """The rows of a table, and whether an amount printed below is their sum."""

    items: list[Item]
    added_up: bool = False


def read_body(grid: TextGrid, labels: LabelMap, header: Header, stops: set[int]) -> Body:
    """The rows below a head, over page breaks, until totals or another table begin."""
    rows = _rows_below(grid, header, stops)
    fit(header.columns, rows)
    lines = _without_margins([line for row in rows if (line := make_line(row, header.columns)).parts])
    sample = lines[: _first_total(grid, lines, labels, header.columns)]
    assign(header.columns, [line.parts for line in sample], grid.style)
    scorer = RowScorer(grid, labels, header.columns, sample)
    extent = find_extent(grid, labels, lines, scorer)
    if not extent.anchors:
        return Body([])
    items = []
    for row in group(lines, extent.anchors, _left_out(lines, labels, extent, scorer)):
        items.append(Item())
        for line in row:
            items[-1].add(line)
            _measure(line)
    return Body(items, extent.added_up)


def _measure(line: Line) -> None:
    for column, spans in line.parts.items():
        column.start = min(column.start, *(span.box.x0 for span in spans))
        column.reach = max(column.reach, *(span.box.x1 for span in spans))


def _left_out(lines: Sequence[Line], labels: LabelMap, extent: Extent, scorer: RowScorer) -> list[int]:
    """Sums of groups and what is carried over the page: they stand among the rows and belong to none."""
    passed = (index for index in range(len(lines)) if index not in extent.anchors)
    return [
        index
        for index in passed
        if is_carried(lines[index].cells)
        or (scorer.score(lines[index]) or 0.0) < 0
        or (index > extent.last and names_a_total(lines[index].cells, labels))
    ]


def _rows_below(grid: TextGrid, header: Header, stops: set[int]) -> list[list[Cell]]:
    """All rows below a head, up to the next head, a wide gap or the end of the pages that follow each other."""
    found: list[list[Cell]] = []
    page = header.page
    bottom = max(cell.box.y1 for cell in header.cells)
    height = max(cell.box.height for cell in header.cells)
    left = min(cell.box.x0 for cell in header.cells)
    right = max(cell.box.x1 for cell in header.cells)
    for index in range(header.last_row + 1, len(grid.rows)):
        row = [
            cell
            for cell in grid.rows[index]
            if cell.box.x1 > left - 0.06 and cell.box.x0 < right + 0.06 and header.left <= cell.box.x0 < header.right
        ]
        if not row:
            continue
        if row[0].page != page:
            if row[0].page > page + 1 or (found and found[-1][0].page < page - 1):
                break
            page, bottom = row[0].page, 0.0
        if index in stops:
            break
        if bottom and row[0].box.y0 - bottom > 9 * height:
            if row[0].box.y0 > 0.85:
                continue
            break
        found.append(row)
        bottom = max(cell.box.y1 for cell in row)
    return found


def _without_margins(lines: list[Line]) -> list[Line]:
    """Running heads and feet at a page break: lines without figures at the end of a page or the start of the next."""
    kept: list[Line] = []
    for index, line in enumerate(lines):
        changes = index > 0 and lines[index - 1].page != line.page
        at_edge = line.top > 0.9 or (line.top < 0.1 and (changes or (kept and kept[-1].page != line.page)))
        if at_edge and (len(line.figures()) < 2 or _is_margin(line, lines)):
            continue
        kept.append(line)
    return kept


def _is_margin(line: Line, others: list[Line]) -> bool:
    """A page number, or the same words at the same height of another page."""
    text = _words(line)
    if any(_PAGE_NUMBER.search(fold(span.text)) for spans in line.parts.values() for span in spans):
        return True
    again = (o for o in others if o.page != line.page and abs(o.top - line.top) < 0.01)
    return any(char.isalpha() for char in text) and any(_words(other) == text for other in again)


def _words(line: Line) -> str:
    return re.sub(r"\d", "", " ".join(span.text for spans in line.parts.values() for span in spans))


def _first_total(grid: TextGrid, lines: Sequence[Line], labels: LabelMap, columns: list[Column]) -> int:
    """How many lines stand above the first that is plainly a total of the table."""
    for index, line in enumerate(lines):
        total = names_a_total(line.cells, labels) and len(line.figures()) <= _FEW_FIGURES and not is_carried(line.cells)
        if index and stands_apart(line):
            return index
        if (
            total
            and (index or len(line.figures()) < 2)
            and not _goes_on(grid, line.row, lines[:index], labels, columns)
        ):
            return index
    return len(lines)


def _goes_on(grid: TextGrid, index: int, lines: Sequence[Line], labels: LabelMap, columns: list[Column]) -> bool:
    """Whether rows like those above follow a total: then it is that of a group."""
    for row in grid.rows[index + 1 : index + 3]:
        if row[0].page != grid.rows[index][0].page or names_a_total(row, labels):
            return False
        parts = split_row(row, columns)
        figures = Line(parts, 0.0, 0.0, row[0].page).figures()
        for line in lines:
            edge = min(span.box.x0 for spans in line.parts.values() for span in spans)
            if figures and figures >= line.figures() and line.figures() and abs(row[0].box.x0 - edge) < _SAME_EDGE:
                return True
    return False
