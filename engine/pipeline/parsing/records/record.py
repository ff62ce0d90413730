"""Values of documents about a person, a vehicle, an account or wages: each from the surest place that has it.

A machine-readable zone comes first, then the fields that a standard numbers, then printed labels, then what is known
by its shape or its place on a card.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice

from reading.document import Page
from reading.literals.numbers import find_numbers
from reading.literals.style import Style
from reading.normalization import fold

from ... import doctypes
from ..candidates import Candidate, Finder, best
from ..fields import Field, Type
from ..readers import Reader, Reading, read_name
from ..text_grid import Cell, Span, TextGrid, words_of_name
from .cards import Card, is_business_card, is_resume
from .coded import licence, vehicle
from .combs import LENGTHS, in_comb
from .labelled import (
    ACCOUNT_PHRASES,
    RECORD_PHRASES,
    VEHICLE_PHRASES,
    RecordMeaning,
    found_at,
    is_of_another,
    labels_of,
    meanings,
)
from .machine_readable import Zone
from .readers import READ, read_card_number
from .registered import part_of_iban, read_nir

_PERSONAL = ("surname", "given_names", "birth_date", "birth_place", "sex", "nationality", "expiry_date")
_OWN_NAMES = """social_security employer_id delivery_point gross_pay net_pay net_before_tax net_taxable birth_name
    usage_name collective_agreement activity_code urssaf base_salary hire_date employee_number bank_code branch_code
    account_key employee employer routing_number check_number payee total_debit total_credit meter_number
    income_tax deductions rx_bin rx_group rx_pcn payer_id member_id group_number mrz_1 mrz_2 mrz_3 access_number
    linkedin"""
_OWN = frozenset(_OWN_NAMES.split())
"""What is looked for on any document; but by words that business documents have for something of their own ('net',
'gross', 'amount paid') only where the document shows itself to be of another kind."""
_BANKING = (
    "account_holder",
    "bank_name",
    "iban",
    "bic",
    "account_number",
    "bank_code",
    "branch_code",
    "routing_number",
)
_CARD_NAMES = "full_name surname given_names job_title company email phone mobile fax website address linkedin"
_ON_CARDS = frozenset(_CARD_NAMES.split())
_KINDS = ("payslip", "bank_statement", "bank_details", "cheque", "health_insurance_card", "tax_form")
"""Kinds of documents that have what `_OWN` names."""
_SHOWN = 0.3
_SURE, _LIKELY = 0.9, 0.6
_LABELLED = 0.45
_MOST_ROWS = 70
_DIGITS = re.compile(
    r"\b(?:digits only|only digits|chiffres (?:seuls|seulement|uniquement)|nur ziffern)\b", re.IGNORECASE
)
_SHORT_NUMBER = re.compile(r"\d{1,19}")
_CODE = re.compile(
    r"\b(?:code|iso|3[- ]letters?|three[- ]letters?|trois lettres|drei buchstaben|alpha-?3)\b", re.IGNORECASE
)


class Records:
    """One document as a record; made for each, but nothing is looked for before a field asks."""

    def __init__(self, pages: Sequence[Page], grid: TextGrid) -> None:
        self.pages, self.grid = pages, grid

    @cached_property
    def zone(self) -> Zone:
        return Zone(self.grid)

    @cached_property
    def licence(self) -> Mapping[str, Span]:
        return licence(self.grid, RECORD_PHRASES)

    @cached_property
    def vehicle(self) -> Mapping[str, Span]:
        return vehicle(self.grid)

    @cached_property
    def finder(self) -> Finder:
        return Finder(labels_of(self.grid, RECORD_PHRASES))

    @cached_property
    def accounts(self) -> Finder:
        return Finder(labels_of(self.grid, ACCOUNT_PHRASES))

    @cached_property
    def card(self) -> Card | None:
        """Of somebody's business, or the head of what they wrote about themselves."""
        if (
            self._has_amounts
            or self.is_identity
            or not (is_business_card(self.pages, self.grid) or is_resume(self.pages))
        ):
            return None
        return Card(self.grid)

    @cached_property
    def is_identity(self) -> bool:
        """Whether this is a document about one person: it has a zone, or numbered fields, or the usual labels."""
        if self.zone or self.licence:
            return True
        if len(self.grid.rows) > _MOST_ROWS or self._has_amounts:
            return False
        labels = self.finder.labels.by_concept
        strong = [c for c in _PERSONAL if any(label.concepts[c] > 0.9 and label.trust >= 0.8 for label in labels[c])]
        return len(strong) >= 3 and bool({"surname", "given_names"} & set(strong))

    @cached_property
    def _has_amounts(self) -> bool:
        """Whether there are more amounts than a height that looks like one."""
        style = self.grid.style
        found = (number for cell in self.grid.cells for number in find_numbers(cell.text, style) if number.places == 2)
        return len(list(islice(found, 3))) == 3

    @cached_property
    def is_account(self) -> bool:
        """Whether this is a page about one account at a bank and little else."""
        labels = self.accounts.labels.by_concept
        labelled = [c for c in _BANKING if any(label.concepts[c] > 0.9 and label.trust >= 0.8 for label in labels[c])]
        return len(labelled) >= 3 and len(self.grid.rows) < _MOST_ROWS // 2

    @cached_property
    def _is_shown(self) -> bool:
        """Whether the document shows itself to be about wages, an account or an insured person, rather than trade."""
        shown = doctypes.kinds_shown(self.pages)
        own = max(shown.get(kind, 0.0) for kind in _KINDS)
        others = max((score for kind, score in shown.items() if kind not in (*_KINDS, "form")), default=0.0)
        return own > max(_SHOWN, others)

    def answers(self, meaning: RecordMeaning) -> bool:
        """Whether the field asks for something that any document is searched for."""
        if meaning.concept not in _OWN or not (meaning.confidence >= _SURE or meaning.common):
            return False
        return not meaning.ordinary or self._is_shown

    def sure(self, field: Field, party: str = "", prefix: tuple[str, ...] = ()) -> Candidate | None:
        """What is surer than anything that the rules for business documents could find."""
        if field.quoted or field.options or field.type in (Type.BOOLEAN, Type.OBJECT, Type.ARRAY):
            return None
        if self.vehicle and (found := self._of_vehicle(field)):
            return found
        own = not is_of_another(field, party, prefix)
        for meaning in meanings(field, RECORD_PHRASES):
            holder = own and (self.is_identity or self.card is not None)
            if meaning.confidence < _LIKELY or not (self.answers(meaning) or holder):
                continue
            if found := self._of_person(meaning.concept, field):
                return _as_wanted(field, found)
        for meaning in meanings(field, ACCOUNT_PHRASES):
            banking = meaning.concept in _BANKING and meaning.confidence >= _SURE and self.is_account
            if (banking or self.answers(meaning)) and (found := self._of_account(meaning.concept)):
                return _as_wanted(field, found)
        return None

    def likely(self, field: Field, party: str = "", prefix: tuple[str, ...] = ()) -> Candidate | None:
        """What a record has, where the other rules found nothing."""
        if field.quoted or field.options or field.type in (Type.BOOLEAN, Type.OBJECT, Type.ARRAY):
            return None
        for meaning in meanings(field, ACCOUNT_PHRASES):
            foreign = meaning.ordinary and meaning.concept in _OWN and not self._is_shown
            if meaning.confidence >= _SURE and not foreign and (found := self._of_account(meaning.concept)):
                return _as_wanted(field, found)
        if self.card is not None and is_of_another(field, party, prefix):
            return None
        for meaning in meanings(field, RECORD_PHRASES):
            if meaning.confidence >= _SURE and (found := self._of_person(meaning.concept, field)):
                return _as_wanted(field, found)
        return None

    def several(self, field: Field) -> list[Candidate]:
        """For a list of texts such as given names: the parts of the one value that the document has."""
        item = field.items
        if item is None or item.type is not Type.STRING or not (self.is_identity or self.card):
            return []
        one = replace(field, type=Type.STRING, items=None)
        for meaning in meanings(one, RECORD_PHRASES):
            if meaning.concept in ("given_names", "categories", "phone", "mobile", "email", "website"):
                found = self._of_person(meaning.concept, one) if meaning.confidence >= _LIKELY else None
                if found is not None and found.value is not None:
                    return list(_parts(found))
        return []

    def _of_vehicle(self, field: Field) -> Candidate | None:
        for meaning in meanings(field, VEHICLE_PHRASES):
            span = self.vehicle.get(meaning.concept) or self.vehicle.get(f"{meaning.concept}a")
            if span is not None and meaning.confidence >= _LIKELY:
                return next(_read(READ.get(f"vehicle {meaning.concept}", _reader(field)), span, self.grid), None)
        return None

    def _of_person(self, concept: str, field: Field) -> Candidate | None:
        seen = self._labelled(concept)
        zoned = self.zone.values.get(concept)
        if zoned is not None:
            return _agreed(zoned, seen, field)
        if seen is None and concept == "given_names" and "surname" in self.zone.values:
            return Candidate(None, (), 1.0)  # whoever the zone gives one name has no other
        if concept in self.licence:
            return self._numbered(concept) or seen
        if self.card is not None and concept in _ON_CARDS:
            numbered = concept in ("mobile", "fax", "phone")
            return seen if seen is not None and (numbered or _is_set_apart(seen)) else self.card.find(concept)
        if concept in ("surname", "given_names", "full_name") and seen is None:
            return _above_number(self.grid, concept)
        if concept in LENGTHS and seen is None:
            labels = self.finder.labels.by_concept[concept]
            proved = self._anywhere(read_nir) if concept == "social_security" else None
            return proved or in_comb(self.grid, labels, concept)
        if concept == "birth_place" and seen is None:
            return _born_at(self.grid)
        if concept == "address" and seen is not None:
            return _with_town(self.finder, seen)
        return seen

    def _numbered(self, concept: str) -> Candidate | None:
        """A field of a licence; the place of birth may stand a little apart from the date."""
        span = self.licence[concept]
        found = next(_read(READ.get(concept, read_name), span, self.grid), None)
        if found is None and concept == "birth_place":
            beside = [cell.span for cell in self.grid.right_of(span.cell)[:1]]
            return next((one for other in beside for one in _read(READ[concept], other, self.grid)), None)
        return _with_town(self.finder, found) if found is not None and concept == "address" else found

    def _labelled(self, concept: str) -> Candidate | None:
        return best(list(found_at(self.finder, concept, READ.get(concept, read_name))), _LABELLED)

    def _of_account(self, concept: str) -> Candidate | None:
        found = best(list(found_at(self.accounts, concept, READ.get(concept, read_name))), _LABELLED)
        if found is None and concept == "employee_number":  # which may stand where a name might
            return best(list(found_at(self.accounts, "employee", READ[concept])), _LABELLED)
        if found is None and concept == "employee" and self._is_shown:
            return best(list(found_at(self.finder, "full_name", READ[concept])), _LABELLED)
        if found is None and concept in ("bank_code", "branch_code", "account_number", "account_key"):
            part = part_of_iban(self.grid, concept)
            return Candidate(part.value, (part.span,), part.quality) if part else None
        if found is None and concept in ("iban", "bic", "routing_number"):
            return self._anywhere(READ[concept])
        return found

    def _anywhere(self, reader: Reader) -> Candidate | None:
        """What its own check digits prove needs no label."""
        for cell in self.grid.cells:
            for reading in reader(cell.span, self.grid.style):
                if reading.quality > 0.75:
                    return Candidate(reading.value, (reading.span,), 0.7)
        return None


def _is_set_apart(seen: Candidate) -> bool:
    """Whether a colon or a place of its own parts a value from its label, which may else be a word of a firm's name."""
    before = seen.spans[0].cell.text[: seen.spans[0].start].rstrip()
    return not before or before[-1] in ":|"


def _born_at(grid: TextGrid) -> Candidate | None:
    """On French cards the place of birth follows a mere 'à :'."""
    for cell in grid.cells:
        match = re.match(r"[àÀaA]\s?:\s?(?=[^\W\d_]{2})", cell.text)
        if match:
            span = Span(cell, match.end(), len(cell.text)).stripped()
            return Candidate(span.text, (span,), 0.7)
    return None


def _with_town(finder: Finder, found: Candidate) -> Candidate:
    """An address with its second line, which has a postal code."""
    first = found.spans[0]
    for cell in finder.grid.below(first.cell, first.box, reach=1.2):
        if re.search(r"\d{4}", cell.text) and not finder.labels.is_label(cell) and len(cell.tokens) < 8:
            spans = (*found.spans, cell.span.stripped())
            return replace(found, value=", ".join(span.text for span in spans), spans=spans)
        break
    return found


def _read(reader: Reader, span: Span, grid: TextGrid) -> Iterator[Candidate]:
    for reading in reader(span, grid.style):
        yield Candidate(reading.value, (reading.span,), 0.9)


def _reader(field: Field) -> Reader:
    if field.type in (Type.NUMBER, Type.INTEGER):
        return READ["number"]
    return READ["birth_date"] if field.is_date else read_name_or_code


def read_name_or_code(span: Span, style: Style) -> Iterator[Reading]:
    yield from read_card_number(span, style) if any(char.isdigit() for char in span.text) else read_name(span, style)


def _agreed(zoned: Candidate, seen: Candidate | None, field: Field) -> Candidate:
    """The zone's value in the spelling of the printed one, which has accents and hyphens, where both are the same."""
    if seen is None or not isinstance(zoned.value, str):
        return zoned
    if _letters(str(seen.value)).startswith(_letters(zoned.value)) and len(str(seen.value)) < 2 * len(zoned.value) + 4:
        return seen
    wants_code = _CODE.search(field.description) or "code" in words_of_name(field.name)
    spelled = len(zoned.value) == 3 and zoned.value.isalpha() and len(str(seen.value)) > 3 and not wants_code
    return seen if spelled and seen.score >= _LIKELY else zoned


def _letters(text: str) -> str:
    plain = text.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")
    return re.sub(r"[\W_]+", "", fold(plain))


def _above_number(grid: TextGrid, concept: str) -> Candidate | None:
    """The holder of a French health insurance card: without labels, given name over surname over the number."""
    for row in grid.rows:
        for cell in row:
            if not any(True for _ in read_nir(cell.span, grid.style)) or len(grid.rows) > 25:
                continue
            lines = [one for one in _over(grid, row[0].row) if not any(char.isdigit() for char in one.text)]
            if len(lines) < 2:
                return None
            surname, given = lines[0].span.stripped(), lines[1].span.stripped()
            if concept == "full_name":
                return Candidate(f"{given.text} {surname.text}", (given, surname), 0.7)
            chosen = surname if concept == "surname" else given
            return Candidate(chosen.text, (chosen,), 0.7)
    return None


def _over(grid: TextGrid, row: int) -> list[Cell]:
    """The lines above a row, nearest first, as far as they are capitals close to each other."""
    found: list[Cell] = []
    edge = grid.rows[row][0].box
    for cells in reversed(grid.rows[:row]):
        cell = min(cells, key=lambda one: abs(one.box.x0 - edge.x0))
        if cell.page != grid.rows[row][0].page or edge.y0 - cell.box.y1 > 3 * edge.height or not cell.text.isupper():
            break
        found.append(cell)
        edge = cell.box
    return found[:2]


def _as_wanted(field: Field, found: Candidate) -> Candidate:
    if isinstance(found.value, str) and _DIGITS.search(field.description):
        return replace(found, value=re.sub(r"\D", "", found.value))
    if field.type in (Type.NUMBER, Type.INTEGER) and _SHORT_NUMBER.fullmatch(str(found.value)):
        return replace(found, value=float(found.value))
    return found


def _parts(found: Candidate) -> Iterator[Candidate]:
    """The parts of a value between commas, slashes or blanks, each with its own place where it is printed so."""
    span = found.spans[0]
    for match in re.finditer(r"[^\s,;/<]+", str(found.value)):
        at = span.text.casefold().find(match[0].casefold())
        place = span.cut(at, at + len(match[0])) if at >= 0 else span
        yield Candidate(match[0], (place,), found.score)
