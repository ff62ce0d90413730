"""Amounts printed below one another that make a sum: what they are, whatever they are called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from .candidates import Candidate
from .labels import LabelMap
from .readers import find_figures
from .text_grid import Cell, Span, TextGrid

TAX = "total_vat"
_SAME_EDGE = 0.02
_MOST_ROWS_APART = 6
_HIGHEST_RATE = 0.3
_MOST_TAXES = 3
_BY_SUM, _BY_RATE = 0.4, 0.6
"""Score of amounts that make a sum, and of those whose label prints the rate that makes the tax."""
_CENT = 0.011


@dataclass(frozen=True, slots=True)
class Entry:
    """An amount at the end of a line with words before it; `rates` are the shares printed there."""

    span: Span
    value: float
    rates: tuple[float, ...]
    is_tax: bool
    """Whether its line is named for a tax, or prints a share."""

    @property
    def row(self) -> int:
        return self.span.cell.row


@dataclass(frozen=True, slots=True)
class Sum:
    """A net amount, its tax and the amount with tax, as far as arithmetic tells."""

    net: Candidate
    tax: Candidate
    gross: Candidate


def proved_sums(grid: TextGrid, labels: LabelMap, banned: Iterable[Cell]) -> Iterator[Sum]:
    """Net, taxes and gross that stand below one another in this order and add up."""
    for ladder in _ladders(entries(grid, labels, set(banned))):
        for first, net in enumerate(ladder):
            for last in range(first + 2, min(len(ladder), first + 2 + _MOST_ROWS_APART)):
                yield from _ending(net, ladder[first + 1 : last], ladder[last])


def _ending(net: Entry, between: Sequence[Entry], gross: Entry) -> Iterator[Sum]:
    wanted = gross.value - net.value
    if not 0 < wanted / (net.value or 1) <= _HIGHEST_RATE:
        return
    for start in range(len(between)):
        for taxes in (between[start:end] for end in range(start + 1, min(len(between), start + _MOST_TAXES) + 1)):
            if abs(sum(tax.value for tax in taxes) - wanted) < _CENT and all(tax.value and tax.is_tax for tax in taxes):
                score = _BY_RATE if any(_makes(rate, net, tax) for tax in taxes for rate in tax.rates) else _BY_SUM
                spans = tuple(tax.span for tax in taxes)
                whole = Candidate(round(sum(tax.value for tax in taxes), 2), spans, score)
                yield Sum(Candidate(net.value, (net.span,), score), whole, Candidate(gross.value, (gross.span,), score))


def _makes(rate: float, net: Entry, tax: Entry) -> bool:
    return abs(net.value * rate / 100 - tax.value) < 2 * _CENT


def entries(grid: TextGrid, labels: LabelMap, banned: set[Cell]) -> list[Entry]:
    """The lines of a document that end in an amount, with what is named before it."""
    found = []
    for row in grid.rows:
        if any(cell in banned for cell in row):
            continue
        figures = [figure for cell in row[-1:] for figure in find_figures(cell.span, grid.style)]
        shares = tuple(n.value for cell in row for _, n in find_figures(cell.span, grid.style) if n.percent)
        money = [(span, number) for span, number in figures if number.places >= 2 and not number.percent]
        named = any(char.isalpha() for cell in row for char in cell.text)
        if money and named and not row[-1].text[money[-1][0].end :].strip(" €$£%").isdigit():
            span, number = money[-1]
            taxed = any(TAX in label.concepts for cell in row for label in labels.by_cell[cell])
            found.append(Entry(span, number.value, shares, taxed or bool(shares)))
    return found


def _ladders(found: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Runs of entries that end at one edge."""
    ladder = list(found[:1])
    for one, other in pairwise(found):
        apart = other.row - one.row > _MOST_ROWS_APART or one.span.page != other.span.page
        if apart or abs(one.span.box.x1 - other.span.box.x1) > _SAME_EDGE:
            yield ladder
            ladder = []
        ladder.append(other)
    if ladder:
        yield ladder
