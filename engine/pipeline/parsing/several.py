"""Several documents on one picture: the parts of a page that stand apart, each read as a document of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from statistics import median

from reading.document import Box, Line, Page

from .. import doctypes
from ..values import find_numbers, fold
from .concepts import meaning_of
from .fields import Field, Type
from .loose import wants_items
from .money import GROSS

_OF_A_DOCUMENT = frozenset(
    [GROSS, "name", "issue_date", "invoice_number", "amount_due", "total_without_vat", "total_vat"]
)
"""What a document has once, and the things that were bought do not have."""
_FEWEST = 4
"""Lines of a document, at least."""
_GUTTER = 0.015
"""Of the page: papers that lie side by side are further apart than this all the way down."""
_GAP = 3.0
"""Usual heights of a line between papers that lie one below the other."""
_TOTAL = re.compile(r"\b(?:total|ttc|summe|gesamt\w*|zu zahlen|montant|amount due|balance due|net a payer|totaal)\b")
_LITTLE = 0.2
_MOST = 12


def documents(field: Field, pages: Sequence[Page]) -> list[Page]:
    """A page for each document, if that is what the rows of this list are; else nothing."""
    item = field.items
    if item is None or item.type is not Type.OBJECT or wants_items(item) or not _asks_for_documents(field, item):
        return []
    return [part for page in pages for part in _documents_of(page)]


def _asks_for_documents(field: Field, item: Field) -> bool:
    """Whether the list is named for a kind of document, and its rows have what such a document has once."""
    once = [child for child in item.children if meaning_of(child).concept in _OF_A_DOCUMENT]
    return bool(once) and bool(_kinds(field))


def are_receipts(field: Field) -> bool:
    return "receipt" in _kinds(field)


def _kinds(field: Field) -> set[str]:
    return {*doctypes.kinds_named(field.name.replace("_", " ")), *doctypes.kinds_named(field.description)}


def _documents_of(page: Page) -> list[Page]:
    parts = [part for part in _parts(list(page.lines)) if len(part) >= _FEWEST][:_MOST]
    if len(parts) < 2:
        return [page]
    ordered = sorted(parts, key=lambda part: _place(part, parts))
    return [replace(page, lines=tuple(part), regions=(), blanks=()) for part in ordered]


def _place(part: list[Line], parts: Sequence[list[Line]]) -> tuple[int, float]:
    """From left to right in rows of papers; those that share some of their height lie in one row."""
    box = _around(part)
    above = [other for other in parts if _around(other).y1 < box.y0 + _LITTLE * box.height]
    return len(above), box.x0


def _parts(lines: list[Line]) -> Iterator[list[Line]]:
    """Cut along the widest gap, as long as both sides could be documents."""
    for halves in (_cut(lines, _across, _GUTTER, _could_be), _cut(lines, _down, _gap_of(lines), _has_total)):
        if halves:
            for half in halves:
                yield from _parts(half)
            return
    yield lines


def _cut(
    lines: list[Line], edges: Callable[[Line], tuple[float, float]], least: float, enough: Callable[[list[Line]], bool]
) -> tuple[list[Line], list[Line]] | None:
    ordered = sorted(lines, key=lambda line: edges(line)[0])
    gaps, end = [], 0.0
    for at, line in enumerate(ordered):
        start, stop = edges(line)
        if at and start - end > least:
            gaps.append((start - end, at))
        end = max(end, stop)
    for _, at in sorted(gaps, reverse=True):
        before, behind = ordered[:at], ordered[at:]
        if enough(before) and enough(behind):
            return before, behind
    return None


def _across(line: Line) -> tuple[float, float]:
    return line.box.x0, line.box.x1


def _down(line: Line) -> tuple[float, float]:
    return line.box.y0, line.box.y1


def _gap_of(lines: Sequence[Line]) -> float:
    return _GAP * median(line.box.height for line in lines)


def _could_be(lines: Sequence[Line]) -> bool:
    """A column of a table has amounts and hardly a name; a document has both."""
    wordy = sum(sum(char.isalpha() for char in line.text) >= 3 for line in lines)
    return len(lines) >= _FEWEST and wordy >= _FEWEST and _has_total(lines)


def _has_total(lines: Sequence[Line]) -> bool:
    text = "\n".join(line.text for line in lines)
    return bool(_TOTAL.search(fold(text))) and any(number.places == 2 for number in find_numbers(text))


def _around(lines: Sequence[Line]) -> Box:
    box = lines[0].box
    for line in lines[1:]:
        box = box.union(line.box)
    return box
