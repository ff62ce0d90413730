"""Dates as people print them: 3 nov. 2026, 03/11/26, November 3rd, 2026, 20261103.

`find_dates` reads the dates of a text, each in the one way that the style of its document suggests; it leaves out what
may be a code. `date_readings` knows all that a text may mean, for looking up a date that is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from reading.literals.locales import months, more_months
from reading.literals.style import Style
from reading.normalization import alphanumeric, fold

_PIVOT = 70
"""Of years with two digits: 69 is 2069, 70 is 1970."""
_FIRST_YEAR, _LAST_YEAR = 1800, 2200
_MONTH = r"(?P<m>[^\W\d_]{3,10})"
_LONG_YEAR = r"(?P<y>(?:19|20)\d{2})"
_YEAR = r"(?P<y>(?:19|20)\d{2}|['’]?\d{2})"
_END = r"(?=\d{1,2}\s?:\s?\d{2}|(?!\d))"  # a time may follow without a blank in recognised text
_SEPARATED = r"\s?(?P<s>[-/.])\s?(?P<m>\d{1,2})\s?(?P=s)\s?"
_DATES = tuple(
    (re.compile(pattern, re.IGNORECASE), order)
    for pattern, order in (
        (rf"(?<!\d){_LONG_YEAR}{_SEPARATED}(?P<d>\d{{1,2}}){_END}", "ymd"),
        (rf"(?<![\d/.,-])(?P<d>\d{{1,2}}){_SEPARATED}{_YEAR}{_END}(?![.,/-]\d)", "dmy"),
        (
            rf"(?<!\w)(?P<d>\d{{1,2}})(?:er|st|nd|rd|th|\.|e)?[\s/-]*(?:of\s|de\s)?{_MONTH}\.?[\s,/-]*(?:de\s)?{_YEAR}(?!\d)",
            "named",
        ),
        (rf"(?<![^\W\d_]){_MONTH}\.?\s*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s*[,\s]\s*{_LONG_YEAR}(?!\d)", "named"),
        (rf"(?<![\w.,/-]){_LONG_YEAR}(?P<m>\d{{2}})(?P<d>\d{{2}})(?![\w.,-]|/\d{{1,2}}(?!\d))", "ymd"),
    )
)
"""How dates are printed, surest first. In "dmy" day and month may have changed places."""


@dataclass(frozen=True, slots=True)
class Day:
    start: int
    end: int
    value: date


def full_year(text: str, pivot: int = _PIVOT) -> int:
    """The year of two or four digits, with or without an apostrophe before them."""
    digits = text.strip("'’")
    year = int(digits)
    if len(digits) > 2:
        return year
    return 2000 + year if year < pivot else 1900 + year


def find_dates(text: str, style: Style | None = None) -> Iterator[Day]:
    """Every full date in the text, from left to right within each way of writing."""
    style = style or Style()
    taken: list[tuple[int, int]] = []
    for pattern, order in _DATES:
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(a < end and start < b for a, b in taken):
                continue
            value = _day(match, order, style)
            if value is not None:
                taken.append((start, end))
                yield Day(start, end, value)


def _day(match: re.Match[str], order: str, style: Style) -> date | None:
    month_text, day = match["m"], int(match["d"])
    month = months().get(fold(month_text), 0) if order == "named" else int(month_text)
    if order == "dmy" and (month > 12 or (style.month_first and match["s"] != "." and day <= 12)):
        day, month = month, day
    try:
        return date(full_year(match["y"]), month, day)
    except ValueError:
        return None


_ANY_SEPARATOR = r"\s?[./\-–‐\\ ]\s?"
_TIME_FOLLOWS = r"(?=[012]?\d:[0-5]\d)"  # printed without a blank between
_NUMERIC = re.compile(
    rf"(?<!\d)(\d{{1,4}}){_ANY_SEPARATOR}(\d{{1,2}}){_ANY_SEPARATOR}"
    rf"(\d{{4}}{_TIME_FOLLOWS}|\d{{2}}{_TIME_FOLLOWS}|(?:\d{{4}}|\d{{2}})(?!\d))"
)
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d\d)([01]\d)([0-3]\d)(?!\d)")
_GLUED = re.compile(r"(?<!\d)([0-3]\d)([01]\d)((?:19|20)\d\d)(?!\d)")
_LETTERS = re.compile(r"[^\W\d_]{3,12}")
_MONTH_WORD = r"([^\W\d_]{3,12})"
_BETWEEN = r"[\s.,/\-–']{0,3}"
_DAY = r"(\d{1,2})(?:\s?(?:st|nd|rd|th|er|e|º|°|ste|de)\b)?"
_DAY_FIRST = re.compile(
    rf"(?<!\d){_DAY}{_BETWEEN}(?:(?:of|de|del)\s)?{_MONTH_WORD}{_BETWEEN}(?:de\s)?(\d{{4}}|\d{{2}})(?!\d)"
)
_MONTH_FIRST = re.compile(rf"(?<![^\W\d_]){_MONTH_WORD}{_BETWEEN}{_DAY}{_BETWEEN}\s?(\d{{4}}|\d{{2}})(?!\d)")
_YEAR_FIRST = re.compile(rf"(?<!\d)(\d{{4}}){_BETWEEN}{_MONTH_WORD}{_BETWEEN}(\d{{1,2}})(?!\d)")
_MONTH_ONLY = re.compile(rf"(?<![^\W\d_]){_MONTH_WORD}{_BETWEEN}(\d{{4}})(?!\d)")


@dataclass(frozen=True, slots=True)
class DateReadings:
    """A stretch of a text and the dates that it may mean, the likelier first."""

    start: int
    end: int
    options: tuple[date, ...]
    whole: bool = True
    """False for a month without a day, which stands for its first."""


def date_readings(text: str) -> Iterator[DateReadings]:
    """All stretches of the text that may be dates; none overlaps another."""
    taken: list[tuple[int, int]] = []
    for found in _candidates(text):
        if found.options and not any(found.start < end and start < found.end for start, end in taken):
            taken.append((found.start, found.end))
            yield found


def meant_dates(text: str) -> tuple[date, ...]:
    """The dates that a text may mean as a whole, the likelier first; empty if it is no date."""
    for found in date_readings(text):
        if found.whole and not alphanumeric(text[: found.start] + text[found.end :]):
            return found.options
    return ()


def _candidates(text: str) -> Iterator[DateReadings]:
    yield from _in_words(text)
    for match in _NUMERIC.finditer(text):
        yield DateReadings(*match.span(), _numeric(*match.groups()))
    for match in _COMPACT.finditer(text):
        year, month, day = match.groups()
        yield DateReadings(*match.span(), _existing((year, month, day)))
    for match in _GLUED.finditer(text):
        day, month, year = match.groups()
        yield DateReadings(*match.span(), _existing((year, month, day)))


def _in_words(text: str) -> Iterator[DateReadings]:
    """Dates whose month is a name; looked for only where such a name stands."""
    names = more_months()
    if not any(alphanumeric(word) in names for word in _LETTERS.findall(text)):
        return
    for match in _DAY_FIRST.finditer(text):
        day, name, year = match.groups()
        yield DateReadings(*match.span(), _existing((year, names.get(alphanumeric(name)), day)))
    for match in _MONTH_FIRST.finditer(text):
        name, day, year = match.groups()
        yield DateReadings(*match.span(), _existing((year, names.get(alphanumeric(name)), day)))
    for match in _YEAR_FIRST.finditer(text):
        year, name, day = match.groups()
        yield DateReadings(*match.span(), _existing((year, names.get(alphanumeric(name)), day)))
    for match in _MONTH_ONLY.finditer(text):
        name, year = match.groups()
        yield DateReadings(*match.span(), _existing((year, names.get(alphanumeric(name)), 1)), whole=False)


def _numeric(one: str, two: str, three: str) -> tuple[date, ...]:
    if len(one) == 4:
        return _existing((one, two, three)) if len(three) <= 2 else ()
    if len(one) > 2:
        return ()
    if len(three) == 2 and len(one) == 2:
        # 26-11-03: only where it can be nothing else.
        return _existing((three, two, one), (three, one, two)) or _existing((one, two, three))
    return _existing((three, two, one), (three, one, two))


def _existing(*parts: tuple[str, str | int | None, str | int]) -> tuple[date, ...]:
    """Of years, months and days, those that are a day of the calendar."""
    found: list[date] = []
    for year_text, month, day in parts:
        if month is None:
            continue
        year = full_year(year_text)
        try:
            made = date(year, int(month), int(day))
        except ValueError:
            continue
        if _FIRST_YEAR <= year <= _LAST_YEAR:
            found.append(made)
    return tuple(found)
