"""Maps values to cells: columns of the documents' table, and rows and columns of tables of line items."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Min
from django.utils.translation import get_language

from extractions.exports.reading import listed
from extractions.models import ExportMapping, Extraction, Schema, Value
from extractions.result.field_labels import is_amount, label_of, title_of
from extractions.result.paths import first_row_path, general_path, without_rows
from extractions.result.rows import rows_of, split_row
from extractions.result.schema import schema_at

LOOKED_AT = 2_000


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell. `sheet` is empty for the documents' own table."""

    sheet: str
    row: int
    column: int


@dataclass
class Layout:
    """Headings in order. A schema with an export mapping exports the mapped columns only."""

    main: list[str] = field(default_factory=list)
    sheets: dict[str, list[str]] = field(default_factory=dict)
    chosen: dict[int, dict[str, str]] = field(default_factory=dict)
    people: bool = False
    """Whether headings are titles of the schema, instead of names."""
    schemas: dict[int, object] = field(default_factory=dict)
    """The JSON schemas by id, for titles and to know money."""
    _spots: dict[tuple[int | None, str], Spot | None] = field(default_factory=dict)

    def spot(self, schema: int | None, path: str) -> Spot | None:
        """The cell of a path, memoized: there are few paths and many values."""
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
        return self._title(schema, path) if self.people else split(path)[2]

    def _title(self, schema: int | None, path: str) -> str:
        """Titles of the field and of the objects around it, up to its row."""
        sheet, _row, name = split(path)
        within = f"{sheet}[]." if sheet else ""
        steps = name.split(".")
        parts = (".".join(steps[: end + 1]) for end in range(len(steps)))
        return " – ".join(self.called(schema, f"{within}{part}") for part in parts)

    def called(self, schema: int | None, path: str) -> str:
        """What people call the field or list at this path."""
        name = path.rpartition(".")[2].replace("[]", "")
        return label_of(name, schema_at(self.schemas.get(schema or 0), path), get_language() or "")

    def sheet_title(self, sheet: str) -> str:
        language, schemas = get_language() or "", self.schemas.values() if self.people else ()
        found = next(filter(None, (title_of(schema_at(schema, sheet), language) for schema in schemas)), "")
        return found or (label_of(sheet, {}) if self.people else sheet)

    def is_money(self, schema: int | None, path: str) -> bool:
        return is_amount(path, schema_at(self.schemas.get(schema or 0), path))

    def add(self, schema: int | None, path: str) -> None:
        sheet, _row, name = split(path)
        heading = self.heading(schema, path)
        if heading and name:
            columns = self.sheets.setdefault(sheet, []) if sheet else self.main
            if heading not in columns:
                columns.append(heading)


def split(path: str) -> tuple[str, int, str]:
    """Table, row and column name. Lists of scalars, and anything nested within a row, are one column."""
    row = next((row for row in rows_of(path) if path[len(row) :].startswith(".")), None)
    if row is None:
        return "", 0, without_rows(path) or "value"
    of, number = split_row(row)
    return of or "items", number, without_rows(path[len(row) + 1 :])


def joined(before: str | None, text: str) -> str:
    """Append to the values of a cell. Empty ones are kept, so that parallel columns stay aligned."""
    return text if before is None else f"{before}; {text}"


def shown(cell: str | None) -> str:
    """The text of a cell; empty if all of its values are."""
    return cell if cell and cell.strip("; ") else ""


def layout_of(numbers: Sequence[int], teams: Iterable[int], *, people: bool = False) -> Layout:
    """The columns that these documents need, in the order of the data; mapped columns in the order of the mapping."""
    layout = Layout(people=people)
    for mapping in ExportMapping.objects.filter(team__in=list(teams)).order_by("pk"):
        layout.chosen.setdefault(mapping.schema_id, {str(path): str(heading) for path, heading in mapping.columns})
    schemas = schemas_of(numbers)
    if people:
        layout.schemas = dict(Schema.objects.filter(pk__in=[pk for pk in schemas if pk]).values_list("pk", "schema"))
    for chosen, headings in layout.chosen.items():
        for path in headings if chosen in schemas else ():
            layout.add(chosen, first_row_path(path))
    for schema, path in _paths(numbers):
        if schema not in layout.chosen:
            layout.add(schema, path)
    return layout


def schemas_of(numbers: Sequence[int]) -> set[int | None]:
    found: set[int | None] = set()
    for begin in range(0, len(numbers), LOOKED_AT):
        rows = Extraction.objects.filter(pk__in=listed(numbers[begin : begin + LOOKED_AT])).order_by()
        found |= set(rows.values_list("schema_id", flat=True).distinct())
    return found


def _paths(numbers: Sequence[int]) -> list[tuple[int | None, str]]:
    """Every schema and path that occurs, ordered by position in the data."""
    found: dict[tuple[int | None, str], int] = {}
    for begin in range(0, len(numbers), LOOKED_AT):
        rows = Value.objects.filter(extraction__in=listed(numbers[begin : begin + LOOKED_AT]), removed=False).order_by()
        paths = rows.values_list("extraction__schema_id", "path").annotate(Min("position"))
        for schema, path, position in paths:
            # The first row of a list determines the order.
            key = (schema, first_row_path(general_path(path)))
            found[key] = min(position, found.get(key, position))
    return sorted(found, key=lambda key: (found[key], key[1]))
