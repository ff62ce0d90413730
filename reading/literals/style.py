"""How a document writes what is ambiguous alone: its decimal sign, and whether the month comes before the day.

"1.234" and "03/04/2024" have two readings each; the other values of the document tell which one is meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from reading.literals.money import CURRENCY_SIGN


@dataclass(frozen=True, slots=True)
class Style:
    decimal: str = ","
    month_first: bool = False
    places: int = 2
    """Decimals of its money."""


_SLASHED = re.compile(r"(?<!\d)(\d{1,2})([/.-])(\d{1,2})\2(?:\d{4}|\d{2})(?!\d)")
_ZIPS = """0 CT MA ME NH NJ RI VT; 19 DE; 1 NY PA; 2 DC MD NC SC VA WV; 3 AL FL GA MS TN; 4 IN KY MI OH;
    5 IA MN MT ND SD WI; 6 IL KS MO NE; 7 AR LA OK TX; 8 AZ CO NM NV UT WY; 83 ID; 9 AK CA HI OR WA"""
_ZIP = "|".join(
    rf"(?:{'|'.join(states)}),? (?={digits})" for digits, *states in (region.split() for region in _ZIPS.split(";"))
)
"""The short names of states, each before the figures with which its postal codes begin."""
_AMERICAN = re.compile(
    rf"(?:[a-z],? |[A-Z], ?)(?:{_ZIP})\d{{5}}(?:-\d{{4}})?\b"
    r"|^\W*(?:[A-Z][A-Za-z]*[^\S\n]+){0,3}(?i:driver'?s?[^\S\n]+license)(?:[^\S\n]+USA)?\W*$",
    re.MULTILINE,
)
"""The town, state and code of an address; or the heading of a card that only Americans spell so."""
_EUROPEAN_MONEY = re.compile(r"[€£]|\b(?:EUR|GBP)\b")
_DOLLARS_OF_AMERICA = re.compile(r"(?<![^\W\d_])\$|\bUS(?:D|\$)")
_EUROPEAN = re.compile(
    r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b"
    r"|\b(?:AT ?U|BE|CZ|DE|DK|ES|FI|FR|GB|IE|IT|LU|NL|PL|PT|SE)[ -]?[A-Z\d]{0,2}(?:[ .]?\d){8}"
    r"|\b(?i:rechnung|betrag|gesamtbetrag|datum|mwst|ust|facture|montant|tva|siret|factuur|bedrag|btw)\b"
)
"""Postal codes, tax numbers and words of those who never write the month first."""
_MONEY_LINE = re.compile(
    rf"(?<![^\W\d_]){CURRENCY_SIGN}(?![^\W\d_])"
    r"|\b(?:sub-?)?total\b|\b(?:amount|balance|price|montant|prix)\b|betrag|summe|preis|bedrag|totaal|prijs",
    re.IGNORECASE,
)
_GROUPED = re.compile(
    r"(?<![\w.,])[1-9]\d{0,2}(?:(?P<mark>[.,])\d{3}(?!\d))+(?![.,]\d)(?!\s?(?:kg|g|t|l|ml|m|m2|m²|cm|mm|km|kwh|h|%|x)\b)",
    re.IGNORECASE,
)
"""Whole thousands, or three decimals."""
_THREE_DECIMALS = re.compile(r"(?<![^\W\d_])(?:KWD|KD|K\.D\.|BHD|OMR|JOD|JD|TND|DT|LYD|IQD)(?![^\W\d_])")
"""Currencies of a thousand parts."""
_THREE_PLACES = re.compile(r"\d(?P<mark>[.,])\d{3}(?![.,]?\d)")


def style_of(text: str, month_first: bool | None = None) -> Style:
    """The habit of a document, from the values that can be read in one way only; else what is said of it."""
    days_first = months_first = 0
    for first, _, second in _SLASHED.findall(text):
        days_first += int(first) > 12 >= int(second)
        months_first += int(second) > 12 >= int(first)
    undecided = days_first == months_first
    if month_first is None:
        month_first = _is_american(text)
    month_first = month_first if undecided else months_first > days_first
    return Style(_decimal_of(text), month_first, 3 if _THREE_DECIMALS.search(text) else 2)


def _is_american(text: str) -> bool:
    """Whether it has an American address, and is not from elsewhere: money tells more than the names of two parties."""
    if not _AMERICAN.search(text) or _EUROPEAN_MONEY.search(text):
        return False
    return _DOLLARS_OF_AMERICA.search(text) is not None or not _EUROPEAN.search(text)


def _decimal_of(text: str) -> str:
    """The sign before two decimals; where none are printed, that which parts no thousands of money."""
    if _THREE_DECIMALS.search(text):
        marks = [found["mark"] for found in _THREE_PLACES.finditer(text)]
        if marks:
            return "," if marks.count(",") > marks.count(".") else "."
    commas = len(re.findall(r"\d,\d{2}(?!\d)", text))
    points = len(re.findall(r"(?<!\.\d)\d\.\d{2}(?![\d.])", text))
    if commas != points:
        return "," if commas > points else "."
    lines = [line for line in text.splitlines() if _MONEY_LINE.search(line)]
    marks = [found["mark"] for line in lines for found in _GROUPED.finditer(line)]
    return "," if marks.count(".") > marks.count(",") else "."
