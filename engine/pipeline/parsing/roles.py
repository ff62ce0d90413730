"""Whose address a block is: by headings, by place, by what stands with it; all blocks of a page decided together."""

from __future__ import annotations

import re
from collections.abc import Callable

from reading.normalization import fold

from .addresses import Block
from .candidates import Finder
from .headings import role_before, role_of, short_heading
from .labels import Label
from .text_grid import Cell, TextGrid
from .titles import titles_of

_BUYERS_WORDS = frozenset(
    ["client", "kunde", "kunden", "customer", "buyer", "kaufer", "acheteur", "klant", "ihre", "your", "votre", "uw",
     "cliente", "su", "vostro", "vs"]
)  # fmt: skip
_SELLERS_IDS = ("vat_id", "iban", "legal_id", "tax_number", "bic", "website", "phone", "email")
_WINDOW = 0.12
"""Of the page, from the top: there the window of an envelope begins at the soonest."""
_DOMAIN = re.compile(r"(?:@|www\.|https?://(?:www\.)?)([\w-]+)\.\w")
_DIRECTIONS = frozenset(["from", "to", "sender", "recipient", "absender", "empfänger", "expéditeur", "destinataire",
                         "afzender", "geadresseerde", "remitente", "destinatario", "mittente"])  # fmt: skip
_OPPOSITE = {"seller": "buyer", "buyer": "seller"}


class Roles:
    """Gives every block its role."""

    def __init__(self, finder: Finder, blocks: list[Block], is_shop: Callable[[Block], bool]) -> None:
        self.finder = finder
        self.grid = finder.grid
        self.blocks = blocks
        self._is_shop = is_shop
        self.issuer = "buyer" if _is_order(finder.grid) else "seller"
        """Who wrote the document: of an order it is the one who buys."""

    def give(self) -> None:
        for block in self.blocks:
            block.role = self._named_role(block)
            block.labelled = bool(block.role)
        for block in self.blocks:
            block.role = block.role or self._role_of_same(block)
        for block in self.blocks:
            if not block.role and self._is_shop(block):
                block.role = "seller"
        self._give_unnamed([block for block in self.blocks if not block.role])

    def _give_unnamed(self, free: list[Block]) -> None:
        """The likeliest block is the issuer's, what else stands in the upper half of the first page the other's."""
        roles = {block.role for block in self.blocks}
        if free and self.issuer not in roles:
            issuer = max(free, key=self._issuer_score)
            several = any(not block.is_same_as(issuer) for block in free) or _OPPOSITE[self.issuer] in roles
            if several or self._issuer_score(issuer) >= 1 or _in_letterhead(issuer):
                for block in self.blocks:
                    if not block.labelled and block.is_same_as(issuer):
                        block.role = self.issuer
        for block in free:
            if not block.role and block.cell.page == 1 and block.cell.box.y0 < 0.5:
                block.role = _OPPOSITE[self.issuer]

    def _named_role(self, block: Block) -> str:
        role, short = _heading_role(self.grid.rows, block)
        return _OPPOSITE.get(role, role) if short and self.issuer == "buyer" else role

    def _role_of_same(self, block: Block) -> str:
        """That of a labelled block with the same address; goods may be sent anywhere."""
        same = (other for other in self.blocks if other.labelled and other.role in _OPPOSITE)
        return next((other.role for other in same if other.is_same_as(block)), "")

    def _issuer_score(self, block: Block) -> float:
        """How much an unlabelled block looks like the sender: printed in one line, at the edges, with identifiers."""
        box = block.cell.box
        score = 1.5 * block.single + 1.0 * (box.y0 > 0.8) + 0.4 * (box.y0 < _WINDOW)
        score += 0.3 * sum(other.is_same_as(block) for other in self.blocks if other is not block)
        for concept in _SELLERS_IDS:
            if any(near(label, block) and not of_buyer(label) for label in self.finder.labels.by_concept[concept]):
                score += 0.4
        own = [fold(span.text) for span in block.details]
        score += 0.4 * any("@" in text or "www." in text for text in own)
        score -= 0.8 * any(of_buyer(label) for span in block.details for label in self.finder.labels.by_cell[span.cell])
        score -= 0.8 * any(self._is_customers(label) for span in block.details for label in self._labels(span.cell))
        return score + 0.6 * self._has_domain(block)

    def _labels(self, cell: Cell) -> list[Label]:
        return self.finder.labels.by_cell[cell]

    def _is_customers(self, label: Label) -> bool:
        """A number of a customer or an account is printed with the customer."""
        return label.is_sure and not {"customer_number", "account_number"}.isdisjoint(label.concepts)

    def _has_domain(self, block: Block) -> bool:
        """Whether mail and web addresses that stand with no other block bear the name of this one."""
        others = {cell for other in self.blocks if not other.is_same_as(block) for cell in other.cells}
        domains = [
            re.sub(r"\W", "", found[1]) for cell in self.grid.cells if cell not in others
            for found in _DOMAIN.finditer(fold(cell.text))
        ]  # fmt: skip
        name = re.sub(r"\W", "", fold(block.lines[0].text))
        return any(
            len(domain) > 3 and (domain in name or name[:6] in domain[:8]) for domain in domains if len(name) > 5
        )


def _is_order(grid: TextGrid) -> bool:
    """Whether the title of the document says that somebody orders something."""
    titles = titles_of(grid)
    return "purchase_order" in titles and "invoice" not in titles


def _heading_role(rows: list[list[Cell]], block: Block) -> tuple[str, bool]:
    """The role named by a heading above the block, or to its left on one of its lines; whether it is 'to' or 'from'."""
    first = block.cell
    if block.lines[0].start > 0 and (role := role_before(first)):
        return role, _is_direction(first)
    for span in block.lines:
        for cell in rows[span.cell.row]:
            if cell.box.x0 < span.cell.box.x0 and (role := role_of(cell)) and not _heads_others(rows, cell):
                return role, _is_direction(cell)
    for row in reversed(rows[max(0, first.row - 6) : first.row]):
        for cell in row:
            if cell.page != first.page or first.box.y0 - cell.box.y1 > 0.07:
                continue
            starts_here = -0.06 < first.box.x0 - cell.box.x0 < 0.2 and cell.box.x0 < first.box.x1
            if starts_here and (role := role_of(cell)):
                return role, _is_direction(cell)
    return "", False


def _is_direction(cell: Cell) -> bool:
    """'From' and 'to' say who wrote to whom, not who sells."""
    return bool(short_heading(cell)) or cell.text.strip(" :").casefold() in _DIRECTIONS


def _heads_others(rows: list[list[Cell]], cell: Cell) -> bool:
    """Whether lines of text follow right below a heading, so that what is beside it is not what it names."""
    below = [other for row in rows[cell.row + 1 : cell.row + 2] for other in row if other.page == cell.page]
    return any(
        abs(other.box.x0 - cell.box.x0) < 0.01
        and other.box.y0 - cell.box.y1 < 1.2 * cell.box.height
        and not role_of(other)
        for other in below
    )


def of_buyer(label: Label) -> bool:
    return any(token.text in _BUYERS_WORDS for token in label.cell.tokens if token.start <= label.end + 12)


def _in_letterhead(block: Block) -> bool:
    """Above all windows of envelopes, where the sender stands and no address to which a letter goes."""
    return block.cell.page == 1 and block.cell.box.y0 < _WINDOW


def near(label: Label, block: Block) -> bool:
    """An identifier in the same column, not far below the block; or in the same line for a sender's line."""
    box, town = label.cell.box, block.foot.box
    return (
        label.cell.page == block.cell.page
        and -0.02 < box.y0 - town.y1 < 0.12
        and box.x0 < town.x1 + 0.1
        and box.x1 > block.cell.box.x0 - 0.05
    )
