"""Small drawings as SVG shapes: numbers in, places in a drawing's own units out. No Django, no HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: a full part at the foot and a light part on top of it."""

    x: int
    full_y: int
    full_height: int
    rest_y: int
    rest_height: int


def stacked_bars(values: Sequence[tuple[int, int]], *, height: int, pitch: int) -> list[Bar]:
    """Bars of (full, rest), scaled so that the highest just fits; one that is not nothing is never invisible."""
    top = max((full + rest for full, rest in values), default=0) or 1
    bars = []
    for number, (full, rest) in enumerate(values):
        whole = _scaled(full + rest, top, height)
        below = min(_scaled(full, top, height), whole)
        bars.append(Bar(number * pitch, height - below, below, height - whole, whole - below))
    return bars


def sparkline(values: Sequence[float], *, width: int, height: int) -> str:
    """The points of a polyline from old to new, from nothing at the foot to a third above the highest."""
    if len(values) < 2:
        return ""
    top = max(values) * 4 / 3 or 1
    step = width / (len(values) - 1)
    return " ".join(f"{step * at:.1f},{height - value / top * height:.1f}" for at, value in enumerate(values))


def stretches(values: Sequence[float], *, top: float, width: int) -> list[tuple[float, float]]:
    """Where each part of one long bar begins, and how long it is, when a whole of `top` fills the width."""
    found, at = [], 0.0
    for value in values:
        length = value / (top or 1) * width
        found.append((round(at, 1), round(length, 1)))
        at += length
    return found


def _scaled(value: int, top: int, height: int) -> int:
    return max(round(value / top * height), 1) if value else 0
