"""A workbook: a sheet of documents and one per list of line items, with typed cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from extractions.exports.facts import facts_of, headings
from extractions.exports.layout import LOOKED_AT, Layout, joined, shown
from extractions.exports.reading import DAY, NUMBER, TEXT, Document, documents, listed
from extractions.exports.text import Progress
from extractions.models import Extraction, Schema

LONGEST_CELL = 32_767
MAX_ROWS = 1_048_576
NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")
CURRENCY_NAMES = frozenset({"currency", "currency_code", "devise", "monnaie", "waehrung", "währung"})
CODE = re.compile(r"[A-Z]{3}")
OPTIONS = {
    "constant_memory": True,
    # Document text is never interpreted: no formulas, no links, no guessed numbers.
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd",
}


class SheetWriter:
    """A sheet written row by row, as `constant_memory` requires."""

    def __init__(self, book: xlsxwriter.Workbook, name: str, headings: Sequence[str], widths: int = 16) -> None:
        self._book, self._formats = book, dict[str, Any]()
        self.sheet = book.add_worksheet(name)
        self.sheet.freeze_panes(1, 0)
        self.sheet.set_column(0, max(0, len(headings) - 1), widths)
        self.moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        bold = book.add_format({"bold": True})
        for column, heading in enumerate(headings):
            self.sheet.write_string(0, column, heading[:LONGEST_CELL], bold)
        self.row = 0

    def add(self, cells: Sequence[Any]) -> bool:
        """Write the next row; False if the sheet is full (2**20 rows)."""
        if self.row + 1 >= MAX_ROWS:
            return False
        self.row += 1
        for column, cell in enumerate(cells):
            self._write(column, cell)
        return True

    def _of(self, currency: str) -> Any:
        """The format of amounts in this currency, of which a workbook takes one object each."""
        if currency not in self._formats:
            self._formats[currency] = self._book.add_format({"num_format": f'#,##0.00 "{currency}"'})
        return self._formats[currency]

    def _write(self, column: int, cell: object) -> None:
        match cell:
            case None | "":
                return
            case bool():
                self.sheet.write_boolean(self.row, column, cell)
            case Money():
                self.sheet.write_number(self.row, column, cell.amount, self._of(cell.currency))
            case int() | float():
                self.sheet.write_number(self.row, column, cell)
            case datetime():
                local = (timezone.localtime(cell) if timezone.is_aware(cell) else cell).replace(tzinfo=None)
                self.sheet.write_datetime(self.row, column, local, self.moment)
            case date():
                self.sheet.write_datetime(self.row, column, datetime(cell.year, cell.month, cell.day), self.day)  # noqa: DTZ001 - a day has no zone
            case _:
                self.sheet.write_string(self.row, column, str(cell)[:LONGEST_CELL])


Part = tuple[str, Sequence[int], Layout]
"""Name of its sheet, documents and columns."""


def by_schema(numbers: Sequence[int]) -> list[tuple[str, Sequence[int]]]:
    """The documents of each schema, under its name, by which they are sorted."""
    found: dict[int, list[int]] = {}
    for begin in range(0, len(numbers), LOOKED_AT):
        rows = Extraction.objects.filter(pk__in=listed(numbers[begin : begin + LOOKED_AT]))
        for pk, schema in rows.newest_first().values_list("pk", "schema_id"):
            found.setdefault(schema or 0, []).append(pk)
    names = dict(Schema.objects.filter(pk__in=[*found]).values_list("pk", "name"))
    parts = [(names.get(schema) or _("No schema"), pks) for schema, pks in found.items()]
    return sorted(parts, key=lambda part: part[0].casefold())


def write_workbook(path: Path, parts: Iterable[Part], progress: Progress) -> bool:
    """Write the workbook; False if rows did not fit."""
    complete, names = True, list[str]()
    with xlsxwriter.Workbook(str(path), OPTIONS) as book:
        for name, numbers, layout in parts:
            main, of_items = _sheets(book, name, layout, names)
            for chunk in documents(numbers):
                for document in chunk:
                    complete &= _add(document, layout, main, of_items)
                progress(len(chunk))
    return complete


def _sheets(
    book: xlsxwriter.Workbook, name: str, layout: Layout, names: list[str]
) -> tuple[SheetWriter, dict[str, SheetWriter]]:
    """The sheet of the documents, and those of their lists; `names` are taken already."""
    own = ["key", "document", "row"]
    if layout.people:
        own = [_("Document"), _("Row"), _("Document ID")]
    main = SheetWriter(book, _new_name(name or _("Documents"), names), [*headings(people=layout.people), *layout.main])
    of_items = {}
    for sheet, columns in layout.sheets.items():
        title = layout.sheet_title(sheet)
        of_items[sheet] = SheetWriter(book, _new_name(f"{name} {title}" if name else title, names), [*own, *columns])
    return main, of_items


def _currency(document: Document) -> str:
    """The document's currency, if it names exactly one."""
    found = {text for path, text, _kind in document.values if path.rpartition(".")[2].lower() in CURRENCY_NAMES}
    codes = {text for text in found if CODE.fullmatch(text)}
    return codes.pop() if len(codes) == 1 else ""


def _add(document: Document, layout: Layout, main: SheetWriter, of_items: dict[str, SheetWriter]) -> bool:
    cells: list[Any] = [None] * len(layout.main)
    items: dict[str, dict[int, list[Any]]] = {}
    currency = _currency(document) if layout.people else ""
    for path, text, kind in document.values:
        spot = layout.spot(document.schema, path)
        if spot is None:
            continue
        row = cells
        if spot.sheet:
            rows = items.setdefault(spot.sheet, {})
            row = rows.setdefault(spot.row, [None] * len(layout.sheets[spot.sheet]))
        before = row[spot.column]
        unit = currency if kind == NUMBER and currency and layout.is_money(document.schema, path) else ""
        row[spot.column] = (text, kind, unit) if before is None else (joined(before[0], text), TEXT, "")
    key, name, *facts, metadata = document.facts
    pairs = "; ".join(f"{word}: {value}" for word, value in metadata.items()) if metadata else None
    own = [str(key), name, *facts, pairs]
    if layout.people:
        own = facts_of(document, timezone.get_current_timezone(), people=True)
    complete = main.add([*own, *map(_cell, cells)])
    for sheet, rows in items.items():
        for number in sorted(rows):
            first = [name, number + 1, str(key)] if layout.people else [str(key), name, number + 1]
            complete &= of_items[sheet].add([*first, *map(_cell, rows[number])])
    return complete


@dataclass(frozen=True, slots=True)
class Money:
    amount: float
    currency: str


def _cell(value: tuple[str, str, str] | None) -> Any:
    """The typed value; numbers of more than 15 digits stay text, for a cell cannot hold them exactly."""
    if value is None:
        return None
    text, kind = shown(value[0]), value[1]
    try:
        if kind == NUMBER:
            number = float(text)
            if len(text.strip("-0.").replace(".", "")) > 15:
                return text
            return Money(number, value[2]) if value[2] else number
        if kind == DAY:
            day = date.fromisoformat(text[:10])
            return day if day.year >= 1900 and len(text) == 10 else text
    except ValueError:
        return text
    return text


def _new_name(wanted: str, names: list[str]) -> str:
    """A valid sheet name that is not among `names`, to which it is added: at most 31 characters, some forbidden."""
    plain = " ".join(NOT_IN_A_NAME.sub(" ", wanted).split())[:31].strip() or "items"
    unique, number = plain, 2
    while unique.casefold() in {item.casefold() for item in names}:
        unique = f"{plain[:27]} {number}"
        number += 1
    names.append(unique)
    return unique


def chunks_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(256 * 1024):
            yield block
