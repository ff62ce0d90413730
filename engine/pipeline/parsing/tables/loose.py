"""Items without a table header, as on receipts: a name on the left, its amount at the right edge, the price below."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from reading.literals.dates import find_dates
from reading.literals.numbers import find_numbers
from reading.literals.style import Style
from reading.normalization import fold

from ..candidates import Candidate
from ..concepts import column_of, likeliest
from ..fields import Field
from ..labels import LabelMap
from ..money import GROSS, NET, TAX, Totals, close
from ..text_grid import Cell, Span, TextGrid

_ENDS = frozenset(
    (NET, TAX, GROSS, "line_total", "amount_due", "prepaid_amount", "cash", "change", "rounding", "count")
)
_AMOUNTS = ("net_amount", "gross_amount")
_SAME_EDGE = 0.03
_SAME_LEVEL = 0.006
_MOST_ITEMS = 60
_MARK = re.compile(r"\s*(?:[A-Z*#]{1,2}\d?|\(?[A-Z]\)?)?\s*$")
"""Behind an amount: the letter of its tax rate."""
_COUNT = r"(?P<count>\d{1,4}(?:[.,]\d{1,3})?)"
_COUNT_FIRST = re.compile(rf"^{_COUNT}\s?(?:[x×*]|pcs|stk|st|kg|l)?\.?\s+(?=\D*[^\W\d_]{{2}})", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{4}")
"""A word after a means of payment shows that it is none: 'Bar grillé' is a fish, not cash."""
_PRODUCT = re.compile(rf"\W*{_COUNT}\s?[x×*@]\s?(?P<price>\S.*)", re.IGNORECASE)
_NO_NAME = re.compile(
    r"[^\W\d_]{1,2}|pcs|set|each|kgs?|stk|ltr|nos|unit|pce|pi[eè]ces?|st[uü]ck|pro|eur|gbp|usd|myr|chf|l'unit[eé]",
    re.IGNORECASE,
)
_TOTAL = re.compile(r"\W*(?:grand |sub|net\w* |gross )?\W?(?:tota\w|summe|zwischensumme|gesamt|totaal)\b")
"""Also where the label was misread."""


@dataclass(slots=True)
class _Item:
    """One purchased item; each part with the words that it was read from."""

    amount: tuple[Span, float]
    name: Span | None = None
    count: tuple[Span, float] | None = None
    price: tuple[Span, float] | None = None
    at: int = 0

    def candidates(self) -> dict[str, Candidate]:
        found = {"quantity": self.count, "unit_price": self.price, "net_amount": self.amount}
        row = {concept: Candidate(pair[1], (pair[0],), 0.6) for concept, pair in found.items() if pair is not None}
        if self.name is not None:
            row["description"] = Candidate(self.name.text, (self.name,), 0.6)
        return row


@dataclass(slots=True)
class _Reading:
    grid: TextGrid
    labels: LabelMap
    items: list[_Item] = field(default_factory=list)
    above: Span | None = None
    """A line of words without an amount, which may be the name of what follows."""


def wants_items(row: Field) -> bool:
    """Whether the rows asked for are things with a name and an amount."""
    concepts = {child.name: column_of(child) for child in row.children}
    named = any(options.get("description", 0) >= 0.9 for options in concepts.values())
    return named and any(options.get(amount, 0) >= 0.9 for options in concepts.values() for amount in _AMOUNTS)


def count_named(row: Field, rows: Sequence[Mapping[str, Candidate]]) -> int:
    """How many rows have what makes them worth reading: the name of a thing, and its amount."""
    names = [child.name for child in row.children if column_of(child).get("description", 0) >= 0.9]
    amounts = [c.name for c in row.children if max(column_of(c).get(amount, 0) for amount in _AMOUNTS) >= 0.9]
    return sum(
        any(name in entry and _names(entry[name].spans[0]) for name in names) and any(name in entry for name in amounts)
        for entry in rows
    )


def loose_rows(
    row: Field, grid: TextGrid, labels: LabelMap, totals: Totals, *, is_receipt: bool
) -> list[dict[str, Candidate]]:
    """Rows keyed by field name. Except on receipts, the amounts must add up to a total of the document."""
    items = _aligned(_read(grid, labels))
    if not (is_receipt or _add_up(items, totals)):
        items = _of_one_level(grid, labels, totals)
    return [_by_field(row, item.candidates()) for item in items]


def _by_field(row: Field, candidates: Mapping[str, Candidate]) -> dict[str, Candidate]:
    found: dict[str, Candidate] = {}
    for child in row.children:
        options = column_of(child)
        best = likeliest(options)
        best = "net_amount" if best in _AMOUNTS else best
        if best in candidates and options.get(best, 1.0) >= 0.6:
            found[child.name] = candidates[best]
    return found


def _add_up(items: list[_Item], totals: Totals) -> bool:
    wanted = [found.value for concept in (NET, GROSS, "line_total") if (found := totals.get(concept)) is not None]
    whole = round(sum(item.amount[1] for item in items), 2)
    return len(items) > 1 and any(close(whole, value) for value in wanted)


def _of_one_level(grid: TextGrid, labels: LabelMap, totals: Totals) -> list[_Item]:
    """For groups with lines of their own: the least indented names whose amounts add up to a total."""
    reading = _Reading(grid, labels)
    for index, row in enumerate(grid.rows):
        if not _ends(row, labels, grid.style):
            _take(reading, index, row)
    named = [(item.name.box.x0, item) for item in reading.items if item.name is not None]
    for edge in sorted({round(x0, 2) for x0, _ in named}):
        level = [item for x0, item in named if abs(x0 - edge) < _SAME_LEVEL][:_MOST_ITEMS]
        stretches = ((start, end) for start in range(len(level)) for end in range(start + 2, len(level) + 1))
        for start, end in sorted(stretches, key=lambda stretch: stretch[0] - stretch[1]):
            if _add_up(level[start:end], totals):
                return level[start:end]
    return []


def _read(grid: TextGrid, labels: LabelMap) -> list[_Item]:
    """From the first line that ends in an amount to the totals."""
    reading = _Reading(grid, labels)
    for index, row in enumerate(grid.rows):
        if _ends(row, labels, grid.style):
            if reading.items:
                break
            reading.above = None
            continue
        _take(reading, index, row)
    return [item for item in reading.items if item.name is not None]


def _ends(row: list[Cell], labels: LabelMap, style: Style) -> bool:
    """Whether the line has a total, the cash tendered or the like, with an amount on it or below it."""
    first = next((cell for cell in row if any(char.isalpha() for char in cell.text)), None)
    if first is None:
        return False
    if _TOTAL.match(fold(first.text)):
        return True
    named = (
        label
        for label in labels.by_cell[first]
        if label.start <= 2
        and _ENDS & set(label.concepts)
        and not (_WORD.search(label.rest.text) and "cash" in label.concepts)
    )
    behind = [cell for cell in row if cell is not first]
    return any(
        len(label.rest.text.split()) <= 3
        and bool(behind or not label.rest.text or any(find_numbers(label.rest.text, style)))
        for label in named
    )


def _take(reading: _Reading, index: int, row: list[Cell]) -> None:
    """One line: an item, the price of the item above, or words that may name the next one."""
    style = reading.grid.style
    if _explains(reading, index, row):
        _calculate(reading.items[-1], [cell.span for cell in row], style)
        return
    dated = any(any(find_dates(cell.text, style)) for cell in row)
    ending = None if dated else _last_amount(row, style)
    before = [cell.span for cell in row] if ending is None else _before(row, ending[0])
    name = next((span for span in before if _names(span)), None)
    if ending is not None:
        item = _Item(ending, at=index)
        if name is None:
            item.name = reading.above
        else:
            _named(item, name, style)
            before = before[before.index(name) + 1 :] if item.count else [span for span in before if span is not name]
        _calculate(item, before, style)
        reading.items.append(item)
    elif name is None and reading.items and reading.items[-1].at == index - 1:
        _calculate(reading.items[-1], before, style)
    if name is not None or ending is not None:
        reading.above = name if ending is None and len(row) == 1 and not dated else None


def _explains(reading: _Reading, index: int, row: list[Cell]) -> bool:
    """Whether a line only says how the amount above it was calculated: '3 x 3.77 CHF'."""
    above = reading.items[-1] if reading.items and reading.items[-1].at == index - 1 else None
    if above is None or len(row) > 1 or (product := _PRODUCT.fullmatch(row[0].text)) is None:
        return False
    factors = [next(find_numbers(product[name], reading.grid.style), None) for name in ("count", "price")]
    values = [factor.value for factor in factors if factor is not None]
    return len(values) == 2 and close(values[0] * values[1], above.amount[1], 0.02)


def _names(span: Span) -> bool:
    """Whether words say what a thing is, and not only how it is counted."""
    return any(not _NO_NAME.fullmatch(word) for word in re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", span.text))


def _last_amount(row: list[Cell], style: Style) -> tuple[Span, float] | None:
    """The amount at the end of a line; two decimals or a currency make it one."""
    cells = [cell for cell in row if not (cell is row[-1] and len(row) > 1 and _MARK.fullmatch(cell.text))]
    numbers = list(find_numbers(cells[-1].text, style))
    if not numbers or (len(row) == 1 and row[0].text.lstrip()[:1] in tuple("@x×*")):
        return None
    last = max(numbers, key=lambda number: number.start)
    money = (last.places == 2 or bool(last.currency)) and not last.percent and last.value > 0
    if not money or not _MARK.fullmatch(cells[-1].text[last.end :]):
        return None
    return cells[-1].span.cut(last.start, last.end), last.value


def _before(row: list[Cell], amount: Span) -> list[Span]:
    """What stands on the line to the left of the amount."""
    own = Span(amount.cell, 0, amount.start).stripped(" ")
    return [*(cell.span for cell in row if cell.box.x0 < amount.cell.box.x0), *([own] if own.text else [])]


def _named(item: _Item, text: Span, style: Style) -> None:
    """The name, and the count that may stand before it."""
    match = _COUNT_FIRST.match(text.text)
    number = next(find_numbers(match["count"], style), None) if match else None
    if match and number is not None:
        item.count = text.cut(*match.span("count")), number.value
        text = text.cut(match.end(), len(text.text))
    item.name = text.stripped(" .:-–*")


def _calculate(item: _Item, spans: list[Span], style: Style) -> None:
    """Count and price are the two figures that make the amount; the price of one thing is its amount."""
    amount = item.amount[1]
    figures = [
        (span.cut(number.start, number.end), number.value)
        for span in spans
        for number in find_numbers(span.text.replace("@", " "), style)
    ]
    counts = sorted(figures, key=lambda figure: (figure[1] != int(figure[1]), len(figure[0].text)))
    for count in [item.count] if item.count is not None else counts:
        for price in figures:
            if price is not count and price[1] > 0 and close(count[1] * price[1], amount, 0.02):
                item.count, item.price = count, price
                return
    if item.count is None and figures and figures[0][1] == int(figures[0][1]) and len(figures) == 1:
        item.count = figures[0] if 0 < figures[0][1] < 1000 else None
    if item.price is None and item.count is not None and item.count[1] == 1:
        item.price = item.amount


def _aligned(items: list[_Item]) -> list[_Item]:
    """The items whose amounts end at one edge, from the first of the longest run without a wide gap."""
    if not items:
        return []
    edge = median(item.amount[0].box.x1 for item in items)
    aligned = [item for item in items if abs(item.amount[0].box.x1 - edge) < _SAME_EDGE]
    longest = max(_runs(aligned), key=len, default=[])
    for index in range(2, len(longest)):
        if close(sum(item.amount[1] for item in longest[:index]), longest[index].amount[1]):
            return longest[:index]  # a total whose label was not recognised
    return longest


def _runs(items: list[_Item]) -> Iterator[list[_Item]]:
    run = items[:1]
    for one, other in pairwise(items):
        if other.at - one.at > 4 or one.amount[0].page != other.amount[0].page:
            yield run
            run = []
        run.append(other)
    if run:
        yield run
