"""Find tables among the lines of a page by their geometry: rows whose cells stand in the same columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from reading.document import Box, Line, Region, RegionKind

CELLS = 3  # in a row that makes a table by itself; within a region found to be a table, two do
APART = 2.5  # line heights between the first two rows of a table, at most
FARTHER = 2.0  # times the usual distance between its rows, where the table ends
TIGHT = 0.6  # of the usual distance between rows: below it, a row goes on in the next line
SAME_ROW = 0.5


@dataclass(slots=True)
class Row:
    """Lines side by side."""

    cells: list[Line]
    boxes: list[Box]
    box: Box = field(init=False)
    height: float = field(init=False)

    def __post_init__(self) -> None:
        first, *others = self.boxes
        self.box = around(self.boxes) if others else first
        self.height = median([box.height for box in self.boxes]) if others else first.height

    @property
    def top(self) -> float:
        return self.box.y0

    @property
    def bottom(self) -> float:
        return self.box.y1


@dataclass(slots=True)
class Table:
    rows: list[Row]
    columns: list[tuple[float, float]] = field(default_factory=list)

    def cells(self) -> list[list[str]]:
        """The texts, row by row, a line that belongs to the row above joined to it."""
        grid: list[list[str]] = []
        steps = _steps(self)
        usual = median(steps) if steps else 0.0
        for n, row in enumerate(self.rows):
            texts = self._in_columns(row)
            if n and len(row.cells) < CELLS and steps[n - 1] < TIGHT * usual and self._continues(grid[-1], texts):
                grid[-1] = [f"{above} {text}".strip() for above, text in zip(grid[-1], texts, strict=True)]
            else:
                grid.append(texts)
        return grid

    def _in_columns(self, row: Row) -> list[str]:
        texts = [""] * len(self.columns)
        for line, box in zip(row.cells, row.boxes, strict=True):
            shared = [_shared(column, (box.x0, box.x1)) for column in self.columns]
            n = shared.index(max(shared))
            texts[n] = f"{texts[n]} {line.text}".strip()
        return texts

    @staticmethod
    def _continues(above: list[str], texts: list[str]) -> bool:
        return all(over for over, text in zip(above, texts, strict=True) if text)


def rows_of(lines: Sequence[Line]) -> list[Row]:
    """Lines that follow each other in reading order and stand side by side."""
    rows: list[tuple[list[Line], list[Box]]] = []
    for line in lines:
        box = line.box
        if rows and _beside(rows[-1][1][-1], box):
            rows[-1][0].append(line)
            rows[-1][1].append(box)
        else:
            rows.append(([line], [box]))
    return [Row(*row) for row in rows]


def around(boxes: Sequence[Box]) -> Box:
    return Box(
        min([box.x0 for box in boxes]),
        min([box.y0 for box in boxes]),
        max([box.x1 for box in boxes]),
        max([box.y1 for box in boxes]),
    )


def split_tables(rows: Sequence[Row], regions: Sequence[Region]) -> list[Row | Table]:
    """The rows as they were, but those of a table made one."""
    parts: list[Row | Table] = []
    n = 0
    while n < len(rows):
        table = _table_at(rows, n, regions)
        parts.append(table or rows[n])
        n += len(table.rows) if table else 1
    return parts


def _table_at(rows: Sequence[Row], start: int, regions: Sequence[Region]) -> Table | None:
    if len(rows[start].cells) < _least(rows[start], regions):
        return None
    table = Table([rows[start]], [(box.x0, box.x1) for box in rows[start].boxes])
    for row in rows[start + 1 :]:
        if not _is_near(table, row) or _is_title(row, regions) or not _fits(table, row):
            break
        table.rows.append(row)
    while len(table.rows[-1].cells) < 2 and not _is_wrapped(table):
        table.rows.pop()
    full = sum(len(row.cells) >= _least(row, regions) for row in table.rows)
    return table if full >= 2 else None


def _is_near(table: Table, row: Row) -> bool:
    last = table.rows[-1]
    gap, height = row.top - last.bottom, max(row.height, last.height)
    steps = _steps(table)
    most = min(APART, max(1.0, FARTHER * median(steps) / height)) if steps else APART
    return gap <= most * height and row.top >= last.top


def _is_title(row: Row, regions: Sequence[Region]) -> bool:
    titles = (region.box for region in regions if region.kind is RegionKind.TITLE)
    return len(row.cells) == 1 and any(row.boxes[0].overlap(title) > 0.6 for title in titles)


def _steps(table: Table) -> list[float]:
    return [below.box.y0 - above.box.y1 for above, below in pairwise(table.rows)]


def _least(row: Row, regions: Sequence[Region]) -> int:
    found = any(region.kind is RegionKind.TABLE and row.boxes[0].overlap(region.box) > 0.5 for region in regions)
    return 2 if found else CELLS


def _fits(table: Table, row: Row) -> bool:
    """Whether each cell lies in one column; columns grow, and new ones are found between them."""
    columns = list(table.columns)
    for box in row.boxes:
        cell = (box.x0, box.x1)
        met = [n for n, column in enumerate(columns) if _shared(column, cell) > 0]
        if len(met) > 1:
            # A wide cell may reach over the empty cells beside it, but not take part in a table by itself.
            if len(row.cells) < 2:
                return False
        elif met:
            columns[met[0]] = (min(columns[met[0]][0], cell[0]), max(columns[met[0]][1], cell[1]))
        elif len(row.cells) > 1:
            columns = sorted([*columns, cell])
        else:
            return False
    table.columns = columns
    return True


def _is_wrapped(table: Table) -> bool:
    """The last row is one line only, close below the one before."""
    if len(table.rows) < 3:
        return len(table.rows) < 2
    *_, before, last = table.rows
    return last.top - before.bottom < TIGHT * median(_steps(table)[:-1])


def _beside(left: Box, right: Box) -> bool:
    shared = min(left.y1, right.y1) - max(left.y0, right.y0)
    return right.x0 >= left.x1 - 0.01 and shared >= SAME_ROW * min(left.height, right.height)


def _shared(column: tuple[float, float], cell: tuple[float, float]) -> float:
    left = column[0] if column[0] > cell[0] else cell[0]
    return (column[1] if column[1] < cell[1] else cell[1]) - left
