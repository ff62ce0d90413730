"""Finds the candidates of one value: as it is, written differently, or something like it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cached_property
from itertools import islice
from typing import Any

from extractions.evidence import days, figures, likeness
from extractions.evidence.alternatives import alternatives, has_sign
from extractions.evidence.candidates import MOST_CANDIDATES, Candidate, Kind, Span, printed_as
from extractions.evidence.fields import Field
from extractions.evidence.leaves import ISO_DATE
from extractions.evidence.lexicon import AMOUNTS
from extractions.evidence.pages import Index
from extractions.evidence.spelling import code, squeezed, words_of

NUMBER_TEXT = re.compile(r"[-+−]?\s?\d[\d.,'’\s]*[-−]?\s?%?$")
DECIMALS = re.compile(r"[.,]\d\d[-−]?$")
MONEY = frozenset(AMOUNTS) - {"quantity", "rate"}
TICK = 3.0  # letters
PERIOD_DAY = 1  # a month alone is its first day


class Finder:
    """Looks values up in one document."""

    def __init__(self, index: Index) -> None:
        self.index = index

    @cached_property
    def figures(self) -> dict[Decimal, list[figures.Figure]]:
        return figures.figures(self.index)

    @cached_property
    def days(self) -> dict[date, list[days.Day]]:
        return days.days(self.index)

    def candidates(self, value: Any, of: Field) -> list[Candidate]:
        """The likeliest places; those of a worse kind only if there are none of a better one."""
        for find in (self._as_it_is, self._otherwise, self._alike):
            if found := list(islice(find(value, of), MOST_CANDIDATES)):
                return sorted(found, key=lambda one: (one.spans[0].first, one.spans[0].begin))
        return []

    def _as_it_is(self, value: Any, of: Field) -> Iterator[Candidate]:
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

    def _otherwise(self, value: Any, of: Field) -> Iterator[Candidate]:
        if isinstance(value, bool):
            yield from self._label(of)
        if not isinstance(value, str):
            return
        for other in alternatives(value, of):
            for one in self._sign(other) if has_sign(other) else self._text(other):
                yield Candidate(one.spans, Kind.NORMALISED, one.text, one.quality)
        yield from self._as_number(value)
        yield from likeness.scattered(value, self.index)

    def _alike(self, value: Any, of: Field) -> Iterator[Candidate]:
        if isinstance(value, bool):
            return
        if isinstance(value, int | float):
            yield from likeness.like_number(Decimal(str(value)), self.index) if _finite(value) else ()
        elif isinstance(value, str):
            found = list(self._day_alike(value))
            yield from found or likeness.like_text(value, self.index)

    def _text(self, value: str) -> Iterator[Candidate]:
        coded = code(value)
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
        for nth, number in enumerate(figures.rounded(wanted)):
            for figure in self.figures.get(number, ()):
                place = (figure.first, figure.last, figure.begin)
                if place not in seen:
                    seen.add(place)
                    one = _of_figure(figure, wanted, rounded=nth > 0)
                    if amount and not DECIMALS.search(figure.text):
                        one = replace(one, quality=one.quality * 0.8)
                    if wanted or _is_zero(figure, amount):
                        yield one
        if 0 < abs(wanted) < 1:
            # A rate of 0.2 is printed as 20 %.
            for figure in self.figures.get((abs(wanted) * 100).normalize(), ()):
                if figure.per_cent:
                    yield _of_figure(figure, wanted * 100, rounded=True)

    def _as_number(self, value: str) -> Iterator[Candidate]:
        """A number that the schema calls a text."""
        if not NUMBER_TEXT.match(value.strip()):
            return
        text = value.strip().rstrip("%").strip()
        for reading in figures.readings(text.lstrip("-+− ").rstrip("-− "))[:1]:
            wanted = -reading if text[0] in "-−" or text[-1] in "-−" else reading
            for figure in self.figures.get(reading, ()):
                yield _of_figure(figure, wanted, rounded=True)

    def _day(self, value: str) -> Iterator[Candidate]:
        for wanted in _days_of(value):
            for day in self.days.get(wanted, ()):
                if not day.whole and wanted.day != PERIOD_DAY:
                    continue
                same = squeezed(day.text) == squeezed(value)
                quality = (1.0 if day.whole else 0.5) * (1.0 if day.sure else 0.7)
                span = Span(day.first, day.last, day.begin, day.end)
                yield Candidate((span,), Kind.EXACT if same else Kind.NORMALISED, day.text, quality)

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
                    found = [one for one in self._text(text) if len(code(text)) > 2]
                    if found:
                        yield from (self._with_box(one) for one in found)
                        return

    def _with_box(self, label: Candidate) -> Candidate:
        """With room for the box to tick, which mostly stands before its label."""
        (page, first), *others = label.boxes(self.index)
        wider = [max(0.0, first[0] - TICK * self.index.letter), *first[1:]]
        return Candidate(label.spans, Kind.FUZZY, label.text, label.quality, [(page, wider), *others])


def _of_figure(figure: figures.Figure, wanted: Decimal, *, rounded: bool) -> Candidate:
    quality = 1.0 if figure.clean else 0.7
    if figure.negative != (wanted < 0):
        quality *= 0.8
    if len(figure.readings) > 1 and figure.readings[0] != abs(wanted):
        quality *= 0.95
    if rounded:
        quality *= 0.9
    same = not rounded and _as_printed(figure.text) == wanted
    span = Span(figure.first, figure.last, figure.begin, figure.end)
    return Candidate((span,), Kind.EXACT if same else Kind.NORMALISED, figure.text, quality)


def _is_zero(figure: figures.Figure, amount: bool) -> bool:
    """A number of its own, no last digits of a telephone's."""
    return figure.clean and not figure.text.startswith("00") and (not amount or bool(DECIMALS.search(figure.text)))


def _as_printed(text: str) -> Decimal | None:
    """The number as a program would read it, without knowing about separators."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _days_of(value: str) -> list[date]:
    iso = ISO_DATE.match(value.strip())
    if iso:
        try:
            return [datetime.fromisoformat(iso.group(1)).date()]
        except ValueError:
            return []
    return days.readings(value) if len(value) < 40 and any(one.isdigit() for one in value) else []


def _finite(value: float | int) -> bool:
    return value == value and abs(value) not in {float("inf")} and abs(value) < 1e25
