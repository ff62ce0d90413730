"""The review screen's fields: what each takes, why it needs somebody, and what stands beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.formats import number_format, time_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from extractions.assessing import asks, current, current_data, removed_rows
from extractions.models import Extraction, Standing, Value
from extractions.presentation.badges import Badge
from extractions.presentation.fields import Field, Group, Outline, Table, outline
from extractions.presentation.reasons import sentence
from extractions.presentation.sheets import Place
from extractions.presentation.wording import is_amount, readable
from extractions.services.typed import Kind, NotThatKind, kind_at, read

MARKS = {Standing.NEEDS_YOU: "need", Standing.BROKEN: "broke", Standing.CORRECTED: "edited"}
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
        """The colour of its edge."""
        return MARKS.get(Standing(self.value.standing), "")

    @property
    def asks(self) -> bool:
        return asks(self.value)

    @property
    def text(self) -> str:
        """What stands in the input."""
        return written(current(self.value), self.kind, money=is_amount(self.path, {}))

    @property
    def was(self) -> str:
        """The extracted value, where a person gave another one."""
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
        """Empty, and may be."""
        return self.value.standing == Standing.IDLE

    def facts(self) -> dict[str, Any]:
        """What the browser needs beyond what it can see; only what differs from the usual."""
        told = {
            "position": self.value.position,
            "version": self.value.version,
            "page": self.value.page,
            # The viewer has the boxes already, but for those that a person marked.
            "boxes": self.value.boxes if self.value.page and self.value.place_drawn else [],
            "reason": self.reason,
            "suggestion": self.suggestion,
            "answer": self.value.answer,
            "original": written(self.value.extracted, self.kind) if self.value.version else "",
            "description": self.field.description,
        }
        return {name: fact for name, fact in told.items() if fact or name == "position"}


@dataclass(slots=True)
class Grid:
    """A list of objects in the drawer."""

    table: Table
    rows: list[list[Entry]]

    @property
    def needs(self) -> int:
        return sum(entry.asks for row in self.rows for entry in row)

    @property
    def names(self) -> str:
        return " ".join(column.name for column in self.table.columns)


@dataclass(slots=True)
class Screen:
    """All of it in order; groups of entries, then grids."""

    groups: list[tuple[str, list[Entry]]] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)

    @property
    def singles(self) -> Iterator[Entry]:
        for _title, entries in self.groups:
            yield from entries

    @property
    def entries(self) -> list[Entry]:
        return [*self.singles, *(entry for grid in self.grids for row in grid.rows for entry in row)]

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
            Place(one.path, one.field.label, one.value.page, one.field.boxes, place_state(one.value), anchor)
            for anchor, one in self._anchored()
            if one.value.page is not None and one.field.boxes
        ]

    def _anchored(self) -> Iterator[tuple[str, Entry]]:
        """The fields with the ids of their rows; cells have none."""
        yield from ((f"row-{one.value.position}", one) for one in self.singles)
        yield from (("", one) for grid in self.grids for row in grid.rows for one in row)

    def facts(self) -> list[dict[str, Any]]:
        """In the order of the page, which shows what is folded last; position and page only where they are not those
        that follow from the one before: a long table says next to nothing.
        """
        shown = [entry for _title, entries in self.shown for entry in entries]
        cells = [entry for grid in self.grids for row in grid.rows for entry in row]
        told, position, page = [], -1, 0
        for entry in [*shown, *self.folded, *cells]:
            facts = entry.facts() | {"page": entry.value.page or 0}
            position, usual, before, page = facts["position"], position + 1, page, facts["page"]
            if position == usual:
                del facts["position"]
            if page == before:
                del facts["page"]
            told.append(facts)
        return told


def screen_of(extraction: Extraction, values: list[Value]) -> Screen:
    laid_out = laid_out_now(extraction, values)
    schema = extraction.schema.schema if extraction.schema else None
    writer = _Writer(schema, values, {one.path: one.label for one in laid_out.fields})
    gone = removed_rows(values)
    screen = Screen()
    for section in laid_out.sections:
        if isinstance(section, Group):
            screen.groups.append((section.title, [writer.entry(one) for one in section.fields]))
        else:
            kept = [row for row in section.rows if not row or row[0].path.rpartition("]")[0] + "]" not in gone]
            screen.grids.append(Grid(section, [[writer.entry(one) for one in row] for row in kept]))
    return screen


def laid_out_now(extraction: Extraction, values: list[Value]) -> Outline:
    """The result as it is now, with everything that could be filled."""
    schema = extraction.schema.schema if extraction.schema else None
    return outline(current_data(extraction.extracted_data, values, keep_removed=True), schema, values, whole=True)


def entry_of(extraction: Extraction, value: Value, label: str = "") -> Entry:
    """One field by itself, as it is after it was saved."""
    schema = extraction.schema.schema if extraction.schema else None
    text, kind = readable(current(value))
    return _Writer(schema, [value]).entry(Field(0, label, value.path, text, kind))


class _Writer:
    def __init__(self, schema: Any, values: Iterable[Value], labels: Mapping[str, str] | None = None) -> None:
        self.schema = schema
        self.labels = labels or {}
        self.values = {value.path: value for value in values}

    def entry(self, shown: Field) -> Entry:
        value = self.values.get(shown.path) or self.values.get(f"{shown.path}.value")
        if value is None:
            # A cell that the data never had: it gets its row when somebody fills it.
            value = Value(path=shown.path, position=0, evidence=Value.Evidence.NONE)
        kind = kind_at(self.schema, shown.path, value.extracted)
        entry = Entry(shown, value, kind, badge_of(value))
        if entry.asks:
            entry.reason = reason_of(value, self.labels)
            entry.suggestion = suggestion_of(value, kind)
        return entry


def badge_of(value: Value) -> Badge:
    """The word beside a field."""
    who = value.confirmed_by.get_short_name() if value.confirmed_by else _("a person")
    match Standing(value.standing):
        case Standing.BROKEN:
            return Badge("broke", "triangle-alert", _("Rule broken"))
        case Standing.NEEDS_YOU:
            return _unsure(value)
        case Standing.BY_EVIDENCE:
            if value.evidence == Value.Evidence.EXACT:
                return Badge("ok", "check", _("Exact"))
            more = f"“{_cut(value.evidence_text)}”" if value.evidence_text else ""
            return Badge("ok", "check", _("Normalised"), more)
        case Standing.CORRECTED:
            moment = time_format(timezone.localtime(value.confirmed_at), "H:i") if value.confirmed_at else ""
            return Badge("", "pencil", _("Edited by %(who)s, %(time)s") % {"who": who, "time": moment})
        case Standing.BY_PERSON:
            if value.answer:
                return Badge("", "user-check", f"{value.get_answer_display()}, {who}")
            return Badge("ok", "user-check", _("Confirmed by %(who)s") % {"who": who})
    return Badge("", "", "")


def place_state(value: Value) -> str:
    """How its place is drawn on the page."""
    match Standing(value.standing):
        case Standing.NEEDS_YOU:
            return "need"
        case Standing.BROKEN:
            return "broke"
        case Standing.IDLE:
            return ""
    return "ok"


def _unsure(value: Value) -> Badge:
    match value.evidence:
        case Value.Evidence.FUZZY:
            word = (
                _("Fuzzy: “%(text)s”") % {"text": _cut(value.evidence_text, 16)} if value.evidence_text else _("Fuzzy")
            )
            return Badge("need", "circle-question-mark", word)
        case Value.Evidence.MISSING:
            return Badge("need", "circle-question-mark", _("Not found"))
        case Value.Evidence.NONE:
            return Badge("need", "circle-question-mark", _("Required, empty"))
    return Badge("need", "circle-question-mark", _("Not checked"))


def reason_of(value: Value, labels: Mapping[str, str]) -> str:
    if value.standing == Standing.BROKEN:
        return " ".join(sentence(one, labels) for one in value.broken if isinstance(one, dict))
    match value.evidence:
        case Value.Evidence.FUZZY:
            if value.evidence_text:
                return _("The page reads “%(text)s”, which is similar but not the same.") % {
                    "text": _cut(value.evidence_text, 80)
                }
            return _("Something similar stands on the page, but not the same.")
        case Value.Evidence.MISSING:
            return _("We could not find this text on the pages. Draw it, or mark it as not in the document.")
        case Value.Evidence.NONE:
            return _("The schema asks for this, and the service returned nothing.")
    return _("Nobody has looked for this value on the pages yet.")


def suggestion_of(value: Value, kind: Kind) -> str:
    """What the page or a rule says instead, ready for the input; empty when it is the same."""
    for one in value.broken:
        wanted = _wanted(one, value.path)
        if wanted is not None:
            return written(wanted, kind, money=is_amount(value.path, {}))
    if value.evidence != Value.Evidence.FUZZY or not value.evidence_text:
        return ""
    try:
        found = read(value.evidence_text, kind)
    except NotThatKind:
        return ""
    return "" if found in (None, current(value)) else written(found, kind)


def _wanted(broken: Any, path: str) -> int | float | None:
    """What a sum says that the value should be; it speaks of the last field that it names."""
    paths = broken.get("paths") if isinstance(broken, dict) else None
    params = broken.get("params") if isinstance(broken, dict) else None
    if not paths or paths[-1] != path or not isinstance(params, dict) or "wanted" not in params:
        return None
    try:
        number = float(params["wanted"])
    except ValueError:
        return None
    return int(number) if number.is_integer() else number


def written(value: Any, kind: Kind, *, money: bool = False) -> str:
    """A value as it stands in an input: dates and numbers as the reader writes them, without thousands in between."""
    if value is None or value == [] or value == {}:
        return ""
    if kind.name == "date" and isinstance(value, str):
        return _day(value)
    match value:
        case bool():
            return _("Yes") if value else _("No")
        case int() | float():
            return _number(value, money=money and kind.name == "number")
        case list() if all(not isinstance(one, list | dict) for one in value):
            return ", ".join(str(one) for one in value)
        case str():
            return value
    return readable(value)[0]


def _number(value: float, *, money: bool) -> str:
    text = repr(value)
    if "e" in text or "inf" in text or "nan" in text:
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


def _cut(text: str, most: int = 28) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
