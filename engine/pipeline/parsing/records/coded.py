"""Documents whose fields carry the codes of a directive or a standard instead of words, or before them.

Driving licences of the Union and of the United States number their fields; registration certificates of vehicles have
the letters of the directive 1999/37/EC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..phrases import Phrases
from ..text_grid import Cell, Span, TextGrid
from .readers import read_card_date

LICENCE = re.compile(r"(?<![\w.,/:'-])(?P<code>4\s?[abcdABCD]|9a|1[256789]|[1-9])(?:[.,:)]+\s*|\s+|$)")
VEHICLE = re.compile(
    r"(?<![\w.-])\(?(?P<code>[A-KPQSUVXYZ](?:[.,]\s?\d){1,2}|[ABEGHIJKQ])(?![\w'’-]|[.,]\d)\)?(?:[.:]\s*|\s+|$)"
)
_PERSON = {
    "surname": "1", "given_names": "2", "birth_date": "3", "birth_place": "3", "issue_date": "4a", "expiry_date": "4b",
    "authority": "4c", "personal_number": "4d", "document_number": "5", "address": "8", "categories": "9",
    "endorsements": "9a", "restrictions": "12", "sex": "15", "height": "16", "weight": "17", "eyes": "18", "hair": "19",
}  # fmt: skip
_AMERICAN = {"document_number": "4d", "discriminator": "5"}
"""Standard of the AAMVA where it differs from the directive 2006/126/EC."""
_TELLING = ("1", "2", "3", "4a", "4b", "4c", "4d", "5")
_DATED = ("3", "4a", "4b")
_MISREAD_ONE = re.compile(r"^[17IlLiJ|!\]\[]\s?[.,:]?\s+(?=[^\W\d_]{2})")
_ALIGNED = 0.03
_ENOUGH_CODES = 5


def licence(grid: TextGrid, phrases: Phrases) -> Mapping[str, Span]:
    """The numbered fields of a driving licence by what they mean; nothing for any other document."""
    codes = dict(_first_of_each(_coded(grid, LICENCE, phrases)))
    dated = [code for code in _DATED if code in codes and any(True for _ in read_card_date(codes[code], grid.style))]
    if sum(code in codes for code in _TELLING) < 3 or len(dated) < 2:
        return {}
    if "1" not in codes and "2" in codes and (above := _above(grid, codes["2"])):
        codes["1"] = above
    american = "4d" in codes and ("15" in codes or "5" not in codes or len(codes["5"].text) > 15)
    places = {**_PERSON, **_AMERICAN} if american else _PERSON
    return {concept: codes[code] for concept, code in places.items() if code in codes}


def vehicle(grid: TextGrid) -> Mapping[str, Span]:
    """The lettered fields of a registration certificate by their codes."""
    codes = dict(_first_of_each(_coded(grid, VEHICLE, None)))
    dotted = [code for code in codes if "." in code]
    return codes if len(codes) >= _ENOUGH_CODES and len(dotted) >= _ENOUGH_CODES // 2 else {}


def _first_of_each(found: Iterator[tuple[str, Span]]) -> Iterator[tuple[str, Span]]:
    seen: set[str] = set()
    for code, span in found:
        if code not in seen:
            seen.add(code)
            yield code, span


def _coded(grid: TextGrid, pattern: re.Pattern[str], phrases: Phrases | None) -> Iterator[tuple[str, Span]]:
    """Each code with what follows it in its cell, or stands to the right of it or below."""
    for cell in grid.cells:
        matches = [match for match in pattern.finditer(cell.text) if _is_code(cell, match, phrases)]
        for order, match in enumerate(matches):
            stop = matches[order + 1].start() if order + 1 < len(matches) else len(cell.text)
            code = match["code"].replace(" ", "").replace(",", ".")
            code = code.lower() if code[0].isdigit() else code
            value = _without_label(Span(cell, match.end(), stop).stripped(" \t:;,.-–—·•●|/"), phrases)
            if not value.text and order + 1 == len(matches):
                value = _elsewhere(grid, cell, pattern, phrases)
            if value.text:
                yield code, value


def _is_code(cell: Cell, match: re.Match[str], phrases: Phrases | None) -> bool:
    """Bare numbers and letters are codes at the beginning of a cell, or before the word that names the field."""
    if (
        match.start() == 0
        or len(match["code"].strip()) > 2
        or (match["code"][-1:].isalpha() and match["code"][0].isdigit())
    ):
        return True
    if phrases is None:
        return False
    behind = [token for token in cell.tokens if token.start >= match.end()][:1]
    return match["code"].isdigit() and len(match["code"]) == 2 and bool(phrases.find(behind))


def _without_label(span: Span, phrases: Phrases | None) -> Span:
    """What stands behind the printed name of a field, if it has one besides its number."""
    if phrases is None:
        return span
    tokens = [token for token in span.cell.tokens if span.start <= token.start < span.end]
    named = [match for match in phrases.find(tokens) if match.first == 0]
    if not named:
        return span
    end = tokens[named[0].last].end
    return Span(span.cell, min(end, span.end), span.end).stripped(" \t:;,.-–—·•●|/")


def _elsewhere(grid: TextGrid, cell: Cell, pattern: re.Pattern[str], phrases: Phrases | None) -> Span:
    for other in grid.right_of(cell)[:1]:
        if not pattern.match(other.text):
            return _without_label(other.span.stripped(" \t:;,.-–—·•●|/"), phrases)
    for other in grid.below(cell, reach=1.2):
        return other.span.stripped() if not pattern.match(other.text) else Span(cell, 0, 0)
    return Span(cell, 0, 0)


def _above(grid: TextGrid, given_names: Span) -> Span | None:
    """The line over the given names whose number was misread: 1, the surname."""
    row = grid.rows[given_names.cell.row]
    edge = min(cell.box.x0 for cell in row if cell.box.x0 >= row[0].box.x0)
    starts = {given_names.cell.box.x0, edge}
    for cells in reversed(grid.rows[max(0, row[0].row - 3) : row[0].row]):
        for cell in cells:
            if cell.page == row[0].page and any(abs(cell.box.x0 - start) < _ALIGNED for start in starts):
                misread = _MISREAD_ONE.match(cell.text)
                return Span(cell, misread.end(), len(cell.text)).stripped() if misread else None
    return None
