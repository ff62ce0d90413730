"""Address blocks: lines that stand under one another and hold a postal code with its town."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from reading.normalization import fold

from .address_lines import begins_with_street, continues_name, is_contact, is_detail, is_surely_street, may_be_name
from .boxes import in_column
from .headings import behind_heading, is_party_heading, is_title
from .labels import LabelMap
from .phrases import ATTRIBUTE_PHRASES, TITLE_PHRASES
from .text_grid import Cell, Span, TextGrid
from .towns import Town, code_before_country, country_in, find_town, has_code, is_code, parts_of

_RIGHT_SIDE = 0.8
"""Text that ends further right than this may be aligned with the right margin."""
_WITH_NAME = 2
"""Lines above the town that make an address complete: a name and a street."""
_MOST_LINES, _MOST_DETAILS = 5, 9
"""Of a block, above its town."""
_LARGE, _OFF = 1.4, 0.8
"""Of the height of the lines of an address: higher, and further above them, is no line of it."""
_BLANK = 1.8
"""Heights of a line that part a complete address from what stands above it."""
_ALIGNED, _FLUSH_RIGHT = 0.012, 0.004
_BULLETS = frozenset("●•·|*-–")
_ALIKE = 75
"""Likeness of two prints of one street, in percent."""


@dataclass(eq=False, slots=True)
class Block:
    """The lines of one address, from the name down; `at` is the line with the town or, without one, the last.

    `details` are lines between and below that tell how to reach or identify the party.
    """

    lines: list[Span]
    at: int
    town: Town | None
    single: bool = False
    """Whether it was printed in one line, as senders are above the window of a letter."""
    role: str = ""
    labelled: bool = False
    below: list[Span] = field(default_factory=list)
    details: list[Span] = field(default_factory=list)

    @property
    def cell(self) -> Cell:
        return self.lines[0].cell

    @property
    def foot(self) -> Cell:
        return self.lines[self.at].cell

    @property
    def cells(self) -> set[Cell]:
        return {span.cell for span in (*self.lines, *self.below, *self.details)}

    @property
    def key(self) -> str:
        if self.town is None:
            return _letters(self.lines[0].text)
        return _letters(self.town.code.text) + fold(self.town.city.text)[:4]

    def is_same_as(self, other: Block) -> bool:
        """Whether both are prints of one address: two parties may well live in one town."""
        if self.key != other.key:
            return False
        if fuzz.ratio(_letters(self.lines[0].text), _letters(other.lines[0].text)) >= _ALIKE or self.town is None:
            return True
        mine, theirs = self._above_town(), other._above_town()
        if not mine or not theirs:
            return True
        if re.findall(r"\d+", mine[-1]) != re.findall(r"\d+", theirs[-1]) and not (self.single or other.single):
            return False
        one, two = "".join(mine), "".join(theirs)
        return fuzz.partial_ratio(mine[-1], two) >= _ALIKE or fuzz.partial_ratio(theirs[-1], one) >= _ALIKE

    def _above_town(self) -> list[str]:
        """The lines before the town, by their letters and digits."""
        if self.town is None:
            return []
        town = {self.foot, self.town.city.cell} if not self.single else set()
        lines = self.lines[: self.at]
        return [_letters(line.text) for line in lines if line.cell not in town and line.text not in _BULLETS]


def _letters(text: str) -> str:
    return re.sub(r"\W", "", fold(text))


def find_blocks(grid: TextGrid, labels: LabelMap) -> list[Block]:
    """Every address of the document, in the order of the rows."""
    blocks = []
    for row in grid.rows:
        for cell in row:
            span = _value_part(cell)
            town = find_town(span)
            if town is not None:
                block = _single_line(span, town) or _from_row(grid, cell, town)
            else:
                town, block = _town_above(grid, span, labels), None
            if town is not None:
                block = block or _stacked(grid, labels, span, town)
            if block is not None:
                blocks.append(block)
    return blocks + list(_headed(grid, labels, blocks))


def _town_above(grid: TextGrid, span: Span, labels: LabelMap) -> Town | None:
    """The town of a code that stands alone, or with the country: the line above it."""
    code = span.stripped() if is_code(span) else code_before_country(span)
    if code is None:
        return None
    above = _next_line(grid, span.cell, -1, span.cell, labels)
    return Town(code, above.span) if above is not None and above.text[:1].isupper() else None


def _headed(grid: TextGrid, labels: LabelMap, others: list[Block]) -> Iterator[Block]:
    """Lines below a heading such as 'Bill to' that hold no town which could be recognised."""
    known = {line.cell for block in others for line in block.lines}
    for cell in grid.cells:
        if not is_party_heading(cell):
            continue
        lines: list[Span] = []
        details: list[Span] = []
        current = cell
        while len(lines) < _MOST_LINES + 1:
            lower = _next_line(grid, current, 1, cell, labels)
            if lower is not None and _is_column_of_labels(grid, cell, lower):
                break
            detail = lower is not None and is_detail(lower, labels)
            if lower is None or lower in known or _is_heading(lower, labels) or (labels.is_label(lower) and not detail):
                break
            (details if detail else lines).append(lower.span)
            current = lower
        named = len(lines) + len(details) > 1 and lines and lower not in known and not is_surely_street(lines[0].text)
        if named and may_be_name(lines[0].text) and not re.fullmatch(r"[\W\d]*", lines[0].text):
            yield Block(lines, len(lines) - 1, None, details=details)


def _is_column_of_labels(grid: TextGrid, heading: Cell, lower: Cell) -> bool:
    """Whether a heading and the line below have their values beside them, one under the other."""
    one, other = next(iter(grid.right_of(heading)), None), next(iter(grid.right_of(lower)), None)
    if one is None or other is None or is_party_heading(one):
        return False
    return abs(one.box.x0 - other.box.x0) < _ALIGNED


def _value_part(cell: Cell) -> Span:
    """A cell without the label that begins it ('Address: 5 High Street')."""
    match = re.match(r"\s*(?:address|adresse|anschrift|adres)\s*:?\s+", cell.text, re.IGNORECASE)
    named = behind_heading(cell)
    return cell.span.cut(match.end(), len(cell.text)) if match and named.start == 0 else named


def _single_line(span: Span, town: Town) -> Block | None:
    parts = [span.cut(start, end).stripped(" \t") for start, end in parts_of(span.text)]
    parts = _with_town_whole([part for part in parts if part.text], town)
    at = next((order for order, part in enumerate(parts) if part.start <= town.code.start < part.end), 0)
    if at == 0 or (at == 1 and not re.search(r"\d", parts[0].text) and find_town(parts[1]) is None):
        return None
    name_first = at >= 2 and not begins_with_street(parts[0].text)
    return Block(parts, at, town, single=name_first) if name_first else None


def _with_town_whole(parts: list[Span], town: Town) -> list[Span]:
    """'Portland, OR 97205' is one part, whatever stands between the town and its code."""
    start, end = min(town.code.start, town.city.start), max(town.code.end, town.city.end)
    own = [part for part in parts if part.start < end and start < part.end]
    if len(own) < 2:
        return parts
    at = parts.index(own[0])
    return [*parts[:at], Span(own[0].cell, own[0].start, own[-1].end), *parts[at + len(own) :]]


def _from_row(grid: TextGrid, cell: Cell, town: Town) -> Block | None:
    """A sender's line whose parts are cells of their own, with bullets between them."""
    row = grid.rows[cell.row]
    at = row.index(cell)
    if at < 2 or row[at - 1].text.strip() not in _BULLETS:
        return None
    lines = [cell.span]
    for other in reversed(row[:at]):
        if other.text.strip() not in _BULLETS:
            lines.insert(0, other.span)
    return Block(lines, len(lines) - 1, town, single=True)


def _stacked(grid: TextGrid, labels: LabelMap, span: Span, town: Town) -> Block | None:
    above, details = _lines_above(grid, labels, span)
    own = [line for line in above if line.cell is not town.city.cell]
    if not own or (len(own) == 1 and begins_with_street(own[0].text)):
        for line in dict.fromkeys((above[0].cell if above else span.cell, span.cell)):
            name, known = _name_beside(grid, labels, line)
            if name:
                above, details = [*name, *above], [*known, *details]
                break
    if not above:
        return None
    below, more = _lines_below(grid, labels, span)
    return Block([*above, span], len(above), town, below=below, details=[*details, *more])


def _lines_above(grid: TextGrid, labels: LabelMap, span: Span) -> tuple[list[Span], list[Span]]:
    """The lines of an address above its town, and the details between them."""
    above: list[Span] = []
    details: list[Span] = []
    pending: list[Span] = []
    current = span.cell
    while len(above) < _MOST_LINES and len(pending) < _MOST_DETAILS:
        upper = _next_line(grid, current, -1, span.cell, labels)
        if upper is not None and not above and _names_address(upper):
            current = upper
            continue
        if upper is None or _is_heading(upper, labels) or _ends_block(upper.span):
            break
        gap = current.box.y0 - upper.box.y1
        if len(above) >= _WITH_NAME and (_stands_off(upper, above[0].cell) or gap > _BLANK * span.cell.box.height):
            break
        current = upper
        if is_detail(upper, labels):
            pending.insert(0, upper.span)
            continue
        flush_right = abs(upper.box.x1 - span.box.x1) < _FLUSH_RIGHT
        line = behind_heading(upper, None if flush_right else span.box.x0)
        above.insert(0, line)
        details, pending = [*pending, *details], []
        if line.start > 0:
            break
    return above, details


def _lines_below(grid: TextGrid, labels: LabelMap, span: Span) -> tuple[list[Span], list[Span]]:
    below: list[Span] = []
    details: list[Span] = []
    current = span.cell
    while len(below) + len(details) < _MOST_DETAILS:
        lower = _next_line(grid, current, 1, span.cell, labels)
        if lower is None or _is_heading(lower, labels) or has_code(lower.span):
            break
        (details if is_detail(lower, labels) else below).append(lower.span)
        current = lower
    return below, details


def _name_beside(grid: TextGrid, labels: LabelMap, first: Cell) -> tuple[list[Span], list[Span]]:
    """The name of a letterhead whose address stands in a column of its own, and the details below the name."""
    level = (
        cell for row in grid.rows[max(0, first.row - 1) : first.row + 2] for cell in row if cell.page == first.page
    )
    left = [cell for cell in level if cell.box.x1 < first.box.x0 and cell.text not in _BULLETS]
    left = [cell for cell in left if abs(cell.box.centre[1] - first.box.centre[1]) <= first.box.height]
    if not left:
        return [], []
    cell = max(left, key=lambda cell: cell.box.x1)
    if not may_be_name(cell.text) or _is_heading(cell, labels) or labels.is_label(cell) or has_code(cell.span):
        return [], []
    lower = _next_line(grid, cell, 1, cell, labels)
    if is_surely_street(cell.text) or (lower is not None and (is_surely_street(lower.text) or has_code(lower.span))):
        return [], []  # a line of another address
    name = [cell.span]
    details: list[Span] = []
    if lower is not None and continues_name(cell.text, lower.text) and may_be_name(lower.text):
        name.append(lower.span)
        lower = _next_line(grid, lower, 1, cell, labels)
    while lower is not None and is_detail(lower, labels) and len(details) < _MOST_DETAILS:
        details.append(lower.span)
        lower = _next_line(grid, lower, 1, cell, labels)
    return name, details


def _stands_off(upper: Cell, cell: Cell) -> bool:
    """Whether a line is large print with a gap below it: the title of the page, or what is written beside a logo."""
    return upper.box.height > _LARGE * cell.box.height and cell.box.y0 - upper.box.y1 > _OFF * cell.box.height


def _ends_block(span: Span) -> bool:
    """A town or a country above a line is the end of another address."""
    country = country_in(span)
    return has_code(span) or (country is not None and len(country[1].text) > len(span.text) - 4)


def _next_line(grid: TextGrid, cell: Cell, step: int, anchor: Cell, labels: LabelMap) -> Cell | None:
    """The line straight above or below that begins at the same left edge, ends at the right one or has its middle."""
    row = cell.row + step
    reach = (3.6 if step < 0 else 1.9) * anchor.box.height
    while 0 <= row < len(grid.rows) and grid.rows[row][0].page == cell.page:
        for other in grid.rows[row]:
            gap = cell.box.y0 - other.box.y1 if step < 0 else other.box.y0 - cell.box.y1
            if gap > reach:
                return None
            left = abs(other.box.x0 - anchor.box.x0) < _ALIGNED or _begins_at(anchor.box.x0, other)
            left = left or (anchor.box.x1 > _RIGHT_SIDE and abs(other.box.x1 - anchor.box.x1) < _FLUSH_RIGHT)
            middle = abs(other.box.centre[0] - anchor.box.centre[0]) < 0.012
            if (left or middle) and gap > -0.5 * anchor.box.height:
                return other
            if in_column(other.box, anchor.box) and is_party_heading(other):
                return None
        if abs(grid.rows[row][0].box.centre[1] - cell.box.centre[1]) > 0.12:
            return None
        row += step
    return None


def _begins_at(left: float, cell: Cell) -> bool:
    """Whether what is behind the heading of a line is in line with the lines below."""
    inside = cell.box.x0 < left < cell.box.x1
    return inside and (named := behind_heading(cell, left)).start > 0 and abs(named.box.x0 - left) < _ALIGNED


def _names_address(cell: Cell) -> bool:
    """'Address:' or 'Registered office:' on a line between a name and where it is."""
    words = [token.text for token in cell.tokens]
    return cell.text.rstrip().endswith(":") and "address" in ATTRIBUTE_PHRASES.exact(words)


def _is_heading(cell: Cell, labels: LabelMap) -> bool:
    """A line that names what follows, or holds a labelled value: no part of an address."""
    if is_party_heading(cell):
        return True
    if cell.text.rstrip().endswith(":"):
        return not (is_detail(cell, labels) or is_contact(cell.text))
    if is_detail(cell, labels) or is_contact(cell.text):
        return False
    if (is_title(cell.text) and len(cell.tokens) <= 3) or TITLE_PHRASES.exact([t.text for t in cell.tokens]):
        return True
    found = labels.by_cell[cell]
    strong = [label for label in found if label.is_sure and label.trust == 1.0]
    return any(label.start <= 1 and ":" in cell.text[label.end : label.end + 3] for label in strong)
