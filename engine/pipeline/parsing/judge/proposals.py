"""What may be the value of a field: candidates with their provenance, from the rules and from the page alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from reading.literals.dates import find_dates
from reading.literals.money import CURRENCIES
from reading.literals.numbers import Number
from reading.literals.style import Style
from reading.normalization import fold

from ..addresses import Block
from ..candidates import Candidate
from ..field_queries import FieldQuery
from ..fields import Type
from ..labels import LabelMap
from ..readers import AMOUNTS, DATES, READERS, Reader, find_figures, is_broken_off_iban, read_code
from ..text_grid import Cell, Span, TextGrid
from ..towns import country_in

_MOST_CELLS = 700
"""Of a document; what stands on later pages is no value of the whole of it."""
_LONGEST, _LONGEST_JOINED = 120, 200
_LINES = 4
_SEPARATOR = re.compile(r"\s+[-–—·•●|*]+\s+|\s*[●•·|]\s*|[,;]\s+")
_COLON = re.compile(r":(?!\d|//)\s*")
_FIGURE_WORDS = re.compile(r"\S*\d\S*(?: \S*\d\S*)*")
_LETTER_WORDS = re.compile(r"(?:[^\W\d_]|[('&\"])[^\d]*[^\W\d_][.)]?")
_EDGES = " \t:;,.-–—·•●|/#*="


class Origin(StrEnum):
    """Where a candidate comes from."""

    RULES = "rules"
    NUMBER = "number"
    DATE = "date"
    CELL = "cell"
    BEHIND_LABEL = "behind label"
    BEHIND_COLON = "behind colon"
    SEGMENT = "segment"
    FIGURES = "figures"
    WORDS = "words"
    LINES = "lines"
    SHAPE = "shape"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A value that a field may have. `shape` is the concept whose reader recognised it, if it was one."""

    value: Any
    spans: tuple[Span, ...]
    origin: Origin
    score: float = 0.0
    shape: str = ""
    number: Number | None = None

    @property
    def candidate(self) -> Candidate:
        return Candidate(self.value, self.spans, self.score)


class Proposer(Protocol):
    """A source of candidates."""

    def propose(self, query: FieldQuery) -> Iterable[Proposal]: ...


class Rules:
    """The answer that the rules chose, as one candidate among others."""

    def propose(self, query: FieldQuery) -> Iterable[Proposal]:
        if query.answer is not None:
            yield Proposal(query.answer.value, query.answer.spans, Origin.RULES, query.answer.score)


SHAPES = (
    "iban", "bic", "vat_id", "tax_number", "legal_id", "phone", "fax", "email", "website", "currency", "time",
    "country",
)  # fmt: skip
"""Concepts whose values are recognised by their form alone."""
CODES = frozenset(concept for concept, reader in READERS.items() if reader is read_code)
WORDY = frozenset(["address", "payment_terms", "subject", "period", "payment_method", "contact", "name", "street"])
"""Concepts whose values may run over lines."""


class Page:
    """Every number, date, code and stretch of text of a document, whatever is asked for."""

    def __init__(self, grid: TextGrid, labels: LabelMap, blocks: Sequence[Block], banned: Iterable[Cell]) -> None:
        self.grid = grid
        self._labels = labels
        self.cells = grid.cells[:_MOST_CELLS]
        self.banned = set(banned)
        self.numbers = [proposal for cell in self.cells for proposal in _numbers(cell, grid.style)]
        self.dates = [proposal for cell in self.cells for proposal in _dates(cell, grid.style)]
        self.texts = [proposal for cell in self.cells for proposal in self._texts(cell)]
        self.texts += _of_blocks(blocks)
        self.texts += [one for chain in chains(self.cells, self.banned) for one in self._joined(chain)]
        self._shapes: dict[str, list[Proposal]] = {}

    def propose(self, query: FieldQuery) -> Iterable[Proposal]:
        field, concept = query.field, query.meaning.concept
        if field.options or field.type is Type.BOOLEAN:
            return ()
        if field.type in (Type.NUMBER, Type.INTEGER):
            return self.numbers
        if field.is_date:
            return self.dates
        if concept in DATES:
            return [*self.dates, *self.texts]
        if concept in AMOUNTS:
            return [*self.numbers, *self.texts]
        if concept in ("currency", "country"):
            return self._of_shape(concept)
        if concept in SHAPES:
            texts = [text for text in self.texts if text.origin is not Origin.LINES]
            if concept == "iban":
                texts = [text for text in texts if not is_broken_off_iban(str(text.value))]
            return [*self._of_shape(concept), *texts]
        return self.texts

    def _of_shape(self, concept: str) -> list[Proposal]:
        if concept not in self._shapes:
            self._shapes[concept] = [one for cell in self.cells for one in _shapes(cell, concept, self.grid.style)]
        return self._shapes[concept]

    def _texts(self, cell: Cell) -> Iterator[Proposal]:
        seen: set[tuple[int, int]] = set()
        for origin, start, end in _stretches(cell, self._labels, within_items=cell in self.banned):
            span = Span(cell, start, end).stripped(" \t:;·•●|=,")
            key = (span.start, span.end)
            if key not in seen and span.end - span.start <= _LONGEST and any(char.isalnum() for char in span.text):
                seen.add(key)
                yield Proposal(span.text, (span,), origin)

    def _joined(self, chain: Sequence[Cell]) -> Iterator[Proposal]:
        """Lines under one another as one text; the first may begin behind its label."""
        for first in range(len(chain)):
            head = [chain[first].span]
            labels = self._labels.by_cell[chain[first]]
            if labels and labels[0].start <= 2 and (rest := labels[0].rest.stripped()).text:
                head.append(rest)
            for last in range(first + 2, min(first + _LINES, len(chain)) + 1):
                for start in head:
                    spans = (start, *(cell.span for cell in chain[first + 1 : last]))
                    yield from _together(spans, Origin.LINES)


def _together(spans: Sequence[Span], origin: Origin) -> Iterator[Proposal]:
    text = " ".join(span.text for span in spans)
    if spans and len(text) <= _LONGEST_JOINED:
        yield Proposal(text, tuple(spans), origin)


def _numbers(cell: Cell, style: Style) -> Iterator[Proposal]:
    if any(char.isdigit() for char in cell.text):
        for words, number in find_figures(cell.span, style):
            yield Proposal(number.value, (words,), Origin.NUMBER, number=number)


def _dates(cell: Cell, style: Style) -> Iterator[Proposal]:
    if any(char.isdigit() for char in cell.text):
        for day in find_dates(cell.text, style):
            yield Proposal(day.value.isoformat(), (Span(cell, day.start, day.end),), Origin.DATE)


def _shapes(cell: Cell, concept: str, style: Style) -> Iterator[Proposal]:
    if concept == "country":
        if found := country_in(cell.span):
            yield Proposal(found[0], (found[1],), Origin.SHAPE, shape=concept)
        return
    reader: Reader = READERS[concept]
    for reading in reader(cell.span, style):
        yield Proposal(reading.value, (reading.span,), Origin.SHAPE, reading.quality, concept)


def _stretches(cell: Cell, labels: LabelMap, *, within_items: bool) -> Iterator[tuple[Origin, int, int]]:
    """Parts of a line that may be a value, the whole of it first."""
    text = cell.text
    yield Origin.CELL, 0, len(text)
    if within_items:
        return
    for label in labels.by_cell[cell]:
        yield Origin.BEHIND_LABEL, label.rest.start, label.rest.end
    for match in _COLON.finditer(text):
        yield Origin.BEHIND_COLON, match.end(), len(text)
    if len(parts := list(_parts(text))) > 1:
        for start, end in parts:
            yield Origin.SEGMENT, start, end
    if any(char.isdigit() for char in text):
        for match in _FIGURE_WORDS.finditer(text):
            yield Origin.FIGURES, *match.span()
            if " " in match[0]:
                yield Origin.FIGURES, match.start(), match.start() + match[0].index(" ")
        for match in _LETTER_WORDS.finditer(text):
            yield Origin.WORDS, *match.span()


def _parts(text: str) -> Iterator[tuple[int, int]]:
    position = 0
    for match in _SEPARATOR.finditer(text):
        yield position, match.start()
        position = match.end()
    yield position, len(text)


def _of_blocks(blocks: Sequence[Block]) -> Iterator[Proposal]:
    """The lines of each address, with and without its first, and with the country below."""
    for block in blocks:
        lines = block.lines[: block.at + 1]
        for first in range(min(3, len(lines))):
            yield from _together(lines[first:], Origin.BLOCK)
            if block.below:
                yield from _together([*lines[first:], block.below[0]], Origin.BLOCK)


def chains(cells: Sequence[Cell], banned: set[Cell]) -> list[list[Cell]]:
    """Lines of text that stand close under one another, with one edge in common."""
    found: list[list[Cell]] = []
    for cell in cells:
        if cell in banned or not any(char.isalpha() for char in cell.text):
            continue
        for chain in reversed(found[-12:]):
            if _goes_on(chain[-1], cell):
                chain.append(cell)
                break
        else:
            found.append([cell])
    return [chain for chain in found if len(chain) > 1]


def _goes_on(one: Cell, other: Cell) -> bool:
    above, below = one.box, other.box
    if one.page != other.page or not -0.3 * above.height < below.y0 - above.y1 < 1.3 * above.height:
        return False
    return (
        abs(above.x0 - below.x0) < 0.008
        or abs(above.x1 - below.x1) < 0.004
        or abs(above.centre[0] - below.centre[0]) < 0.004
    )


def is_currency(text: str) -> bool:
    return fold(text).strip(" .:") in CURRENCIES
