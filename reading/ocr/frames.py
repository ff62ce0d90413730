"""Boxes that ruled lines enclose, drawn by a file or seen on a scanned page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from reading.document import Box
from reading.ocr.detection import Picture

LOWEST, NARROWEST = 7.0, 9.0  # points
WIDEST = 0.9  # of the page's area
FULL = 0.7  # of its bounding box that an enclosed area covers
TOOTH = 1.6  # wider than this times its height, a box holds more than a letter
TEETH = 4
SAME = 2.0  # points: boxes side by side in a comb share their edges
LOOKED_AT = 1800  # pixels of the longer side, at most
BLOCK, DARKER = 41, 12  # ink is darker than its surroundings
LONG = 1 / 45  # of the longer side: a stroke of a letter is shorter
GAP = 1 / 220  # of the longer side that may be missing of a line
FARTHEST = 20_000  # points: no page is so large

Walls = NDArray[np.uint8]


def framed_by(lines: Iterable[Box], width: float, height: float) -> tuple[Box, ...]:
    """What lines enclose on a page of so many points."""
    walls = np.zeros((int(height) + 3, int(width) + 3), np.uint8)
    for line in lines:
        start = round(line.x0 * width) + 1, round(line.y0 * height) + 1
        end = round(line.x1 * width) + 1, round(line.y1 * height) + 1
        if all(-9 <= edge <= FARTHEST for edge in (*start, *end)):
            cv2.line(walls, start, end, 1, 1)
    return enclosed(np.asarray(cv2.dilate(walls, np.ones((3, 3), np.uint8)), np.uint8), width, height)


def scanned_frames(picture: Picture, width: float, height: float) -> tuple[Box, ...]:
    """`width` and `height` are the page's in points, or in any unit of which a page has some hundreds."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    scale = LOOKED_AT / max(grey.shape)
    if scale < 1:
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    ink = np.asarray(
        cv2.adaptiveThreshold(grey, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, BLOCK, DARKER), np.uint8
    )
    long, gap = round(LONG * max(ink.shape)), round(GAP * max(ink.shape)) | 1
    walls = _lines(ink, (long, 1), gap) | _lines(ink, (1, long), gap)
    if not walls.any():
        return ()
    return enclosed(np.asarray(cv2.dilate(walls, np.ones((3, 3), np.uint8)), np.uint8), width, height)


def _lines(ink: Walls, size: tuple[int, int], gap: int) -> Walls:
    """The lines in one direction; what noise took out of them is mended before and after."""
    across, down = size
    mend = np.ones((gap if down > 1 else 1, gap if across > 1 else 1), np.uint8).T
    kernel = np.ones((down, across), np.uint8)
    thick = cv2.dilate(ink, np.ones((1, 2) if down > 1 else (2, 1), np.uint8))  # a tilted line is in steps
    mended = cv2.morphologyEx(thick, cv2.MORPH_CLOSE, np.ones((3, 1) if down > 1 else (1, 3), np.uint8))
    found = cv2.morphologyEx(mended, cv2.MORPH_OPEN, kernel)
    return np.asarray(cv2.dilate(found, mend), np.uint8)


def enclosed(walls: Walls, width: float, height: float) -> tuple[Box, ...]:
    """The areas between walls (1 in a picture) as boxes, the smallest first; the page's size is in points."""
    down, across = walls.shape
    scale = height / down
    count, _, stats, _ = cv2.connectedComponentsWithStats(1 - walls, connectivity=4)
    found = []
    for x, y, wide, high, area in stats[1:count].tolist():
        outside = x == 0 or y == 0 or x + wide >= across or y + high >= down
        small = high * scale < LOWEST or wide * scale < NARROWEST
        if outside or small or wide * high > WIDEST * across * down or area < FULL * wide * high:
            continue
        found.append(Box((x - 1) / across, (y - 1) / down, (x + wide + 1) / across, (y + high + 1) / down))
    return tuple(sorted(_without_combs(found, width, height), key=lambda box: box.width * box.height))


def _without_combs(boxes: Sequence[Box], width: float, height: float) -> Iterator[Box]:
    """The boxes for a letter each that stand side by side are one."""
    comb: list[Box] = []

    def whole() -> Iterator[Box]:
        if len(comb) >= TEETH:
            yield Box(comb[0].x0, comb[0].y0, comb[-1].x1, comb[-1].y1)
        else:
            yield from comb

    ordered = sorted(boxes, key=lambda box: (round(box.y0 * height / SAME), box.x0))
    for before, box in pairwise([None, *ordered]):
        is_tooth = box is not None and box.width * width <= TOOTH * box.height * height
        if comb and before is not None and box is not None and is_tooth and _adjoin(before, box, width):
            comb.append(box)
            continue
        yield from whole()
        comb = [box] if box is not None and is_tooth else []
        if box is not None and not is_tooth:
            yield box
    yield from whole()


def _adjoin(left: Box, right: Box, width: float) -> bool:
    alike = abs(left.width - right.width) < 0.3 * left.width and abs(left.height - right.height) < 0.2 * left.height
    return alike and abs(right.x0 - left.x1) * width < 2 * SAME
