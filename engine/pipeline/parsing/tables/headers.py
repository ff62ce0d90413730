"""The head of a table: rows of column names, which may be wrapped over several lines."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from reading.document import Box
from reading.literals.numbers import find_numbers
from reading.normalization import fold

from ..boxes import around, in_column, shared_width
from ..phrases import COLUMN_PHRASES
from ..text_grid import Cell, Span, TextGrid, tokenise

NUMERIC = frozenset(
    [
        "quantity",
        "quantity_ordered",
        "unit_price",
        "net_amount",
        "gross_amount",
        "vat_rate",
        "vat_amount",
        "taxable_amount",
        "discount",
        "debit",
        "credit",
        "balance",
    ]
)

_FEWEST_IN_ONE = 3
"""Names that stand so close that they come as one cell; two of them are words of a name ('Labour, per hour')."""
_EACH = frozenset(["per", "pro", "par", "je", "por", "al"])
_PRICE_OF_EACH = 0.8
"""For what is said of each of something: 'Pence per kWh'."""
_INTERLEAVED = 0.8
"""Of their height: lines that stand nearer are those of names over an odd and an even number of lines."""
_EDGE = 0.01
"""Of the page, by which the words of a table may stand out to the left of its head."""
_QUALIFIERS = frozenset(["ht", "ttc", "net", "netto", "brutto", "eur", "tax"])
"""Words that say more of the name before them ('Prix U. HT'), rather than beginning the next one."""


@dataclass(eq=False, slots=True)
class Column:
    """A column by its head: its text, where it stands, and what it may hold."""

    text: str
    box: Box
    options: dict[str, float]
    concept: str = ""
    cells: tuple[Cell, ...] = ()
    left: float = -1.0
    right: float = 2.0
    """Where the column begins and ends, as far as its neighbours tell."""
    start: float = 1.0
    reach: float = 0.0
    """Where its lines begin, and how far the longest of them reaches."""

    @property
    def numeric(self) -> bool:
        return self.concept in NUMERIC


@dataclass(eq=False, slots=True)
class Header:
    first_row: int
    last_row: int
    columns: list[Column]
    cells: list[Cell] = field(default_factory=list)
    left: float = -1.0
    right: float = 2.0
    """Where the next table beside it ends or begins."""
    title: str = ""

    @property
    def page(self) -> int:
        return self.cells[0].page


def find_headers(grid: TextGrid) -> list[Header]:
    """All heads of tables, top to bottom. A row of names counts when two of its columns are known."""
    headers: list[Header] = []
    taken = -1
    for index, row in enumerate(grid.rows):
        if index <= taken or not _promising(row):
            continue
        header = _grow(grid, index, taken)
        if header is not None:
            headers += _side_by_side(grid, header)
            taken = header.last_row
    return headers


def _side_by_side(grid: TextGrid, header: Header) -> list[Header]:
    """Two tables beside one another have the same names twice, perhaps under a title each."""
    half = len(header.columns) // 2
    names = [fold(column.cells[-1].text) for column in header.columns]
    if half < 2 or names[:half] != names[half:] or len(set(names)) < half:
        return [header]
    edge = min(column.box.x0 for column in header.columns[half:]) - _EDGE
    return [
        _part_of(grid, header, header.columns[:half], -1.0, edge),
        _part_of(grid, header, header.columns[half:], edge, 2.0),
    ]


def _part_of(grid: TextGrid, header: Header, columns: list[Column], left: float, right: float) -> Header:
    cells = [cell for cell in header.cells if left <= cell.box.x0 < right]
    names = [column.cells[-1] for column in columns]
    over = grid.rows[names[0].row - 1] if names[0].row else []
    titles = [cell.text for cell in over if left <= cell.box.x0 < right and cell.page == names[0].page]
    for column, name in zip(columns, names, strict=True):
        column.text, column.options = name.text, options_of(name.text)
    return Header(header.first_row, header.last_row, columns, cells, left, right, " ".join(titles))


def _promising(row: list[Cell]) -> bool:
    cells = _without_totals(row)
    if len(cells) == 1 < len(row):
        return False  # one name and figures: a row
    known = [options for cell in cells for _, options in _pieces(cell) if options]
    concepts = {concept for options in known for concept in options}
    wordy = any(len(cell.tokens) > 7 for cell in cells) or (len(cells) == 1 and len(known) < _FEWEST_IN_ONE)
    digits = sum(any(char.isdigit() for char in cell.text) for cell in cells)
    return (
        len(known) >= 2 and len(concepts) >= 2 and bool(concepts & NUMERIC) and not wordy and digits <= len(cells) // 3
    )


def _without_totals(row: list[Cell]) -> list[Cell]:
    """A row of names without what is beside it: an amount, and the label of that amount."""
    amounts = [any(number.places or number.currency for number in find_numbers(cell.text)) for cell in row]
    return [
        cell
        for index, cell in enumerate(row)
        if not amounts[index] and not (index + 1 < len(row) and amounts[index + 1])
    ]


def _pieces(cell: Cell) -> Iterator[tuple[Span, dict[str, float]]]:
    """A cell cut into column names; columns that stand close come as one cell ('Pos Description')."""
    matches = COLUMN_PHRASES.find(cell.tokens)
    starts = [0]
    for one, other in itertools.pairwise(matches):
        qualifies = other.first == other.last and cell.tokens[other.first].text in _QUALIFIERS
        if not qualifies and not set(one.concepts) & set(other.concepts) and _apart(cell, one.last, other.first):
            starts.append(cell.tokens[other.first].start)
    for start, end in zip(starts, [*starts[1:], len(cell.text)], strict=True):
        span = Span(cell, start, end).stripped(" ")
        yield span, options_of(span.text)


def _apart(cell: Cell, last: int, first: int) -> bool:
    """Whether two names follow each other directly: 'Qty Unit price', but not 'Price (per unit)'."""
    between = cell.text[cell.tokens[last].end : cell.tokens[first].start]
    if cell.tokens[last].text in _EACH:
        return False
    return between.strip() in ("", ".", ".:", "|") and first == last + 1


def options_of(text: str) -> dict[str, float]:
    """What a column name may mean; words left over make it less sure."""
    tokens = tokenise(text)
    if not tokens:
        return {}
    exact = COLUMN_PHRASES.exact([token.text for token in tokens])
    if exact:
        return dict(exact)
    found: dict[str, float] = {}
    if any(token.text in _EACH for token in tokens[1:-1]):
        found["unit_price"] = _PRICE_OF_EACH
    for match in COLUMN_PHRASES.find(tokens):
        share = (match.last - match.first + 1) / len(tokens)
        for concept, quality in match.concepts.items():
            found[concept] = max(found.get(concept, 0.0), quality * (0.4 + 0.5 * share))
    return found if len(tokens) <= 8 else {}


def _grow(grid: TextGrid, index: int, taken: int) -> Header | None:
    """The band of name rows around one: lines above and below that have no figures and stand close."""
    rows = [index]
    for step in (-1, 1):
        other = index + step
        while taken < other < len(grid.rows) and other >= 0 and _belongs(grid, rows, other):
            rows.append(other)
            other += step
    rows.sort()
    while len(rows) > 1 and rows[0] < index and not _adds(grid, rows[0], index):
        rows.pop(0)
    cells = [cell for row in rows for cell in _without_totals(grid.rows[row])]
    columns = _columns(cells)
    known = [column for column in columns if column.options]
    return Header(rows[0], rows[-1], columns, cells) if len(known) >= 2 else None


def _belongs(grid: TextGrid, rows: list[int], other: int) -> bool:
    near = grid.rows[min(rows, key=lambda row: abs(row - other))]
    cells = grid.rows[other]
    if cells[0].page != near[0].page or any(re.search(r"\d", cell.text) for cell in cells):
        return False
    height = max(cell.box.height for cell in near)
    gap = min(abs(cell.box.centre[1] - one.box.centre[1]) for cell in cells for one in near)
    band = [cell for row in rows for cell in grid.rows[row]]
    inside = _within(cells, band) or _within(band, cells) or gap < _INTERLEAVED * height
    named = any(options_of(cell.text) for cell in cells)
    return gap < (2.2 if named else 1.45) * height and inside and all(len(cell.tokens) <= 3 for cell in cells)


def _within(cells: list[Cell], others: list[Cell]) -> bool:
    left, right = min(cell.box.x0 for cell in others), max(cell.box.x1 for cell in others)
    return all(cell.box.x0 > left - 0.2 and cell.box.x1 < right + 0.2 for cell in cells)


def _adds(grid: TextGrid, row: int, main: int) -> bool:
    """Whether a line above the names has names of its own, and is not a title of the table."""
    return any(COLUMN_PHRASES.find(cell.tokens) for cell in grid.rows[row]) or any(
        in_column(cell.box, other.box) and len(grid.rows[row]) > 1
        for cell in grid.rows[row] for other in grid.rows[main]
    )  # fmt: skip


def _columns(cells: list[Cell]) -> list[Column]:
    """Names that stand under one another make one column, read from top to bottom."""
    groups: list[list[Span]] = []
    for span in sorted((piece for cell in cells for piece, _ in _pieces(cell)), key=lambda span: span.box.x0):
        home = next((group for group in groups if _over(group, span)), None)
        if home is None:
            groups.append([span])
        else:
            home.append(span)
    columns = []
    for group in groups:
        group.sort(key=lambda span: span.box.y0)
        box = around(span.box for span in group)
        name = " ".join(span.text for span in group)
        columns.append(Column(name, box, _merged_options(group), cells=tuple(span.cell for span in group)))
    columns.sort(key=lambda column: column.box.x0)
    return columns


def _over(group: list[Span], span: Span) -> bool:
    box = span.box
    return any(
        shared_width(box, other.box) > 0.3 * min(box.width, other.box.width) and other.cell.row != span.cell.row
        for other in group
    )


def _merged_options(group: list[Span]) -> dict[str, float]:
    options = options_of(" ".join(span.text for span in group))
    if len(group) > 1:
        for span in group:
            for concept, quality in options_of(span.text).items():
                options[concept] = max(options.get(concept, 0.0), 0.7 * quality)
    return options
