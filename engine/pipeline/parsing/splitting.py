"""Several documents on one picture: the parts of a page that stand apart, each read as a document of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from statistics import median

from reading.document import Box, Line, Page, Source
from reading.literals.numbers import find_numbers
from reading.normalization import fold

from .. import doctypes
from .boxes import around
from .concepts import meaning_of
from .fields import Field, Type
from .money import GROSS
from .tables import wants_items

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


def papers(field: Field, pages: Sequence[Page]) -> list[Page]:
    """A page for each of the documents that lie on one picture, if they are what the rows of this list are."""
    if not _asks_for_documents(field):
        return []
    written = [page for page in pages if len(page.lines) >= _FEWEST]
    found = [part for page in written for part in _papers_on(page)]
    return found if len(found) > len(written) else []


def receipts(field: Field, pages: Sequence[Page]) -> list[Page]:
    """The pages, where each is a receipt and receipts are what the rows are; those of one invoice are one document."""
    if not (_asks_for_documents(field) and are_receipts(field)):
        return []
    written = [page for page in pages if len(page.lines) >= _FEWEST]
    alone = all(_has_total(page.lines) for page in written)
    return written if alone and (len(written) > 1 or doctypes.is_receipt(pages)) else []


def _asks_for_documents(field: Field) -> bool:
    """Whether the list is named for a kind of document, and its rows have what such a document has once."""
    item = field.items
    if item is None or item.type is not Type.OBJECT or wants_items(item):
        return False
    once = [child for child in item.children if meaning_of(child).concept in _OF_A_DOCUMENT]
    return bool(once) and bool(doctypes.plainly_named(field.name))


def are_receipts(field: Field) -> bool:
    return "receipt" in doctypes.plainly_named(field.name)


def _papers_on(page: Page) -> list[Page]:
    """The papers of a picture; what has a text of its own was written as one."""
    parts = [part for part in _parts(list(page.lines)) if len(part) >= _FEWEST][:_MOST]
    if len(parts) < 2 or page.source is not Source.OCR:
        return [page]
    ordered = sorted(parts, key=lambda part: _place(part, parts))
    return [replace(page, lines=tuple(part), regions=(), blanks=()) for part in ordered]


def _place(part: list[Line], parts: Sequence[list[Line]]) -> tuple[int, float]:
    """From left to right in rows of papers; those that share some of their height lie in one row."""
    box = _box_of(part)
    above = [other for other in parts if _box_of(other).y1 < box.y0 + _LITTLE * box.height]
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


def _box_of(lines: Sequence[Line]) -> Box:
    return around(line.box for line in lines)
