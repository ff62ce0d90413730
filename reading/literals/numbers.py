"""Numbers as people print them: 1 234,50 and 1,234.50 and 1'234.50-."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from reading.literals.dates import find_dates
from reading.literals.locales import number_symbols
from reading.literals.money import SIGN_BEFORE, SIGN_BEHIND, currency_of
from reading.literals.style import Style

_POINTS = number_symbols("decimal")
"""Point and comma: each parts the decimals in one locale and the thousands in another."""
_APOSTROPHES = "'" + "".join(sign for sign in number_symbols("group") if sign == "’")
_BLANKS = " \u2009" + "".join(sign for sign in number_symbols("group") if sign.isspace())
GROUPING = _BLANKS + _APOSTROPHES
"""What parts thousands and never decimals."""
MINUS_SIGNS = number_symbols("minusSign") + "–"
"""With the dash that is typed for one. A hyphen comes first, as character classes need it."""
_NUMBER = re.compile(
    rf"(?<![\w/\\@#])(?<![\w)][-:/])(?<!\d[.,'’])"
    rf"(?P<open>\()?(?P<minus>[{MINUS_SIGNS}]\s?)?(?:(?P<before>{SIGN_BEFORE})\s?)?(?P<minus2>[{MINUS_SIGNS}]\s?)?"
    rf"(?P<digits>\d{{1,3}}(?:[{_BLANKS}]\d{{3}})+(?:[.,]\d+)?|\d{{1,3}}(?:[{_APOSTROPHES}]\d{{3}})+(?:[.,]\d+)?|\d+(?:[.,]\d+)*|[.,]\d{{2}})"
    rf"(?P<dash>[.,'’](?:--|[-–—]{{1,2}}))?(?:\s?(?P<after>{SIGN_BEHIND})(?![^\W\d_]))?(?P<percent>\s?%)?(?P<back>[{MINUS_SIGNS}](?![\w-])|\s?(?-i:CR)(?!\w))?(?P<close>\))?",
    re.IGNORECASE,
)  # fmt: skip
LEADING_MINUS = re.compile(
    rf"(?:(?<!\S)[-–](?!\s)|(?:(?<=:)|(?<=:\s))[-–]\s?)(?={SIGN_BEFORE}?\s?[.,]?\d)", re.IGNORECASE
)
"""A dash that belongs to the number behind it, and does not part that from what stands before."""
_GOES_ON = re.compile(r"[\w/\\@]|[-.:]\w|°")
"""Right behind digits: they are part of a code, a time or an angle."""
_MOST_DIGITS = 15
"""Of a number; more are a code, or a line that somebody drew."""
_MOST_CHARACTERS = 30
"""Of a number that is looked up, where more digits are at least no harm."""
_MISREAD = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*\1\d\d")
"""Thousands end in three digits: "1.145.41" was read off "1,145.41"."""
_REMOVED = str.maketrans("", "", GROUPING)


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text. `start` and `end` enclose its sign and currency, `places` counts the decimals printed."""

    start: int
    end: int
    value: float
    places: int
    currency: str = ""
    percent: bool = False


def digit_readings(digits: str) -> tuple[str, ...]:
    """The numbers that printed digits may mean, as Python writes them, the likelier first.

    The last separator parts the decimals unless it is repeated before three digits. A lone one before three digits may
    part thousands as well: "1,234" is a thousand and more, or one and a bit.
    """
    digits = digits.translate(_REMOVED)
    separators = [char for char in digits if char in _POINTS]
    if not separators:
        return (digits,)
    head, tail = digits.rsplit(separators[-1], 1)
    whole = re.sub(f"[{_POINTS}]", "", head)
    if len(separators) > 1 and len(set(separators)) == 1 and not _MISREAD.fullmatch(digits):
        return (whole + tail,)
    decimal = f"{whole or '0'}.{tail}"
    if len(separators) == 1 and len(tail) == 3 and 0 < len(head) <= 3 and head != "0":
        return whole + tail, decimal
    return (decimal,)


@lru_cache(maxsize=65536)
def decimal_readings(digits: str) -> tuple[Decimal, ...]:
    """The same as decimals without sign that equal numbers share; none where there are too many digits, or where a
    separator parts both thousands and decimals: "12.00 2,177.68" are two numbers."""
    found: list[Decimal] = []
    if _is_contradictory(digits):
        return ()
    for reading in digit_readings(digits):
        try:
            number = plain_decimal(Decimal(reading))
        except InvalidOperation:
            continue
        if len(reading) <= _MOST_CHARACTERS and number not in found:
            found.append(number)
    return tuple(found)


def _is_contradictory(digits: str) -> bool:
    separators = [char for char in digits if char in _POINTS]
    return len(set(separators)) > 1 and separators.count(separators[-1]) > 1


def plain_decimal(number: Decimal) -> Decimal:
    """One form for equal numbers, so that they can be looked up."""
    return abs(number).normalize() if number else Decimal(0)


def _read_digits(digits: str, style: Style) -> tuple[float, int]:
    """The number and its decimals; where there are two readings, the document's style decides."""
    readings = digit_readings(digits)
    text = readings[-1] if style.decimal in digits else readings[0]
    return float(text), len(text.partition(".")[2])


def find_numbers(text: str, style: Style | None = None) -> Iterator[Number]:
    """Every number that stands free in the text; digits within codes, dates and the like are left out."""
    style = style or Style()
    taken = [(day.start, day.end) for day in find_dates(text, style)]
    for match in _NUMBER.finditer(text):
        start, end = match.span("digits")
        if any(a < end and start < b for a, b in taken) or _GOES_ON.match(text, match.end()):
            continue
        if sum(char.isdigit() for char in match["digits"]) > _MOST_DIGITS:
            continue
        value, places = _read_digits(match["digits"], style)
        bracketed = bool(match["open"] and match["close"])
        negative = bool(match["minus"] or match["minus2"] or match["back"]) or (bracketed and not match["percent"])
        yield Number(
            match.start() if bracketed or not match["open"] else match.start() + 1,
            match.end() if bracketed or not match["close"] else match.end() - 1,
            -value if negative and value else value, places, _currency(match), bool(match["percent"]),
        )  # fmt: skip


def _currency(match: re.Match[str]) -> str:
    """A code says more than the sign of dollars or pounds that stands with it: 'CAD $5', '$5 CAD'."""
    before, after = match["before"] or "", match["after"] or ""
    return currency_of(after if after and before in ("", "$", "£") else before)


def parse_number(text: str, style: Style | None = None) -> float | None:
    """The only number of the text, or None."""
    found = list(find_numbers(text, style))
    return found[0].value if len(found) == 1 else None
