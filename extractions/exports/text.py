"""CSV with a BOM and without formula injection, and JSON Lines, one document a line."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import tzinfo
from typing import Any

from django.utils import timezone

from extractions.exports.facts import facts_of, headings
from extractions.exports.layout import Layout, joined, shown
from extractions.exports.reading import FACTS, NUMBER, Document, documents, listed, plain
from extractions.models import Extraction, Schema, Value
from extractions.result.rows import RowEdits
from extractions.result.tree import current_data

# Text that starts with one of these may be taken for a formula or break out of its cell (CSV injection).
DANGEROUS = frozenset("=+-@\t\r\n")
WRITTEN_NUMBER = re.compile(r"-?\d+([.,]\d+)?([eE][+-]?\d+)?")
BOM = "\ufeff"
Progress = Callable[[int], None]
Written = Callable[[str, str], str]
"""How a value's text of this kind stands in a cell."""


def csv_of(
    numbers: Sequence[int], layout: Layout, progress: Progress, *, separator: str = ",", items: bool = False
) -> Iterator[bytes]:
    """A row per document; with `items`, a row per line item that repeats the document's own values.

    Where semicolons separate, spreadsheets expect decimal commas, and take 12.50 for text or a day.
    """
    written = _with_comma if separator == ";" else _as_stored
    head = [*headings(people=layout.people), *layout.main]
    if items:
        head += [_item_heading(layout, sheet, name) for sheet, names in layout.sheets.items() for name in names]
    rows, zone = _item_rows if items else _rows, timezone.get_current_timezone()
    yield BOM.encode() + _lines([[safe(name) for name in head]], separator)
    for chunk in documents(numbers):
        yield _lines((row for document in chunk for row in rows(document, layout, zone, written)), separator)
        progress(len(chunk))


def safe(text: object) -> object:
    """Escape text that a spreadsheet would take for a formula; numbers stay as they are."""
    if isinstance(text, str) and text[:1] in DANGEROUS and not WRITTEN_NUMBER.fullmatch(text):
        return "'" + text
    return text


def _item_heading(layout: Layout, sheet: str, heading: str) -> str:
    return f"{layout.sheet_title(sheet)} – {heading}" if layout.people else f"{sheet}.{heading}"


def _as_stored(text: str, kind: str) -> str:
    return text


def _with_comma(text: str, kind: str) -> str:
    return text.replace(".", ",") if kind == NUMBER else text


def _rows(document: Document, layout: Layout, zone: tzinfo, written: Written) -> Iterator[list[object]]:
    cells: list[str | None] = [None] * len(layout.main)
    schema, spot_of = document.schema, layout.spot
    for path, text, kind in document.values:
        spot = spot_of(schema, path)
        if spot is not None and not spot.sheet:
            cells[spot.column] = joined(cells[spot.column], written(text, kind))
    facts = facts_of(document, zone, people=layout.people)
    facts = [written(str(fact), NUMBER) if isinstance(fact, float) else fact for fact in facts]
    yield [safe(cell) for cell in (*facts, *map(shown, cells))]


def _item_rows(document: Document, layout: Layout, zone: tzinfo, written: Written) -> Iterator[list[object]]:
    single = next(_rows(document, layout, zone, written))
    starts, at = {}, 0
    for sheet, names in layout.sheets.items():
        starts[sheet] = at
        at += len(names)
    found: dict[int, list[str | None]] = {}
    for path, text, kind in document.values:
        spot = layout.spot(document.schema, path)
        if spot is not None and spot.sheet:
            cells = found.setdefault(spot.row, [None] * at)
            column = starts[spot.sheet] + spot.column
            cells[column] = joined(cells[column], written(text, kind))
    for row in sorted(found) or [0]:
        yield [*single, *(safe(shown(cell)) for cell in found.get(row, [None] * at))]


def _lines(rows: Any, separator: str) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(rows)
    return text.getvalue().encode()


def json_lines_of(numbers: Sequence[int], progress: Progress) -> Iterator[bytes]:
    for chunk in documents(numbers, with_values=False):
        yield b"".join(_json_lines(chunk))
        progress(len(chunk))


def _json_lines(chunk: list[Document]) -> Iterator[bytes]:
    keys = listed([document.pk for document in chunk])
    answers = dict(Extraction.objects.filter(pk__in=keys).values_list("pk", "extracted_data"))
    schemas = dict(Schema.objects.filter(pk__in={item.schema for item in chunk}).values_list("pk", "schema"))
    changed: dict[int, list[tuple[str, object]]] = {}
    given = Value.objects.filter(extraction__in=keys, removed=False).exclude(corrected=False, answer="")
    for pk, path, typed in given.order_by("position").values_list("extraction_id", "path", "typed"):
        changed.setdefault(pk, []).append((path, typed))
    for document in chunk:
        facts = {name: plain(fact) for name, fact in zip(FACTS, document.facts, strict=True)}
        facts["key"] = str(facts["key"])
        edits = RowEdits.read(document.row_edits)
        schema = schemas.get(document.schema or 0)
        data = current_data(answers.get(document.pk), changed.get(document.pk, []), edits, schema)
        yield _as_json(facts | {"data": data})


def _as_json(document: dict[str, object]) -> bytes:
    """One line of JSON. Lone surrogates, which have no UTF-8 encoding, are replaced."""
    return json.dumps(document, ensure_ascii=False, default=str, allow_nan=False).encode("utf-8", "replace") + b"\n"
