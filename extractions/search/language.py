"""How the search box cuts its text into terms, and reads numbers and days; `query` says what each term means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from django.utils import timezone

LONGEST = 500
_TERM = re.compile(
    r"""
    (?P<field>[^\W\d][\w.\-]*(?:\[\d+\])?)(?P<relation><=|>=|[:=<>])(?:"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]*))
    | "(?P<phrase>[^"]*)"?
    | (?P<word>[^\s"]+)
    """,
    re.VERBOSE,
)
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_NUMBER = re.compile(r"[+-]?\d[\d \u00a0\u202f'.,]*")


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a query. Plain words have neither field nor relation."""

    text: str
    value: str
    field: str = ""
    relation: str = ""
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """A range of days, both ends included."""

    first: date
    last: date


def terms_of(text: str) -> list[Term]:
    found = []
    for match in _TERM.finditer(text[:LONGEST]):
        if match["field"]:
            quoted = match["quoted"] is not None
            value = match["quoted"] if quoted else match["plain"]
            found.append(Term(match[0], value.strip(), match["field"], match["relation"], quoted))
        elif match["phrase"] is not None:
            found.append(Term(match[0], match["phrase"], quoted=True))
        else:
            found.append(Term(match[0], match["word"]))
    return found


def without(text: str, term: str) -> str:
    """The query without one of its terms."""
    return " ".join(item.text for item in terms_of(text) if item.text != term)


def read_days(text: str, today: date | None = None) -> Span | None:
    """2026, 2026-11, 2026-11-05, today, yesterday, and first..last of these; None if it is no date."""
    today = today or timezone.localdate()
    if ".." in text:
        first, _dots, last = text.partition("..")
        begin, end = read_days(first, today), read_days(last, today)
        return Span(begin.first, end.last) if begin and end and begin.first <= end.last else None
    if text.lower() in {"today", "aujourd'hui"}:
        return Span(today, today)
    if text.lower() in {"yesterday", "hier"}:
        return Span(today - timedelta(days=1), today - timedelta(days=1))
    match = _DAY.fullmatch(text)
    return _span(int(match[1]), int(match[2] or 0), int(match[3] or 0)) if match else None


def _span(year: int, month: int, day: int) -> Span | None:
    if not 1900 <= year <= 2999:
        return None
    try:
        if day:
            return Span(date(year, month, day), date(year, month, day))
        if month:
            following = date(year + month // 12, month % 12 + 1, 1)
            return Span(date(year, month, 1), following - timedelta(days=1))
        return Span(date(year, 1, 1), date(year, 12, 31))
    except ValueError:
        return None


def read_number(text: str) -> Decimal | None:
    """1000, 1000.5, 1 000,50, 1,000.50. Of two kinds of separators the last one is the decimal separator. A single
    separator is decimal, too, except for a comma that is followed by exactly three digits."""
    if not _NUMBER.fullmatch(text):
        return None
    bare = re.sub(r"[ \u00a0\u202f']", "", text)
    signs = [letter for letter in bare if letter in ".,"]
    decimal = signs[-1] if signs else ""
    if len(set(signs)) == 1 and (len(signs) > 1 or (decimal == "," and re.fullmatch(r"[+-]?\d{1,3},\d{3}", bare))):
        decimal = ""
    plain = "".join("." if letter == decimal else letter for letter in bare if letter not in ".," or letter == decimal)
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return None
    return number if abs(number) < Decimal(10) ** 18 else None
