"""A workbook: a sheet of documents and one per list of line items, with typed cells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from extractions.exports.layout import Layout, joined, shown
from extractions.exports.reading import DAY, FACTS, NUMBER, TEXT, Document, documents
from extractions.exports.text import Progress

LONGEST_CELL = 32_767
MAX_ROWS = 1_048_576
NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\']")
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

    def _write(self, column: int, cell: object) -> None:
        match cell:
            case None | "":
                return
            case bool():
                self.sheet.write_boolean(self.row, column, cell)
            case int() | float():
                self.sheet.write_number(self.row, column, cell)
            case datetime():
                local = timezone.localtime(cell).replace(tzinfo=None)
                self.sheet.write_datetime(self.row, column, local, self.moment)
            case date():
                self.sheet.write_datetime(self.row, column, datetime(cell.year, cell.month, cell.day), self.day)  # noqa: DTZ001 - a day has no zone
            case _:
                self.sheet.write_string(self.row, column, str(cell)[:LONGEST_CELL])


def write_workbook(path: Path, numbers: Sequence[int], layout: Layout, progress: Progress) -> bool:
    """Write the workbook; False if rows did not fit."""
    with xlsxwriter.Workbook(str(path), OPTIONS) as book:
        names = _sheet_names([_("Documents"), *layout.sheets])
        main = SheetWriter(book, names[0], [*FACTS, *layout.main])
        of_items = {
            sheet: SheetWriter(book, name, ["key", "document", "row", *headings])
            for (sheet, headings), name in zip(layout.sheets.items(), names[1:], strict=True)
        }
        complete = True
        for chunk in documents(numbers):
            for document in chunk:
                complete &= _add(document, layout, main, of_items)
            progress(len(chunk))
    return complete


def _add(document: Document, layout: Layout, main: SheetWriter, of_items: dict[str, SheetWriter]) -> bool:
    cells: list[Any] = [None] * len(layout.main)
    items: dict[str, dict[int, list[Any]]] = {}
    for path, text, kind in document.values:
        spot = layout.spot(document.schema, path)
        if spot is None:
            continue
        row = cells
        if spot.sheet:
            rows = items.setdefault(spot.sheet, {})
            row = rows.setdefault(spot.row, [None] * len(layout.sheets[spot.sheet]))
        before = row[spot.column]
        row[spot.column] = (text, kind) if before is None else (joined(before[0], text), TEXT)
    key, name, *facts, metadata = document.facts
    pairs = "; ".join(f"{word}: {value}" for word, value in metadata.items()) if metadata else None
    complete = main.add([str(key), name, *facts, pairs, *map(_cell, cells)])
    for sheet, rows in items.items():
        for number in sorted(rows):
            complete &= of_items[sheet].add([str(key), name, number + 1, *map(_cell, rows[number])])
    return complete


def _cell(value: tuple[str, str] | None) -> Any:
    """The typed value; numbers of more than 15 digits stay text, for a cell cannot hold them exactly."""
    if value is None:
        return None
    text, kind = shown(value[0]), value[1]
    try:
        if kind == NUMBER:
            number = float(text)
            return number if len(text.strip("-0.").replace(".", "")) <= 15 else text
        if kind == DAY:
            day = date.fromisoformat(text[:10])
            return day if day.year >= 1900 and len(text) == 10 else text
    except ValueError:
        return text
    return text


def _sheet_names(wanted: Sequence[str]) -> list[str]:
    """Valid, unique sheet names: at most 31 characters, some of them forbidden."""
    names: list[str] = []
    for name in wanted:
        plain = NOT_IN_A_NAME.sub(" ", name).strip()[:31] or "items"
        number = 2
        unique = plain
        while unique.casefold() in {item.casefold() for item in names}:
            unique = f"{plain[:27]} {number}"
            number += 1
        names.append(unique)
    return names


def chunks_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(256 * 1024):
            yield block
