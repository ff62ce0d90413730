"""Check boxes drawn on a scanned page: small squares, with or without a mark in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

from reading.ocr.detection import Found, Picture
from reading.ocr.recognition import Character

ENLARGED_TO = 2000  # pixels of the longer side: thin lines of a small picture need room
SIZES = (0.45, 1.7)  # of the height of the usual line
SQUARE = 1.35  # longer than wide, at most
STRAIGHT = 0.75  # of a side must be ink
REACH = 0.5  # a mark may stand out of its box by so much of the whole
INNER = 0.12  # of the inside that is ink: a mark
FULL = 0.85  # of the inside: a black square, a bullet
SMALLEST = 8  # pixels of the enlarged picture
MISREAD = frozenset("□☐☑☒☓◻■@#Xx×※区口回凶")  # what recognisers make of a box
LETTER = 0.6  # sure enough of a letter
EDGE = 0.05  # of a box on which a letter's middle does not count
BLOCK, DARKER = 41, 12  # ink is darker than its surroundings


@dataclass(frozen=True, slots=True)
class DrawnBox:
    """In pixels of the picture."""

    x0: float
    y0: float
    x1: float
    y1: float
    ticked: bool

    @property
    def middle(self) -> tuple[float, float]:
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2


Read = tuple[Found, list[Character]]


def parted(boxes: Sequence[DrawnBox], lines: Sequence[Read]) -> tuple[list[DrawnBox], list[Read]]:
    """The boxes that are no letters, and the lines without what was made of those boxes by mistake."""
    kept = [box for box in boxes if not any(_is_letter(box, *line) for line in lines)]
    return kept, [(line, _without(kept, line, text)) for line, text in lines]


def _is_letter(box: DrawnBox, line: Found, text: Sequence[Character]) -> bool:
    inside = _within(box, line, text)
    return any(character.text not in MISREAD and character.confidence > LETTER for character in inside)


def _without(boxes: Sequence[DrawnBox], line: Found, text: list[Character]) -> list[Character]:
    wrong = [character for box in boxes for character in _within(box, line, text)]
    if not wrong:
        return text
    left = [character for character in text if character not in wrong]
    return left if any(not character.text.isspace() for character in left) else []


def _within(box: DrawnBox, line: Found, text: Sequence[Character]) -> list[Character]:
    """What was read where the box is."""
    x, y = box.middle
    if abs(y - line.y) > 0.5 * line.height or not line.x - line.width / 2 <= x <= line.x + line.width / 2:
        return []
    margin = EDGE * (box.x1 - box.x0)
    return [
        character
        for character in text
        if not character.text.isspace() and box.x0 + margin <= line.corner(character.place, 0.5)[0] <= box.x1 - margin
    ]


def drawn_boxes(picture: Picture, found: Sequence[Found]) -> list[DrawnBox]:
    """The check boxes of a level page on which these lines of text were found."""
    if not found:
        return []
    usual = median(min(line.height, line.width) for line in found)
    scale = max(1.0, ENLARGED_TO / max(picture.shape[:2]))
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    if scale > 1:
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    ink = cv2.adaptiveThreshold(grey, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, BLOCK, DARKER)
    low, high = (max(SMALLEST, size * usual * scale) for size in SIZES)
    return [_scaled(box, scale) for box in squares_in(np.asarray(ink, np.uint8), low, high)]


def squares_in(ink: NDArray[np.uint8], low: float, high: float) -> Iterator[DrawnBox]:
    """The boxes in a picture that is 1 where ink is; the sides are from `low` to `high` pixels long."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    widths, heights = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    largest = high * (1 + REACH)
    likely = (widths >= low) & (heights >= low) & (widths <= largest) & (heights <= largest)
    for n in np.flatnonzero(likely[1:count]) + 1:
        x, y, width, height = (int(value) for value in stats[n, :4])
        square = _square(ink[y : y + height, x : x + width].astype(bool))
        if square is None:
            continue
        left, top, right, bottom, ticked = square
        if min(right - left, bottom - top) >= low and max(right - left, bottom - top) <= high:
            yield DrawnBox(x + left, y + top, x + right, y + bottom, ticked)


def _square(part: NDArray[np.bool_]) -> tuple[int, int, int, int, bool] | None:
    """The square within a piece of ink (left, top, right, bottom), and whether there is ink in it."""
    rows, columns = _sides(part), _sides(part.T)
    if rows is None or columns is None:
        return None
    (top, upper), (lower, bottom) = rows
    (left, inner_left), (inner_right, right) = columns
    width, height = right - left, bottom - top
    if not 1 / SQUARE <= width / height <= SQUARE:
        return None
    inside = part[upper + 1 : lower, inner_left + 1 : inner_right]
    if min(inside.shape, default=0) < 3 or not _has_corners(part[top:bottom, left:right]):
        return None
    share = float(inside.mean())
    return None if share > FULL else (left, top, right, bottom, share > INNER)


def _sides(part: NDArray[np.bool_]) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Where the first and the last straight line across begin and end."""
    full = part.mean(axis=1) >= STRAIGHT * _span(part)
    size = len(full)
    reach = int(REACH * size)
    first = next((n for n in range(reach) if full[n]), None)
    last = next((n for n in range(size - 1, size - 1 - reach, -1) if full[n]), None)
    if first is None or last is None:
        return None
    end, begin = first, last
    while end + 1 < size and full[end + 1]:
        end += 1
    while begin > 0 and full[begin - 1]:
        begin -= 1
    return ((first, end + 1), (begin, last + 1)) if end < begin else None


def _span(part: NDArray[np.bool_]) -> float:
    """The share of the width that the box itself takes, if its mark stands out at the sides."""
    filled = part.mean(axis=0)
    strong = np.flatnonzero(filled >= 0.6)
    return float((strong[-1] - strong[0] + 1) / part.shape[1]) if len(strong) > 1 else 1.0


def _has_corners(part: NDArray[np.bool_]) -> bool:
    """Letters such as O and D are round where a box is not."""
    size = max(2, round(0.14 * min(part.shape)))
    corners = (part[:size, :size], part[:size, -size:], part[-size:, :size], part[-size:, -size:])
    return sum(bool(corner.mean() >= 0.5) for corner in corners) >= 4


def _scaled(box: DrawnBox, scale: float) -> DrawnBox:
    return DrawnBox(box.x0 / scale, box.y0 / scale, box.x1 / scale, box.y1 / scale, box.ticked)
