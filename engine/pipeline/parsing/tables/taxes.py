"""The tax per rate: found by arithmetic, since a rate, a base and a tax on one line confirm each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from reading.literals.numbers import Number
from reading.normalization import fold

from ..candidates import Candidate
from ..concepts import likeliest
from ..fields import Field
from ..money import NET, TAX, Totals, close
from ..readers import Figure, find_figures
from ..text_grid import Cell, TextGrid

_RATES = (
    *(0.0, 2.1, 2.5, 2.6, 3.0, 4.0, 5.0, 5.5, 6.0, 7.0, 7.7, 8.0, 8.1, 8.5, 9.0, 10.0, 12.0, 13.0, 13.5, 14.0, 15.0),
    *(16.0, 17.0, 18.0, 19.0, 19.6, 20.0, 21.0, 22.0, 23.0, 24.0, 25.0, 25.5, 27.0),
)
"""The rates of value added tax in use in Europe, and some common ones elsewhere."""

Rated = tuple[Figure | None, Figure, Figure]
"""A rate, where it is printed, its base and its tax."""
_UNTAXED = re.compile(
    r"export|exempt|exoner|\bzero\b|free\b|frei\b|vrij\b|vrijgesteld|\breverse\b|verlegd|intra-?(?:eu|com)"
    r"|\b(?:vat|tax|gst|tva|mwst|ust|btw)\W*0$"
)
"""Words that say why there is no tax."""


def is_tax_list(wanted: Mapping[str, Mapping[str, float]]) -> bool:
    """Whether the rows asked for are taxes per rate and not things that were bought."""

    def meant(*concepts: str) -> bool:
        return any(options.get(concept, 0) >= 0.9 for options in wanted.values() for concept in concepts)

    taxed = meant("vat_amount") or meant("taxable_amount")
    return taxed and meant("vat_rate") and not meant("description", "quantity", "article_number")


def tax_rows(
    item: Field, wanted: Mapping[str, Mapping[str, float]], grid: TextGrid, totals: Totals, banned: Iterable[Cell]
) -> list[dict[str, Candidate]]:
    return [_as_row(triple, item, wanted) for triple in tax_entries(grid, totals, banned)]


def tax_entries(grid: TextGrid, totals: Totals, banned: Iterable[Cell]) -> list[Rated]:
    """Rate, base and tax of each rate, as printed."""
    taken = set(banned)
    triples: list[Rated] = []
    for row in grid.rows:
        if any(cell in taken for cell in row):
            continue
        triple = _triple(row, grid)
        if triple is not None and not _repeated(triple, triples):
            triples.append(triple)
    return _consistent(triples, totals) or list(_from_totals(grid, totals))


def _triple(row: list[Cell], grid: TextGrid) -> Rated | None:
    """A rate, a base and a tax in one line, in any order, such that base times rate is the tax."""
    entries = [figure for cell in row for figure in find_figures(cell.span, grid.style)]
    rates = [entry for entry in entries if entry[1].percent or entry[1].value in _RATES]
    amounts = [entry for entry in entries if not entry[1].percent and entry[1].places == 2]
    for rate in sorted(rates, key=lambda entry: not entry[1].percent):
        for base in amounts:
            for tax in amounts:
                if base is tax or rate in (base, tax) or abs(base[1].value) < 0.01:
                    continue
                if close(base[1].value * rate[1].value / 100, tax[1].value, 0.021) and (
                    tax[1].value or rate[1].value == 0
                ):
                    return rate, base, tax
    return _untaxed(row, amounts)


def _untaxed(row: list[Cell], amounts: list[Figure]) -> Rated | None:
    """A base with no tax under a name that says so, such as 'EXPORT-0'."""
    if len(amounts) != 2 or amounts[1][1].value != 0 or amounts[0][1].value == 0 or len(row) > 4:
        return None
    if any(len(cell.tokens) > 4 for cell in row) or not _UNTAXED.search(fold(row[0].text)):
        return None
    return None, amounts[0], amounts[1]


def _repeated(triple: Rated, others: list[Rated]) -> bool:
    def key(entry: Rated) -> tuple[float, float]:
        return entry[0][1].value if entry[0] else 0.0, entry[1][1].value

    return any(key(triple) == key(other) for other in others)


def _consistent(triples: list[Rated], totals: Totals) -> list[Rated]:
    """All of them, unless the total tax is known and one entry alone accounts for it (the others are coincidence)."""
    total = totals.get(TAX)
    if total is None or len(triples) < 2 or close(sum(triple[2][1].value for triple in triples), total.value, 0.05):
        return triples
    if any(total.cell is entry[0].cell for triple in triples for entry in triple[1:]):
        return triples
    alone = [triple for triple in triples if close(triple[2][1].value, total.value)]
    return alone[:1] or triples


def _from_totals(grid: TextGrid, totals: Totals) -> Iterator[Rated]:
    """With one rate only, the totals are the breakdown."""
    net, tax = totals.get(NET), totals.get(TAX)
    if net is None or tax is None or not net.value:
        return
    rate = abs(tax.value / net.value * 100)
    near = min(_RATES, key=lambda known: abs(known - rate))
    if not close(abs(net.value) * near / 100, abs(tax.value), 0.03):
        return
    on_line = [
        (span, number)
        for cell in grid.rows[tax.cell.row]
        for span, number in find_figures(cell.span, grid.style)
        if number.value == near and (number.percent or cell is not tax.cell)
    ]
    printed = on_line[0] if on_line else _anywhere(grid, near)
    numbers = [Number(0, 0, candidate.value, 2) for candidate in (net, tax)]
    yield printed, (net.spans[0], numbers[0]), (tax.spans[0], numbers[1])


def _anywhere(grid: TextGrid, rate: float) -> Figure | None:
    for cell in grid.cells:
        for span, number in find_figures(cell.span, grid.style):
            if number.percent and number.value == rate:
                return span, number
    return None


def _as_row(triple: Rated, item: Field, wanted: Mapping[str, Mapping[str, float]]) -> dict[str, Candidate]:
    entries = dict(zip(("vat_rate", "taxable_amount", "vat_amount"), triple, strict=True))
    row: dict[str, Candidate] = {}
    for child in item.children:
        options = {concept: quality for concept, quality in wanted[child.name].items() if concept in entries}
        best = likeliest(options)
        entry = entries.get(best)
        if entry is not None:
            row[child.name] = Candidate(entry[1].value, (entry[0],), 0.9)
        elif best == "vat_rate" and triple[2][1].value == 0:
            row[child.name] = Candidate(0.0, (triple[1][0],), 0.5)
    return row
