"""Address blocks: lines that stand under one another and hold a postal code with its town."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from babel import Locale

from ..values import fold
from .boxes import in_column
from .labels import LabelMap
from .lexicon import SMALL_WORDS
from .phrases import LABEL_PHRASES, PARTY_PHRASES
from .sheet import Cell, Sheet, Span

_TOWN = r"(?P<city>[A-ZÀ-Þ'][^\d,;|·•●()\n]{1,40})"
_POSTAL = (
    re.compile(r"(?:^|[\s,;])(?P<city>[A-Z][^\d,;|·•●]{2,30}),? (?P<region>[A-Z]{2}),? (?P<code>\d{5}(?:-\d{4})?)\b"),
    re.compile(r"(?:^|[\s,;])(?P<code>\d{4} ?[A-Z]{2})\s+" + _TOWN),
    re.compile(r"(?:^|[\s,;])(?P<code>[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-Z]\d[\dW] [A-Z\d]{4})[,\s]+" + _TOWN),
    re.compile(r"(?:^|[\s,;])(?P<city>[A-Z][^\d,;|·•●]{2,30}),? (?P<code>[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2})\b"),
    re.compile(
        r"(?:^|[\s,;(-])(?:(?P<land>[A-Z]{1,2})[- ] ?)?(?P<code>\d{4,6})(?:(?:,|\s*-)?\s+|(?=[A-ZÀ-Þ][a-zà-ÿ]))" + _TOWN
    ),
)
_CODE_ALONE = re.compile(
    r"(?:GB[- ])?(?:[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-Z]\d[\dW] [A-Z\d]{4}|[A-Z]\d[A-Z] \d[A-Z]\d)"
)
"""Codes with letters, which stand on a line of their own below the town."""
_SEPARATOR = re.compile(r"\s+[-–—·•●|*]+\s+|\s*[●•·|]\s*|,\s+(?=\D|\d)")
_STRONG_SEPARATOR = re.compile(r"\s+[-–—·•●|*]+\s+|\s*[●•·|]\s*")
_RIGHT_SIDE = 0.8
"""Text that ends further right than this may be aligned with the right margin."""
_WITH_NAME = 2
"""Lines above the town that make an address complete: a name and a street."""
_LARGE, _OFF = 1.4, 0.8
"""Of the height of the lines of an address: higher, and further above them, is no line of it."""
_BULLETS = frozenset("●•·|*-–")
_STREET = re.compile(
    r"\b(?:street|road|avenue|ave|lane|drive|boulevard|blvd|way|close|court|square|highway|parkway|place|terrace|st|rd)\.?$",
    re.IGNORECASE,
)
"""How English streets end: a number before one is that of a house."""
_NOT_A_TOWN = re.compile(
    r"\b(?:total|eur|euro|pages?|stk|stück|pcs|kg|tel|fax|phone|unit|iban|bic|tva|vat|gst|mwst|ust|€|days?|jours|tage?n?"
    r"|uhr|january|february|march|april|may|june|july|august|september|october|november|december)\b|%",
    re.IGNORECASE,
)
_LANDS = {"D": "DE", "F": "FR", "A": "AT", "B": "BE", "L": "LU", "I": "IT", "E": "ES", "P": "PT"}


@dataclass(frozen=True, slots=True)
class Town:
    """A postal code and a town, found in one line."""

    code: Span
    city: Span
    land: str = ""
    region: str = ""


@dataclass(eq=False, slots=True)
class Block:
    """The lines of one address, from the name down; `at` is the line with the town or, without one, the last."""

    lines: list[Span]
    at: int
    town: Town | None
    single: bool = False
    """Whether it was printed in one line, as senders are above the window of a letter."""
    role: str = ""
    labelled: bool = False
    below: list[Span] = field(default_factory=list)

    @property
    def cell(self) -> Cell:
        return self.lines[0].cell

    @property
    def foot(self) -> Cell:
        return self.lines[self.at].cell

    @property
    def key(self) -> str:
        if self.town is None:
            return re.sub(r"\W", "", fold(self.lines[0].text))
        return re.sub(r"\W", "", fold(self.town.code.text)) + fold(self.town.city.text)[:4]


def find_town(span: Span) -> Town | None:
    """The postal code and town of a line, if it has them."""
    text = span.text
    for pattern in _POSTAL:
        for match in pattern.finditer(text):
            town = match["city"]
            before = re.match(r".*\s[-–—/]\s", town) if match.start("code") > match.start("city") else None
            start = match.start("city") + (before.end() if before else 0)
            city = re.split(r"\s[-–—/]\s|\s-\s?$", town[before.end() if before else 0 :])[0].rstrip(" -–—.:")
            if len(city) < 2 or _NOT_A_TOWN.search(city) or len(city.split()) > 6:
                continue
            if match["code"].isdigit() and match.start("code") < start and _STREET.search(city):
                continue
            land = match.groupdict().get("land") or ""
            return Town(
                span.cut(*match.span("code")), span.cut(start, start + len(city)), _LANDS.get(land, land),
                match.groupdict().get("region") or "",
            )  # fmt: skip
    return None


@cache
def _countries() -> dict[str, str]:
    names: dict[str, str] = {
        "uk": "GB",
        "usa": "US",
        "u s a": "US",
        "holland": "NL",
        "angleterre": "GB",
        "espana": "ES",
    }
    for language in ("en", "fr", "de", "nl", "es", "it"):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                names.setdefault(fold(str(name)), code)
    return names


def country_in(span: Span) -> tuple[str, Span] | None:
    """A country by its name in any of six languages, as a line of its own or the last part of one."""
    for start, end in _parts(span.text):
        part = span.cut(start, end).stripped()
        name = re.sub(r"^(?:ile de la|ile de|the|la|les|republique|republic of) ", "", fold(part.text)).split(" / ")[0]
        code = _countries().get(name) or _countries().get(fold(part.text))
        if code:
            return code, part
    return None


def _parts(text: str) -> Iterator[tuple[int, int]]:
    """The parts of a line; where bullets part it, commas belong to what they stand in."""
    separator = _STRONG_SEPARATOR if len(_STRONG_SEPARATOR.findall(text)) > 1 else _SEPARATOR
    position = 0
    for match in separator.finditer(text):
        yield position, match.start()
        position = match.end()
    yield position, len(text)


def find_blocks(sheet: Sheet, labels: LabelMap) -> list[Block]:
    """Every address of the document, in the order of the rows."""
    blocks = []
    for row in sheet.rows:
        for cell in row:
            span = _value_part(cell, labels)
            town = find_town(span)
            if town is not None:
                block = _single_line(span, town) or _from_row(sheet, cell, town)
            else:
                town, block = _town_above(sheet, span, labels), None
            if town is not None:
                block = block or _stacked(sheet, labels, span, town)
            if block is not None:
                blocks.append(block)
    return blocks + list(_headed(sheet, labels, blocks))


def _town_above(sheet: Sheet, span: Span, labels: LabelMap) -> Town | None:
    """The town of a code that stands alone: the line above it."""
    if not _CODE_ALONE.fullmatch(span.text.strip()):
        return None
    above = _next_line(sheet, span.cell, -1, span.cell, labels)
    return Town(span.stripped(), above.span) if above is not None and above.text[:1].isupper() else None


def _headed(sheet: Sheet, labels: LabelMap, others: list[Block]) -> Iterator[Block]:
    """Lines below a heading such as 'Bill to' that hold no town which could be recognised."""
    known = {line.cell for block in others for line in block.lines}
    for cell in sheet.cells:
        if not is_party_heading(cell):
            continue
        lines: list[Span] = []
        current = cell
        while len(lines) < 6:
            lower = _next_line(sheet, current, 1, cell, labels)
            if lower is None or lower in known or _is_heading(lower, labels):
                break
            lines.append(lower.span)
            current = lower
        named = len(lines) > 1 and lower not in known and not re.search(r"\d", lines[0].text)
        if named and sum(char.isalpha() for char in lines[0].text) > 2:
            yield Block(lines, len(lines) - 1, None)


def _value_part(cell: Cell, labels: LabelMap) -> Span:
    """A cell without the label that begins it ('Address: 5 High Street')."""
    match = re.match(r"\s*(?:address|adresse|anschrift|adres)\s*:?\s+", cell.text, re.IGNORECASE)
    return cell.span.cut(match.end(), len(cell.text)) if match else cell.span


def _single_line(span: Span, town: Town) -> Block | None:
    parts = [span.cut(start, end).stripped(" \t") for start, end in _parts(span.text)]
    parts = _with_town_whole([part for part in parts if part.text], town)
    at = next((order for order, part in enumerate(parts) if part.start <= town.code.start < part.end), 0)
    if at == 0 or (at == 1 and not re.search(r"\d", parts[0].text) and find_town(parts[1]) is None):
        return None
    name_first = at >= 2
    return Block(parts, at, town, single=name_first) if name_first else None


def _with_town_whole(parts: list[Span], town: Town) -> list[Span]:
    """'Portland, OR 97205' is one part, whatever stands between the town and its code."""
    start, end = min(town.code.start, town.city.start), max(town.code.end, town.city.end)
    own = [part for part in parts if part.start < end and start < part.end]
    if len(own) < 2:
        return parts
    at = parts.index(own[0])
    return [*parts[:at], Span(own[0].cell, own[0].start, own[-1].end), *parts[at + len(own) :]]


def _from_row(sheet: Sheet, cell: Cell, town: Town) -> Block | None:
    """A sender's line whose parts are cells of their own, with bullets between them."""
    row = sheet.rows[cell.row]
    at = row.index(cell)
    if at < 2 or row[at - 1].text.strip() not in _BULLETS:
        return None
    lines = [cell.span]
    for other in reversed(row[:at]):
        if other.text.strip() not in _BULLETS:
            lines.insert(0, other.span)
    return Block(lines, len(lines) - 1, town, single=True)


def _stacked(sheet: Sheet, labels: LabelMap, span: Span, town: Town) -> Block | None:
    above: list[Span] = []
    current = span.cell
    while len(above) < 5:
        upper = _next_line(sheet, current, -1, span.cell, labels)
        if upper is None or _is_heading(upper, labels) or _ends_block(upper.span):
            break
        if len(above) >= _WITH_NAME and _stands_off(upper, above[0].cell):
            break
        above.insert(0, upper.span)
        current = upper
    below: list[Span] = []
    current = span.cell
    while len(below) < 6:
        lower = _next_line(sheet, current, 1, span.cell, labels)
        if lower is None or _is_heading(lower, labels) or _has_code(lower.span):
            break
        below.append(lower.span)
        current = lower
    if not above:
        return None
    return Block([*above, span], len(above), town, below=below)


def _stands_off(upper: Cell, cell: Cell) -> bool:
    """Whether a line is large print with a gap below it: the title of the page, or what is written beside a logo."""
    return upper.box.height > _LARGE * cell.box.height and cell.box.y0 - upper.box.y1 > _OFF * cell.box.height


def _has_code(span: Span) -> bool:
    return find_town(span) is not None or _CODE_ALONE.fullmatch(span.text.strip()) is not None


def _ends_block(span: Span) -> bool:
    """A town or a country above a line is the end of another address."""
    country = country_in(span)
    return _has_code(span) or (country is not None and len(country[1].text) > len(span.text) - 4)


def _next_line(sheet: Sheet, cell: Cell, step: int, anchor: Cell, labels: LabelMap) -> Cell | None:
    """The line straight above or below that begins at the same left edge, ends at the right one or has its middle."""
    row = cell.row + step
    reach = (3.6 if step < 0 else 1.9) * anchor.box.height
    while 0 <= row < len(sheet.rows) and sheet.rows[row][0].page == cell.page:
        for other in sheet.rows[row]:
            gap = cell.box.y0 - other.box.y1 if step < 0 else other.box.y0 - cell.box.y1
            if gap > reach:
                return None
            left = abs(other.box.x0 - anchor.box.x0) < 0.012
            left = left or (anchor.box.x1 > _RIGHT_SIDE and abs(other.box.x1 - anchor.box.x1) < 0.004)
            middle = abs(other.box.centre[0] - anchor.box.centre[0]) < 0.012
            if (left or middle) and gap > -0.5 * anchor.box.height:
                return other
            if in_column(other.box, anchor.box) and is_party_heading(other):
                return None
        if abs(sheet.rows[row][0].box.centre[1] - cell.box.centre[1]) > 0.12:
            return None
        row += step
    return None


_HEADING = re.compile(
    r"\b(?:invoice|facture|rechnung|factuur|tax invoice|receipt|avoir|gutschrift|date|datum|page|seite)\b",
    re.IGNORECASE,
)


_SHORT_HEADINGS = {
    "von": "seller", "de": "seller", "van": "seller", "an": "buyer", "à": "buyer", "aan": "buyer", "für": "buyer",
}  # fmt: skip
"""'From' and 'to' in languages in which they mean too much to be looked for in longer text."""


def short_heading(cell: Cell) -> str:
    """The role that a cell names in one small word, if it is no more than that."""
    return _SHORT_HEADINGS.get(cell.text.strip(" :").casefold(), "") if cell.text[:1].isupper() else ""


def is_party_heading(cell: Cell) -> bool:
    """Whether a cell only says whose address follows, as 'Facturé à' does; 'Facture' is a title."""
    if short_heading(cell):
        return True
    matches = PARTY_PHRASES.find(cell.tokens)
    if not matches or matches[0].first > 0 or (len(cell.tokens) == 1 and _HEADING.fullmatch(cell.text.strip(" :"))):
        return False
    rest = [token for token in cell.tokens[matches[0].last + 1 :] if token.text not in SMALL_WORDS]
    if rest and LABEL_PHRASES.exact([token.text for token in cell.tokens]):
        return False  # 'Customer PO:' names a number
    return not rest or cell.text.rstrip().endswith(":")


def _is_heading(cell: Cell, labels: LabelMap) -> bool:
    """A line that names what follows, or holds a labelled value: no part of an address."""
    if is_party_heading(cell):
        return True
    if cell.text.rstrip().endswith(":"):
        return True
    if _HEADING.search(cell.text) and len(cell.tokens) <= 3:
        return True
    found = labels.by_cell[cell]
    strong = [label for label in found if label.is_sure and label.trust == 1.0]
    return any(label.start <= 1 and ":" in cell.text[label.end : label.end + 3] for label in strong)
