"""Walk the schema and extract a value, or null, for every field, with the words each value came from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from reading.document import Page, Source
from reading.vocabulary import names

from ..doctypes import is_receipt, is_trade
from . import choices, dates, generic
from .candidates import Candidate, Finder, agreeing, best
from .concepts import IDENTITY, NOTHING, Meaning, is_value_word, meaning_of, party_of
from .currency import main_currency
from .described import as_described
from .field_queries import FieldQuery, ListRead
from .fields import Field, Type
from .forms import Form
from .framed import Frames
from .gaps import Gap, gaps_in, matched, used_cells
from .labels import LabelMap
from .laid_out import laid_out_places
from .money import Totals
from .parties import Parties
from .payment import means_of_payment
from .printed import Entries
from .readers import AMOUNTS, DATES
from .records import Records
from .semantic import find_by_meaning
from .splitting import are_receipts, papers, receipts
from .tables import Tables, count_named, loose_rows, row_of_purpose, wants_items
from .terms import payment_terms
from .text_grid import Span, TextGrid, words_of_name
from .titles import titles_of

_OF_PARTY = frozenset((*names("attributes"), "full_name", *IDENTITY)) - {"customer_number"}
_SHAPED = frozenset(("iban", "bic", "vat_id", "tax_number", "legal_id", "phone", "fax", "email", "website"))
"""What has a shape of its own is nothing else, whatever its label may mean."""
_TRADE_DATES = frozenset(("issue_date", "due_date", "delivery_date", "order_date"))
"""Their labels are well known, so that a date with another label is another date."""
_LABELLED_BLOCK = 0.8
"""What is read from a block of an address that no heading names scores less than this."""
_STREET_LETTERS = 4
"""Letters in the name of a street, at least."""
_WEAK, _BETTER = 0.5, 0.5
"""Outside trade, an answer with a lower score than the first gives way to a match of labels with the second."""
_SURE = 0.45
"""Confidence of a meaning below which a field is searched for by its own words instead."""


class SchemaExtractor:
    """Extracts one document; `places` collects the words of each value by its path."""

    def __init__(
        self, pages: Sequence[Page], root: Field, month_first: bool | None = None, *, of_receipts: bool = False
    ) -> None:
        self.pages = pages
        self._month_first = month_first
        self.grid = TextGrid(pages, month_first)
        self.is_receipt = of_receipts or is_receipt(pages)
        self.is_trade = self.is_receipt or _asks_for_items(root) or is_trade(pages)
        frames = Frames(() if self.is_trade else pages, self.grid)
        labels = LabelMap(self.grid, frames=frames)
        self.tables = Tables(self.grid, labels)
        self.form = Form(pages, self.grid, frames, tabled=not self.is_trade)
        self.finder = Finder(labels, banned=self.tables.cells_of_items)
        printed = all(page.source is Source.TEXT for page in pages)  # the rules of a fax part what belongs together
        self.entries = Entries(self.grid, labels, root, frames if printed else None)
        self.parties = Parties(self.finder, is_receipt=self.is_receipt)
        self.totals = Totals(self.finder, self.tables.line_amounts)
        self.records = Records(pages, self.grid)
        self.places: dict[str, list[Span]] = {}
        self.scores: dict[str, float] = {}
        self.queries: list[FieldQuery] = []
        """The single values outside of lists, as the judge wants them."""
        self.lists: list[ListRead] = []
        self.parts: list[SchemaExtractor] = []
        """The documents of a list of documents."""

    def extract(self, field: Field, path: str = "", party: str = "", prefix: tuple[str, ...] = ()) -> Any:
        if field.type is Type.OBJECT:
            return self._object(field, path, party, prefix)
        if field.type is Type.ARRAY:
            return self._array(field, path)
        candidate = self.choose(field, party, prefix)
        return self._keep_requested(field, path, meaning_of(field, party, prefix), candidate)

    def _object(self, field: Field, path: str, party: str, prefix: tuple[str, ...]) -> dict[str, Any]:
        own = party_of(field) if field.name else ""
        words = tuple(words_of_name(field.name)) if field.name and not own else prefix
        meaning = meaning_of(field) if field.name and not own else NOTHING
        result = {}
        for child in field.children:
            child_path = f"{path}.{child.name}" if path else child.name
            if meaning.concept in AMOUNTS and is_value_word(child.name) and child.type in (Type.NUMBER, Type.INTEGER):
                answer = self._by_meaning(child, meaning)
                result[child.name] = self._keep_requested(child, child_path, meaning, answer)
            else:
                result[child.name] = self.extract(child, child_path, own or party, words)
        return result

    def _array(self, field: Field, path: str) -> list[object]:
        item = field.items
        if item is None:
            return []
        if item.type is Type.OBJECT:
            if alone := papers(field, self.pages):
                return self._documents(field, path, alone)
            rows = self._rows(field, item)
            if len(rows) < 2 and (alone := receipts(field, self.pages)):
                return self._documents(field, path, alone)
            self.lists.append(ListRead(path, field, rows))
            return [self._row(item, f"{path}[{index}]", row) for index, row in enumerate(rows)]
        found = self._list(field)
        self.lists.append(ListRead(path, field, [{"": candidate} for candidate in found]))
        return [self._keep(item, f"{path}[{index}]", candidate) for index, candidate in enumerate(found)]

    def _documents(self, field: Field, path: str, pages: Sequence[Page]) -> list[object]:
        return [self._document(field, f"{path}[{index}]", page) for index, page in enumerate(pages)]

    def _document(self, field: Field, path: str, page: Page) -> object:
        """One of several documents on the pages, extracted as if it were alone."""
        alone = SchemaExtractor([page], field.items or field, self._month_first, of_receipts=are_receipts(field))
        found = alone.extract(field.items or field, path)
        self.places |= alone.places
        self.parts.append(alone)
        return found

    def _rows(self, field: Field, item: Field) -> list[dict[str, Candidate]]:
        """From a table with a head; things that were bought may also stand under none."""
        rows = self.tables.rows_for(field, self.totals)
        table = self.tables.table_for(field)
        if not wants_items(item) or (rows and (not self.is_receipt or (table is not None and table.added_up))):
            return rows
        if not rows and (purpose := row_of_purpose(item, self.grid, self.finder.labels)):
            return purpose
        loose = loose_rows(item, self.grid, self.finder.labels, self.totals, is_receipt=self.is_receipt)
        return loose if count_named(item, loose) > count_named(item, rows) else rows

    def _list(self, field: Field) -> list[Candidate]:
        if self.entries.knows(field):
            return self.entries.values(field)
        column = self.tables.column_for(field)
        return column or self.records.several(field) or generic.find_all(self.finder, field)

    def _row(self, item: Field, path: str, row: dict[str, Candidate]) -> dict[str, Any]:
        return {child.name: self._keep(child, f"{path}.{child.name}", row.get(child.name)) for child in item.children}

    def fill_gaps(self, root: Field, data: dict[str, Any]) -> None:
        """Match the fields that came out empty, or hardly sure, with the labels that nobody has claimed."""
        gaps = [gap for gap in gaps_in(root, data) if self._is_open(gap)]
        if not gaps:
            return
        kept = {path: spans for path, spans in self.places.items() if path not in {gap.path for gap in gaps}}
        used = used_cells(kept) | self.form.taken | (self.finder.banned if self.is_trade else set())
        laid_out = (place for place in laid_out_places(self.grid) if not self.form.frames.part(place))
        free = [
            place
            for place in (*self.form.boxed, *laid_out, *self.form.ticks())
            if used.isdisjoint(place.cells) and used.isdisjoint(place.named_by)
        ]
        for gap, candidate in matched(gaps, free, self.grid.style, by_meaning=not self.is_trade):
            if gap.value is None or candidate.score >= _BETTER:
                gap.holder[gap.field.name] = self._keep(gap.field, gap.path, candidate)
                self.queries = [
                    replace(query, answer=candidate, source="gap") if query.path == gap.path else query
                    for query in self.queries
                ]

    def _is_open(self, gap: Gap) -> bool:
        meaning = meaning_of(gap.field)
        shaped = meaning.confidence >= _SURE and (meaning.concept in _SHAPED or meaning.concept in _TRADE_DATES)
        if self.form.knows(gap.field) or gap.field.quoted or shaped:
            return False
        return gap.value is None or (not self.is_trade and self.scores.get(gap.path, 1.0) < _WEAK)

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
        known = self._by_meaning(field, meaning) if meaning.confidence >= _SURE and not field.quoted else None
        if field.options:
            ticked = self.form.chosen(field.options)
            if ticked is not None:
                return ticked
            return choices.choose_option(self.finder, field, known, self.pages)
        if known is not None and meaning.concept in _OF_PARTY and meaning.confidence < 0.8:
            # An address of nobody in particular: on a form its own label says more than the blocks do.
            labelled = best(generic.find_generic(self.finder, field), 0.55)
            return labelled or known
        return known if known is not None else self._by_words(field, meaning)

    def _by_words(self, field: Field, meaning: Meaning) -> Candidate | None:
        if meaning.confidence >= 0.8 and not field.quoted:
            return None
        found = best(generic.find_generic(self.finder, field))
        if found is None and field.quoted and meaning.confidence >= _SURE:
            return self._by_meaning(field, meaning)
        if found is None and field.quoted and not self.entries.knows(field):
            return best(generic.find_generic(self.finder, replace(field, description="")))
        if found is None and not field.quoted and meaning.confidence < _SURE and self.is_trade:
            return best(find_by_meaning(self.finder, field))
        return found

    def _by_meaning(self, field: Field, meaning: Meaning) -> Candidate | None:
        concept = meaning.concept
        if concept in _OF_PARTY and (meaning.party or concept in ("vat_id", "tax_number", "legal_id", "iban", "bic")):
            return self.parties.find(concept, meaning.party or "seller")
        if concept == "currency":
            return main_currency(self.finder)
        if concept == "payment_terms":
            return payment_terms(self.finder)
        if concept == "payment_method":
            return means_of_payment(self.finder)
        if concept == "time":
            return best(self.finder.find(concept)) or dates.time_beside_date(self.finder)
        if concept in DATES:
            return dates.choose_date(self.finder, concept)
        if concept in AMOUNTS:
            return self.totals.get(concept)
        if concept == "invoice_number":
            return self._own_number()
        if concept in ("quote_number", "order_number") and best(self.finder.find(concept)) is None:
            kind = "quote" if concept == "quote_number" else "purchase_order"
            return self._own_number() if kind in titles_of(self.grid) else None
        return best(agreeing(self.finder.find(concept)))

    def _own_number(self) -> Candidate | None:
        """The number of the document itself, whatever it is."""
        found = [candidate for candidate in self.finder.find("invoice_number") if len(str(candidate.value)) > 1]
        own = best(agreeing([candidate for candidate in found if not self._is_house_number(candidate)]))
        return own or (best(self.finder.find("quote_number")) if "quote" in titles_of(self.grid) else None)

    def _is_house_number(self, candidate: Candidate) -> bool:
        """'No. 12, Station Road': the street follows."""
        behind = candidate.cell.text[candidate.spans[-1].end :]
        street = sum(char.isalpha() for char in behind) >= _STREET_LETTERS
        return street and self.parties.is_address_of_shop(candidate.spans[0])

    def _keep_requested(self, field: Field, path: str, meaning: Meaning, candidate: Candidate | None) -> object:
        self.queries.append(FieldQuery(path, field, meaning, candidate, self._source(field, meaning, candidate)))
        return self._keep(field, path, candidate)

    def _source(self, field: Field, meaning: Meaning, candidate: Candidate | None) -> str:
        """Which of the rules answered, for the judge to know how far to trust it."""
        if self.form.knows(field):
            return "form"
        if self.entries.knows(field):
            return "entries"
        if field.options:
            return "option"
        if field.type is Type.BOOLEAN:
            return "boolean"
        if candidate is None or meaning.confidence < _SURE:
            return "words" if candidate is not None and candidate.label is not None else "other"
        concept = meaning.concept
        if concept in _OF_PARTY and meaning.party:
            return "party"
        return "totals" if concept in AMOUNTS else "date" if concept in DATES else "concept"

    def _keep(self, field: Field, path: str, candidate: Candidate | None) -> object:
        """The value in the type the schema wants, with its words recorded; None if it does not fit that type."""
        if candidate is None:
            return None
        value = typed(field, candidate)
        if value is not None:
            self.scores[path] = candidate.score
            if candidate.spans:
                self.places[path] = list(candidate.spans)
        return value


def _asks_for_items(root: Field) -> bool:
    rows = (child.items for child in root.children if child.type is Type.ARRAY)
    return any(row is not None and wants_items(row) for row in rows)


def typed(field: Field, candidate: Candidate) -> object:
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
            if value is None or field.format == "date":
                return value if value is None else str(value)
            return dates.formatted(str(value), field.description)
