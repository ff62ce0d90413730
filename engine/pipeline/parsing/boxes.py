"""How boxes on a page lie to each other."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from reading.document import Box

_RAISED, _LOWERED = -0.15, 0.1
"""Of a line's height that typed text shares with its label, at least: typewriters stood a little high."""
_TOUCHING = 0.005


def around(boxes: Iterable[Box]) -> Box:
    return reduce(Box.union, boxes)


def in_column(one: Box, other: Box) -> bool:
    """Whether one of them stands over the other, at least in part."""
    return one.x0 < other.x1 and one.x1 > other.x0


def shared_width(one: Box, other: Box) -> float:
    """How much of the page's width both cover; less than nothing where they stand apart."""
    return min(one.x1, other.x1) - max(one.x0, other.x0)


def level(one: Box, other: Box) -> float:
    """How much of the less high one's height two boxes share; less than nothing where one is all above the other."""
    return (min(one.y1, other.y1) - max(one.y0, other.y0)) / max(min(one.height, other.height), 1e-6)


def is_typed_behind(box: Box, label: Box, reach: float, *, higher: bool) -> bool:
    """Whether a box on the row above (`higher`) or below a label begins right behind it, hardly off its line."""
    return -_TOUCHING < box.x0 - label.x1 < reach and level(box, label) > (_RAISED if higher else _LOWERED)
