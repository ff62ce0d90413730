"""How a scanned page is turned: the slope at which most cells stand level with others."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from statistics import median

from reading.document import Box

_STEEPEST, _STEPS = 0.05, 50
_LEVEL = 0.2
"""Cells whose middles differ by less than this share of a line's height stand level."""
_GAIN = 1.04
STEEP = 0.08
_FEWEST_PAIRS, _AGREEING = 4, 0.6


def slope_of(boxes: Sequence[Box]) -> float:
    """By how much the lines of a page fall (in shares of its height) over its whole width; 0 for a straight page."""
    if len(boxes) < 8:
        return 0.0
    heights = sorted(box.height for box in boxes)
    tolerance = _LEVEL * heights[len(heights) // 2]
    straight = _levelled(boxes, 0.0, tolerance)
    slopes = [_STEEPEST * step / _STEPS for step in range(-_STEPS, _STEPS + 1)]
    scored = [(_levelled(boxes, slope, tolerance), -abs(slope), slope) for slope in slopes]
    most = max(scored)[0]
    if most < _GAIN * straight:
        return 0.0
    equal = sorted(slope for count, _, slope in scored if count >= 0.98 * most)
    return equal[len(equal) // 2]


def tilt_of(lines: Sequence[Sequence[Box]]) -> float:
    """The slope of a paper that lies far from straight on a photo, by how the words of its lines follow each other."""
    slopes = [
        (after.centre[1] - before.centre[1]) / (after.centre[0] - before.centre[0])
        for words in lines
        for before, after in itertools.pairwise(words)
        if after.centre[0] - before.centre[0] > after.height / 4
    ]
    if len(slopes) < _FEWEST_PAIRS:
        return 0.0
    usual = median(slopes)
    agree = sum(abs(slope - usual) < 0.3 * abs(usual) for slope in slopes)
    return usual if STEEP < abs(usual) < 1.0 and agree > _AGREEING * len(slopes) else 0.0


def _levelled(boxes: Sequence[Box], slope: float, tolerance: float) -> int:
    """How many cells have another one at their level when lines fall by this slope."""
    heights = sorted(box.centre[1] - slope * box.centre[0] for box in boxes)
    return sum(other - one < tolerance for one, other in itertools.pairwise(heights))


def straightened(box: Box, slope: float) -> Box:
    """A box moved up or down to where it would stand on a straight page."""
    down = slope * (box.centre[0] - 0.5)
    return Box(box.x0, box.y0 - down, box.x1, box.y1 - down)
