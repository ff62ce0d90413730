"""Where each value goes: a column of the documents' table, or a row and a column of a table of line items."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Min

from extractions.exports.reading import listed
from extractions.models import ExportMapping, Extraction, Value

INDEX = re.compile(r"\[\d+\]")
ITEM = re.compile(r"^(.*?)\[(\d+)\]\.(.+)$")
LOOKED_AT = 2_000


@dataclass(frozen=True, slots=True)
class Spot:
    """`sheet` is empty for the documents' own table."""

    sheet: str
    row: int
    column: int


@dataclass
class Layout:
    """Headings in order. A schema whose columns somebody has chosen exports those and no others."""

    main: list[str] = field(default_factory=list)
    sheets: dict[str, list[str]] = field(default_factory=dict)
    chosen: dict[int, dict[str, str]] = field(default_factory=dict)
    _spots: dict[tuple[int | None, str], Spot | None] = field(default_factory=dict)

    def spot(self, schema: int | None, path: str) -> Spot | None:
        """Known from the second time on: paths are few, values are many."""
        try:
            return self._spots[schema, path]
        except KeyError:
            found = self._spots[schema, path] = self._find(schema, path)
            return found

    def _find(self, schema: int | None, path: str) -> Spot | None:
        sheet, row, name = split(path)
        heading = self.heading(schema, path)
        columns = self.sheets.get(sheet, []) if sheet else self.main
        return Spot(sheet, row, columns.index(heading)) if heading in columns and name else None

    def heading(self, schema: int | None, path: str) -> str | None:
        general = general_path(path)
        if schema in self.chosen:
            return self.chosen[schema].get(general)
        return split(path)[2]

    def add(self, schema: int | None, path: str) -> None:
        sheet, _row, name = split(path)
        heading = self.heading(schema, path)
        if heading and name:
            columns = self.sheets.setdefault(sheet, []) if sheet else self.main
            if heading not in columns:
                columns.append(heading)


def general_path(path: str) -> str:
    """`lines[3].amount` and all its sisters: `lines[].amount`."""
    return INDEX.sub("[]", path)


def split(path: str) -> tuple[str, int, str]:
    """Table, row and column. A list of single values is one column; what is nested deeper is one, too."""
    item = ITEM.match(path)
    if item is None:
        return "", 0, INDEX.sub("", path) or "value"
    return item[1] or "items", int(item[2]), INDEX.sub("", item[3])


def layout_of(numbers: Sequence[int], teams: Iterable[int]) -> Layout:
    """The columns that these documents need, in the order of their data; chosen columns in the order of the choice."""
    layout = Layout()
    for mapping in ExportMapping.objects.filter(team__in=list(teams)).order_by("pk"):
        layout.chosen.setdefault(mapping.schema_id, {str(path): str(heading) for path, heading in mapping.columns})
    schemas = _schemas(numbers)
    for chosen, headings in layout.chosen.items():
        for path in headings if chosen in schemas else ():
            layout.add(chosen, path.replace("[]", "[0]"))
    for schema, path in _paths(numbers):
        if schema not in layout.chosen:
            layout.add(schema, path)
    return layout


def _schemas(numbers: Sequence[int]) -> set[int | None]:
    found: set[int | None] = set()
    for begin in range(0, len(numbers), LOOKED_AT):
        rows = Extraction.objects.filter(pk__in=listed(numbers[begin : begin + LOOKED_AT])).order_by()
        found |= set(rows.values_list("schema_id", flat=True).distinct())
    return found


def _paths(numbers: Sequence[int]) -> list[tuple[int | None, str]]:
    """Every path that occurs, with its schema, by where it stands in the data."""
    found: dict[tuple[int | None, str], int] = {}
    for begin in range(0, len(numbers), LOOKED_AT):
        rows = Value.objects.filter(extraction__in=listed(numbers[begin : begin + LOOKED_AT]), removed=False).order_by()
        paths = rows.values_list("extraction__schema_id", "path").annotate(Min("position"))
        for schema, path, position in paths:
            # Of a list, the first row tells the order.
            key = (schema, INDEX.sub("[0]", path))
            found[key] = min(position, found.get(key, position))
    return sorted(found, key=lambda key: (found[key], key[1]))
