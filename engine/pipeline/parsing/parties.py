"""Who sells and who buys: roles for the address blocks, and what is asked of each party."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .addresses import Block, country_in, find_blocks, is_party_heading, short_heading
from .candidates import Candidate, Finder, best
from .labels import Label
from .phrases import LABEL_PHRASES, PARTY_PHRASES
from .readers import read_email, read_vat
from .receipts import Head
from .sheet import Cell, Span, tokenise

_LEGAL_FORM = re.compile(
    r"\b(?:gmbh|ag|kg|ohg|ug|e\.?k|e\.v|mbh|sarl|sas|sasu|eurl|s\.?a\.?r\.?l|s\.?a\.?s?|sci|snc|scop|inc|llc|ltd|limited|plc"
    r"|corp|corporation|b\.?v|n\.?v|vof|bvba|s\.?r\.?l|s\.?p\.?a|sprl|sdn|bhd|co|pty|pte|oy|ab|aps|a/s|sa|srl|llp|cie)\b\.?",
    re.IGNORECASE,
)
_BUYERS_WORDS = frozenset(
    ["client", "kunde", "kunden", "customer", "buyer", "kaufer", "acheteur", "klant", "ihre", "your", "votre", "uw"]
)
_TAX_WORD = re.compile(r"\W*(?:vat|tva|ust|mwst|btw|gst|iva)\b\W*(?:(?:no|nr|n°|id|reg)\b\W*)*", re.IGNORECASE)
_BY = frozenset(["par", "by", "von", "door", "from", "de"])
_SELLERS_IDS = ("vat_id", "iban", "legal_id", "tax_number", "bic", "website", "phone", "email")
_WINDOW = 0.12
"""Of the page, from the top: there the window of an envelope begins at the soonest."""
_NO_NAME = re.compile(
    r"^\W*(?:(?:tel|fax|phone|e-?mail|www|http|iban|bic|vat|tva|ust|siret|attn|z\.? ?h|c/o|à l)\b|\+?\d[\d\s./-]{6,}$)",
    re.IGNORECASE,
)


class Parties:
    """The parties of a document, found once."""

    def __init__(self, finder: Finder, *, is_receipt: bool = False) -> None:
        self.finder = finder
        self._is_receipt = is_receipt
        self._head = Head(finder.sheet)
        self.sheet = finder.sheet
        self.blocks = find_blocks(finder.sheet, finder.labels)
        self._give_roles()

    def block(self, role: str) -> Block | None:
        """The best block of a role: a labelled one first, then one of several lines."""
        blocks = [block for block in self.blocks if block.role == role]
        return max(blocks, key=lambda block: (block.labelled, not block.single, -block.cell.row), default=None)

    def _give_roles(self) -> None:
        for block in self.blocks:
            block.role = _heading_role(self.sheet.rows, block)
            block.labelled = bool(block.role)
        known = {block.key: block.role for block in self.blocks if block.labelled and block.role != "ship_to"}
        for block in self.blocks:
            block.role = block.role or known.get(block.key, "")
        for block in self.blocks:
            if not block.role and self._is_shop(block):
                block.role = "seller"
        free = [block for block in self.blocks if not block.role]
        roles = {block.role for block in self.blocks}
        if free and "seller" not in roles:
            seller = max(free, key=self._seller_score)
            several = len({block.key for block in free}) > 1 or "buyer" in roles
            if several or self._seller_score(seller) >= 1 or _in_letterhead(seller):
                self._same_place(seller.key, "seller")
        for block in free:
            if not block.role and block.cell.page == 1 and block.cell.box.y0 < 0.5:
                block.role = "buyer"

    def _same_place(self, key: str, role: str) -> None:
        for block in self.blocks:
            if block.key == key and not block.labelled:
                block.role = role

    def _is_shop(self, block: Block) -> bool:
        """On a receipt the address in its head is the shop's, and not another party's as well."""
        return self._is_receipt and any(self.is_address_of_shop(line) for line in block.lines)

    def is_address_of_shop(self, span: Span) -> bool:
        """Whether it is part of a line of a receipt's head that tells where the shop is."""
        address = self._head.address if self._is_receipt else None
        return address is not None and any(span.cell is line.cell for line in address.spans)

    def _seller_score(self, block: Block) -> float:
        """How much an unlabelled block looks like the sender: printed in one line, at the edges, with identifiers."""
        box = block.cell.box
        score = 1.5 * block.single + 1.0 * (box.y0 > 0.8) + 0.4 * (box.y0 < 0.12)
        score += 0.3 * sum(other.key == block.key for other in self.blocks if other is not block)
        for concept in _SELLERS_IDS:
            if any(_near(label, block) and not _of_buyer(label) for label in self.finder.labels.by_concept[concept]):
                score += 0.4
        return score

    def find(self, concept: str, role: str) -> Candidate | None:
        block = self.block(role)
        concept = "name" if concept == "full_name" else concept
        if concept in _PARTS:
            from_head = self._from_head(concept, role)
            return (
                from_head
                or _from_block(concept, block)
                or (self._name_without_block(role) if concept == "name" else None)
            )
        return self._identifier(concept, role)

    def _from_head(self, concept: str, role: str) -> Candidate | None:
        """A receipt has its shop at the top and, as a rule, no other party."""
        if not self._is_receipt or role != "seller":
            return None
        if concept == "name":
            return self._head.company
        return self._head.address if concept == "address" else None

    def _name_without_block(self, role: str) -> Candidate | None:
        """A labelled name ('Supplier: ACME Ltd'), or for the seller the first line with a legal form."""
        named = list(self._labelled_names(role))
        if named:
            return max(named, key=lambda candidate: candidate.score)
        if role != "seller":
            return None
        taken = {span.cell for block in self.blocks if block.role != "seller" for span in block.lines}
        for row in self.sheet.rows[:25]:
            for cell in row:
                if (
                    cell not in taken
                    and _LEGAL_FORM.search(cell.text)
                    and 2 <= len(cell.tokens) <= 7
                    and _may_be_name(cell.text)
                ):
                    return Candidate(cell.text, (cell.span,), 0.5)
        return None

    def _labelled_names(self, role: str) -> Iterator[Candidate]:
        for cell in self.sheet.cells:
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
                    if sum(char.isalpha() for char in region.span.text) > 2:
                        yield Candidate(region.span.text, (region.span,), 0.7 * region.geometry)
                        break

    def _identifier(self, concept: str, role: str) -> Candidate | None:
        """What is asked for, or the VAT number as the tax number of those who print no other."""
        found = self._labelled(concept, role)
        if found is None and concept == "tax_number":
            found = self._labelled("vat_id", role)
        if found is None and concept in ("email", "vat_id", "tax_number"):
            found = self._unlabelled("email" if concept == "email" else "vat_id", role)
        return found

    def _unlabelled(self, concept: str, role: str) -> Candidate | None:
        """What is known by its shape; unless it stands with the customer, it is the sender's."""
        for cell in self.sheet.cells:
            tax = _TAX_WORD.match(cell.text)
            span = (
                cell.span if concept == "email" else cell.span.cut(tax.end() if tax else len(cell.text), len(cell.text))
            )
            for reading in (read_email if concept == "email" else read_vat)(span, self.sheet.style):
                candidate = Candidate(reading.value, (reading.span,), 0.6)
                if (self._owner(candidate, concept) or "seller") == role:
                    return candidate
        return None

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
            if sellers is not None and sellers.value == found.value and not (found.label and _of_buyer(found.label)):
                return None
        return found

    def _owner(self, candidate: Candidate, concept: str) -> str:
        label = candidate.label
        if label is not None and _of_buyer(label):
            return "buyer"
        if concept in ("iban", "bic", "bank_name"):
            return (
                "buyer"
                if label and re.search(r"\bkäufer|client|customer|ihrem konto", label.cell.text, re.I)
                else "seller"
            )
        near = [block for block in self.blocks if block.role and _stands_with(candidate.cell, block)]
        return min(near, key=lambda block: _distance(candidate.cell, block)).role if near else ""


_PARTS = ("name", "street", "postal_code", "city", "country", "address")


def _from_block(concept: str, block: Block | None) -> Candidate | None:
    if block is None:
        return None
    score = 0.9 if block.labelled else 0.75
    town = block.town
    if concept == "postal_code":
        return Candidate(town.code.text, (town.code,), score) if town else None
    if concept == "city":
        return Candidate(town.city.text, (town.city,), score) if town else None
    if concept == "country":
        return _country(block, score)
    above = [line for line in block.lines[: block.at] if _may_be_name(line.text)]
    if concept == "name":
        return Candidate(above[0].text, (above[0],), score) if above else None
    street = _street(block, above)
    if concept == "street":
        return Candidate(", ".join(part.text for part in street), street, score) if street else None
    lines = above[1:] or [*street]
    lines = [*lines, *(line for line in block.lines[block.at :][:1] if town or _may_be_name(line.text))]
    lines += [span for span in block.below[:1] if country_in(span) and not _NO_NAME.search(span.text)]
    return Candidate(", ".join(line.text for line in lines), tuple(lines), score) if lines else None


def _street(block: Block, above: list[Span]) -> tuple[Span, ...]:
    """What stands before the town on its line, or else the line above the town."""
    town = block.town
    if town is None:
        return next(((line,) for line in above[1:] if re.search(r"\d", line.text)), ())
    if town.city.cell is not block.foot:
        above = [line for line in above if line.cell is not town.city.cell]
    else:
        first = min(town.code.start, town.city.start)
        inline = Span(town.code.cell, block.lines[block.at].start, first).stripped()
        if len(inline.text) > 5 and re.search(r"\d", inline.text):
            return (inline,)
    if len(above) > 2 and block.single and re.search(r"\d", above[-2].text) and not re.search(r"\d", above[-1].text):
        number, road = above[-2:]  # 'Unit 7, Station Road'
        return (Span(road.cell, number.start, road.end),) if number.cell is road.cell else (number, road)
    return (above[-1],) if len(above) > 1 else ()


def _may_be_name(text: str) -> bool:
    letters, digits = sum(char.isalpha() for char in text), sum(char.isdigit() for char in text)
    if digits >= max(5, letters):
        return False  # a number by which somebody is registered
    if text.startswith("(") and text.endswith(")"):
        return False  # a remark on what stands above it
    return (
        letters >= 2 and not _NO_NAME.search(text) and not LABEL_PHRASES.exact([token.text for token in tokenise(text)])
    )


def _country(block: Block, score: float) -> Candidate | None:
    lines = [*block.lines[block.at + 1 :], *block.below[:2]]
    town = block.town
    if town is not None:
        lines.append(Span(town.city.cell, town.city.end, len(town.city.cell.text)))
    for span in lines if town is not None else block.lines[-1:]:
        found = country_in(span)
        if found:
            return Candidate(found[0], (found[1],), score)
    if town is None:
        return None
    if town.land or town.region:
        return Candidate(town.land or "US", (_before_code(town.code) or block.lines[block.at],), score)
    line = block.lines[block.at]
    return (
        Candidate("US", (line.cut(len(line.text) - 2, len(line.text)),), score) if line.text.endswith(" US") else None
    )


def _before_code(code: Span) -> Span | None:
    """The letters of the country or the state that stand before a postal code."""
    letters = re.search(r"\b([A-Z]{1,2})[-, ]*$", code.cell.text[: code.start])
    return Span(code.cell, *letters.span(1)) if letters else None


def _heading_role(rows: list[list[Cell]], block: Block) -> str:
    """The role named by a heading above the block, or to its left on one of its lines."""
    first = block.cell
    for span in block.lines:
        for cell in rows[span.cell.row]:
            if cell.box.x0 < span.cell.box.x0 and (role := _role_of(cell)) and not _heads_others(rows, cell):
                return role
    for row in reversed(rows[max(0, first.row - 6) : first.row]):
        for cell in row:
            if cell.page != first.page or first.box.y0 - cell.box.y1 > 0.07:
                continue
            starts_here = -0.06 < first.box.x0 - cell.box.x0 < 0.2 and cell.box.x0 < first.box.x1
            if starts_here and (role := _role_of(cell)):
                return role
    return ""


def _heads_others(rows: list[list[Cell]], cell: Cell) -> bool:
    """Whether lines of text follow right below a heading, so that what is beside it is not what it names."""
    below = [other for row in rows[cell.row + 1 : cell.row + 2] for other in row if other.page == cell.page]
    return any(
        abs(other.box.x0 - cell.box.x0) < 0.01
        and other.box.y0 - cell.box.y1 < 1.2 * cell.box.height
        and not _role_of(other)
        for other in below
    )


def _role_of(cell: Cell) -> str:
    if short_heading(cell):
        return short_heading(cell)
    matches = PARTY_PHRASES.find(cell.tokens)
    if not matches or matches[0].first > 0:
        return ""
    behind = cell.text[cell.tokens[matches[0].last].end :].strip()
    whole = is_party_heading(cell) or behind[:1] in tuple(":/(")
    if not whole:
        return ""
    roles = matches[0].concepts
    if len(roles) > 1:  # 'facturé par' and 'facturé à' differ in a small word only
        return "seller" if _BY & {token.text for token in cell.tokens} else "buyer"
    return next(iter(roles))


def _of_buyer(label: Label) -> bool:
    return any(token.text in _BUYERS_WORDS for token in label.cell.tokens if token.start <= label.end + 12)


def _in_letterhead(block: Block) -> bool:
    """Above all windows of envelopes, where the sender stands and no address to which a letter goes."""
    return block.cell.page == 1 and block.cell.box.y0 < _WINDOW


def _near(label: Label, block: Block) -> bool:
    """An identifier in the same column, not far below the block; or in the same line for a sender's line."""
    box, town = label.cell.box, block.foot.box
    return (
        label.cell.page == block.cell.page
        and -0.02 < box.y0 - town.y1 < 0.12
        and box.x0 < town.x1 + 0.1
        and box.x1 > block.cell.box.x0 - 0.05
    )


def _stands_with(cell: Cell, block: Block) -> bool:
    """Whether an identifier is one of the lines of a block, or follows it in the same column before another block."""
    town, first = block.foot, block.cell
    if cell.page != first.page or cell.row < first.row:
        return False
    overlaps = cell.box.x0 < max(town.box.x1, first.box.x1) + 0.12 and cell.box.x1 > first.box.x0 - 0.15
    return overlaps and cell.box.y0 - town.box.y1 < (0.03 if block.single else 0.14)


def _distance(cell: Cell, block: Block) -> float:
    return abs(cell.box.y0 - block.foot.box.y1) + abs(cell.box.x0 - block.cell.box.x0) * 0.3
