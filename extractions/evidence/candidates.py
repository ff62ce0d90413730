"""Every place where a value may stand, with what is printed there and how like the value it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from extractions.evidence.pages import Box, Index, Word
from reading.normalization import collapse_blanks, strip_punctuation

MOST_CANDIDATES = 20_000  # of one value; a long table may hold each of its numbers in every row
LONG_NUMBER = 8  # digits: a longer one may begin or end with it, as a SIRET begins with a SIREN
CODE = 3  # letters: "FR" is not the end of an address in the web
SHORT = 6  # letters: below, a part of a word is no evidence


class Kind(StrEnum):
    """How a value stands in the document."""

    UNKNOWN = ""
    EXACT = "exact"
    NORMALISED = "normalised"
    FUZZY = "fuzzy"
    MISSING = "missing"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Span:
    """Words from `first` to `last`, beginning and ending with these characters of the outer two."""

    first: int
    last: int
    begin: int = 0
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """`quality` tells between candidates of one value only: 1 is the value itself as a word of its own."""

    spans: tuple[Span, ...]
    kind: Kind
    text: str
    quality: float = 1.0
    _boxes: list[tuple[int, Box]] = field(default_factory=list, compare=False)

    def boxes(self, index: Index) -> list[tuple[int, Box]]:
        """Page and box of each line that it takes."""
        if not self._boxes:
            for span in self.spans:
                self._boxes.extend(_boxes(index, span))
        return self._boxes

    def word(self, index: Index) -> Word:
        return index.words[self.spans[0].first]

    def box(self, index: Index) -> Box:
        """Around all that is on its first page."""
        boxes = self.boxes(index)
        page = boxes[0][0]
        return around([box for number, box in boxes if number == page])


def around(boxes: list[Box]) -> Box:
    return [
        min([box[0] for box in boxes]),
        min([box[1] for box in boxes]),
        max([box[2] for box in boxes]),
        max([box[3] for box in boxes]),
    ]


def printed_as(value: str, index: Index, at: tuple[int, int], quality: float = 1.0) -> Candidate | None:
    """The candidate for letters of the flow, unless they are cut out of the middle of something else."""
    start, end = at
    first, last = index.word_at(start), index.word_at(end - 1)
    one, other = index.words[first], index.words[last]
    part = first == last and end - start >= LONG_NUMBER and index.flow[start:end].isdigit()
    begin = _begin(one, start - one.start, part=part and end - one.start == len(one.code))
    stop = _end(other, end - 1 - other.start, part=part and start == one.start)
    if begin is None or stop is None:
        return None
    (begin_at, hard), (end_at, hard_end) = begin, stop
    length = end - start
    if length < SHORT and not (hard and hard_end):
        return None
    if last > first and length < SHORT and not _side_by_side(index, value, first, last):
        return None
    text = index.text(first, last)
    same = collapse_blanks(strip_punctuation(value)) in collapse_blanks(text)
    if not same and length <= CODE and value.isupper() and not text[begin_at : begin_at + length].isupper():
        return None
    quality *= (1.0 if same else 0.9) * (1.0 if hard and hard_end else 0.6)
    kept = text[begin_at : len(text) - (len(other.text) - end_at)]
    shown = collapse_blanks(value) if same else kept
    return Candidate((Span(first, last, begin_at, end_at),), Kind.EXACT if same else Kind.NORMALISED, shown, quality)


def _side_by_side(index: Index, value: str, first: int, last: int) -> bool:
    """A short value may be parted by blanks where it has some itself; "50" is no "5" beside "0"."""
    parts = len(value.split())
    same_cell = index.words[first].segment == index.words[last].segment
    return same_cell and last - first + 1 <= parts


def _begin(word: Word, offset: int, *, part: bool) -> tuple[int, bool] | None:
    """The character at which the letter stands, and whether a word begins there; None within a number or word."""
    if offset == 0:
        return (0, True)
    at = word.letters()[offset][0]
    before, here = word.text[at - 1], word.text[at]
    if not before.isalnum():
        return (at, True)
    if part or before.isdigit() != here.isdigit():
        return (at, False)
    return None


def _end(word: Word, offset: int, *, part: bool) -> tuple[int, bool] | None:
    if offset == len(word.code) - 1:
        return (len(word.text), True)
    letters = word.letters()
    at = letters[offset][1]
    if letters[offset + 1][0] < at:
        return None
    after, here = word.text[at], word.text[at - 1]
    if not after.isalnum():
        # "12" is no part of "12,50", nor of "12.03.2026".
        glued = here.isdigit() and after in ".,:/" and word.text[at + 1 : at + 2].isdigit()
        return (at, not glued) if not glued else None
    if part or after.isdigit() != here.isdigit():
        return (at, False)
    return None


def _boxes(index: Index, span: Span) -> Iterator[tuple[int, Box]]:
    """One box for each segment; the outer words are cut where the value begins and ends."""
    group: list[Box] = []
    page, segment = 0, -1
    for at in range(span.first, span.last + 1):
        word = index.words[at]
        if group and word.segment != segment:
            yield page, around(group)
            group = []
        page, segment = word.page, word.segment
        begin = span.begin if at == span.first else 0
        end = span.end if at == span.last else None
        group.append(_part(word, begin, len(word.text) if end is None else end))
    if group:
        yield page, around(group)


def _part(word: Word, begin: int, end: int) -> Box:
    if begin <= 0 and end >= len(word.text):
        return [word.x0, word.y0, word.x1, word.y1]
    letter = (word.x1 - word.x0) / max(1, len(word.text))
    return [word.x0 + letter * max(0, begin), word.y0, word.x0 + letter * max(begin + 1, end), word.y1]
