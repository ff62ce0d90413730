"""Where labels stand on the pages, and where their values may stand: behind, to the right, below."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reading.literals.money import CURRENCIES
from reading.normalization import fold

from .framed import Frames
from .phrases import LABEL_PHRASES, Match, Phrases
from .tender import is_means_of_payment
from .text_grid import Cell, Span, TextGrid

_SURE = 0.9
_INLINE, _RIGHT, _BELOW = 1.0, 0.95, 0.75
_COLON = re.compile(r":\W*$")
_EDGES = " \t:;,.-–—·•●|/#*=)]}!?\"'"
_FILLER = frozenset(
    ["nr", "vom", "von", "du", "from", "issued", "dated", "le", "am", "den", "at", "in", "eur", "incl", "excl"]
)

_SHARED = re.compile(r"\s*\.?\s*(?:[/&+]|and|und|et|y|e|en)\s*")
"""Between two labels of one place: 'Invoice no. / date'."""
_SIGNS = "#№"
"""For 'number', often with no blank before it."""
_AROUND_SIGNS = " \t:.,-–"
_BOX = re.compile(r"P\.? ?O\.?(?: |\b)[ .]*(?:Box|Bag)\b|(?<=P[ .])O\.?[ .]*(?:Box|Bag)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Label:
    """A label on the page. `rest` is what follows it in its own cell, up to the next label."""

    concepts: Mapping[str, float]
    cell: Cell
    start: int
    end: int
    rest: Span
    trust: float = 1.0
    """Less than one where the words may be part of a sentence or of a longer name."""

    @property
    def is_sure(self) -> bool:
        """Whether its words are the name of something, and not too common to be trusted alone."""
        return max(self.concepts.values()) > _SURE


@dataclass(frozen=True, slots=True)
class Region:
    """A place where the value of a label may stand, and how usual that place is."""

    span: Span
    geometry: float
    kind: str


class LabelMap:
    """All labels of a document by concept."""

    def __init__(self, grid: TextGrid, phrases: Phrases = LABEL_PHRASES, frames: Frames | None = None) -> None:
        self.grid = grid
        self._frames = frames
        self.by_cell: dict[Cell, list[Label]] = {cell: list(_labels_of(cell, phrases)) for cell in grid.cells}
        self.by_concept: dict[str, list[Label]] = defaultdict(list)
        self.schema_labels: set[Cell] = set()
        """Cells that are the labels of fields of the schema, by the fields' own words."""
        self.asked_at: dict[Cell, list[int]] = defaultdict(list)
        """Where in a cell such a label begins."""
        for labels in self.by_cell.values():
            for label in labels:
                for concept in label.concepts:
                    self.by_concept[concept].append(label)

    def is_label(self, cell: Cell) -> bool:
        """Whether the cell is a label and nothing else, or begins with one that has its value behind it."""
        labels = self.by_cell[cell]
        if cell in self.schema_labels:
            return True
        return bool(labels) and labels[0].is_sure and labels[0].start <= 2

    def regions(self, label: Label) -> Iterator[Region]:
        """Where to look for the value of a label, most usual place first."""
        rest = self._shared(label) or _behind_remark(label)
        named = self._frames is not None and label.cell in self._frames.heads
        if _says_something(rest) and not (named and not _COLON.search(label.cell.text[: rest.start])):
            yield Region(rest, _INLINE, "inline")
        for region in (*self._right(label), *self._below(label)):
            if self._frames is None or not self._frames.parted(label.cell, region.span.cell):
                yield region

    def _shared(self, label: Label) -> Span | None:
        """'Invoice no. / date: 12 / 3 May': what stands behind the second of two labels of one place."""
        if label.rest.end == len(label.cell.text) or not _SHARED.fullmatch(label.rest.text):
            return None
        following = next((other for other in self.by_cell[label.cell] if other.start >= label.rest.end), None)
        rest = following.rest.stripped() if following is not None else None
        return rest if rest is not None and rest.text else None

    def _right(self, label: Label) -> Iterator[Region]:
        if label.rest.end < len(label.cell.text) and not _SHARED.fullmatch(label.rest.text):
            return  # another label follows in the same cell: what is to the right belongs to that one
        geometry = _RIGHT
        beside = self.grid.right_of(label.cell)
        if _COLON.search(label.cell.text) and (not beside or self.is_label(beside[0])):
            typed = self.grid.typed_beside(label.cell)
            beside = [typed] if typed is not None else beside
        for cell in beside:
            if not any(char.isalnum() for char in cell.text):
                continue
            if self._are_heads(label.cell, cell) or (self.is_label(cell) and not _says_how_paid(label, cell)):
                return
            yield Region(self._until_label(cell).stripped(":"), geometry, "right")
            geometry *= 0.9

    def _are_heads(self, one: Cell, other: Cell) -> bool:
        """Whether two cells name what stands below each of them, the second one in a word too common to be sure of."""
        weak = self.by_cell[other]
        if not weak or weak[0].start > 1 or weak[-1].end < len(other.text) - 1 or any(map(str.isdigit, other.text)):
            return False
        under = [next(self.grid.below(cell, reach=2.0), None) for cell in (one, other)]
        first, second = under
        return first is not None and second is not None and first.row == second.row and not self.is_label(first)

    def _until_label(self, cell: Cell) -> Span:
        """The text of a cell up to where the label of another value begins in it."""
        stop = min((start for start in self.asked_at[cell] if start > 0), default=len(cell.text))
        return Span(cell, 0, stop)

    def _below(self, label: Label) -> Iterator[Region]:
        box = Span(label.cell, label.start, label.end).box
        for order, cell in enumerate(self.grid.below(label.cell, box, reach=2.0)):
            if order > 1 or (self.is_label(cell) and not _says_how_paid(label, cell)):
                return
            aligned = abs(cell.box.x0 - box.x0) < 0.02 or abs(cell.box.x1 - box.x1) < 0.02
            centred = abs(cell.box.centre[0] - box.centre[0]) < 0.03
            geometry = (_BELOW if aligned or centred else 0.6) - 0.25 * order
            yield Region(cell.span, geometry, "below")
            if fold(cell.text).strip(" .:") in CURRENCIES:  # the amount stands in a cell of its own behind its sign
                yield from (Region(other.span, geometry, "below") for other in self.grid.right_of(cell)[:1])


def _says_how_paid(label: Label, cell: Cell) -> bool:
    """Whether words that are the label of an amount at a till ('Cash') are the answer to another label here."""
    return "payment_method" in label.concepts and is_means_of_payment(cell.text)


def _behind_remark(label: Label) -> Span:
    """What follows a label and a remark on it ('(optional)', '/trading name'); whole sentences are instructions."""
    rest = label.rest.stripped()
    remark = re.match(r"\((?=[^()]*[^\W\d_])[^()]*\)", rest.text)
    goes_on = label.rest.text[:1] in ",/" and bool(label.rest.text)
    if remark is None and not goes_on:
        return rest
    behind = rest.cut(remark.end(), len(rest.text)).stripped(_EDGES) if remark else rest
    sentence = len(behind.text.split()) > 3 or re.search(r" .*\.$", label.rest.text[-20:])
    return rest.cut(0, 0) if sentence else behind


def _says_something(span: Span) -> bool:
    words = [token.text for token in span.cell.tokens if span.start <= token.start < span.end]
    return any(word not in _FILLER for word in words)


def _labels_of(cell: Cell, phrases: Phrases) -> Iterator[Label]:
    matches = _without_parts(cell, [match for match in phrases.find(cell.tokens) if not _in_code(cell, match.last)])
    for order, match in enumerate(matches):
        start, end = cell.tokens[match.first].start, cell.tokens[match.last].end
        following = matches[order + 1 :]
        stop = next((cell.tokens[other.first].start for other in following), len(cell.text))
        yield Label(match.concepts, cell, start, end, Span(cell, end, stop), _trust(cell, match.first, end))


def _in_value(cell: Cell, before: Match, match: Match) -> bool:
    """Whether a label's word is part of its value, as in 'Bank: Bank of Boston'."""
    between = cell.text[cell.tokens[before.last].end : cell.tokens[match.first].start]
    labels = cell.text[cell.tokens[match.last].end :].lstrip().startswith(":")
    return ":" in between and not labels and not set(before.concepts).isdisjoint(match.concepts)


def _without_parts(cell: Cell, matches: list[Match]) -> list[Match]:
    """'Your order: #4711': a sign for 'number' behind a label belongs to it; the last word of its value is no label."""
    found: list[Match] = []
    for match in matches:
        before = found[-1] if found else None
        if before is not None and match.first == match.last and cell.tokens[match.first].text == "nr":
            between = cell.text[cell.tokens[before.last].end : cell.tokens[match.first].start]
            if not between.strip(_AROUND_SIGNS):
                found[-1] = Match(before.first, match.last, _of_both(before, match), before.words)
                continue
        if before is None or not _in_value(cell, before, match):
            found.append(match)
    return found


def _of_both(label: Match, sign: Match) -> dict[str, float]:
    """What a label with a sign may name: what it names by itself; one that is too common also what the sign does."""
    said, signed = label.concepts, sign.concepts
    own = {concept: 1.0 if concept in signed else quality for concept, quality in said.items()}
    return own if max(said.values()) > _SURE else {**signed, **own}


def _in_code(cell: Cell, last: int) -> bool:
    """Whether they are letters of a reference such as 'INV-2023-001', a mail address, a unit, or part of 'P.O. Box'."""
    end = cell.tokens[last].end
    if cell.text[end - 1] in _SIGNS:
        return False
    if _BOX.match(cell.text, cell.tokens[last].start):
        return True
    return bool(re.match(r"[-/_][\w-]*\d|_|\d|@", cell.text[end : end + 12]))


def _trust(cell: Cell, first: int, end: int) -> float:
    """A label begins its cell or follows a separator, and little else is in the cell but its value."""
    before = cell.text[: cell.tokens[first].start].rstrip()
    if not before or before[-1] in ":-–·•|,;/(*●.":
        if len(cell.tokens) < 14:
            return 1.0
        return 0.85 if re.match(r"\s*[:(,/]", cell.text[end:]) or before else 0.4
    behind = cell.text[end : end + 2].strip()
    crowd = first + (0 if behind.startswith(":") else 2)
    return 0.85 if crowd <= 2 else 0.7 if crowd <= 6 else 0.5
