"""Pages that lie on their side or upside down: held upright to see what stands beside what, then turned back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median
from typing import Any

from extractions.evidence.pages import Box, PageOfWords
from extractions.result.leaves import Leaf
from reading.document import Box as Rectangle
from reading.turning import box_as_turned

LONG = 4  # letters: such a word is wider than high, in whatever shape of page
FEWEST = 3  # words

StoredWord = Sequence[Any]


class UprightPages:
    """The pages as if each had been turned back; boxes go in as they are seen, and come out so."""

    def __init__(self, pages: Iterable[PageOfWords]) -> None:
        given = list(pages)
        self._turns = {page.number: turn for page in given if (turn := turn_of(page.words))}
        self.pages = [self._upright(page) for page in given]

    def leaf(self, leaf: Leaf) -> Leaf:
        turn = self._turns.get(leaf.page or 0)
        return replace(leaf, boxes=[_moved(box, -turn % 360) for box in leaf.boxes]) if turn else leaf

    def as_seen(self, page: int | None, boxes: list[Box]) -> list[Box]:
        turn = self._turns.get(page or 0)
        return [_moved(box, turn) for box in boxes] if turn else boxes

    def _upright(self, page: PageOfWords) -> PageOfWords:
        turn = self._turns.get(page.number)
        if not turn:
            return page
        return replace(page, words=[[*_moved(word[:4], -turn % 360), word[4]] for word in page.words])


def turn_of(words: Sequence[StoredWord]) -> int:
    """By how many degrees clockwise the writing lies: how its long words lie, and where the next word of a line is."""
    long = [(x1 - x0, y1 - y0) for x0, y0, x1, y1, text in words if len(text) >= LONG]
    if len(long) < FEWEST:
        return 0
    sideways = median([height - width for width, height in long]) > 0
    along, across = (1, 0) if sideways else (0, 1)
    ahead = sum(
        1 if after[along] > before[along] else -1
        for before, after in pairwise(words)
        if before[across] < (after[across] + after[across + 2]) / 2 < before[across + 2]
    )
    if sideways:
        return 90 if ahead >= 0 else 270
    return 0 if ahead >= 0 else 180


def _moved(box: Sequence[float], degrees: int) -> Box:
    moved = box_as_turned(Rectangle(*box), degrees)
    return [moved.x0, moved.y0, moved.x1, moved.y1]
