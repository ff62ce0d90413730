"""The body of a table: which words stand in which column, and which lines make one row."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from reading.document import Box

from ...values import Style, find_numbers, fold
from ..boxes import shared_width
from ..labels import LabelMap
from ..money import GROSS, NET, TAX
from ..readers import Figure, find_figures
from ..sheet import Cell, Sheet, Span
from .columns import assign
from .headers import NUMERIC, Column, Header

_CARRIED = re.compile(
    r"\W*(?:(?:sub-?total|zwischensumme|sous-total|subtotaal)\W+)?(?:continued|carried (?:forward|over)|brought forward"
    r"|suite|a suivre|a reporter|report (?:a|de la page|page)\b|report\W*$|fortsetzung|ubertrag|vervolg"
    r"|te transporteren|transport(?:\W*$| vorige))"
)
_PAGE_NUMBER = re.compile(
    r"\b(?:page|seite|pagina|blatt|p\.)\s?\d+(?:\s?(?:of|sur|von|van|de|/)\s?\d+)?\W*$|^\d+\s?/\s?\d+$"
)
_STOPS = frozenset((NET, TAX, GROSS, "line_total", "amount_due", "prepaid_amount"))
_OF_TOTALS = _STOPS | {"charge_total", "allowance_total", "rounding", "vat_rate", "cash", "change", "count"}
_SAME_EDGE = 0.012
_COUNT_AND_UNIT = re.compile(r"(\d[\d.,]*)\s+([^\W\d_]{1,12}\.?)")
_COUNT_AND_MORE = re.compile(r"(\d[\d.,]*)\s+(\S.*)")
_CLOSE = 0.01


@dataclass(eq=False, slots=True)
class Item:
    """One row of a table: the pieces of text in each of its columns, from top to bottom."""

    parts: dict[Column, list[Span]] = field(default_factory=dict)

    def add(self, column: Column, span: Span) -> None:
        self.parts.setdefault(column, []).append(span)

    def numbers(self, column: Column, style: Style) -> list[Figure]:
        return [figure for span in self.parts.get(column, []) for figure in find_figures(span, style)]

    @property
    def cells(self) -> list[Cell]:
        return [span.cell for spans in self.parts.values() for span in spans]


@dataclass(eq=False, slots=True)
class Line:
    """One visual line of the body with its words by column."""

    parts: dict[Column, list[Span]]
    top: float
    bottom: float
    page: int

    def figures(self) -> set[Column]:
        return {column for column, spans in self.parts.items() if any(_has_number(span) for span in spans)}


def read_items(sheet: Sheet, labels: LabelMap, header: Header, stops: set[int]) -> list[Item]:
    """The rows below a head, over page breaks, until totals or another table begin."""
    lines = _body(sheet, labels, header, stops)
    assign(header.columns, [line.parts for line in lines], sheet.style)
    return _group(lines)


def _body(sheet: Sheet, labels: LabelMap, header: Header, stops: set[int]) -> list[Line]:
    lines: list[Line] = []
    page = header.page
    bottom = max(cell.box.y1 for cell in header.cells)
    height = max(cell.box.height for cell in header.cells)
    left = min(cell.box.x0 for cell in header.cells)
    right = max(cell.box.x1 for cell in header.cells)
    for index in range(header.last_row + 1, len(sheet.rows)):
        row = [cell for cell in sheet.rows[index] if cell.box.x1 > left - 0.06 and cell.box.x0 < right + 0.06]
        if not row:
            continue
        if row[0].page != page:
            if row[0].page > page + 1 or (lines and lines[-1].page < page - 1):
                break
            page, bottom = row[0].page, 0.0
        carried = _CARRIED.match(fold(row[0].text)) is not None
        total = not carried and _is_total(row, labels, header)
        if index in stops or (total and not _goes_on(sheet, index, lines, labels, header.columns)):
            break
        if bottom and row[0].box.y0 - bottom > 9 * height:
            if row[0].box.y0 > 0.85:
                continue
            break
        parts = _split(row, header.columns)
        if lines and _stands_apart(parts):
            break
        if parts and not carried and not total:
            lines.append(Line(parts, min(c.box.y0 for c in row), max(c.box.y1 for c in row), page))
            bottom = lines[-1].bottom
    return _without_margins(lines)


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


def _is_total(row: list[Cell], labels: LabelMap, header: Header) -> bool:
    """A line that begins with the name of a total, and is not an item that happens to be called so."""
    for cell in row:
        if not any(char.isalpha() for char in cell.text):
            continue
        for label in labels.by_cell[cell][:1]:
            core = {concept for concept in label.concepts if concept in _STOPS}
            covers = (label.end - label.start) >= 0.4 * len(cell.text.rstrip(" :€0123456789.,%()"))
            if core and label.start <= 2 and covers and _few_figures(row, header):
                return True
        if any(char.isalpha() for char in cell.text.strip("€$£%")) and len(cell.text) > 3:
            return False
    return False


def _goes_on(sheet: Sheet, index: int, lines: list[Line], labels: LabelMap, columns: list[Column]) -> bool:
    """Whether rows like those above follow a total: then it is that of a group."""
    for row in sheet.rows[index + 1 : index + 3]:
        if row[0].page != sheet.rows[index][0].page or _names_a_total(row, labels):
            return False
        parts = _split(row, columns)
        figures = Line(parts, 0.0, 0.0, row[0].page).figures()
        for line in lines:
            edge = min(span.box.x0 for spans in line.parts.values() for span in spans)
            if figures and figures >= line.figures() and line.figures() and abs(row[0].box.x0 - edge) < _SAME_EDGE:
                return True
    return False


def _names_a_total(row: list[Cell], labels: LabelMap) -> bool:
    first = next((cell for cell in row if any(char.isalpha() for char in cell.text)), None)
    return first is None or any(
        _OF_TOTALS & set(label.concepts) for label in labels.by_cell[first][:1] if label.start <= 2
    )


def _stands_apart(parts: dict[Column, list[Span]]) -> bool:
    """A line whose only words stand in columns of figures is a total, whatever it is called."""
    wordy = [column for column, spans in parts.items() if any(len(re.findall(r"[^\W\d_]", s.text)) > 4 for s in spans)]
    figures = sum(any(_has_number(span) for span in spans) for spans in parts.values())
    return bool(wordy) and figures <= 2 and all(column.options and set(column.options) <= NUMERIC for column in wordy)


def _few_figures(row: list[Cell], header: Header) -> bool:
    parts = _split(row, header.columns)
    return sum(any(_has_number(span) for span in spans) for spans in parts.values()) <= 3


def _split(row: list[Cell], columns: list[Column]) -> dict[Column, list[Span]]:
    parts: dict[Column, list[Span]] = {}
    for cell in row:
        for column, span in _split_cell(cell, columns):
            parts.setdefault(column, []).append(span)
    return parts


def _split_cell(cell: Cell, columns: list[Column]) -> list[tuple[Column, Span]]:
    """A cell belongs to the column it stands under; one that reaches over several is cut between words."""
    if counted := _count_and_unit(cell, columns) or _count_and_more(cell, columns):
        return counted
    over = [
        column
        for column in columns
        if shared_width(cell.box, column.box) > 0.15 * min(cell.box.width, column.box.width)
    ]
    if len(over) <= 1:
        column = over[0] if over else _nearest(cell, columns)
        return [(column, cell.span)] if column is not None else []
    pieces: list[tuple[Column, Span]] = []
    for word, offset in zip(cell.words, cell.offsets, strict=True):
        under = max(over, key=lambda column: max(0.0, shared_width(word.box, column.box)))
        span = Span(cell, offset, offset + len(word.text))
        apart = shared_width(word.box, under.box) <= 0 and pieces
        wordy = "description" not in under.options and pieces and not any(char.isdigit() for char in word.text)
        if apart or (wordy and NUMERIC & set(under.options)):
            under = pieces[-1][0]
        if pieces and pieces[-1][0] is under:
            pieces[-1] = (under, Span(cell, pieces[-1][1].start, span.end))
        else:
            pieces.append((under, span))
    return pieces


def _count_and_unit(cell: Cell, columns: list[Column]) -> list[tuple[Column, Span]]:
    """A count and its unit that stand close together below heads of their own."""
    match = _COUNT_AND_UNIT.fullmatch(cell.text)
    quantity = next((column for column in columns if column.options.get("quantity", 0) >= 0.9), None)
    unit = next((column for column in columns if column.options.get("unit", 0) >= 0.9), None)
    if match is None or quantity is None or unit is None or quantity is unit:
        return []
    if _gap(cell.box, quantity.box) > 0.01 and _gap(cell.box, unit.box) > 0.01:
        return []
    return [(quantity, cell.span.cut(*match.span(1))), (unit, cell.span.cut(*match.span(2)))]


def _count_and_more(cell: Cell, columns: list[Column]) -> list[tuple[Column, Span]]:
    """A count at the right edge of its column, and close behind it what stands in the next."""
    match = _COUNT_AND_MORE.fullmatch(cell.text)
    at = next((at for at, column in enumerate(columns[:-1]) if column.options.get("quantity", 0) >= 0.9), None)
    if match is None or at is None:
        return []
    count, more = cell.span.cut(*match.span(1)), cell.span.cut(*match.span(2))
    quantity, behind = columns[at], columns[at + 1]
    if NUMERIC & set(behind.options) or count.box.x1 > behind.box.x0:
        return []
    under = _gap(count.box, quantity.box) < _CLOSE and _gap(more.box, behind.box) < _CLOSE
    return [(quantity, count), (behind, more)] if under and more.box.x0 > behind.box.x0 - 2 * _CLOSE else []


def _nearest(cell: Cell, columns: list[Column]) -> Column | None:
    """The column next to a cell that stands under none; figures go to columns of figures."""
    figures = _has_number(cell.span) and not any(char.isalpha() for char in cell.text.replace("EUR", ""))
    fitting = [column for column in columns if bool(NUMERIC & set(column.options)) == figures] or columns
    best = min(fitting, key=lambda column: _gap(cell.box, column.box), default=None)
    return best if best is not None and _gap(cell.box, best.box) < 0.2 else None


def _gap(one: Box, other: Box) -> float:
    return max(other.x0 - one.x1, one.x0 - other.x1, 0.0)


def _has_number(span: Span) -> bool:
    return any(True for _ in find_numbers(span.text))


def _group(lines: list[Line]) -> list[Item]:
    """Lines into rows: a figure in a column that has one already begins the next row."""
    items: list[Item] = []
    filled: set[Column] = set()
    pending: list[Line] = []
    previous: Line | None = None
    for line in lines:
        figures = {column for column in line.figures() if column.numeric and column.concept != "discount"}
        if not items and not figures:
            pending.append(line)
            continue
        if not items or (figures & filled and _begins(line)):
            items.append(Item())
            filled = set()
            for early in pending:
                if early.page == line.page and line.top - early.bottom < 1.2 * (early.bottom - early.top):
                    _add(items[-1], early)
            pending = []
        elif not figures and previous is not None and _of_next(lines, line, previous):
            pending.append(line)
            continue
        _add(items[-1], line)
        filled |= figures
        previous = line
    return items


def _begins(line: Line) -> bool:
    """A row has a name or a quantity of its own; a lone figure below another is a remark to it."""
    return any(
        column.concept in ("description", "article_number", "quantity", "position", "date", "") for column in line.parts
    )


def _of_next(lines: list[Line], line: Line, previous: Line) -> bool:
    """A line of words that stands much nearer to the figures below it than to what is above."""
    following = lines[lines.index(line) + 1 : lines.index(line) + 2]
    if not following or following[0].page != line.page or previous.page != line.page:
        return False
    if not {column for column in following[0].figures() if column.numeric}:
        return False
    return (line.top - previous.bottom) > 1.8 * max(following[0].top - line.bottom, 0.002)


def _add(item: Item, line: Line) -> None:
    for column, spans in line.parts.items():
        for span in spans:
            item.add(column, span)
