"""Dates as they are printed: 3 nov. 2026, 03/11/26, November 3rd, 2026, 20261103."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import accumulate

from babel.dates import get_month_names

from extractions.evidence.pages import Index
from extractions.evidence.spelling import code

LANGUAGES = ("en", "fr", "de", "nl", "es", "it", "pt", "pl", "sv", "da", "nb", "fi", "cs", "ro", "hu")
OTHERS = {"sept": 9, "mrz": 3, "maerz": 3, "janv": 1, "fevr": 2, "juill": 7, "avr": 4, "jaen": 1, "jaenner": 1}
CENTURY_FROM = 70  # 69 is 2069, 70 is 1970
FIRST_YEAR, LAST_YEAR = 1800, 2200
LONGEST_DATE = 7  # words
SEPARATOR = r"\s?[./\-–‐\\ ]\s?"
TIME_FOLLOWS = r"(?=[012]?\d:[0-5]\d)"  # printed without a blank between
NUMERIC = re.compile(
    rf"(?<!\d)(\d{{1,4}}){SEPARATOR}(\d{{1,2}}){SEPARATOR}"
    rf"(\d{{4}}{TIME_FOLLOWS}|\d{{2}}{TIME_FOLLOWS}|(?:\d{{4}}|\d{{2}})(?!\d))"
)
COMPACT = re.compile(r"(?<!\d)((?:19|20)\d\d)([01]\d)([0-3]\d)(?!\d)")
GLUED = re.compile(r"(?<!\d)([0-3]\d)([01]\d)((?:19|20)\d\d)(?!\d)")
DIGIT = re.compile(r"\d")
LETTERS = re.compile(r"[^\W\d_]{3,12}")
MONTH_WORD = r"([^\W\d_]{3,12})"
BETWEEN = r"[\s.,/\-–']{0,3}"
DAY = r"(\d{1,2})(?:\s?(?:st|nd|rd|th|er|e|º|°|ste|de)\b)?"
DAY_FIRST = re.compile(
    rf"(?<!\d){DAY}{BETWEEN}(?:(?:of|de|del)\s)?{MONTH_WORD}{BETWEEN}(?:de\s)?(\d{{4}}|\d{{2}})(?!\d)"
)
MONTH_FIRST = re.compile(rf"(?<![^\W\d_]){MONTH_WORD}{BETWEEN}{DAY}{BETWEEN}\s?(\d{{4}}|\d{{2}})(?!\d)")
YEAR_FIRST = re.compile(rf"(?<!\d)(\d{{4}}){BETWEEN}{MONTH_WORD}{BETWEEN}(\d{{1,2}})(?!\d)")
MONTH_ONLY = re.compile(rf"(?<![^\W\d_]){MONTH_WORD}{BETWEEN}(\d{{4}})(?!\d)")


@dataclass(frozen=True, slots=True)
class Day:
    """A printed date, from a character of the first word to one of the last. `sure`: no other reading is as likely."""

    day: date
    first: int
    last: int
    begin: int
    end: int
    text: str
    sure: bool = True
    whole: bool = True
    """False for a month without a day."""


@lru_cache(maxsize=1)
def months() -> dict[str, int]:
    """Names and abbreviations in the languages of our documents, folded."""
    names: dict[str, int] = {}
    for language in LANGUAGES:
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in get_month_names(width, context, locale=language).items():
                    folded = code(name)
                    if len(folded) >= 3 and folded.isalpha():
                        names.setdefault(folded, number)
    return names | OTHERS


def days(index: Index) -> dict[date, list[Day]]:
    """All dates of the document. Whether days or months come first is judged by the dates that can only be one."""
    read = list(_printed(index))
    month_first = _month_comes_first(read)
    found: defaultdict[date, list[Day]] = defaultdict(list)
    for options, at in read:
        likely = options[-1] if month_first and len(options) > 1 else options[0]
        for day in dict.fromkeys(options):
            first, last, begin, end, text, whole = at
            found[day].append(Day(day, first, last, begin, end, text, day == likely, whole))
    return dict(found)


def readings(text: str) -> list[date]:
    """The dates that a text may mean, the likelier first; empty if it is no date."""
    for options, start, end, whole in _matches(text):
        if whole and not code(text[:start] + text[end:]):
            return options
    return []


At = tuple[int, int, int, int, str, bool]


def _printed(index: Index) -> Iterator[tuple[list[date], At]]:
    """Each row of the flow as a text of its own, in which dates are looked for."""
    for first, last in _rows(index):
        words = index.words[first : last + 1]
        text = " ".join([word.text for word in words])
        found = list(_matches(text)) if DIGIT.search(text) else []
        starts = list(accumulate((len(word.text) + 1 for word in words[:-1]), initial=0)) if found else []
        for options, begin, end, whole in found:
            one = max(n for n, start in enumerate(starts) if start <= begin)
            other = max(n for n, start in enumerate(starts) if start < end)
            at = first + one, first + other, begin - starts[one], end - starts[other]
            yield options, (*at, text[begin:end], whole)


def _rows(index: Index) -> Iterator[tuple[int, int]]:
    """Words that follow each other on one row, over the gaps between cells."""
    first = 0
    words = index.words
    for at in range(1, len(words) + 1):
        if at < len(words) and words[at - 1].beside(words[at]) and words[at - 1].x0 <= words[at].x0:
            continue
        yield first, at - 1
        first = at


def _matches(text: str) -> Iterator[tuple[list[date], int, int, bool]]:
    taken: list[tuple[int, int]] = []
    for options, start, end, whole in _candidates(text):
        if options and not any(start < other_end and other_start < end for other_start, other_end in taken):
            taken.append((start, end))
            yield options, start, end, whole


def _candidates(text: str) -> Iterator[tuple[list[date], int, int, bool]]:
    yield from _in_words(text)
    for match in NUMERIC.finditer(text):
        yield _numeric(*match.groups()), *match.span(), True
    for pattern, order in ((COMPACT, (0, 1, 2)), (GLUED, (2, 1, 0))):
        for match in pattern.finditer(text):
            parts = match.groups()
            yield _dates(tuple(parts[n] for n in order)), *match.span(), True


def _in_words(text: str) -> Iterator[tuple[list[date], int, int, bool]]:
    """Dates whose month is a name; looked for only where such a name stands."""
    names = months()
    if not any(code(word) in names for word in LETTERS.findall(text)):
        return
    for match in DAY_FIRST.finditer(text):
        day, name, year = match.groups()
        yield _dates((year, names.get(code(name)), day)), *match.span(), True
    for match in MONTH_FIRST.finditer(text):
        name, day, year = match.groups()
        yield _dates((year, names.get(code(name)), day)), *match.span(), True
    for match in YEAR_FIRST.finditer(text):
        year, name, day = match.groups()
        yield _dates((year, names.get(code(name)), day)), *match.span(), True
    for match in MONTH_ONLY.finditer(text):
        name, year = match.groups()
        yield _dates((year, names.get(code(name)), 1)), *match.span(), False


def _numeric(one: str, two: str, three: str) -> list[date]:
    if len(one) == 4:
        return _dates((one, two, three)) if len(three) <= 2 else []
    if len(one) > 2:
        return []
    if len(three) == 2 and len(one) == 2:
        # 26-11-03: only where it can be nothing else.
        return _dates((three, two, one), (three, one, two)) or _dates((one, two, three))
    return _dates((three, two, one), (three, one, two))


def _dates(*parts: tuple[str | int | None, ...]) -> list[date]:
    found: list[date] = []
    for year, month, day in parts:
        if year is None or month is None or day is None:
            continue
        full = int(year) if len(str(year)) > 2 else int(year) + (1900 if int(year) >= CENTURY_FROM else 2000)
        try:
            made = date(full, int(month), int(day))
        except ValueError:
            continue
        if FIRST_YEAR <= full <= LAST_YEAR:
            found.append(made)
    return found


def _month_comes_first(read: list[tuple[list[date], At]]) -> bool:
    """By majority of the dates with one reading; documents in which all dates are open are read day first."""
    votes: Counter[bool] = Counter()
    for options, (*_, text, _whole) in read:
        numbers = re.findall(r"\d+", text)
        if len(options) == 1 and len(numbers) == 3 and len(numbers[0]) <= 2 and re.search(r"[./\-]", text):
            if options[0].day == int(numbers[1]) and options[0].month == int(numbers[0]):
                votes[True] += 1
            elif options[0].day == int(numbers[0]) and options[0].month == int(numbers[1]):
                votes[False] += 1
    return votes[True] > votes[False]
