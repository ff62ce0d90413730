"""The dates of a document, by the day that each may mean."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from extractions.evidence.pages import Index
from reading.literals.dates import date_readings

DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """From a character of the first word to one of the last."""

    options: tuple[date, ...]
    first: int
    last: int
    begin: int
    end: int
    text: str
    whole: bool
    """False for a month without a day."""


@dataclass(frozen=True, slots=True)
class ReadDate:
    """`sure`: of all days that the printed date may mean, this is the likeliest."""

    printed: PrintedDate
    sure: bool


def dates_of(index: Index) -> dict[date, list[ReadDate]]:
    """All dates of the document. Whether days or months come first is judged by the dates that can only be one."""
    printed = list(_printed(index))
    month_first = _month_comes_first(printed)
    found: defaultdict[date, list[ReadDate]] = defaultdict(list)
    for entry in printed:
        likely = entry.options[-1] if month_first else entry.options[0]
        for day in dict.fromkeys(entry.options):
            found[day].append(ReadDate(entry, day == likely))
    return dict(found)


def _printed(index: Index) -> Iterator[PrintedDate]:
    """Each row of the flow as a text of its own, in which dates are looked for."""
    for first, last in _rows(index):
        words = index.words[first : last + 1]
        text = " ".join([word.text for word in words])
        found = list(date_readings(text)) if DIGIT.search(text) else []
        starts = list(accumulate((len(word.text) + 1 for word in words[:-1]), initial=0)) if found else []
        for stretch in found:
            begins = max(n for n, start in enumerate(starts) if start <= stretch.start)
            ends = max(n for n, start in enumerate(starts) if start < stretch.end)
            yield PrintedDate(
                options=stretch.options,
                first=first + begins,
                last=first + ends,
                begin=stretch.start - starts[begins],
                end=stretch.end - starts[ends],
                text=text[stretch.start : stretch.end],
                whole=stretch.whole,
            )


def _rows(index: Index) -> Iterator[tuple[int, int]]:
    """Words that follow each other on one row, over the gaps between cells."""
    first = 0
    words = index.words
    for at in range(1, len(words) + 1):
        if at < len(words) and words[at - 1].beside(words[at]) and words[at - 1].x0 <= words[at].x0:
            continue
        yield first, at - 1
        first = at


def _month_comes_first(printed: Iterable[PrintedDate]) -> bool:
    """By majority of the dates with one reading; documents in which all dates are ambiguous are read day first."""
    votes: Counter[bool] = Counter()
    for entry in printed:
        numbers = re.findall(r"\d+", entry.text)
        if len(entry.options) == 1 and len(numbers) == 3 and len(numbers[0]) <= 2 and re.search(r"[./\-]", entry.text):
            (day,) = entry.options
            if day.day == int(numbers[1]) and day.month == int(numbers[0]):
                votes[True] += 1
            elif day.day == int(numbers[0]) and day.month == int(numbers[1]):
                votes[False] += 1
    return votes[True] > votes[False]
