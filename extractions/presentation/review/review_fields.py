"""The fields of the review screen: kinds, reasons for attention, badges and suggestions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from extractions.models import Extraction, ReviewStatus, Value
from extractions.presentation.document.badges import Badge
from extractions.presentation.document.fields import Field, Group, Outline, Table, outline
from extractions.presentation.document.page_viewer import Place
from extractions.presentation.document.wording import readable
from extractions.presentation.review.reasons import sentence
from extractions.presentation.review.value_badges import badge_of, cut, is_empty, place_state
from extractions.result.field_labels import is_amount
from extractions.result.numbers import is_usable, storable_number
from extractions.result.rows import RowEdits
from extractions.review.typed_values import Kind, NotThatKind, kind_at, read
from extractions.verification.repairs import Repairs
from extractions.verification.review_status import current, current_data_of, needs_attention, tree_of

MARKS = {
    ReviewStatus.NEEDS_YOU: "need",
    ReviewStatus.ON_PAGE: "need",
    ReviewStatus.BROKEN: "broke",
    ReviewStatus.CORRECTED: "edited",
}
LONG = 38


@dataclass(slots=True)
class Entry:
    """One field of the screen."""

    field: Field
    value: Value
    kind: Kind
    badge: Badge
    reason: str = ""
    suggestion: str = ""

    @property
    def path(self) -> str:
        return self.field.path

    @property
    def mark(self) -> str:
        """The style of its edge."""
        return MARKS.get(ReviewStatus(self.value.standing), "")

    @property
    def asks(self) -> bool:
        return needs_attention(self.value)

    @property
    def text(self) -> str:
        """The text of its input."""
        return self.text_of(current(self.value))

    def text_of(self, value: object) -> str:
        """The text of its input for the given value."""
        return written(value, self.kind, money=is_amount(self.path, {}))

    @property
    def was(self) -> str:
        """The extracted value, if a person gave another one."""
        if not self.value.corrected and not self.value.answer:
            return ""
        text = written(self.value.extracted, self.kind, money=is_amount(self.path, {}))
        return _("was %(text)s") % {"text": text} if text else _("was empty")

    @property
    def long(self) -> bool:
        return self.kind.name == "text" and (len(self.text) > LONG or "\n" in self.text)

    @property
    def version(self) -> int:
        return self.value.version

    @property
    def folded(self) -> bool:
        """Whether it is empty and optional."""
        return self.value.standing == ReviewStatus.IDLE

    def facts(self) -> dict[str, Any]:
        """What scripts need beyond the HTML, without default values."""
        facts = {
            "position": self.value.position,
            "version": self.value.version,
            "page": self.value.page,
            # The viewer already has all boxes but those drawn by people.
            "boxes": self.value.boxes if self.value.page and self.value.place_drawn else [],
            "reason": self.reason,
            "suggestion": self.suggestion,
            "answer": self.value.answer,
            "original": written(self.value.extracted, self.kind) if self.value.version else "",
            "description": self.field.description,
        }
        return {name: fact for name, fact in facts.items() if fact or name == "position"}


@dataclass(slots=True)
class Grid:
    """An editable table of line items."""

    table: Table
    rows: list[list[Entry]]
    next_row: str = ""
    """The path that the next new row will get."""

    @property
    def lines(self) -> Iterator[tuple[str, list[Entry]]]:
        """Each row by its path, with its cells."""
        return zip(self.table.row_paths, self.rows, strict=True)

    @property
    def needs(self) -> int:
        return sum(entry.asks for row in self.rows for entry in row)

    @property
    def names(self) -> str:
        return json.dumps([column.name for column in self.table.columns])


@dataclass(slots=True)
class Screen:
    """All fields of the screen: groups of entries, then grids."""

    groups: list[tuple[str, list[Entry]]] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)

    @property
    def singles(self) -> Iterator[Entry]:
        for _title, entries in self.groups:
            yield from entries

    @property
    def entries(self) -> list[Entry]:
        return [*self.singles, *self._cells]

    @property
    def folded(self) -> list[Entry]:
        return [entry for entry in self.singles if entry.folded]

    @property
    def shown(self) -> list[tuple[str, list[Entry]]]:
        groups = [(title, [entry for entry in entries if not entry.folded]) for title, entries in self.groups]
        return [(title, entries) for title, entries in groups if entries]

    @property
    def places(self) -> list[Place]:
        return [
            Place(entry.path, entry.field.label, entry.value.page, entry.field.boxes, place_state(entry.value), anchor)
            for anchor, entry in self._anchored()
            if entry.value.page is not None and entry.field.boxes
        ]

    def _anchored(self) -> Iterator[tuple[str, Entry]]:
        """Entries with their HTML ids; cells have none."""
        yield from ((f"row-{single.value.position}", single) for single in self.singles)
        yield from (("", item) for grid in self.grids for row in grid.rows for item in row)

    def facts(self) -> list[dict[str, Any]]:
        """In page order, folded entries last. Delta-encoded: position and page are left out where they follow from the
        previous entry, which keeps long tables small.
        """
        shown = [entry for _title, entries in self.shown for entry in entries]
        return _facts([*shown, *self.folded, *self._cells])

    def cell_facts(self) -> dict[str, dict[str, object]]:
        """Facts of table cells by path, for reloaded tables, with boxes that the viewer may not have."""
        return {
            cell.path: cell.facts() | {"boxes": cell.value.boxes if cell.value.page else []} for cell in self._cells
        }

    @property
    def _cells(self) -> list[Entry]:
        return [entry for grid in self.grids for row in grid.rows for entry in row]


def _facts(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    encoded, position, page = [], -1, 0
    for entry in entries:
        facts = entry.facts() | {"page": entry.value.page or 0}
        position, usual, before, page = facts["position"], position + 1, page, facts["page"]
        if position == usual:
            del facts["position"]
        if page == before:
            del facts["page"]
        encoded.append(facts)
    return encoded


def screen_of(extraction: Extraction, values: list[Value]) -> Screen:
    laid_out = current_outline(extraction, values)
    schema = extraction.schema.schema if extraction.schema else None
    tree = tree_of(extraction)
    labels = {item.path: item.label for item in laid_out.fields}
    builder = _EntryBuilder(schema, values, tree.edits, labels, Repairs(extraction, values))
    screen = Screen()
    for section in laid_out.sections:
        if isinstance(section, Group):
            screen.groups.append((section.title, [builder.entry(item) for item in section.fields]))
        else:
            cells = [[builder.entry(item) for item in row] for row in section.rows]
            screen.grids.append(Grid(section, cells, f"{section.path}[{tree.row_count(section.path)}]"))
    return screen


def current_outline(extraction: Extraction, values: list[Value]) -> Outline:
    """The current result, with everything that could be filled in."""
    schema = extraction.schema.schema if extraction.schema else None
    edits = RowEdits.read(extraction.row_edits)
    return outline(current_data_of(extraction, values), schema, values, edits=edits, editable=True)


def entry_of(extraction: Extraction, value: Value, label: str = "", repairs: Repairs | None = None) -> Entry:
    """A single entry, for updating the screen after an edit."""
    schema = extraction.schema.schema if extraction.schema else None
    text, kind = readable(current(value))
    repairs = repairs or Repairs(extraction)
    builder = _EntryBuilder(schema, [value], RowEdits.read(extraction.row_edits), {}, repairs)
    return builder.entry(Field(0, label, value.path, text, kind))


class _EntryBuilder:
    def __init__(
        self, schema: Any, values: Iterable[Value], edits: RowEdits, labels: Mapping[str, str], repairs: Repairs
    ) -> None:
        self.schema = schema
        self.edits = edits
        self.labels = labels
        self.repairs = repairs
        self.values = {value.path: value for value in values}

    def entry(self, shown: Field) -> Entry:
        value = self.values.get(shown.path)
        if value is None:
            # A cell without a stored value; its row is created on the first edit.
            value = Value(path=shown.path, position=0, evidence=Value.Evidence.NONE)
        kind = kind_at(self.schema, shown.path, value.extracted)
        entry = Entry(shown, value, kind, badge_of(value))
        if entry.asks:
            entry.reason = reason_of(value, self.labels, self.edits)
            entry.suggestion = suggestion_of(value, kind, self.repairs)
        return entry


def reason_of(value: Value, labels: Mapping[str, str], edits: RowEdits | None = None) -> str:
    if value.standing == ReviewStatus.BROKEN:
        return " ".join(sentence(item, labels, edits) for item in value.broken if isinstance(item, dict))
    if value.standing == ReviewStatus.ON_PAGE:
        return _("The page has this text, but nothing shows clearly enough that it is the value of this field.")
    match value.evidence:
        case Value.Evidence.FUZZY:
            if value.evidence_text:
                return _("The page reads “%(text)s”, which is similar but not the same.") % {
                    "text": cut(value.evidence_text, 80)
                }
            return _("Something similar stands on the page, but not the same.")
        case Value.Evidence.MISSING:
            return _("We could not find this text on the pages. Draw it, or mark it as not in the document.")
        case Value.Evidence.NONE:
            if not is_empty(value):
                return _("Nothing on the pages shows this value.")
            if value.required:
                return _("The schema asks for this, and the service returned nothing.")
            return _("Documents of this kind usually have this, and the service returned nothing.")
    return _("Nobody has looked for this value on the pages yet.")


def suggestion_of(value: Value, kind: Kind, repairs: Repairs) -> str:
    """A printed alternative that violates no rule, as text for the input; empty if there is none."""
    if value.broken:
        wanted = repairs.of(value) if kind.name in {"number", "integer"} else None
        if wanted is None or (kind.name == "integer" and isinstance(wanted, float)):
            return ""
        return written(wanted, kind, money=is_amount(value.path, {}))
    if value.evidence != Value.Evidence.FUZZY or not value.evidence_text:
        return ""
    try:
        found = read(value.evidence_text, kind)
    except NotThatKind:
        return ""
    if found in (None, current(value)):
        return ""
    if kind.name in {"number", "integer"} and not repairs.breaks_nothing(value, found):
        return ""
    return written(found, kind)


def written(value: Any, kind: Kind, *, money: bool = False) -> str:
    """A value as text for an input, with localized dates and numbers; integers are not grouped."""
    if value is None or value == [] or value == {}:
        return ""
    if kind.name == "date" and isinstance(value, str):
        return _day(value)
    match value:
        case bool():
            return _("Yes") if value else _("No")
        case int() | float():
            return _number(value, money=money and kind.name == "number")
        case list() if all(not isinstance(item, list | dict) for item in value):
            return ", ".join(str(item) for item in value)
        case str():
            return value
    return readable(value)[0]


def _number(value: float, *, money: bool) -> str:
    if not is_usable(value):
        return str(storable_number(value))
    text = repr(value)
    if "e" in text:
        return text
    decimals = len(text.partition(".")[2].rstrip("0"))
    decimals = max(decimals, 2) if money else decimals
    return str(number_format(value, decimals, use_l10n=True, force_grouping=bool(decimals)))


def _day(text: str) -> str:
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return text
    if get_language() == "fr":
        return f"{day:%d/%m/%Y}"
    return day.isoformat() if len(text) == len("2026-11-30") else text
