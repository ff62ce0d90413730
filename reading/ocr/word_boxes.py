"""From recognised lines to words with boxes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from reading.acroform import EMPTY, TICKED
from reading.document import Box, Source, Word
from reading.lines import Placed
from reading.ocr.boxes import DrawnBox
from reading.ocr.detection import Found
from reading.ocr.recognition import Character
from reading.ocr.repairs import repaired, with_ringgit

ABOVE, BELOW, ASIDE = 0.08, 0.04, 0.18  # of a found line's height: how far it reaches beyond the line of letters
EDGE = 0.62  # of the way from the middle of a letter to that of the space beside it, the letter ends
END = 0.6  # of a check box: it stands at the end of a word if no more of the word is beyond it


@dataclass(frozen=True, slots=True)
class Span:
    """A word's text and where it begins and ends, as fractions of the line's width."""

    text: str
    start: float
    end: float
    confidence: float


def spans(characters: Sequence[Character], first: float, last: float) -> Iterator[Span]:
    """Words of a line whose ink goes from `first` to `last`."""
    half = _pitch(characters) / 2
    words: list[list[int]] = [[]]
    for n, character in enumerate(characters):
        if character.text.isspace():
            words.append([])
        else:
            words[-1].append(n)
    for word in filter(None, words):
        inside = [characters[n] for n in word]
        begin, end = inside[0].place, inside[-1].place
        before = characters[word[0] - 1].place if word[0] else None
        after = characters[word[-1] + 1].place if word[-1] + 1 < len(characters) else None
        start = first if before is None else max(begin - EDGE * (begin - before), begin - half)
        stop = last if after is None else min(end + EDGE * (after - end), end + half)
        text = repaired("".join(character.text for character in inside))
        sure = sum(character.confidence for character in inside) / len(inside)
        yield Span(text, min(start, begin), max(stop, end), sure)


def _pitch(characters: Sequence[Character]) -> float:
    """The usual distance from letter to letter."""
    steps = [b.place - a.place for a, b in pairwise(characters) if not (a.text + b.text).isspace()]
    return median(steps) if steps else 1.0


def placed_words(line: Found, characters: Sequence[Character], tilt: float, size: tuple[int, int]) -> Iterator[Placed]:
    """The words of a line, where they would be if the page were level; their boxes are those on the page as it is."""
    aside = min(0.4, ASIDE * line.height / line.width)
    for span in spans(characters, aside, 1 - aside):
        corners = [line.corner(x, y) for x in (span.start, span.end) for y in (ABOVE, 1 - BELOW)]
        word = Word(span.text, _box(corners, size), round(span.confidence, 3), Source.OCR)
        level = [_turned(corner, -tilt) for corner in corners]
        middle = sum(y for _, y in level) / 4
        half = line.height * (1 - ABOVE - BELOW) / 2
        yield Placed(min(x for x, _ in level), middle - half, max(x for x, _ in level), middle + half, [word])


def agreeing(words: list[Placed]) -> list[Placed]:
    """The words of a page, those put right that only the others tell."""
    texts = with_ringgit([placed.words[0].text for placed in words])
    for placed, text in zip(words, texts, strict=True):
        placed.words = [replace(placed.words[0], text=text)]
    return words


def placed_mark(box: DrawnBox, tilt: float, size: tuple[int, int]) -> Placed:
    """A check box as a word of the page."""
    corners = [(box.x0, box.y0), (box.x1, box.y1)]
    word = Word(TICKED if box.ticked else EMPTY, _box(corners, size), 1.0, Source.OCR)
    x, y = _turned(box.middle, -tilt)
    across, down = (box.x1 - box.x0) / 2, (box.y1 - box.y0) / 2
    return Placed(x - across, y - down, x + across, y + down, [word])


def beside_marks(word: Placed, marks: Sequence[Placed]) -> Placed:
    """The word without the check boxes at its ends, which were found as one line with it but are no letters."""
    for mark in marks:
        if not mark.beside(word) or mark.x1 <= word.x0 or word.x1 <= mark.x0:
            continue
        seen = word.words[0]
        box, other = seen.box, mark.words[0].box
        if mark.x0 < word.x0 + END * (mark.x1 - mark.x0) and mark.x1 < word.x1:
            word = Placed(mark.x1, word.y0, word.x1, word.y1, [replace(seen, box=replace(box, x0=other.x1))])
        elif word.x1 - END * (mark.x1 - mark.x0) < mark.x1 and word.x0 < mark.x0:
            word = Placed(word.x0, word.y0, mark.x0, word.y1, [replace(seen, box=replace(box, x1=other.x0))])
    return word


def _box(corners: Sequence[tuple[float, float]], size: tuple[int, int]) -> Box:
    xs = [min(1.0, max(0.0, x / size[0])) for x, _ in corners]
    ys = [min(1.0, max(0.0, y / size[1])) for _, y in corners]
    return Box(min(xs), min(ys), max(xs), max(ys))


def _turned(point: tuple[float, float], degrees: float) -> tuple[float, float]:
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return point[0] * cos - point[1] * sin, point[0] * sin + point[1] * cos
