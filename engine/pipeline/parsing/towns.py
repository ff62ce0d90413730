"""Postal codes with their towns, and countries, in a line of an address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reading.literals.countries import POSTAL_PREFIXES, countries, country_of
from reading.literals.locales import english_months
from reading.normalization import fold

from .text_grid import Span

_BEFORE = r"(?:^|[\s,;(·•●|-])"
_CITY = r"(?P<city>[A-ZÀ-Þ][^\d,;:#|·•●()]{1,30}?)"
_TOWN = r"(?P<city>[A-ZÀ-Þ'][^\d,;|·•●()\n]{1,40})"
_WITH_LETTERS = r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[\dW] ?(?=[A-Z\d]*\d)[A-Z\d]{4}|[A-Z]\d[A-Z] ?\d[A-Z]\d"
"""British, Irish and Canadian codes."""
_AUSTRALIAN = "NSW|VIC|QLD|SA|WA|TAS|ACT|NT"
_POSTAL = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:^|[\s,;]){_CITY},? (?P<region>[A-Z]{{2}}),? (?P<code>\d{{5}}(?:-\d{{4}})?)\b",
        rf"(?:^|[\s,;]){_CITY},? (?P<region>{_AUSTRALIAN}),? (?P<code>\d{{4}})\b",
        rf"(?:^|[\s,;]){_CITY},? \(?(?P<region>[A-Z]{{2}}|[A-Z][a-zé]+)\)?,? +(?P<code>[A-Z]\d[A-Z] ?\d[A-Z]\d)\b",
        rf"{_BEFORE}(?:(?P<land>NL)[- ])?(?P<code>\d{{4}} ?[A-Z]{{2}})\s+{_TOWN}",
        rf"(?:^|[\s,;])(?P<code>{_WITH_LETTERS})[,\s]+{_TOWN}",
        rf"(?:^|[\s,;]){_CITY},? (?P<code>{_WITH_LETTERS})(?!\w)",
        rf"{_BEFORE}(?:(?P<land>[A-Z]{{1,2}})[- ] ?)?(?P<code>\d{{2}}-\d{{3}}|\d{{4,5}}-\d{{3}}),?\s+{_TOWN}",
        rf"^(?:(?P<land>[A-Z]{{1,2}})[- ] ?)?(?P<code>\d{{3}} \d{{2}}) +{_TOWN}$",
        rf"{_BEFORE}(?:(?P<land>[A-Z]{{1,2}})[- ] ?)?(?P<code>\d{{4,6}})(?:(?:,|\s*-)?\s+|(?=[A-ZÀ-Þ][a-zà-ÿ])){_TOWN}",
        rf"^(?:[^\d]*,\s+)?{_CITY}(?:,? | ?[-–] ?)(?P<code>\d{{3}} ?\d{{3}})(?=\W*$|,\s+[A-Z])",
    )
)
"""With the region before a code; with letters in it; figures before the town; six figures behind it."""
_CODE_ALONE = re.compile(rf"(?:GB[- ])?(?:{_WITH_LETTERS})")
"""Codes with letters, which stand on a line of their own below the town."""
_BEFORE_COUNTRY = re.compile(rf"\s*(?P<code>{_WITH_LETTERS}|\d{{4,6}}),\s+(?P<country>[^\W\d][^\d,;:]+)")
"""A code and the country, below a line with the town."""
_SEPARATOR = re.compile(r"\s+[-–—·•●|*]+\s+|\s*[●•·|]\s*|,\s+(?=\D|\d)")
_STRONG_SEPARATOR = re.compile(r"\s+[-–—·•●|*]+\s+|\s*[●•·|]\s*")
_STREET = re.compile(
    r"\b(?:street|road|avenue|ave|lane|drive|boulevard|blvd|way|close|court|square|highway|parkway|place|terrace|st|rd"
    r"|apt|apartment|suite|ste|unit|flat|floor|bldg|building|room)\.?$",
    re.IGNORECASE,
)
"""How English streets end, and what a number follows in them: a number before one is that of a house."""
_NOT_A_TOWN = re.compile(
    r"\b(?:total|eur|euro|pages?|stk|stück|pcs|kg|tel|fax|phone|unit|iban|bic|tva|vat|gst|mwst|ust|€|days?|jours|tage?n?"
    rf"|uhr|nr|no|n°|ref|reference|number|nummer|numero|order|invoice|account|customer|client|code|pin|id|{'|'.join(english_months())})\b|%",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Town:
    """A postal code and a town, found in one line."""

    code: Span
    city: Span
    land: str = ""
    region: str = ""


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
            if code_before_country(span) is not None:
                continue
            if not match["code"][:4].isdigit() and start > match.start("code") and country_of(fold(city)):
                continue  # 'Leeds, LS1 4AP, United Kingdom'
            region = match.groupdict().get("region") or ""
            return Town(span.cut(*match.span("code")), span.cut(start, start + len(city)), _land(match, region), region)
    return None


def code_before_country(span: Span) -> Span | None:
    """The code of a line that says the country and no town: '04109, Deutschland'."""
    match = _BEFORE_COUNTRY.fullmatch(span.text.rstrip(" ."))
    return span.cut(*match.span("code")) if match and country_of(fold(match["country"])) else None


def _land(match: re.Match[str], region: str) -> str:
    """The country that the letters before a code or the kind of region say."""
    if region:
        american = match["code"][:5].isdigit() and len(match["code"]) > 4
        return "US" if american else "CA" if match["code"][0].isalpha() else "AU"
    letters = match.groupdict().get("land") or ""
    return POSTAL_PREFIXES.get(letters, letters if letters in countries() else "")


def country_in(span: Span) -> tuple[str, Span] | None:
    """A country by its name in any of six languages, as a line of its own or the last part of one."""
    for start, end in parts_of(span.text):
        part = span.cut(start, end).stripped()
        name = re.sub(r"^(?:ile de la|ile de|the|la|les|republique|republic of) ", "", fold(part.text)).split(" / ")[0]
        code = country_of(name) or country_of(part.text)
        if code:
            return code, part
    return None


def parts_of(text: str) -> Iterator[tuple[int, int]]:
    """The parts of a line; where bullets part it, commas belong to what they stand in."""
    separator = _STRONG_SEPARATOR if len(_STRONG_SEPARATOR.findall(text)) > 1 else _SEPARATOR
    position = 0
    for match in separator.finditer(text):
        yield position, match.start()
        position = match.end()
    yield position, len(text)


def has_code(span: Span) -> bool:
    return find_town(span) is not None or is_code(span) or code_before_country(span) is not None


def is_code(span: Span) -> bool:
    return _CODE_ALONE.fullmatch(span.text.strip()) is not None
