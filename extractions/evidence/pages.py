"""The words of a document, indexed once, so that any number of values can be looked up in it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Any

from reading.normalization import alphanumeric, fold_character, skeleton

PAGE_BREAK = "\n"
CELL_GAP = 2.6  # of the width of a letter: a wider gap parts two cells
USUAL_LETTER, USUAL_LINE = 0.008, 0.012  # of the page
SAME_ROW = 0.5  # of the lower word's height
MOST_PLACES = 20_000  # of one text
SHORT_TEXT, MOST_PARTS = 3, 300  # letters, and places of so few within words: "1" may stand in any number

Box = list[float]


@dataclass(frozen=True, slots=True)
class PageOfWords:
    """What one page says: `words` are [x0, y0, x1, y1, text] in reading order. `recognised` from a picture."""

    number: int
    words: Sequence[Sequence[Any]]
    recognised: bool = False


@dataclass(slots=True)
class Word:
    """A printed word. `start` is where its letters begin in the document's; `segment` is the cell it stands in."""

    index: int
    page: int
    x0: float
    y0: float
    x1: float
    y1: float
    text: str
    code: str
    start: int
    recognised: bool
    segment: int = 0

    @property
    def middle(self) -> float:
        return (self.y0 + self.y1) / 2

    def beside(self, other: Word) -> bool:
        if self.page != other.page:
            return False
        (top, bottom), (other_top, other_bottom) = (self.y0, self.y1), (other.y0, other.y1)
        shared = (bottom if bottom < other_bottom else other_bottom) - (top if top > other_top else other_top)
        lower, higher = bottom - top, other_bottom - other_top
        return shared >= SAME_ROW * (lower if lower < higher else higher)

    def letters(self) -> list[tuple[int, int]]:
        """For each of the code's letters, where its character begins and ends in the text."""
        return [(at, at + 1) for at, char in enumerate(self.text) for _ in fold_character(char)]


@dataclass(frozen=True, slots=True)
class Segment:
    """Words side by side without a wide gap: a cell of a table, a line of a column. `first` to `last` in the index."""

    first: int
    last: int
    page: int
    box: tuple[float, float, float, float]
    code: str


@dataclass(slots=True)
class Index:
    """All words of the pages, with the letters of all of them as one text to search in."""

    words: list[Word] = field(default_factory=list)
    flow: str = ""
    segments: list[Segment] = field(default_factory=list)
    letter: float = USUAL_LETTER
    line: float = USUAL_LINE
    starts: list[int] = field(default_factory=list)
    by_code: dict[str, list[int]] = field(default_factory=dict)
    by_height: dict[int, list[tuple[float, int]]] = field(default_factory=dict)
    _skeleton: str | None = None

    @property
    def skeleton(self) -> str:
        if self._skeleton is None:
            self._skeleton = skeleton(self.flow)
        return self._skeleton

    @property
    def recognised(self) -> bool:
        return any(word.recognised for word in self.words)

    def places(self, text: str, flow: str | None = None) -> Iterator[tuple[int, int]]:
        """Where the letters stand in the flow, whatever blanks and lines are between them; words of their own first."""
        whole = {self.words[at].start for at in self.by_code.get(text, ())[:MOST_PLACES]} if flow is None else set()
        for at in sorted(whole):
            yield at, at + len(text)
        flow = self.flow if flow is None else flow
        most = MOST_PARTS if whole or len(text) < SHORT_TEXT else MOST_PLACES
        at, found = flow.find(text), 0
        while at >= 0 and found < most:
            if at not in whole:
                yield at, at + len(text)
                found += 1
            at = flow.find(text, at + 1)

    def word_at(self, position: int) -> int:
        """The index of the word that the letter belongs to."""
        at = bisect_right(self.starts, position) - 1
        while at > 0 and not self.words[at].code:
            at -= 1
        return at

    def row(self, page: int, y0: float, y1: float) -> list[Word]:
        """Words whose middle lies between the heights, from left to right."""
        heights = self.by_height.get(page, [])
        low, high = bisect_left(heights, (y0, -1)), bisect_right(heights, (y1, len(self.words)))
        return sorted((self.words[at] for _, at in heights[low:high]), key=lambda word: word.x0)

    def text(self, first: int, last: int) -> str:
        return " ".join(word.text for word in self.words[first : last + 1])


def indexed(pages: Iterable[PageOfWords]) -> Index:
    index = Index()
    letters: list[str] = []
    at = 0
    for page in pages:
        for x0, y0, x1, y1, text in page.words:
            coded = alphanumeric(text)
            index.words.append(Word(len(index.words), page.number, x0, y0, x1, y1, text, coded, at, page.recognised))
            letters.append(coded)
            at += len(coded)
        letters.append(PAGE_BREAK)
        at += 1
    index.flow = "".join(letters)
    index.starts = [word.start for word in index.words]
    _measure(index)
    _cut(index)
    by_code, by_height = defaultdict(list), defaultdict(list)
    for word in index.words:
        by_code[word.code].append(word.index)
        by_height[word.page].append((word.middle, word.index))
    for heights in by_height.values():
        heights.sort()
    index.by_code, index.by_height = dict(by_code), dict(by_height)
    return index


def _measure(index: Index) -> None:
    """How wide a letter and how high a line usually is, as fractions of the page."""
    level = [word for word in index.words if len(word.text) > 2 and word.x1 > word.x0]
    if level:
        index.letter = median([(word.x1 - word.x0) / len(word.text) for word in level]) or USUAL_LETTER
        index.line = median([word.y1 - word.y0 for word in level]) or USUAL_LINE


def _cut(index: Index) -> None:
    """Part the words into segments."""
    first, letter, before = 0, index.letter, index.letter
    for one, other in pairwise(index.words):
        here = _letter(other)
        wide = CELL_GAP * max(letter, before, here)
        before = here
        if not (-wide <= other.x0 - one.x1 <= wide and one.beside(other)):
            _close(index, first, one.index)
            first = other.index
    if index.words:
        _close(index, first, len(index.words) - 1)


def _letter(word: Word) -> float:
    return min(0.03, (word.x1 - word.x0) / len(word.text)) if word.text else 0.0


def _close(index: Index, first: int, last: int) -> None:
    words = index.words[first : last + 1]
    for word in words:
        word.segment = len(index.segments)
    if first == last:
        (word,) = words
        index.segments.append(Segment(first, last, word.page, (word.x0, word.y0, word.x1, word.y1), word.code))
        return
    box = (
        min([word.x0 for word in words]),
        min([word.y0 for word in words]),
        max([word.x1 for word in words]),
        max([word.y1 for word in words]),
    )
    index.segments.append(Segment(first, last, words[0].page, box, "".join([word.code for word in words])))
