"""The words of all pages as cells in rows, built once per document and shared by all of the parser."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TypeVar

from reading.document import Box, Line, Page, Source, Word
from reading.literals.numbers import LEADING_MINUS
from reading.literals.style import Style, style_of
from reading.normalization import fold

from .boxes import around, in_column, is_typed_behind, level, shared_width
from .decimals import with_decimals
from .skew import STEEP, slope_of, straightened, tilt_of

_TOKEN = re.compile(r"(?:[^\W\d_]\.){2,}[^\W\d_]?|[^\W_]+|[#№%]")
_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Ý])|(?<=[A-Z])(?=[A-Z][a-z])")
_BESIDE = 0.12
_SMALL_PRINT = 2.0
"""How much larger, at most, what stands under small print may be for its own height to say how far down it may be."""
T = TypeVar("T")
_NUMBER_WORDS = {"n", "no", "nr", "nro", "num", "numero", "number", "nummer", "numer", "#", "№", "nos"}


@dataclass(frozen=True, slots=True)
class Token:
    """A folded run of letters or digits and where it stands in its text."""

    text: str
    start: int
    end: int


def tokenise(text: str) -> list[Token]:
    """Normalised words for matching: 'T.T.C.' becomes 'ttc', every word for 'number' becomes 'nr'."""
    found = []
    for match in _TOKEN.finditer(text):
        folded = fold(match[0]).replace(".", "")
        found.append(Token("nr" if folded in _NUMBER_WORDS else folded, match.start(), match.end()))
    return found


def words_of_name(name: str) -> list[str]:
    """The words of a property name, whether snake_case, camelCase or a human label."""
    return list(_words_of_name(name))


@lru_cache(maxsize=4096)
def _words_of_name(name: str) -> tuple[str, ...]:
    return tuple(token.text for token in tokenise(_CAMEL.sub(" ", name)))


@dataclass(eq=False, slots=True)
class Cell:
    """Words side by side; `text` joins them with blanks, `offsets` says where each begins.

    `box` is deskewed: use it for layout.
    """

    page: int
    words: tuple[Word, ...]
    width: float
    height: float
    slope: float = 0.0
    text: str = ""
    offsets: tuple[int, ...] = ()
    box: Box = field(default_factory=lambda: Box(0, 0, 0, 0))
    tokens: list[Token] = field(default_factory=list)
    row: int = 0

    def __post_init__(self) -> None:
        offsets, position = [], 0
        for word in self.words:
            offsets.append(position)
            position += len(word.text) + 1
        self.offsets = tuple(offsets)
        self.text = " ".join(word.text for word in self.words)
        self.tokens = tokenise(self.text)
        steep = abs(self.slope) >= STEEP  # then what is one line is as high as all of its words' ups and downs
        box = around(straightened(word.box, self.slope) if steep else word.box for word in self.words)
        self.box = box if steep else straightened(box, self.slope)

    @property
    def span(self) -> Span:
        return Span(self, 0, len(self.text))


@dataclass(frozen=True, slots=True)
class Span:
    """A slice of a cell's text: the provenance of a value."""

    cell: Cell
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.cell.text[self.start : self.end]

    @property
    def page(self) -> int:
        return self.cell.page

    def cut(self, start: int, end: int) -> Span:
        """A slice of this span; offsets count from its start."""
        return Span(self.cell, self.start + start, self.start + end)

    def stripped(self, chars: str = " \t:;,.-–—·•●|/#*=") -> Span:
        """Strip punctuation at both ends, but keep the minus sign of a number."""
        text = self.text
        left, right = len(text) - len(text.lstrip(chars)), len(text.rstrip(chars))
        minus = LEADING_MINUS.search(self.cell.text, self.start) if left else None
        if minus is not None and minus.end() == self.start + left:
            left = minus.start() - self.start
        if re.search(r"[.,]\d\d$", text[:right]) and re.match(r"-(?![\w-])", text[right:]):
            right += 1
        return self.cut(left, max(left, right))

    @property
    def box(self) -> Box:
        """The deskewed bounding box."""
        return straightened(self.place, self.cell.slope)

    @property
    def place(self) -> Box:
        """The bounding box as printed; a word that is only partly covered is cut in proportion to its letters."""
        parts = []
        for word, offset in zip(self.cell.words, self.cell.offsets, strict=True):
            first, last = max(self.start - offset, 0), min(self.end - offset, len(word.text))
            if first < last:
                step = word.box.width / len(word.text)
                x0 = word.box.x0 + step * first
                parts.append(Box(x0, word.box.y0, word.box.x0 + step * last, word.box.y1))
        return around(parts or [word.box for word in self.cell.words])


def joined(spans: Iterable[Span]) -> list[Span]:
    """Merge spans of the same cell, from the first to the last."""
    found: list[Span] = []
    for span in spans:
        if found and found[-1].cell is span.cell:
            found[-1] = Span(span.cell, found[-1].start, span.end)
        else:
            found.append(span)
    return found


class TextGrid:
    """All cells of a document, with its geometric queries."""

    def __init__(self, pages: Sequence[Page], month_first: bool | None = None) -> None:
        self._month_first = month_first
        self.cells: list[Cell] = []
        self.rows: list[list[Cell]] = []
        """Rows of all pages, cells from left to right: visual order, not reading order."""
        for page in pages:
            self._add(page)

    def _add(self, page: Page) -> None:
        lines = [line for line in page.lines if line.words and line.text.strip()]
        slope = _slope(lines) if page.source is Source.OCR else 0.0
        written = [line.words for line in lines]
        if page.source is Source.OCR:
            written = with_decimals(written)
        cells = [Cell(page.number, words, page.width, page.height, slope) for words in written]
        cells = _without_margin_print(cells)
        rows: list[list[Cell]] = []
        for cell in sorted(cells, key=lambda cell: cell.box.centre[1]):
            for row in rows[:-6:-1]:
                if same_row(row[-1], cell) and not any(_collide(other, cell) for other in row):
                    row.append(cell)
                    break
            else:
                rows.append([cell])
        for row in rows:
            row.sort(key=lambda cell: cell.box.x0)
            for cell in row:
                cell.row = len(self.rows)
            self.rows.append(row)
            self.cells.extend(row)

    @cached_property
    def text(self) -> str:
        return "\n".join("  ".join(cell.text for cell in row) for row in self.rows)

    @cached_property
    def style(self) -> Style:
        return style_of(self.text, self._month_first)

    def right_of(self, cell: Cell) -> list[Cell]:
        """Cells to the right on the same row, nearest first; on a skewed page, cells that overlap the line."""
        found = [other for other in self.rows[cell.row] if other.box.x0 > cell.box.centre[0] and other is not cell]
        if found:
            return found
        near = [other for row in rows_beside(self.rows, cell.row) for other in row]
        near = [other for other in near if other.page == cell.page and other.box.x0 >= cell.box.x1]
        near = [other for other in near if level(other.box, cell.box) > 0.25]
        near = [other for other in near if not any(cell.box.x1 <= other.box.x0 for cell in self.rows[other.row])]
        return sorted(near, key=lambda other: other.box.x0)

    def before(self, cell: Cell) -> Cell | None:
        """The cell right before one on its row."""
        row = self.rows[cell.row]
        at = row.index(cell)
        return row[at - 1] if at else None

    def typed_beside(self, cell: Cell) -> Cell | None:
        """What was typed behind a label on a form a little above or below its line, nearer to it than anything else."""
        own = [other.box.x0 for other in self.rows[cell.row] if other.box.x0 > cell.box.x1]
        stop = min(own, default=1.0)
        near = [
            other
            for row in rows_beside(self.rows, cell.row)
            for other in row
            if other.page == cell.page
            and other.box.x0 < stop
            and is_typed_behind(other.box, cell.box, _BESIDE, higher=other.row < cell.row)
            and not any(cell.box.x0 < one.box.x1 <= other.box.x0 for one in row)
        ]
        return max(near, key=lambda other: level(other.box, cell.box), default=None)

    def below(self, cell: Cell, box: Box | None = None, reach: float = 3.0) -> Iterator[Cell]:
        """The cells under a box, nearest row first, no further than `reach` line heights from one to the next."""
        box = box or cell.box
        edge, height = box.y1, box.height
        for row in self.rows[cell.row + 1 : cell.row + 9]:
            for other in row:
                if other.page != cell.page or other.box.centre[1] <= box.y1:
                    continue
                if other.box.y0 - edge > reach * max(height, min(other.box.height, _SMALL_PRINT * height)):
                    return
                if in_column(other.box, box):
                    yield other
                    edge = max(edge, other.box.y1)


def _slope(lines: Sequence[Line]) -> float:
    tilt = tilt_of([[word.box for word in line.words] for line in lines])
    if not tilt:
        return slope_of([line.box for line in lines])
    return tilt + slope_of([straightened(line.words[0].box, tilt) for line in lines])


def _without_margin_print(cells: list[Cell]) -> list[Cell]:
    """Drop text printed sideways, which comes as one tall cell or single letters and would split lines beside it."""
    level = [
        cell for cell in cells if len(cell.text) < 4 or cell.box.height * cell.height < 2 * cell.box.width * cell.width
    ]
    towers = Counter(_tower(cell) for cell in level if _is_letter(cell))
    return [cell for cell in level if not _is_letter(cell) or towers[_tower(cell)] < 8]


def _is_letter(cell: Cell) -> bool:
    return len(cell.text) <= 2 and cell.box.width < 0.03 and not cell.text.isdigit()


def _tower(cell: Cell) -> int:
    return round(cell.box.centre[0] * 60)


def same_row(one: Cell, other: Cell) -> bool:
    height = min(one.box.height, other.box.height)
    return one.page == other.page and abs(one.box.centre[1] - other.box.centre[1]) < 0.5 * height


def _collide(one: Cell, other: Cell) -> bool:
    return shared_width(one.box, other.box) > 0.5 * min(one.box.width, other.box.width)


def rows_beside(rows: Sequence[list[T]], row: int) -> list[list[T]]:
    """The rows right above and below one."""
    return [*rows[max(0, row - 1) : row], *rows[row + 1 : row + 2]]
