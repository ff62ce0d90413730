"""Candidates for a concept: every value of its shape at a place that one of its labels points to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from reading.literals.dates import find_dates
from reading.literals.style import Style

from .labels import Label, LabelMap, Region
from .readers import (
    AMOUNTS,
    READERS,
    Reader,
    Reading,
    read_broken_iban,
    read_date,
    read_iban,
    read_name,
    read_text,
)
from .text_grid import Cell, Span

ENOUGH = 0.3
"""Threshold: below it a candidate is a guess, and null the better answer."""
_ENOUGH_FOR_WORDS = 0.449
"""Threshold for free text, which can stand beside any label."""
_LATER_PAGE = 0.8
"""What identifies a document stands on its first page; instructions and terms that use the same words come later."""


_YEAR = re.compile(r"(?:19|20)\d\d")
_MONEY = 0.6
"""Quality of a reading that looks like money at least."""
_REMARK_WORDS = 4
"""Between the label of an amount and the amount; more are a sentence."""
INSTRUCTION = re.compile(
    r"\b(?:instructions?|see|required|optional|enter|please|print|type|voir|obligatoire|facultatif|siehe|bitte|angeben)\b",
    re.IGNORECASE,
)
"""Words behind a label that tell how to fill it in, and are no value."""


@dataclass(frozen=True, slots=True)
class Candidate:
    value: Any
    spans: tuple[Span, ...]
    score: float
    label: Label | None = None

    @property
    def cell(self) -> Cell:
        return self.spans[0].cell


class Finder:
    """Finds and keeps the candidates of each concept; `banned` cells (the table of items) give no amounts."""

    def __init__(self, labels: LabelMap, banned: Iterable[Cell] = ()) -> None:
        self.labels = labels
        self.grid = labels.grid
        self.banned = set(banned)
        self._known: dict[str, list[Candidate]] = {}

    def find(self, concept: str) -> list[Candidate]:
        """Candidates by descending score, one per place."""
        if concept not in self._known:
            reader = READERS.get(concept, read_text)
            usable = [label for label in self.labels.by_concept[concept] if self._usable(label, concept)]
            self._known[concept] = _best_by_place(
                candidate
                for label in usable
                for candidate in self.read(label, self._quality(label, concept), reader, concept)
            )
        return self._known[concept]

    def _quality(self, label: Label, concept: str) -> float:
        """Two weak names of one thing in one cell ('Invoice (380) no. 12') make a strong one."""
        before = [other for other in self.labels.by_cell[label.cell] if other.start < label.start]
        helped = any(concept in other.concepts for other in before)
        return 1.0 if helped else label.concepts[concept]

    def _usable(self, label: Label, concept: str) -> bool:
        return not (concept in AMOUNTS and label.cell in self.banned)

    def read(self, label: Label, quality: float, reader: Reader, concept: str = "") -> Iterable[Candidate]:
        """What the reader finds around one label; a value right behind it makes the places further off unlikely."""
        damping = 1.0
        if concept not in AMOUNTS and label.cell.page != self.grid.cells[0].page:
            quality *= _LATER_PAGE
        regions = list(self.labels.regions(label))
        last = _last_amount(regions, reader, self.grid.style) if concept in AMOUNTS else None
        wordy = reader in (read_text, read_name)
        for region in regions:
            if wordy and (_runs_on(label, region.span) if region.kind == "inline" else _within_text(label)):
                continue
            readings = self._readings(region.span, label, reader, concept)
            geometry = 0.95 if region is last else region.geometry
            for order, reading in enumerate(readings):
                score = quality * label.trust * geometry * reading.quality * damping * 0.95**order
                if not wordy or score >= _ENOUGH_FOR_WORDS:
                    yield Candidate(reading.value, (reading.span, *reading.rest), score, label)
            if readings and max(reading.quality for reading in readings) > 0.7:
                if last is None or region.kind != "right":
                    damping = 0.5
                elif region is last:
                    damping = 0.6
            elif region.kind == "inline" and not _remark(region):
                damping *= 0.8

    def _readings(self, span: Span, label: Label, reader: Reader, concept: str) -> list[Reading]:
        found = [reading for reading in reader(span, self.grid.style) if self._allowed(reading, concept, label)]
        return found or (self._broken(span, reader) if reader in (read_date, read_iban) else [])

    def _broken(self, span: Span, reader: Reader) -> list[Reading]:
        """A date whose year stands alone on the next line, or the number of an account that ends there, for want of
        room."""
        below = next(self.grid.below(span.cell, reach=1.0), None)
        if below is None or not any(char.isdigit() for char in span.text):
            return []
        if reader is read_iban:
            return list(read_broken_iban(span, below.span))
        if not _YEAR.fullmatch(below.text):
            return []
        days = find_dates(f"{span.text} {below.text}", self.grid.style)
        return [Reading(day.value.isoformat(), span) for day in days if day.end > len(span.text)]

    def _allowed(self, reading: Reading, concept: str, label: Label) -> bool:
        return concept not in AMOUNTS or not (reading.span.cell in self.banned or _in_sentence(label, reading))


def _in_sentence(label: Label, reading: Reading) -> bool:
    """Whether an amount stands in running text, as in 'please pay within 30 days'."""
    cell = label.cell
    if reading.span.cell is not cell or reading.span.start < label.end:
        return False
    between = re.findall(r"[^\W\d_]{2,}", cell.text[label.end : reading.span.start])
    behind = re.match(r"\W*[^\W\d_]{3,}", cell.text[reading.span.end :])
    bare = reading.quality < _MONEY
    return len(between) > _REMARK_WORDS or (bare and bool(between or behind))


def _runs_on(label: Label, span: Span) -> bool:
    """Whether the words behind a label go on with its sentence, as in running text."""
    between = span.cell.text[label.end : span.start]
    if ":" in between or "?" in between:
        return False
    shortened = re.search(r"\b[^\W\d_]{1,3}$", span.cell.text[: label.end]) is not None
    if label.trust < 0.8 or between.lstrip().startswith(")" if shortened else (")", ".")):
        return True
    return not (span.text[0].isupper() or span.text[0].isdigit()) or INSTRUCTION.search(span.text) is not None


def _within_text(label: Label) -> bool:
    """Whether a label stands in the middle of a line of text: then nothing beside or below it belongs to it."""
    behind = label.cell.text[label.end :].lstrip()
    remark = behind[:1] in ("(", "/", ",", ":")
    return not remark and (len(behind.split()) > 2 or (label.trust < 0.8 and len(label.cell.tokens) > 6))


def _last_amount(regions: list[Region], reader: Reader, style: Style) -> Region | None:
    """The last amount on the line of a label is the result; those between are rates, bases and the like."""
    right = [region for region in regions if region.kind == "right"]
    sure = [region for region in right if any(reading.quality > 0.7 for reading in reader(region.span, style))]
    return sure[-1] if sure else None


def _remark(region: Region) -> bool:
    """Whether the words behind a label only explain it: '(19 %)', '(incl. VAT)', 'EUR'."""
    text = region.span.text
    return text.startswith("(") or "%" in text or len(text) <= 4 or text.isalpha()


def _best_by_place(candidates: Iterable[Candidate]) -> list[Candidate]:
    places: dict[tuple[Cell, int], Candidate] = {}
    for candidate in candidates:
        key = (candidate.cell, candidate.spans[0].start)
        if key not in places or places[key].score < candidate.score:
            places[key] = candidate
    return sorted(places.values(), key=lambda candidate: -candidate.score)


def agreeing(candidates: list[Candidate]) -> list[Candidate]:
    """Boost the best candidate of a value that is printed in several places."""
    gained = []
    seen: dict[str, int] = {}
    for candidate in candidates:
        seen[str(candidate.value)] = seen.get(str(candidate.value), 0) + 1
    for candidate in candidates:
        others = min(seen[str(candidate.value)] - 1, 2)
        gained.append(replace(candidate, score=candidate.score * (1 + 0.05 * others)))
    return sorted(gained, key=lambda candidate: -candidate.score)


def best(candidates: list[Candidate], enough: float = ENOUGH) -> Candidate | None:
    return candidates[0] if candidates and candidates[0].score >= enough else None
