"""Lists of objects: the table whose columns fit the fields of the schema, row by row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

from rapidfuzz import fuzz

from reading.document import Source
from reading.literals.dates import find_dates
from reading.literals.style import Style
from reading.normalization import fold

from ..candidates import Candidate
from ..concepts import column_of, likeliest
from ..fields import Field, Type, clauses
from ..labels import LabelMap
from ..money import Totals, close
from ..readers import find_figures
from ..records.labelled import ACCOUNT_PHRASES
from ..text_grid import Cell, Span, TextGrid, words_of_name
from .headers import NUMERIC, Column, Header, find_headers
from .headless import headless
from .rows import Item, read_body
from .taxes import is_tax_list, tax_entries, tax_rows

_CODE_FIRST = re.compile(r"^(?P<code>[A-Z0-9][\w./-]*\d[\w./]*)\s?[-–:]\s+(?P<text>.+)$")
_MOST_WAYS = 5000
_ADDED_UP = 0.1
"""More for the cells of rows that make up a printed sum."""
_SMALLER = 0.93
_WRAPPED = 0.9
"""Of a line's height: what follows at a greater distance does not go on with it."""
_BLANK, _PAGE_RATIO = 0.3, 1.4
_HARDLY = 0.004
_FILLED = 0.6
"""Of a column's width: a line that fills as much may have broken for want of room, where no other is longer."""
_SAME_PLACE = 0.01
_TITLED, _ALIKE = 0.5, 0.8
_REMARK = re.compile(r"^[^\W\d_][\w .°-]{1,24}\s?:\s?\S")


@dataclass(eq=False, slots=True)
class Table:
    header: Header
    items: list[Item]
    added_up: bool = False
    """Whether an amount printed below is the sum of the rows."""

    def column(self, concept: str) -> Column | None:
        return next((column for column in self.header.columns if column.concept == concept), None)

    def amounts(self, style: Style) -> list[float]:
        column = self.column("net_amount") or self.column("gross_amount")
        numbers = [item.numbers(column, style) for item in self.items] if column is not None else []
        return [found[0][1].value for found in numbers if found]


class Tables:
    """The tables of a document, read once."""

    def __init__(self, grid: TextGrid, labels: LabelMap) -> None:
        self.grid = grid
        self.labels = labels
        headers = find_headers(grid)
        stops = {row for header in headers for row in range(header.first_row, header.last_row + 1)}
        self._stops = stops
        self.tables = _joined([table for header in headers if (table := self._read(header)).items], grid)
        if self.items is None and (header := headless(grid)):
            del self.items  # looked for again, now that there is one
            self.tables.append(self._read(header))

    def _read(self, header: Header) -> Table:
        body = read_body(self.grid, self.labels, header, self._stops)
        return Table(header, body.items, body.added_up)

    @cached_property
    def items(self) -> Table | None:
        """The table of what was bought: it has names, and prices or amounts."""

        def weight(table: Table) -> float:
            wanted = ("description", "quantity", "unit_price", "net_amount", "article_number", "gross_amount")
            return sum(table.column(concept) is not None for concept in wanted) + 0.1 * min(len(table.items), 5)

        named = [table for table in self.tables if table.column("description") or table.column("article_number")]
        priced = [
            table for table in named if any(table.column(name) for name in ("unit_price", "net_amount", "quantity"))
        ]
        return max(priced, key=weight, default=None)

    @property
    def cells_of_items(self) -> list[Cell]:
        table = self.items
        return [] if table is None else [*table.header.cells, *(cell for item in table.items for cell in item.cells)]

    @cached_property
    def line_amounts(self) -> list[float]:
        return self.items.amounts(self.grid.style) if self.items is not None else []

    def rows_for(self, field: Field, totals: Totals) -> list[dict[str, Candidate]]:
        item = field.items
        if item is None:
            return []
        wanted = {child.name: dict(column_of(child)) for child in item.children}
        if is_tax_list(wanted):
            return tax_rows(item, wanted, self.grid, totals, self.cells_of_items)
        table = self.table_for(field)
        if table is None:
            return []
        columns = match_columns(table, item)
        rows = [read_row(entry, columns, item, self.grid.style) for entry in _complete(table)]
        if table.added_up:
            rows = [{name: replace(cell, score=cell.score + _ADDED_UP) for name, cell in row.items()} for row in rows]
        rows = [row for row in rows if len(row) >= min(2, len(item.children))]
        rate = next((name for name, options in wanted.items() if options.get("vat_rate", 0) >= 0.9), None)
        if rate is not None and table is self.items and not any(rate in row for row in rows):
            _give_rates(rate, rows, self._rates(totals), wanted)
        return rows

    def table_for(self, field: Field) -> Table | None:
        """The table whose columns, and perhaps title, fit a list best."""
        item = field.items
        if item is None or not self.tables:
            return None
        fits = [(self._fit(table, item), table) for table in self.tables]
        fit, table = max(fits, key=lambda pair: pair[0] + _titled(pair[1], field))
        return table if fit >= min(2.0, len(item.children)) * 0.6 else None

    def _rates(self, totals: Totals) -> list[tuple[Candidate, float]]:
        """Each tax rate of the document with its base."""
        triples = tax_entries(self.grid, totals, self.cells_of_items)
        rates = [(triple[0], triple[1]) for triple in triples if triple[0] is not None]
        return [(Candidate(rate[1].value, (rate[0],), 0.6), base[1].value) for rate, base in rates]

    def _fit(self, table: Table, item: Field) -> float:
        return sum(quality for _, quality in match_columns(table, item).values())

    def column_for(self, field: Field) -> list[Candidate]:
        """A list of single values that is a column of a table, such as the names of all articles."""
        options = column_of(field)
        best = likeliest(options)
        table = self.items
        column = table.column(best) if table is not None and options.get(best, 0) >= 0.9 else None
        if table is None or column is None or field.items is None:
            return []
        found = [_cell_value(item, column, field.items, self.grid.style) for item in table.items]
        return [candidate for candidate in found if candidate is not None]


def _titled(table: Table, field: Field) -> float:
    """More for the one of two tables beside one another whose title says what is asked for."""
    title = words_of_name(table.header.title)
    texts = [field.title, field.name, *clauses(field.description)[:1]]
    return max((_TITLED * _same_thing(words_of_name(text), title) for text in texts if text and title), default=0.0)


def _same_thing(words: list[str], title: list[str]) -> float:
    """How alike they are, by their letters or by what both may be called on payslips and accounts."""
    if set(ACCOUNT_PHRASES.exact(words)) & set(ACCOUNT_PHRASES.exact(title)):
        return 1.0
    likeness = fuzz.token_set_ratio(" ".join(words), " ".join(title)) / 100
    return likeness if likeness > _ALIKE else 0.0


def _give_rates(
    name: str,
    rows: list[dict[str, Candidate]],
    rates: list[tuple[Candidate, float]],
    wanted: Mapping[str, Mapping[str, float]],
) -> None:
    """The rate of each line where none is printed beside it: by the only way in which the lines make up the bases."""
    amount = next((key for key, options in wanted.items() if options.get("net_amount", 0) >= 0.9), "")
    if not rates or len(rates) ** len(rows) > _MOST_WAYS or any(amount not in row for row in rows):
        return

    def makes_up(choice: tuple[int, ...], index: int, base: float) -> bool:
        return close(sum(row[amount].value for row, at in zip(rows, choice, strict=True) if at == index), base)

    ways = [
        choice
        for choice in product(range(len(rates)), repeat=len(rows))
        if all(makes_up(choice, index, base) for index, (_, base) in enumerate(rates))
    ]
    if len(ways) == 1:
        for row, at in zip(rows, ways[0], strict=True):
            row[name] = rates[at][0]


def _joined(tables: list[Table], grid: TextGrid) -> list[Table]:
    """A table that goes on under the same head on the next page is one table; after its sum, that of another paper."""
    joined: list[Table] = []
    for table in tables:
        last = next((other for other in reversed(joined) if _goes_on(other.header, table.header)), None)
        if last is None or (last is not joined[-1] and not last.added_up):
            joined.append(table)
        elif not last.added_up or _add_up(last, table, grid):
            _append(last, table)
        elif last.header.page == table.header.page:
            joined.append(table)
    return joined


def _append(table: Table, more: Table) -> None:
    renamed = dict(zip(more.header.columns, table.header.columns, strict=True))
    for item in more.items:
        item.parts = {renamed[column]: spans for column, spans in item.parts.items()}
    table.items += more.items
    table.added_up = more.added_up
    table.header.cells += more.header.cells


def _add_up(one: Table, other: Table, grid: TextGrid) -> bool:
    """Whether an amount below both is the sum of the rows of both."""
    whole = sum(amount for table in (one, other) for amount in table.amounts(grid.style))
    rows = grid.rows[max(cell.row for item in other.items for cell in item.cells) + 1 :]
    return any(
        close(whole, number.value) for row in rows for cell in row for _, number in find_figures(cell.span, grid.style)
    )


def _goes_on(one: Header, other: Header) -> bool:
    """Whether the table under one head may go on under the other, and does not stand beside it."""
    return one.first_row != other.first_row and _same_head(one.columns, other.columns)


def _same_head(ones: list[Column], others: list[Column]) -> bool:
    """Whether two heads have the same names, but for some that were read otherwise in the same places."""
    if len(ones) != len(others):
        return False
    same = [one.text == other.text for one, other in zip(ones, others, strict=True)]
    apart = [abs(one.box.x0 - other.box.x0) for one, other in zip(ones, others, strict=True)]
    return all(same) or (sum(same) * 2 > len(same) and max(apart) < _SAME_PLACE)


def _complete(table: Table) -> list[Item]:
    """Where rows have amounts, lines without one are remarks to them."""
    column = table.column("net_amount") or table.column("gross_amount")
    full = [item for item in table.items if column is not None and column in item.parts]
    return full if len(full) * 2 >= len(table.items) else table.items


def match_columns(table: Table, item: Field) -> Mapping[str, tuple[Column, float]]:
    """The column of the table for each field of the row, by concept or else by the words of its head."""
    pairs = []
    for child in item.children:
        wanted = column_of(child)
        for column in table.header.columns:
            quality = _likeness(child, wanted, column)
            if quality > 0.3:
                pairs.append((quality, child.name, column))
    pairs.sort(key=lambda pair: -pair[0])
    chosen: dict[str, tuple[Column, float]] = {}
    for quality, name, column in pairs:
        if name not in chosen and all(column is not other for other, _ in chosen.values()):
            chosen[name] = (column, quality)
    return chosen


_NEAR = {"net_amount": ("gross_amount",), "gross_amount": ("net_amount",), "taxable_amount": ("net_amount",),
         "quantity": ("quantity_ordered",), "quantity_ordered": ("quantity",)}  # fmt: skip


def _likeness(child: Field, wanted: Mapping[str, float], column: Column) -> float:
    best = likeliest(wanted)
    if column.numeric and best and best not in NUMERIC and wanted[best] >= 0.9:
        return 0.0  # a 'unit' is no unit price
    if column.concept and column.concept in wanted:
        return wanted[column.concept]
    if column.concept and column.concept in _NEAR.get(best, ()):
        return 0.45
    if wanted and column.concept and wanted[best] >= 0.9:
        return 0.0
    head = fold(column.text)
    texts = [child.title, child.name.replace("_", " "), *child.quoted]
    return 0.9 * max((fuzz.ratio(fold(text), head) / 100 for text in texts if text), default=0.0) - 0.2


def read_row(
    item: Item, columns: Mapping[str, tuple[Column, float]], fields: Field, style: Style
) -> dict[str, Candidate]:
    row: dict[str, Candidate] = {}
    for child in fields.children:
        candidate = _cell_value(item, columns[child.name][0], child, style) if child.name in columns else None
        worded = candidate is not None and re.search(r"[^\W\d_]|%", str(candidate.value)) is not None
        if not worded and column_of(child).get("unit", 0) >= 0.9:
            candidate = _unit_behind_count(item, style)
        if candidate is not None:
            row[child.name] = candidate
    _split_code(row, fields)
    _settle_price(row, item, columns, style, fields)
    return row


def _unit_behind_count(item: Item, style: Style) -> Candidate | None:
    """'8 Stunden' in the column of the quantity, where none is for the unit."""
    for column, spans in item.parts.items():
        numbers = item.numbers(column, style) if column.concept == "quantity" else []
        if numbers and numbers[0][0].cell is spans[0].cell:
            behind = Span(spans[0].cell, numbers[0][0].end, spans[0].end).stripped(" ")
            if re.fullmatch(r"[^\W\d_]{1,12}\.?", behind.text):
                return Candidate(behind.text, (behind,), 0.7)
    return None


def _cell_value(item: Item, column: Column, child: Field, style: Style) -> Candidate | None:
    spans = item.parts.get(column, [])
    if not spans:
        return None
    if child.type in (Type.NUMBER, Type.INTEGER):
        numbers = item.numbers(column, style)
        return Candidate(numbers[0][1].value, (numbers[0][0],), 0.8) if numbers else None
    if child.format == "date" or column.concept == "date":
        for span in spans:
            for day in find_dates(span.text, style):
                return Candidate(day.value.isoformat(), (span.cut(day.start, day.end),), 0.8)
    if column.concept == "description":
        return _description(spans, column)
    text = spans[0].stripped(" ")
    return Candidate(text.text, (text,), 0.8) if text.text else None


def _description(spans: list[Span], column: Column) -> Candidate | None:
    """The name of an item over the lines that go on with it: a line that broke for want of room, and not a remark."""
    lines: list[Span] = []
    for span in spans:
        if not any(char.isalpha() for char in span.text) and not lines:
            continue
        if lines and (_REMARK.match(span.text) or _is_smaller(span, lines[0]) or not _wraps(lines[-1], span, column)):
            break
        lines.append(span.stripped(" \t|·•"))
    if not lines:
        return None
    text = " ".join(line.text for line in lines).rstrip(" :")
    return Candidate(text, tuple(lines), 0.8)


def _wraps(line: Span, following: Span, column: Column) -> bool:
    """Whether a line goes on in the next: the first word of that one had no room left."""
    if following.box.y0 - line.box.y1 > _WRAPPED * line.box.height:
        return False
    word = following.text.split(" ")[0]
    end = line.box.x1 + _BLANK * line.box.height * _PAGE_RATIO + following.cut(0, len(word)).box.width
    if end < column.reach - _HARDLY:
        return False
    room = column.right if column.right < 1 else column.reach
    fills = (line.box.x1 - column.start) >= _FILLED * (room - column.start)
    return end > room - _HARDLY or fills or word[:1].islower() or word[:1].isdigit() or line.text[-1:] in "-,&/("


def _is_smaller(span: Span, other: Span) -> bool:
    """Printed smaller; the heights of recognised words are too rough to tell."""
    printed = all(word.source is Source.TEXT for word in (*span.cell.words, *other.cell.words))
    return printed and span.box.height < _SMALLER * other.box.height


def _split_code(row: dict[str, Candidate], fields: Field) -> None:
    """'AB-12 - Screws' holds the number and the name of an article, where no column has the number."""
    concepts = {child.name: likeliest(column_of(child)) for child in fields.children}
    code = next((name for name, concept in concepts.items() if concept == "article_number"), None)
    text = next((name for name, concept in concepts.items() if concept == "description"), None)
    if code is None or text is None or code in row or text not in row:
        return
    match = _CODE_FIRST.match(str(row[text].value))
    if match:
        first, *others = row[text].spans
        row[code] = Candidate(match["code"], (first.cut(0, len(match["code"])),), 0.7)
        start = min(match.start("text"), len(first.text))
        row[text] = Candidate(match["text"], (first.cut(start, len(first.text)), *others), 0.7)


def _settle_price(
    row: dict[str, Candidate], item: Item, columns: Mapping[str, tuple[Column, float]], style: Style, fields: Field
) -> None:
    """Where a cell holds several figures (price, discount, price after it), the one that makes the amount is meant."""
    by_concept = {column.concept: (name, column) for name, (column, _) in columns.items()}
    if not {"quantity", "unit_price", "net_amount"} <= set(by_concept):
        return
    numbers = {name: item.numbers(by_concept[name][1], style) for name in ("quantity", "unit_price", "net_amount")}
    if not numbers["quantity"] or not numbers["net_amount"] or len(numbers["unit_price"]) < 2:
        return
    quantity, amount = numbers["quantity"][0][1].value, numbers["net_amount"][0][1].value
    for span, number in numbers["unit_price"]:
        if close(quantity * number.value, amount, 0.02):
            row[by_concept["unit_price"][0]] = Candidate(number.value, (span,), 0.9)
