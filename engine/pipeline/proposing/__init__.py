"""PROPOSING: which fields a schema for such a document would have, each with what stands on the page for it.

First the fields that documents of this kind usually have, read as with any schema; then every printed label that has a
value beside it or under it; then the tables. What to call them, and which of several examples to trust, is left to
those who ask.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from reading.document import Page
from reading.turning import upright

from ..doctypes import kinds_shown
from ..location import locate
from ..parsing import conclude, walked
from ..parsing.text_grid import Span
from .found import Found
from .known_fields import KnownFields, known_fields
from .labelled import labelled_values
from .tables import other_tables

_SHOWN = 0.45
"""What a page must show of a kind for its usual fields to be looked for."""
_A_FORM = 0.4
"""What it must show of a form for words beside words to be label and value."""
_TAXES = "tax_lines"
_LIKELIER = 0.3
"""By so much a field must be likelier than one that is more usual to have its place."""
_TOP, _LARGER = 0.35, 1.15
"""Of the page, where its title stands; times the height of its usual lines."""
MOST_FIELDS = 120
MOST_PLACES = 60
"""Of the cells of a column, or of the boxes of a choice, that are told."""


def propose(pages: Sequence[Page]) -> dict[str, Any]:
    """The kind of document that it seems to be (a starting point, or empty), and its fields from top to bottom."""
    shown = kinds_shown([upright(page) for page in pages])
    start = _start(shown)
    known = known_fields(start)
    extractor, data = walked(pages, known.schema)
    parsed = conclude(extractor, data)
    found = _apart(known.found(parsed, extractor))
    taken = {span.cell for item in found for span in item.all_spans}
    tables = list(other_tables(extractor, taken))
    taken |= {cell for item in tables for span in item.all_spans for cell in (span.cell,)}
    taken |= {cell for table in extractor.tables.tables for cell in table.header.cells}
    labelled = list(labelled_values(extractor, found, taken, is_form=shown.get("form", 0.0) >= _A_FORM))
    places = _Places(pages)
    fields = sorted([*found, *tables, *labelled], key=lambda item: item.order)[:MOST_FIELDS]
    return {"start": start, "title": _title(pages), "fields": [places.describe(item) for item in fields]}


def _start(shown: Mapping[str, float]) -> str:
    kind = max(shown, key=lambda name: shown[name], default="")
    return KnownFields.start_of(kind) if kind and shown[kind] >= _SHOWN else ""


def _apart(found: Sequence[Found]) -> list[Found]:
    """Without those that say once more what stands in the same place for a likelier field, or in a group or table.

    Totals stay beside the tax that they are made of.
    """
    best: dict[Span, Found] = {}
    for item in found:
        for span in item.spans:
            if span not in best or best[span].score + _LIKELIER < item.score:
                best[span] = item
    within = {span for item in found if item.known != _TAXES for part in item.columns for span in part.all_spans}
    return [item for item in found if all(best[span] is item and span not in within for span in item.spans)]


def _title(pages: Sequence[Page]) -> str:
    """The largest short line near the top of the first page."""
    lines = [line for line in upright(pages[0]).lines if line.box.y0 < _TOP] if pages else []
    named = [line for line in lines if _is_title(line.text)]
    largest = max(named, key=lambda line: line.box.height, default=None)
    usual = sorted(line.box.height for line in lines)[len(lines) // 2] if lines else 0.0
    return largest.text if largest is not None and largest.box.height > _LARGER * usual else ""


def _is_title(text: str) -> bool:
    return 3 < len(text) <= 60 and len(text.split()) <= 6 and not re.search(r"[\d:@€$£]", text)


class _Places:
    """Where things stand, as a viewer shows the pages."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self._pages = pages

    def describe(self, item: Found) -> dict[str, Any]:
        spans = {"value": item.spans, "label": item.label_spans, "others": item.others[:MOST_PLACES]}
        located = locate(spans, self._pages)
        described: dict[str, Any] = {
            "known": item.known,
            "label": item.label,
            "kind": item.kind,
            "many": item.many,
            "value": item.value,
            "score": round(item.score, 3),
            "places": located["value"],
            "label_places": located["label"],
        }
        if item.aside:
            described["aside"] = True
        if item.others:
            described["other_places"] = located["others"]
        if item.options:
            described["options"] = list(item.options)
        if item.columns:
            described["fields"] = [self.describe(column) for column in item.columns]
        return described
