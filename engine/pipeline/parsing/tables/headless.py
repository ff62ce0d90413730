"""Tables of what was bought that have no head: quantity x unit price = amount tells what their columns hold."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from reading.document import Box
from reading.literals.style import Style

from ..money import close
from ..readers import Figure, find_figures
from ..text_grid import Cell, Span, TextGrid
from .headers import Column, Header

_SAME_EDGE = 0.012
_CENTS = 2
_COUNT = re.compile(r"\d[\d.,]*(?=\s[^\s%€$£])")
_CODE = re.compile(r"(?=\S*\d)[\w./-]{3,}")
_FEWEST = 2
"""Rows that prove themselves; one alone may do so by chance."""


@dataclass(frozen=True, slots=True)
class Proof:
    """One row, and those of its figures that prove each other, by concept."""

    row: list[Cell]
    figures: dict[str, Figure]

    @property
    def amount(self) -> Box:
        return self.figures["net_amount"][0].box


def headless(grid: TextGrid) -> Header | None:
    """What stands for the head of the first such table; its columns are named as far as the figures prove them."""
    proofs = [proof for row in grid.rows if (proof := _proof(row, grid.style))]
    proofs = [proof for proof in proofs if _beside(proof.amount, proofs[0].amount)]
    counted = [proof for proof in proofs if proof.figures["quantity"][1].value != 1]
    if len(proofs) < _FEWEST or not counted:
        return None
    first = proofs[0].row[0].row
    return Header(first, first - 1, _columns(proofs), list(proofs[0].row))


def _beside(one: Box, other: Box) -> bool:
    return abs(one.x1 - other.x1) < _SAME_EDGE or abs(one.x0 - other.x0) < _SAME_EDGE


def _proof(row: list[Cell], style: Style) -> Proof | None:
    figures = [figure for cell in row for figure in _figures(cell, style)]
    named = any(len(re.findall(r"[^\W\d_]", cell.text)) > 3 for cell in row)
    money = [figure for figure in figures if figure[1].places == _CENTS and not figure[1].percent]
    if not named or len(money) < 2:
        return None
    amount = money[-1]
    pairs = [
        (count, price)
        for price in money[:-1]
        for count in figures
        if _leads(count[0]) and not count[1].percent and len({count[0].cell, price[0].cell, amount[0].cell}) == 3
    ]
    pairs.sort(key=lambda pair: (not pair[0][1].value.is_integer(), pair[0][0].box.x0 > pair[1][0].box.x0))
    rates = [figure for figure in figures if figure[1].percent and 0 < figure[1].value < 100]
    for count, price in pairs:
        whole = count[1].value * price[1].value
        found = {"quantity": count, "unit_price": price, "net_amount": amount}
        if whole and close(whole, amount[1].value, 0.02):
            return Proof(row, found)
        for rate in rates:
            if whole and close(whole * (1 - rate[1].value / 100), amount[1].value, 0.02):
                return Proof(row, {**found, "discount": rate})
    return None


def _figures(cell: Cell, style: Style) -> list[Figure]:
    """Those of a cell, of which a count before other text is one."""
    count = _COUNT.match(cell.text)
    cut = count.end() if count else 0
    spans = [span for span in (cell.span.cut(0, cut), cell.span.cut(cut, len(cell.text))) if span.text]
    return [figure for span in spans for figure in find_figures(span, style)]


def _leads(span: Span) -> bool:
    """A count begins its cell; behind it may stand its unit, or what belongs to the next column."""
    return not span.cell.text[: span.start].strip()


def _columns(proofs: list[Proof]) -> list[Column]:
    """Pieces below one another make a column, which holds what most of them are."""
    groups: list[tuple[Box, Counter[str]]] = []
    for proof in proofs:
        for box, concept in _pieces(proof):
            near = [group for group in groups if box.x0 < group[0].x1 and box.x1 > group[0].x0]
            concepts = Counter([concept])
            for group in near:
                groups.remove(group)
                box, concepts = box.union(group[0]), concepts + group[1]
            groups.append((box, concepts))
    groups.sort(key=lambda group: group[0].x0)
    most = [(box, max(concepts, key=lambda name: (concepts[name], name))) for box, concepts in groups]
    return [Column("", box, {name: 1.0} if name else {}) for box, name in most]


def _pieces(proof: Proof) -> list[tuple[Box, str]]:
    """The cells of a row; one that begins with the count is two."""
    concept_of = {figure[0].cell: concept for concept, figure in proof.figures.items()}
    pieces = []
    for cell in proof.row:
        concept = concept_of.get(cell, "")
        count = proof.figures["quantity"][0]
        behind = Span(cell, count.end, len(cell.text)).stripped()
        if concept == "quantity" and behind.text:
            pieces += [(count.box, concept), (behind.box, _kind(behind.text))]
        else:
            pieces.append((cell.box, concept or _kind(cell.text)))
    return pieces


def _kind(text: str) -> str:
    """What stands beside the figures that prove each other, by its form."""
    if re.fullmatch(r"\d{1,2}(?:[.,]\d{1,2})?\s?%", text):
        return "vat_rate"
    return "article_number" if _CODE.fullmatch(text) else ""
