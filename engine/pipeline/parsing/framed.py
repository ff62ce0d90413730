"""Ruled boxes of a form: label and value in one box, or a box for the label and another for its value."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from reading.document import Box, Page

from .boxes import level, shared_width
from .marks import MARK
from .numbered import printed_number
from .places import Place
from .text_grid import Cell, Span, TextGrid

_MOST_ROWS = 7
"""A box with more lines than this holds text, or a form of its own."""
_LABEL_LINES = 3
_LARGER = 1.13
"""How many times as tall as its label a value is printed, where the two differ."""
_TOUCHING = 0.008
_ALIGNED = 0.012
_ROOM = 0.8
"""Lines free below a label that stands at the top of its box."""
_ALONE, _EMPTY, _RIGHT, _LEFT, _BELOW, _OVER = 1.0, 0.97, 0.93, 0.92, 0.88, 0.85
_SAME_ROW = 0.8
_BANDS = 50
"""Bands that a page is divided into, so that only nearby boxes are compared."""
_LETTERS = 3
_COUNTER = re.compile(r"\W*\d{0,2}[A-Za-z]?\W*")
"""The number of a line, repeated before its box, or the dots that lead there."""
_DOTS = re.compile(r"(?:\s*[._…]){3,}\s*$")


@dataclass(eq=False)
class Frame:
    """One ruled box with the cells that stand in it, row by row."""

    page: int
    box: Box
    rows: list[list[Cell]]

    @cached_property
    def cells(self) -> list[Cell]:
        return [cell for row in self.rows for cell in row]

    @cached_property
    def text(self) -> str:
        return " ".join(cell.text for cell in self.cells)

    @property
    def has_marks(self) -> bool:
        return any(MARK.search(cell.text) for cell in self.cells)

    @property
    def has_room(self) -> bool:
        """Whether its text stands at the top, over a place to write in."""
        if len(self.rows) > _LABEL_LINES:
            return False
        first, last = self.rows[0][0].box, self.rows[-1][0].box
        above, below = first.y0 - self.box.y0, self.box.y1 - last.y1
        return below > max(2 * above, _ROOM * last.height)

    @cached_property
    def is_whole(self) -> bool:
        """Whether label and value share this box, or would if there were a value."""
        return bool(self.rows) and len(self.rows) <= _MOST_ROWS and (self.has_room or _larger_from(self.rows) > 0)

    @cached_property
    def named(self) -> list[Cell]:
        """The cells of its label, if sizes or the room below tell them."""
        count = _larger_from(self.rows) or (len(self.rows) if self.has_room else 0)
        return [cell for row in self.rows[:count] for cell in row]


class Frames:
    """The ruled boxes of a document."""

    def __init__(self, pages: Sequence[Page], grid: TextGrid) -> None:
        self.grid = grid
        self.of_cell: dict[Cell, Frame] = {}
        self.all: list[Frame] = []
        for page in pages:
            cells: dict[int, list[Cell]] = defaultdict(list)
            boxes = page.frames
            for cell in grid.cells if boxes else ():
                if cell.page == page.number and (at := _at(cell, boxes)) is not None:
                    cells[at].append(cell)
            for at, box in enumerate(boxes):
                frame = Frame(page.number, box, _in_rows(cells[at]))
                self.all.append(frame)
                self.of_cell |= dict.fromkeys(cells[at], frame)
        self._cells: dict[tuple[int, int], list[Cell]] = defaultdict(list)
        for cell in grid.cells if self.all else ():
            self._cells[cell.page, int(cell.box.centre[1] * _BANDS)].append(cell)
        self._frames: dict[tuple[int, int], list[Frame]] = defaultdict(list)
        for frame in self.all:
            for band in {int(frame.box.y0 * _BANDS), int(frame.box.y1 * _BANDS)}:
                self._frames[frame.page, band].append(frame)

    def _cells_near(self, frame: Frame) -> list[Cell]:
        bands = range(int(frame.box.y0 * _BANDS) - 1, int(frame.box.y1 * _BANDS) + 2)
        return [cell for band in bands for cell in self._cells[frame.page, band]]

    def _frames_near(self, page: int, edge: float) -> list[Frame]:
        """The boxes that begin or end near this height."""
        at = int(edge * _BANDS)
        return [frame for band in (at - 1, at, at + 1) for frame in self._frames[page, band]]

    def parted(self, label: Cell, value: Cell) -> bool:
        """Whether a value belongs to another box than its label, as that of a box which has a label of its own."""
        one, other = self.of_cell.get(label), self.of_cell.get(value)
        if one is other:
            return one is not None and value is not label and value in one.named
        return (one is not None and one.is_whole) or (other is not None and other.is_whole and value in other.named)

    def part(self, place: Place) -> bool:
        return any(self.parted(label, value) for label in place.named_by for value in place.cells)

    @cached_property
    def heads(self) -> set[Cell]:
        """The words that name what stands below them in their box, or in the box on their right."""
        beside = (self._before(frame) for frame in self.all if frame.rows and len(frame.cells) <= _LABEL_LINES)
        within = (frame.named for frame in self.all if frame.is_whole)
        return {cell for cells in (*beside, *within) for cell in cells if cell in self.of_cell}

    def places(self) -> Iterator[Place]:
        for frame in self.all:
            if len(frame.rows) > _MOST_ROWS or frame.has_marks:
                continue
            if frame.rows:
                yield from _within(frame)
            if len(frame.cells) <= _LABEL_LINES:
                yield from self._named_outside(frame)

    def _named_outside(self, frame: Frame) -> Iterator[Place]:
        """A box that holds the value alone: its label stands in the box before or over it, or outside of all boxes."""
        if self._is_head(frame):
            return
        spans = tuple(cell.span for cell in frame.cells)
        before = self._before(frame)
        if before and printed_number(_joined(before)) == frame.text.strip(" .").casefold() != "":
            return  # the number of the line, once more
        if before and (spans or not self._goes_on_right(frame)):
            yield Place(spans, ((_joined(before), _RIGHT if before[0] in self.of_cell else _LEFT),), tuple(before))
        over = self._over(frame)
        if over is not None and (not before or over.rows):
            yield Place(spans, ((over.text, _BELOW),), tuple(over.cells))
        if not before and over is None:
            free = self._free_over(frame)
            if free is not None:
                yield Place(spans, ((free.text, _OVER),), (free,))

    def _is_head(self, frame: Frame) -> bool:
        """Whether a box and its neighbours hold words only and name the boxes below them."""
        under = self._touching(frame, below=True)
        if under is None or self._over(under) is not frame:
            return False
        row = {
            other for other in self._frames_near(frame.page, frame.box.y0) if level(other.box, frame.box) > _SAME_ROW
        }
        return len(row) > 1 and not any(char.isdigit() for other in row for char in other.text)

    def _before(self, frame: Frame) -> list[Cell]:
        """The words before a box on its line, its repeated number left out."""
        near = [
            cell
            for cell in self._cells_near(frame)
            if cell.box.x1 <= frame.box.x0 + _TOUCHING and level(cell.box, frame.box) > 0.6
        ]
        near.sort(key=lambda cell: -cell.box.x1)
        while near and _COUNTER.fullmatch(near[0].text):
            near.pop(0)
        if not near or sum(char.isalpha() for char in near[0].text) < _LETTERS:
            return []
        nearest = near[0]
        own = self.of_cell.get(nearest)
        if own is None:
            return [nearest]
        if own.has_room or own.has_marks or len(own.rows) > _LABEL_LINES:
            return []
        return own.cells

    def _over(self, frame: Frame) -> Frame | None:
        """The box right over one, as wide, if it is no row of a longer table."""
        over = self._touching(frame, below=False)
        if over is None or not over.rows or over.has_room or self._touching(frame, below=True) is not None:
            return None
        upper = self._touching(over, below=False)
        return over if upper is None or not upper.rows else None

    def _goes_on_right(self, frame: Frame) -> bool:
        """Whether another box of its row follows, in which the value may stand as well."""
        return any(
            abs(other.box.x0 - frame.box.x1) < _TOUCHING and level(other.box, frame.box) > _SAME_ROW
            for other in self._frames_near(frame.page, frame.box.y0)
        )

    def _touching(self, frame: Frame, *, below: bool) -> Frame | None:
        for other in self._frames_near(frame.page, frame.box.y1 if below else frame.box.y0):
            gap = other.box.y0 - frame.box.y1 if below else frame.box.y0 - other.box.y1
            aligned = abs(other.box.x0 - frame.box.x0) < _ALIGNED and abs(other.box.x1 - frame.box.x1) < _ALIGNED
            if abs(gap) < _TOUCHING and aligned:
                return other
        return None

    def _free_over(self, frame: Frame) -> Cell | None:
        over = [
            cell
            for cell in self._cells_near(frame)
            if cell not in self.of_cell
            and -0.3 * cell.box.height < frame.box.y0 - cell.box.y1 < cell.box.height
            and shared_width(cell.box, frame.box) > 0.5 * cell.box.width
        ]
        return max(over, key=lambda cell: cell.box.y1, default=None)


def _at(cell: Cell, boxes: Sequence[Box]) -> int | None:
    """The innermost box that a cell stands in; they are sorted by size."""
    across, down = cell.span.place.centre
    return next((n for n, box in enumerate(boxes) if box.x0 <= across <= box.x1 and box.y0 <= down <= box.y1), None)


def _in_rows(cells: Sequence[Cell]) -> list[list[Cell]]:
    rows: dict[int, list[Cell]] = defaultdict(list)
    for cell in cells:
        rows[cell.row].append(cell)
    return [sorted(rows[row], key=lambda cell: cell.box.x0) for row in sorted(rows)]


def _within(frame: Frame) -> Iterator[Place]:
    """The ways to split a box into label and value; with only a label in it, the value is empty."""
    rows = frame.rows
    first = rows[0][0]
    colon = re.search(r":\s+(?=\S)", first.text)
    if colon is not None:
        spans = (Span(first, colon.end(), len(first.text)), *(cell.span for cell in frame.cells[1:]))
        yield Place(spans, ((first.text[: colon.start()], _ALONE),))
        return
    if len(rows) == 1 and len(rows[0]) == 2:
        yield Place((rows[0][1].span,), ((first.text, _ALONE),), (first,))
        return
    larger = _larger_from(rows)
    if not larger and any(len(row) > 1 for row in rows):
        return  # columns of its own
    counts = [larger] if larger else range(1, min(_LABEL_LINES, len(rows) - 1) + 1)
    for count in counts:
        label = [cell for row in rows[:count] for cell in row]
        if not larger and _goes_on(label[-1], rows[count][0]):
            continue
        spans = tuple(cell.span for row in rows[count:] for cell in row)
        yield Place(spans, ((_joined(label), _ALONE),), tuple(label))
    if not larger and frame.has_room:
        yield Place((), ((_joined(frame.cells), _EMPTY),), tuple(frame.cells))


def _larger_from(rows: Sequence[Sequence[Cell]]) -> int:
    """The row from which on all is written larger than above; 0 where the sizes do not tell."""
    ratios = [
        (
            min(cell.box.height for row in rows[at:] for cell in row)
            / max(cell.box.height for row in rows[:at] for cell in row),
            at,
        )
        for at in range(1, len(rows))
    ]
    ratio, at = max(ratios, default=(0.0, 0))
    return at if ratio >= _LARGER else 0


def _goes_on(label: Cell, below: Cell) -> bool:
    """Whether the next line is more of the label: it goes on in small letters, or in the bracket that it opened."""
    text = label.text
    return below.text[0].islower() or text.count("(") > text.count(")") or text.endswith((",", "-"))


def _joined(cells: Sequence[Cell]) -> str:
    return _DOTS.sub("", " ".join(cell.text for cell in cells))
