"""Who sells and who buys, and what is asked of each party."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .address_lines import LEGAL_FORM, begins_with_street, continues_name, is_surely_street, may_be_name, name_alone
from .addresses import Block, find_blocks
from .block_parts import PARTS, part_of
from .candidates import ENOUGH, Candidate, Finder, best
from .headings import behind_heading, is_party_heading, role_before
from .labels import Label
from .phrases import PARTY_PHRASES
from .readers import read_email, read_phone, read_url, read_vat
from .receipts import Head
from .roles import Roles, of_buyer
from .text_grid import Cell, Span
from .towns import parts_of

_TAX_WORD = re.compile(r"\W*(?:vat|tva|ust|mwst|btw|gst|iva)\b\W*(?:(?:no|nr|n°|id|reg)\b\W*)*", re.IGNORECASE)
_BY_SHAPE = {"email": read_email, "vat_id": read_vat, "tax_number": read_vat, "phone": read_phone, "website": read_url}
"""What is recognised without a label."""
_PHONE_ALONE = re.compile(r"\W*(?:\+|0|\(\+?\d)[\d\s()./-]{6,}\d\W*|\d{3}[-. ]\d{3}[-. ]\d{4}|\d{10}")
"""A line that is a phone number, and not an amount or a date."""

_OF_ACCOUNTS = frozenset(["iban", "bic", "bank_name"])
_WORDS_OF_NAME = 7
_APART = 2.5
"""The gap, in line heights, beyond which two addresses do not belong to one shop."""


class Parties:
    """The parties of a document, found once."""

    def __init__(self, finder: Finder, *, is_receipt: bool = False) -> None:
        self.finder = finder
        self._is_receipt = is_receipt
        self._head = Head(finder.grid)
        self.grid = finder.grid
        self.blocks = find_blocks(finder.grid, finder.labels)
        Roles(finder, self.blocks, self._is_shop).give()

    def block(self, role: str) -> Block | None:
        """The best block of a role: a labelled one first, then one of several lines."""
        blocks = [block for block in self.blocks if block.role == role]
        if not blocks and role == "buyer":  # a delivery document may name nobody else
            blocks = [block for block in self.blocks if block.role == "ship_to"]
        return max(blocks, key=lambda block: (block.labelled, not block.single, -block.cell.row), default=None)

    def _is_shop(self, block: Block) -> bool:
        """On a receipt the address in its head is the shop's, and not another party's as well."""
        if not self._is_receipt or not any(self.is_address_of_shop(line) for line in block.lines):
            return False
        above = [other.foot for other in self.blocks if other.foot.row < block.cell.row]
        return not any(block.cell.box.y0 - foot.box.y1 > _APART * foot.box.height for foot in above)

    def is_address_of_shop(self, span: Span) -> bool:
        """Whether it is part of a line of a receipt's head that tells where the shop is."""
        address = self._head.address if self._is_receipt else None
        return address is not None and any(span.cell is line.cell for line in address.spans)

    def find(self, concept: str, role: str) -> Candidate | None:
        role = "seller" if role == "other" and concept in _OF_ACCOUNTS else role
        block = self.block(role)
        concept = "name" if concept == "full_name" else concept
        if concept in PARTS:
            from_head = self._from_head(concept, role)
            return (
                from_head or part_of(concept, block) or (self._name_without_block(role) if concept == "name" else None)
            )
        return self._identifier(concept, role)

    def _from_head(self, concept: str, role: str) -> Candidate | None:
        """A receipt has its shop at the top and, as a rule, no other party."""
        if not self._is_receipt or role != "seller" or self._head_is_mixed():
            return None
        if concept == "name":
            return self._head.company
        return self._head.address if concept == "address" else None

    def _head_is_mixed(self) -> bool:
        """Whether the shop's name and address would hold a customer's line, an identifier, or what is beside it."""
        head = [part for part in (self._head.company, self._head.address) if part is not None]
        cells = {span.cell for part in head for span in part.spans}
        buyers = {span.cell for block in self.blocks if block.role == "buyer" for span in block.lines}
        details = {span.cell for block in self.blocks for span in block.details}
        seller = self.block("seller")
        first, *others = [span.cell for span in seller.lines] if seller is not None else [None]
        beside = len({cell.row for cell in cells}) < len(cells) and first in cells
        street_first = bool(head) and head[0].cell in others and begins_with_street(str(head[0].value))
        return beside or street_first or not cells.isdisjoint(buyers | details)

    def _name_without_block(self, role: str) -> Candidate | None:
        """A labelled name ('Supplier: ACME Ltd'), or for the seller the first line with a legal form."""
        named = list(self._labelled_names(role))
        if named:
            return max(named, key=lambda candidate: candidate.score)
        if role != "seller":
            return None
        taken = {span.cell for block in self.blocks if block.role != "seller" for span in block.lines}
        for cell in (cell for row in self.grid.rows[:25] for cell in row):
            if cell in taken or behind_heading(cell).start > 0 or not may_be_name(cell.text):
                continue
            spans = (cell.span, *self._rest_of_name(cell))
            name = " ".join(span.text for span in spans)
            if LEGAL_FORM.search(name) and 2 <= sum(len(span.cell.tokens) for span in spans) <= _WORDS_OF_NAME:
                return Candidate(name, spans, 0.5)
        return None

    def _rest_of_name(self, cell: Cell) -> Iterator[Span]:
        """The legal form, where it stands on the next line."""
        below = next(iter(self.grid.below(cell, cell.box, reach=2.0)), None)
        if below is not None and LEGAL_FORM.match(below.text) and continues_name(cell.text, below.text):
            yield below.span

    def _labelled_names(self, role: str) -> Iterator[Candidate]:
        for cell in self.grid.cells:
            named = name_alone(behind_heading(cell))
            if named.start > 0:
                if role_before(cell) == role and may_be_name(named.text):
                    yield Candidate(named.text, (named,), 0.7)
                continue
            for match in PARTY_PHRASES.find(cell.tokens)[:1]:
                if match.first or role not in match.concepts:
                    continue
                end = cell.tokens[match.last].end
                label = Label(match.concepts, cell, 0, end, Span(cell, end, len(cell.text)))
                if end < len(cell.text) and not cell.text[end:].lstrip().startswith(":"):
                    continue
                for region in self.finder.labels.regions(label):
                    if is_party_heading(region.span.cell):
                        continue  # headings side by side: what they name stands below them
                    if sum(char.isalpha() for char in region.span.text) > 2 and not is_surely_street(region.span.text):
                        named = name_alone(region.span)
                        yield Candidate(named.text, (named,), 0.7 * region.geometry)
                        break

    def _identifier(self, concept: str, role: str) -> Candidate | None:
        """The identifier asked for; the VAT number stands in for a tax number that is not printed."""
        found = self._labelled(concept, role)
        if found is None and concept == "tax_number":
            found = self._labelled("vat_id", role)
        if found is None and concept in _BY_SHAPE:
            found = self._unlabelled(concept, role)
        return found

    def _unlabelled(self, concept: str, role: str) -> Candidate | None:
        """What is known by its shape; unless it stands with the customer, it is the sender's."""
        numbers = self._numbers_of_document()
        for part in self._parts():
            if part.cell in numbers and concept in ("vat_id", "tax_number"):
                continue
            tax = _TAX_WORD.match(part.text)
            start = tax.end() if tax and concept in ("vat_id", "tax_number") else 0
            if concept == "phone" and not _PHONE_ALONE.fullmatch(part.text):
                continue
            for reading in _BY_SHAPE[concept](part.cut(start, len(part.text)), self.grid.style):
                candidate = Candidate(reading.value, (reading.span,), 0.6)
                if (self._owner(candidate, concept) or "seller") == role:
                    return candidate
        return None

    def _numbers_of_document(self) -> set[Cell]:
        """Where labelled numbers stand that look like a tax number, as 'SI20250012' does."""
        found = (
            one
            for concept in ("invoice_number", "order_number", "customer_number")
            for one in self.finder.find(concept)
        )
        return {one.cell for one in found if one.score >= ENOUGH}

    def _parts(self) -> Iterator[Span]:
        """All cells, split at bullets and commas."""
        for cell in self.grid.cells:
            for start, end in parts_of(cell.text):
                yield cell.span.cut(start, end).stripped(" \t")

    def _labelled(self, concept: str, role: str) -> Candidate | None:
        """A labelled identifier goes to the party it stands with, or that its label names; else to the seller."""
        scored = []
        for candidate in self.finder.find(concept):
            owner = self._owner(candidate, concept)
            if owner == role:
                scored.append(candidate)
            elif not owner and role == "seller":
                scored.append(Candidate(candidate.value, candidate.spans, candidate.score * 0.9, candidate.label))
        scored.sort(key=lambda candidate: -candidate.score)
        found = best(scored)
        if found is not None and role == "buyer" and concept not in ("phone", "email"):
            sellers = self._labelled(concept, "seller")
            if sellers is not None and sellers.value == found.value and not (found.label and of_buyer(found.label)):
                return None
        return found

    def _owner(self, candidate: Candidate, concept: str) -> str:
        label = candidate.label
        if label is not None and of_buyer(label):
            return "buyer"
        if concept in ("iban", "bic", "bank_name"):
            return (
                "buyer"
                if label and re.search(r"\bkäufer|client|customer|ihrem konto", label.cell.text, re.I)
                else "seller"
            )
        for block in self.blocks:
            if block.role and candidate.cell in {span.cell for span in block.details}:
                return block.role
        near = [block for block in self.blocks if block.role and _stands_with(candidate.cell, block)]
        return min(near, key=lambda block: _distance(candidate.cell, block)).role if near else ""


def _stands_with(cell: Cell, block: Block) -> bool:
    """Whether an identifier is one of the lines of a block, or follows it in the same column before another block."""
    town, first = block.foot, block.cell
    if cell.page != first.page or cell.row < first.row:
        return False
    overlaps = cell.box.x0 < max(town.box.x1, first.box.x1) + 0.12 and cell.box.x1 > first.box.x0 - 0.15
    return overlaps and cell.box.y0 - town.box.y1 < (0.03 if block.single else 0.14)


def _distance(cell: Cell, block: Block) -> float:
    return abs(cell.box.y0 - block.foot.box.y1) + abs(cell.box.x0 - block.cell.box.x0) * 0.3
