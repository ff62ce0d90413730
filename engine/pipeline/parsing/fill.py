"""Walking the schema: a value, or null, for every field that it names, and the words each value came from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from reading.document import Page

from ..doctypes import is_receipt
from . import choices, dates, generic
from .candidates import Candidate, Finder, agreeing, best
from .concepts import IDENTITY, NOTHING, Meaning, is_value_word, meaning_of, party_of
from .described import as_described
from .fields import Field, Type
from .forms import Form
from .labels import LabelMap
from .lexicon import ATTRIBUTES
from .money import Totals
from .parties import Parties
from .printed import Entries
from .readers import AMOUNTS, DATES
from .records import Records
from .semantic import find_by_meaning
from .sheet import Sheet, Span, words_of_name
from .splitting import are_receipts, papers, receipts
from .tables import Tables, count_named, loose_rows, wants_items

_OF_PARTY = frozenset((*ATTRIBUTES, "full_name", *IDENTITY)) - {"customer_number"}
_LABELLED_BLOCK = 0.8
"""What is read from a block of an address that no heading names scores less than this."""
_STREET_LETTERS = 4
"""Letters that the name of a street has, at least."""
_SURE = 0.45
"""A field whose meaning is less sure than this is looked for by its own words instead."""


class Filler:
    """One document and what was found in it; `places` collects the words of each value by its path."""

    def __init__(
        self, pages: Sequence[Page], root: Field, month_first: bool | None = None, *, of_receipts: bool = False
    ) -> None:
        self.pages = pages
        self._month_first = month_first
        self.sheet = Sheet(pages, month_first)
        labels = LabelMap(self.sheet)
        self.tables = Tables(self.sheet, labels)
        self.form = Form(pages, self.sheet)
        self.finder = Finder(labels, banned=self.tables.cells_of_items)
        self.entries = Entries(self.sheet, labels, root)
        self.is_receipt = of_receipts or is_receipt(pages)
        self.parties = Parties(self.finder, is_receipt=self.is_receipt)
        self.totals = Totals(self.finder, self.tables.line_amounts)
        self.records = Records(pages, self.sheet)
        self.places: dict[str, list[Span]] = {}

    def fill(self, field: Field, path: str = "", party: str = "", prefix: tuple[str, ...] = ()) -> Any:
        if field.type is Type.OBJECT:
            return self._object(field, path, party, prefix)
        if field.type is Type.ARRAY:
            return self._array(field, path)
        candidate = self.choose(field, party, prefix)
        return self._keep(field, path, candidate)

    def _object(self, field: Field, path: str, party: str, prefix: tuple[str, ...]) -> dict[str, Any]:
        own = party_of(field) if field.name else ""
        words = tuple(words_of_name(field.name)) if field.name and not own else prefix
        meaning = meaning_of(field) if field.name and not own else NOTHING
        result = {}
        for child in field.children:
            child_path = f"{path}.{child.name}" if path else child.name
            if meaning.concept in AMOUNTS and is_value_word(child.name) and child.type in (Type.NUMBER, Type.INTEGER):
                result[child.name] = self._keep(child, child_path, self._by_meaning(child, meaning))
            else:
                result[child.name] = self.fill(child, child_path, own or party, words)
        return result

    def _array(self, field: Field, path: str) -> list[Any]:
        item = field.items
        if item is None:
            return []
        if item.type is Type.OBJECT:
            if alone := papers(field, self.pages):
                return self._documents(field, path, alone)
            rows = self._rows(field, item)
            if len(rows) < 2 and (alone := receipts(field, self.pages)):
                return self._documents(field, path, alone)
            return [self._row(item, f"{path}[{index}]", row) for index, row in enumerate(rows)]
        found = self._list(field)
        return [self._keep(item, f"{path}[{index}]", candidate) for index, candidate in enumerate(found)]

    def _documents(self, field: Field, path: str, pages: Sequence[Page]) -> list[Any]:
        return [self._document(field, f"{path}[{index}]", page) for index, page in enumerate(pages)]

    def _document(self, field: Field, path: str, page: Page) -> Any:
        """The row of one of several documents, which is read as if it were alone."""
        alone = Filler([page], field.items or field, self._month_first, of_receipts=are_receipts(field))
        found = alone.fill(field.items or field, path)
        self.places |= alone.places
        return found

    def _rows(self, field: Field, item: Field) -> list[dict[str, Candidate]]:
        """From a table with a head; things that were bought may also stand under none."""
        rows = self.tables.rows_for(field, self.totals)
        if not wants_items(item) or (rows and not self.is_receipt):
            return rows
        loose = loose_rows(item, self.sheet, self.finder.labels, self.totals, is_receipt=self.is_receipt)
        return loose if count_named(item, loose) > count_named(item, rows) else rows

    def _list(self, field: Field) -> list[Candidate]:
        if self.entries.knows(field):
            return self.entries.values(field)
        column = self.tables.column_for(field)
        return column or self.records.several(field) or generic.find_all(self.finder, field)

    def _row(self, item: Field, path: str, row: dict[str, Candidate]) -> dict[str, Any]:
        return {child.name: self._keep(child, f"{path}.{child.name}", row.get(child.name)) for child in item.children}

    def choose(self, field: Field, party: str, prefix: tuple[str, ...]) -> Candidate | None:
        """The best candidate for a single value: in its own place of a form, as one of the usual things of a record,
        by its meaning, or by its own words."""
        if self.form.knows(field):
            return self.form.value(field)
        if self.entries.knows(field):
            return next(iter(self.entries.values(field)), None)
        if found := self.records.sure(field, party, prefix):
            return found
        found = self._choose(field, party, prefix)
        if field.options:
            return found  # no other value is allowed than one of them
        if found is None or (found.score < _LABELLED_BLOCK and meaning_of(field, party, prefix).party):
            found = as_described(self.finder, field) or found
        return found or self.records.likely(field, party, prefix)

    def _choose(self, field: Field, party: str, prefix: tuple[str, ...]) -> Candidate | None:
        if field.type is Type.BOOLEAN:
            return choices.choose_boolean(self.finder, field)
        meaning = meaning_of(field, party, prefix)
        known = self._by_meaning(field, meaning) if meaning.sureness >= _SURE and not field.quoted else None
        if field.options:
            ticked = self.form.chosen(field.options)
            if ticked is not None:
                return ticked
            return choices.choose_option(self.finder, field, known, self.pages)
        if known is not None and meaning.concept in _OF_PARTY and meaning.sureness < 0.8:
            # An address of nobody in particular: on a form its own label says more than the blocks do.
            labelled = best(generic.find_generic(self.finder, field), 0.55)
            return labelled or known
        return known if known is not None else self._by_words(field, meaning)

    def _by_words(self, field: Field, meaning: Meaning) -> Candidate | None:
        if meaning.sureness >= 0.8 and not field.quoted:
            return None
        found = best(generic.find_generic(self.finder, field))
        if found is None and field.quoted and meaning.sureness >= _SURE:
            return self._by_meaning(field, meaning)
        if found is None and field.quoted and not self.entries.knows(field):
            return best(generic.find_generic(self.finder, replace(field, description="")))
        if found is None and not field.quoted and meaning.sureness < _SURE:
            return best(find_by_meaning(self.finder, field))
        return found

    def _by_meaning(self, field: Field, meaning: Meaning) -> Candidate | None:
        concept = meaning.concept
        if concept in _OF_PARTY and (meaning.party or concept in ("vat_id", "tax_number", "legal_id", "iban", "bic")):
            return self.parties.find(concept, meaning.party or "seller")
        if concept == "currency":
            return dates.main_currency(self.finder)
        if concept == "time":
            return best(self.finder.find(concept)) or dates.time_beside_date(self.finder)
        if concept in DATES:
            return dates.choose_date(self.finder, concept)
        if concept in AMOUNTS:
            return self.totals.get(concept)
        if concept == "invoice_number":
            found = [one for one in self.finder.find(concept) if len(str(one.value)) > 1]
            return best(agreeing([one for one in found if not self._is_house_number(one)]))
        return best(agreeing(self.finder.find(concept)))

    def _is_house_number(self, candidate: Candidate) -> bool:
        """'No. 12, Station Road': the street follows."""
        behind = candidate.cell.text[candidate.spans[-1].end :]
        street = sum(char.isalpha() for char in behind) >= _STREET_LETTERS
        return street and self.parties.is_address_of_shop(candidate.spans[0])

    def _keep(self, field: Field, path: str, candidate: Candidate | None) -> Any:
        """The value in the type that the schema wants, its words noted; None where it does not fit that type."""
        if candidate is None:
            return None
        value = _typed(field, candidate)
        if value is not None and candidate.spans:
            self.places[path] = list(candidate.spans)
        return value


def _typed(field: Field, candidate: Candidate) -> Any:
    value = candidate.value
    match field.type:
        case Type.NUMBER:
            return value if isinstance(value, float | int) else None
        case Type.INTEGER:
            if isinstance(value, float):
                return int(value) if value == int(value) else None
            digits = re.sub(r"\D", "", str(value))
            return int(digits) if 0 < len(digits) < 20 and re.fullmatch(r"[\d .]+", str(value)) else None
        case Type.BOOLEAN:
            return value if isinstance(value, bool) else None
        case _:
            if field.options:
                return value
            if field.as_printed and candidate.spans:
                return " ".join(span.text for span in candidate.spans)
            if isinstance(value, float):
                return candidate.spans[0].text
            return dates.formatted(str(value), field.description) if value is not None else None
