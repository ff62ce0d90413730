"""Finds the candidates of one value: as it is, written differently, or something like it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cached_property
from itertools import islice

from extractions.evidence import likeness
from extractions.evidence.alternatives import alternatives, has_sign
from extractions.evidence.candidates import MOST_CANDIDATES, Candidate, Kind, Span, printed_as
from extractions.evidence.dates import ReadDate, dates_of
from extractions.evidence.fields import Field
from extractions.evidence.lexicon import concepts
from extractions.evidence.numbers import PrintedNumber, numbers_of, rounded
from extractions.evidence.pages import Index
from extractions.result.leaves import ISO_DATE
from reading.literals.dates import meant_dates
from reading.literals.numbers import decimal_readings
from reading.normalization import alphanumeric, collapse_blanks, words_of

NUMBER_TEXT = re.compile(r"[-+−]?\s?\d[\d.,'’\s]*[-−]?\s?%?$")
DECIMALS = re.compile(r"[.,]\d\d[-−]?$")
MONEY = frozenset(concepts("amounts")) - {"quantity", "rate"}
TICK = 3.0  # letters
PERIOD_DAY = 1  # a month alone is its first day


class Finder:
    """Looks values up in one document."""

    def __init__(self, index: Index) -> None:
        self.index = index

    @cached_property
    def numbers(self) -> dict[Decimal, list[PrintedNumber]]:
        return numbers_of(self.index)

    @cached_property
    def dates(self) -> dict[date, list[ReadDate]]:
        return dates_of(self.index)

    def candidates(self, value: object, of: Field) -> list[Candidate]:
        """The likeliest places; those of a worse kind only if there are none of a better one."""
        for find in (self._as_it_is, self._otherwise, self._alike):
            if found := list(islice(find(value, of), MOST_CANDIDATES)):
                return sorted(found, key=lambda candidate: (candidate.spans[0].first, candidate.spans[0].begin))
        return []

    def _as_it_is(self, value: object, of: Field) -> Iterator[Candidate]:
        match value:
            case bool():
                return
            case int() | float():
                yield from self._number(value, of)
            case str():
                found = list(self._day(value))
                yield from found
                if not found:
                    yield from self._text(value)

    def _otherwise(self, value: object, of: Field) -> Iterator[Candidate]:
        if isinstance(value, bool):
            yield from self._label(of)
        if not isinstance(value, str):
            return
        for other in alternatives(value, of):
            for candidate in self._sign(other) if has_sign(other) else self._text(other):
                yield Candidate(candidate.spans, Kind.NORMALISED, candidate.text, candidate.quality)
        yield from self._as_number(value)
        yield from likeness.scattered(value, self.index)

    def _alike(self, value: object, of: Field) -> Iterator[Candidate]:
        if isinstance(value, bool):
            return
        if isinstance(value, int | float):
            yield from likeness.like_number(Decimal(str(value)), self.index) if _finite(value) else ()
        elif isinstance(value, str):
            found = list(self._day_alike(value))
            yield from found or likeness.like_text(value, self.index)

    def _text(self, value: str) -> Iterator[Candidate]:
        coded = alphanumeric(value)
        if not coded:
            yield from self._sign(value)
            return
        for at in self.index.places(coded):
            if one := printed_as(value, self.index, at):
                yield one

    def _sign(self, value: str) -> Iterator[Candidate]:
        """A text of signs only, which the flow of letters does not hold."""
        wanted = value.strip()
        for word in self.index.words:
            at = word.text.find(wanted) if wanted else -1
            if at >= 0:
                whole = word.text == wanted
                span = Span(word.index, word.index, at, at + len(wanted))
                yield Candidate((span,), Kind.EXACT, wanted, 1.0 if whole else 0.8)

    def _number(self, value: float | int, of: Field) -> Iterator[Candidate]:
        if not _finite(value):
            return
        wanted = Decimal(str(value))
        amount = of.means("amounts") in MONEY
        seen: set[tuple[int, int, int]] = set()
        for nth, number in enumerate(rounded(wanted)):
            for printed in self.numbers.get(number, ()):
                place = (printed.first, printed.last, printed.begin)
                if place not in seen:
                    seen.add(place)
                    one = _of_number(printed, wanted, rounded=nth > 0)
                    if amount and not DECIMALS.search(printed.text):
                        one = replace(one, quality=one.quality * 0.8)
                    if wanted or _is_zero(printed, amount):
                        yield one
        if 0 < abs(wanted) < 1:
            # A rate of 0.2 is printed as 20 %.
            for printed in self.numbers.get((abs(wanted) * 100).normalize(), ()):
                if printed.per_cent:
                    yield _of_number(printed, wanted * 100, rounded=True)

    def _as_number(self, value: str) -> Iterator[Candidate]:
        """A number that the schema calls a text."""
        if not NUMBER_TEXT.match(value.strip()):
            return
        text = value.strip().rstrip("%").strip()
        for reading in decimal_readings(text.lstrip("-+− ").rstrip("-− "))[:1]:
            wanted = -reading if text[0] in "-−" or text[-1] in "-−" else reading
            for printed in self.numbers.get(reading, ()):
                yield _of_number(printed, wanted, rounded=True)

    def _day(self, value: str) -> Iterator[Candidate]:
        for wanted in _days_of(value):
            for read in self.dates.get(wanted, ()):
                printed = read.printed
                if not printed.whole and wanted.day != PERIOD_DAY:
                    continue
                same = collapse_blanks(printed.text) == collapse_blanks(value)
                quality = (1.0 if printed.whole else 0.5) * (1.0 if read.sure else 0.7)
                span = Span(printed.first, printed.last, printed.begin, printed.end)
                yield Candidate((span,), Kind.EXACT if same else Kind.NORMALISED, printed.text, quality)

    def _day_alike(self, value: str) -> Iterator[Candidate]:
        """Dates that recognition may have spoilt, or that lack their year."""
        if self.index.recognised:
            for wanted in _days_of(value)[:1]:
                yield from likeness.like_day(wanted, self.index)

    def _label(self, of: Field) -> Iterator[Candidate]:
        """A yes or no is a box beside its label: the label is all that can be found of it."""
        words = [word for word in of.words if word not in {"is", "has", "was"}]
        hints = words_of(str(of.schema.get("title") or ""))
        for length in range(max(len(words), len(hints)), 0, -1):
            for named in (words, hints):
                for start in range(len(named) - length + 1):
                    text = " ".join(named[start : start + length])
                    found = [candidate for candidate in self._text(text) if len(alphanumeric(text)) > 2]
                    if found:
                        yield from (self._with_box(candidate) for candidate in found)
                        return

    def _with_box(self, label: Candidate) -> Candidate:
        """With room for the box to tick, which mostly stands before its label."""
        (page, first), *others = label.boxes(self.index)
        wider = [max(0.0, first[0] - TICK * self.index.letter), *first[1:]]
        return Candidate(label.spans, Kind.FUZZY, label.text, label.quality, [(page, wider), *others])


def _of_number(printed: PrintedNumber, wanted: Decimal, *, rounded: bool) -> Candidate:
    quality = 1.0 if printed.clean else 0.7
    if printed.negative != (wanted < 0):
        quality *= 0.8
    if len(printed.readings) > 1 and printed.readings[0] != abs(wanted):
        quality *= 0.95
    if rounded:
        quality *= 0.9
    same = not rounded and _as_printed(printed.text) == wanted
    span = Span(printed.first, printed.last, printed.begin, printed.end)
    return Candidate((span,), Kind.EXACT if same else Kind.NORMALISED, printed.text, quality)


def _is_zero(printed: PrintedNumber, amount: bool) -> bool:
    """A number of its own, no last digits of a telephone's."""
    return printed.clean and not printed.text.startswith("00") and (not amount or bool(DECIMALS.search(printed.text)))


def _as_printed(text: str) -> Decimal | None:
    """The number as a program would read it, without knowing about separators."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _days_of(value: str) -> Sequence[date]:
    iso = ISO_DATE.match(value.strip())
    if iso:
        try:
            return [datetime.fromisoformat(iso.group(1)).date()]
        except ValueError:
            return []
    return meant_dates(value) if len(value) < 40 and any(char.isdigit() for char in value) else ()


def _finite(value: float | int) -> bool:
    return value == value and abs(value) not in {float("inf")} and abs(value) < 1e25
