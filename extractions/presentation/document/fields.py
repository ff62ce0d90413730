"""Lays out extracted data for people: fields in the schema's order and with its labels, groups, tables, places.

The data is untrusted (the API guarantees no shape), and the schema may be missing or disagree with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, islice
from typing import Any

from django.utils.translation import gettext as _

from extractions.models import ReviewStatus, Value
from extractions.presentation.document.page_viewer import Place
from extractions.presentation.document.wording import description_of, label_of, readable
from extractions.result.field_labels import HELP, is_amount, is_percentage
from extractions.result.json_text import unpacked
from extractions.result.paths import MAX_DEPTH, depth_of, join
from extractions.result.rows import RowEdits
from extractions.result.schema import (
    SCALARS,
    WRAPPED,
    Schema,
    as_schema,
    is_list,
    items_of,
    kind_of,
    properties_of,
)

MAX_ROWS = 300  # of one table; the rest is in the JSON
CURRENCY_KEYS = ("iso_4217_currency_code", "currency_code", "currency")
EMPTY: tuple[Any, ...] = (None, "", [], {})
STATES = {
    "": "",
    ReviewStatus.NEEDS_YOU: "need",
    ReviewStatus.ON_PAGE: "need",
    ReviewStatus.BROKEN: "broke",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One value. `number` counts from 1 through the result, and is the field's id on the page."""

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
        """The style of its place on the page: ok, need, broke or empty."""
        standing = self.value.standing if self.value else ""
        return STATES.get(standing, "ok")

    @property
    def was(self) -> str:
        """The extracted value, if a person corrected it."""
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
        """Short enough to be kept on one line."""
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
    """Fields of one object; the first group of a result has no title."""

    title: str
    fields: list[Field] = field(default_factory=list)

    @property
    def filled(self) -> list[Field]:
        return [item for item in self.fields if not item.empty]

    @property
    def missing(self) -> list[Field]:
        return [item for item in self.fields if item.empty]


@dataclass(frozen=True, slots=True)
class Table:
    """A list of objects, one per row."""

    title: str
    path: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Field, ...], ...]
    left_out: int = 0
    empty_columns: tuple[str, ...] = ()
    """Labels of declared columns in which no row has a value."""
    row_paths: list[str] = field(default_factory=list)
    """The stable path of each row."""

    @property
    def fields(self) -> list[Field]:
        return [item for row in self.rows for item in row]


def full_label(section: Group | Table, item: Field) -> str:
    """The label with its group or table before it, where the label alone could be that of several fields."""
    return f"{section.title} › {item.label}" if section.title else item.label


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
        return [item for section in self.sections for item in section.fields]

    @property
    def missing(self) -> list[Field]:
        return [item for group in self.groups for item in group.missing]

    @property
    def filled(self) -> int:
        return sum(not item.empty for item in self.fields)

    @property
    def single(self) -> int:
        """Number of non-empty values outside of tables."""
        return sum(len(group.filled) for group in self.groups)

    @property
    def located(self) -> int:
        return sum(item.located for item in self.fields)

    @property
    def places(self) -> list[Place]:
        """Where the values stand, for the viewer."""
        return [
            Place(item.path, item.label, item.page, item.boxes, item.state, f"field-{item.number}")
            for item in self.fields
            if item.page is not None and item.boxes
        ]


def outline(
    data: object, schema: object, values: Iterable[Value] = (), *, edits: RowEdits | None = None, editable: bool = False
) -> Outline:
    """Lay out the current data. `edits` map its paths to stable ones.

    `editable` keeps everything that could be filled in: empty columns and lists, and currencies as fields of their own.
    """
    return _OutlineBuilder(values, edits or RowEdits(), editable=editable).build(unpacked(data), as_schema(schema))


class _OutlineBuilder:
    """Walks data and schema in parallel and collects sections. Its paths are those of the current data."""

    def __init__(self, values: Iterable[Value], edits: RowEdits, *, editable: bool = False) -> None:
        self.editable = editable
        self.edits = edits
        self.places = {value.path: value for value in values}
        self.numbers = count(1)
        self.sections: list[Group | Table] = []

    def build(self, data: Any, schema: Schema) -> Outline:
        if isinstance(data, Mapping) or (data is None and schema.get("properties")):
            self.group("", data or {}, schema, "")
        elif self.rows_of(data, schema):
            self.list_(_("Values"), data or [], items_of(schema), "")
        elif isinstance(data, list) and data:
            self.sections.append(Group("", self.several(_("Value"), data, schema, "")))
        elif data is not None and data != []:
            self.sections.append(Group("", [self.field(_("Value"), data, schema, "")]))
        return Outline(tuple(section for section in self.sections if section.fields or isinstance(section, Table)))

    def group(self, title: str, data: Mapping[str, object], schema: Schema, path: str) -> None:
        """Scalars become fields under the title; objects and lists become sections of their own."""
        group = Group(title)
        self.sections.append(group)
        for name, value, of in _members(data, schema):
            label, below = label_of(name, of), join(path, name)
            value = _unwrapped(value, of)
            if _is_money(value):
                group.fields.append(self.money(label, value, of, below))
                group.fields += self.currency(label, value, of, below)
            elif depth_of(below) >= MAX_DEPTH:
                group.fields.append(self.field(label, value, of, below))
            elif (isinstance(value, Mapping) and value) or (not value and kind_of(of) == "object"):
                self.group(f"{title} › {label}" if title else label, value or {}, of, below)
            elif self.rows_of(value, of):
                value = value or []
                self.list_(f"{title} › {label}" if title else label, value, items_of(of), below)
            elif isinstance(value, list) and value:
                group.fields += self.several(label, value, of, below)
            else:
                group.fields.append(self.field(label, value, of, below))

    def rows_of(self, value: object, schema: Schema) -> bool:
        """Whether to show it as a table: a list of objects or, with `editable`, any list."""
        if self.editable and (isinstance(value, list) or not value) and (value or is_list(schema)):
            return True
        return isinstance(value, list) and any(isinstance(item, Mapping | list) for item in value)

    def currency(self, label: str, value: Mapping[str, object], schema: Schema, path: str) -> list[Field]:
        if not self.editable:
            return []
        key = next(key for key in CURRENCY_KEYS if key in value)
        return [self.field(f"{label}, {_('currency')}", value[key], schema, join(path, key))]

    def several(self, label: str, values: Sequence[object], schema: Schema, path: str) -> list[Field]:
        of = dict(items_of(schema)) | {"description": schema.get("description", ""), HELP: schema.get(HELP)}
        labels = [label, *(f"{label} ({number})" for number in range(2, len(values) + 1))]
        pairs = zip(labels, values, strict=True)
        return [self.field(name, value, of, f"{path}[{index}]") for index, (name, value) in enumerate(pairs)]

    def list_(self, title: str, items: Sequence[object], schema: Schema, path: str) -> None:
        """Add a table. Nested objects become columns, nested lists become tables of their own."""
        most = len(items) if self.editable else MAX_ROWS
        depth = depth_of(path) + 1
        flat = [dict(_flat(item, schema, depth)) for item in islice(items, most)]
        described = dict(_leaves(schema, depth))
        known = list(dict.fromkeys([*described, *(name for row in flat for name in row)]))
        if self.editable and not known and not properties_of(schema):
            known = [""]
        inner = [name for name in known if depth_of(name) + depth < MAX_DEPTH and self.is_table(name, flat, described)]
        known = [name for name in known if name not in inner]
        names = [name for name in known if self.editable or any(row.get(name) not in EMPTY for row in flat)]
        rows = tuple(self.row(row, names, described, f"{path}[{index}]") for index, row in enumerate(flat))
        labels = {name: _column_label(name, described.get(name, {})) for name in known}
        columns = tuple(
            Column(labels[name], any(row[position].kind == "number" for row in rows if row), name)
            for position, name in enumerate(names)
        )
        without = tuple(labels[name] for name in known if name not in names)
        table = Table(title, self.edits.identity(path), columns, rows, max(0, len(items) - most), without)
        table.row_paths.extend(self.edits.identity(f"{path}[{index}]") for index in range(len(flat)))
        self.sections.append(table)
        for index, row in enumerate(flat):
            for name in inner:
                self.inner_list(
                    f"{title} › {index + 1}", name, row.get(name), described.get(name, {}), f"{path}[{index}]"
                )

    def is_table(self, name: str, rows: Iterable[Mapping[str, object]], described: Mapping[str, Schema]) -> bool:
        return any(self.rows_of(row.get(name), described.get(name, {})) for row in rows)

    def inner_list(self, title: str, name: str, value: object, schema: Schema, row: str) -> None:
        if value or self.editable:
            title = f"{title} › {_column_label(name, schema)}" if name else title
            items = value if isinstance(value, list) else [value] if value else []
            self.list_(title, items, items_of(schema), join(row, name) if name else row)

    def row(
        self, values: Mapping[str, Any], names: Sequence[str], described: Mapping[str, Mapping[str, Any]], path: str
    ) -> tuple[Field, ...]:
        cells = []
        for name in names:
            of = described.get(name, {})
            below = join(path, name) if name else path
            cells.append(self.field(_column_label(name, of), values.get(name), of, below))
        return tuple(cells)

    def money(self, label: str, value: Mapping[str, object], schema: Schema, path: str) -> Field:
        key = next(key for key in CURRENCY_KEYS if key in value)
        amount = self.field(label, value["amount"], schema, join(path, "amount"), money=True)
        return replace(amount, unit=str(value[key] or ""))

    def field(self, label: str, value: Any, schema: Schema, path: str, *, money: bool | None = None) -> Field:
        text, kind = readable(value, money=is_amount(path, schema) if money is None else money)
        path = self.edits.identity(path)
        place = self.places.get(path) or self.places.get(join(path, WRAPPED))
        return Field(
            number=next(self.numbers),
            label=label,
            path=place.path if place else path,
            text=text,
            kind=kind,
            description=description_of(schema),
            unit=_unit(value, schema, path),
            page=place.page if place else None,
            boxes=tuple(rectangles(place.boxes)) if place else (),
            value=place,
        )


def _unit(value: object, schema: Schema, path: str) -> str:
    """A per cent sign, unless the value may be a share: a rate of 0.2 may mean 20 per cent."""
    if not isinstance(value, int | float) or isinstance(value, bool) or 0 < abs(value) < 1:
        return ""
    return "%" if is_percentage(path, schema) else ""


def _unwrapped(value: object, schema: Schema) -> Any:
    """Unwrap `{"value": …}` where the schema declares a scalar."""
    if isinstance(value, Mapping) and WRAPPED in value and kind_of(schema) in SCALARS:
        return value[WRAPPED]
    return value


def _is_money(value: object) -> bool:
    return (
        isinstance(value, Mapping)
        and "amount" in value
        and set(value) <= {"amount", *CURRENCY_KEYS}
        and len(value) == 2
        and not isinstance(value["amount"], Mapping | list)
    )


def _members(data: Mapping[str, object], schema: Schema) -> Iterator[tuple[str, Any, Schema]]:
    """Name, value and schema of each member: declared ones in the schema's order, then the others."""
    known = properties_of(schema)
    for name, of in known.items():
        yield name, data.get(name), of
    for name, value in data.items():
        if name not in known:
            yield str(name), value, {}


def _flat(item: object, schema: Schema, depth: int, path: str = "") -> Iterator[tuple[str, Any]]:
    if not isinstance(item, Mapping):
        yield path, item
        return
    for name, value, of in _members(item, schema):
        value = _unwrapped(value, of)
        if isinstance(value, Mapping) and depth_of(path) + depth + 1 < MAX_DEPTH:
            yield from _flat(value, of, depth, join(path, name))
        elif value is not None or kind_of(of) != "object":
            yield join(path, name), value


def _leaves(schema: Schema, depth: int, path: str = "") -> Iterator[tuple[str, Schema]]:
    """The columns that a schema of rows declares."""
    for name, of in properties_of(schema).items():
        if kind_of(of) == "object" and depth_of(path) + depth + 1 < MAX_DEPTH:
            yield from _leaves(of, depth, join(path, name))
        else:
            yield join(path, name), of


def _column_label(path: str, schema: Schema) -> str:
    return label_of(path.rpartition(".")[2], schema) if path else _("Value")


def rectangles(boxes: object) -> Iterator[tuple[float, float, float, float]]:
    """The valid boxes, clamped to the page, as (x0, y0, x1, y1) in fractions of it."""
    for box in boxes if isinstance(boxes, list) else []:
        if isinstance(box, list) and len(box) == 4 and all(isinstance(side, int | float) for side in box):
            x0, y0, x1, y1 = (min(max(float(side), 0.0), 1.0) for side in box)
            if x1 > x0 and y1 > y0:
                yield x0, y0, x1, y1
