"""The extracted data as a person reads it: fields in the schema's order and words, groups, tables, places.

The data may be anything (the API promises no shape), and the schema may be missing or disagree with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, islice
from typing import Any

from django.utils.translation import gettext as _

from extractions.evidence.leaves import join
from extractions.models import Standing, Value
from extractions.presentation.sheets import Place
from extractions.presentation.wording import is_amount, kind_of, label_of, readable

DEEPEST = 10  # groups within groups; deeper ones are shown as text
MOST_ROWS = 300  # of one table; the rest is in the JSON
CURRENCY_KEYS = ("iso_4217_currency_code", "currency_code", "currency")
EMPTY: tuple[Any, ...] = (None, "", [], {})
SCALARS = {"string", "number", "integer", "boolean", "enum"}


@dataclass(frozen=True, slots=True)
class Field:
    """One value. `number` counts from 1 through the whole result and names the field on the page."""

    number: int
    label: str
    path: str
    text: str
    kind: str  # text, number, date, boolean or nothing
    description: str = ""
    unit: str = ""
    page: int | None = None
    boxes: tuple[tuple[float, float, float, float], ...] = ()
    value: Value | None = None

    @property
    def state(self) -> str:
        """How its place is marked on the page."""
        standing = self.value.standing if self.value else ""
        return {"": "", Standing.NEEDS_YOU: "need", Standing.BROKEN: "broke"}.get(standing, "ok")

    @property
    def was(self) -> str:
        """What was extracted, where a person gave another value."""
        if self.value is None or not self.value.corrected:
            return ""
        return readable(self.value.extracted)[0] or _("empty")

    @property
    def empty(self) -> bool:
        return self.kind == "nothing"

    @property
    def long(self) -> bool:
        return len(self.text) > 60 or "\n" in self.text

    @property
    def short(self) -> bool:
        """A code or a name that must not be broken over two lines."""
        return len(self.text) <= 20

    @property
    def located(self) -> bool:
        return self.page is not None and bool(self.boxes)


@dataclass(frozen=True, slots=True)
class Column:
    label: str
    numeric: bool
    name: str = ""


@dataclass(slots=True)
class Group:
    """Fields that belong together; the first group of a result has no title."""

    title: str
    fields: list[Field] = field(default_factory=list)

    @property
    def filled(self) -> list[Field]:
        return [one for one in self.fields if not one.empty]

    @property
    def missing(self) -> list[Field]:
        return [one for one in self.fields if one.empty]


@dataclass(frozen=True, slots=True)
class Table:
    """A list of objects, one a row."""

    title: str
    path: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Field, ...], ...]
    left_out: int = 0
    empty_columns: tuple[str, ...] = ()
    """Columns of the schema for which no row has a value."""

    @property
    def fields(self) -> list[Field]:
        return [one for row in self.rows for one in row]


@dataclass(frozen=True, slots=True)
class Outline:
    """Everything that was extracted, in order."""

    sections: tuple[Group | Table, ...]

    @property
    def groups(self) -> list[Group]:
        return [section for section in self.sections if isinstance(section, Group)]

    @property
    def tables(self) -> list[Table]:
        return [section for section in self.sections if isinstance(section, Table)]

    @property
    def fields(self) -> list[Field]:
        return [one for section in self.sections for one in section.fields]

    @property
    def missing(self) -> list[Field]:
        return [one for group in self.groups for one in group.missing]

    @property
    def filled(self) -> int:
        return sum(not one.empty for one in self.fields)

    @property
    def single(self) -> int:
        """How many values stand outside of tables."""
        return sum(len(group.filled) for group in self.groups)

    @property
    def located(self) -> int:
        return sum(one.located for one in self.fields)

    @property
    def places(self) -> list[Place]:
        """Where the values stand, for the viewer."""
        return [
            Place(one.path, one.label, one.page, one.boxes, one.state, f"field-{one.number}")
            for one in self.fields
            if one.page is not None and one.boxes
        ]


def outline(
    data: Any, schema: Mapping[str, Any] | None, values: Iterable[Value] = (), *, whole: bool = False
) -> Outline:
    """`whole` keeps what somebody might fill: columns and lists without a value, and the currency beside its amount."""
    return _Writer(values, whole=whole).write(_unpacked(data), schema if isinstance(schema, Mapping) else {})


class _Writer:
    """Walks data and schema side by side and collects sections."""

    def __init__(self, values: Iterable[Value], *, whole: bool = False) -> None:
        self.whole = whole
        self.places = {value.path: value for value in values}
        self.numbers = count(1)
        self.sections: list[Group | Table] = []

    def write(self, data: Any, schema: Mapping[str, Any]) -> Outline:
        if isinstance(data, Mapping) or (data is None and schema.get("properties")):
            self.group("", data or {}, schema, "")
        elif isinstance(data, list) and data:
            self.list_(_("Values"), data, _items(schema), "")
        elif data is not None and data != []:
            self.sections.append(Group("", [self.field(_("Value"), data, schema, "")]))
        return Outline(tuple(section for section in self.sections if section.fields or isinstance(section, Table)))

    def group(self, title: str, data: Mapping[str, Any], schema: Mapping[str, Any], path: str) -> None:
        """Single values come first, under the title; objects and lists follow as sections of their own."""
        group = Group(title)
        self.sections.append(group)
        for name, value, of in _members(data, schema):
            label, below = label_of(name, of), join(path, name)
            value = _unwrapped(value, of)
            if _is_money(value):
                group.fields.append(self.money(label, value, of, below))
                group.fields += self.currency(label, value, of, below)
            elif below.count(".") > DEEPEST:
                group.fields.append(self.field(label, value, of, below))
            elif (isinstance(value, Mapping) and value) or (not value and kind_of(of) == "object"):
                self.group(f"{title} › {label}" if title else label, value or {}, of, below)
            elif self.rows_of(value, of):
                value = value or []
                self.list_(f"{title} › {label}" if title else label, value, _items(of), below)
            elif isinstance(value, list) and value:
                group.fields += self.several(label, value, of, below)
            else:
                group.fields.append(self.field(label, value, of, below))

    def rows_of(self, value: Any, schema: Mapping[str, Any]) -> bool:
        """Whether it is a table: a list of objects, or one that is to be filled."""
        if self.whole and not value and kind_of(schema) == "array":
            return bool(_items(schema).get("properties"))
        return isinstance(value, list) and any(isinstance(item, Mapping | list) for item in value)

    def currency(self, label: str, value: Mapping[str, Any], schema: Mapping[str, Any], path: str) -> list[Field]:
        if not self.whole:
            return []
        key = next(key for key in CURRENCY_KEYS if key in value)
        return [self.field(f"{label}, {_('currency')}", value[key], schema, join(path, key))]

    def several(self, label: str, values: Sequence[Any], schema: Mapping[str, Any], path: str) -> list[Field]:
        of = _items(schema) | {"description": schema.get("description", "")}
        labels = [label, *(f"{label} ({number})" for number in range(2, len(values) + 1))]
        pairs = zip(labels, values, strict=True)
        return [self.field(name, value, of, f"{path}[{index}]") for index, (name, value) in enumerate(pairs)]

    def list_(self, title: str, items: Sequence[Any], schema: Mapping[str, Any], path: str) -> None:
        """Rows of a table. Objects within a row become columns of their own, lists within a row one text."""
        most = len(items) if self.whole else MOST_ROWS
        flat = [dict(_flat(item, schema)) for item in islice(items, most)]
        described = dict(_leaves(schema))
        known = list(dict.fromkeys([*described, *(name for row in flat for name in row)]))
        names = [name for name in known if self.whole or any(row.get(name) not in EMPTY for row in flat)]
        rows = tuple(self.row(row, names, described, f"{path}[{index}]") for index, row in enumerate(flat))
        labels = {name: _column_label(name, described.get(name, {})) for name in known}
        columns = tuple(
            Column(labels[name], any(row[position].kind == "number" for row in rows), name)
            for position, name in enumerate(names)
        )
        without = tuple(labels[name] for name in known if name not in names)
        self.sections.append(Table(title, path, columns, rows, max(0, len(items) - most), without))

    def row(
        self, values: Mapping[str, Any], names: Sequence[str], described: Mapping[str, Mapping[str, Any]], path: str
    ) -> tuple[Field, ...]:
        cells = []
        for name in names:
            of = described.get(name, {})
            below = join(path, name) if name else path
            cells.append(self.field(_column_label(name, of), values.get(name), of, below))
        return tuple(cells)

    def money(self, label: str, value: Mapping[str, Any], schema: Mapping[str, Any], path: str) -> Field:
        key = next(key for key in CURRENCY_KEYS if key in value)
        amount = self.field(label, value["amount"], schema, join(path, "amount"), money=True)
        return replace(amount, unit=str(value[key] or ""))

    def field(
        self, label: str, value: Any, schema: Mapping[str, Any], path: str, *, money: bool | None = None
    ) -> Field:
        text, kind = readable(value, money=is_amount(path, schema) if money is None else money)
        place = self.places.get(path) or self.places.get(join(path, "value"))
        return Field(
            number=next(self.numbers),
            label=label,
            path=path,
            text=text,
            kind=kind,
            description=str(schema.get("description") or ""),
            page=place.page if place else None,
            boxes=tuple(rectangles(place.boxes)) if place else (),
            value=place,
        )


def _unpacked(data: Any) -> Any:
    """Some answers hold the data as JSON text."""
    if isinstance(data, str) and data.lstrip()[:1] in {"{", "["}:
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            return data
    return data


def _unwrapped(value: Any, schema: Mapping[str, Any]) -> Any:
    """{"value": 5, "page": 1, ...} where the schema says that a plain value belongs."""
    if isinstance(value, Mapping) and "value" in value and kind_of(schema) in SCALARS:
        return value["value"]
    return value


def _is_money(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and "amount" in value
        and set(value) <= {"amount", *CURRENCY_KEYS}
        and len(value) == 2
        and not isinstance(value["amount"], Mapping | list)
    )


def _members(data: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    """Name, value and schema of each: the schema's names in its order, then what else the data holds."""
    properties = schema.get("properties")
    known = properties if isinstance(properties, Mapping) else {}
    for name, of in known.items():
        yield name, data.get(name), of if isinstance(of, Mapping) else {}
    for name, value in data.items():
        if name not in known:
            yield str(name), value, {}


def _flat(item: Any, schema: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    if not isinstance(item, Mapping):
        yield path, item
        return
    for name, value, of in _members(item, schema):
        value = _unwrapped(value, of)
        if isinstance(value, Mapping) and path.count(".") <= DEEPEST:
            yield from _flat(value, of, join(path, name))
        elif value is not None or kind_of(of) != "object":
            yield join(path, name), value


def _leaves(schema: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The columns that a schema of rows announces."""
    properties = schema.get("properties")
    for name, of in (properties if isinstance(properties, Mapping) else {}).items():
        of = of if isinstance(of, Mapping) else {}
        if kind_of(of) == "object" and path.count(".") <= DEEPEST:
            yield from _leaves(of, join(path, name))
        else:
            yield join(path, name), of


def _items(schema: Mapping[str, Any]) -> dict[str, Any]:
    items = schema.get("items")
    return dict(items) if isinstance(items, Mapping) else {}


def _column_label(path: str, schema: Mapping[str, Any]) -> str:
    return label_of(path.rpartition(".")[2], schema) if path else _("Value")


def rectangles(boxes: Any) -> Iterator[tuple[float, float, float, float]]:
    """The boxes that can be drawn; whatever else stands there is left out."""
    for box in boxes if isinstance(boxes, list) else []:
        if isinstance(box, list) and len(box) == 4 and all(isinstance(side, int | float) for side in box):
            x0, y0, x1, y1 = (min(max(float(side), 0.0), 1.0) for side in box)
            if x1 > x0 and y1 > y0:
                yield x0, y0, x1, y1
