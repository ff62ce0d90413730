"""Geometry of small SVG charts, in the chart's own units. No Django, no HTML."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """A stacked bar: a full part at the bottom and a light part on top of it."""

    x: int
    full_y: int
    full_height: int
    rest_y: int
    rest_height: int


def stacked_bars(values: Sequence[tuple[int, int]], *, height: int, pitch: int) -> list[Bar]:
    """Bars of (full, rest), scaled to the highest; non-zero bars are at least one unit high."""
    top = max((full + rest for full, rest in values), default=0) or 1
    bars = []
    for number, (full, rest) in enumerate(values):
        total = _scaled(full + rest, top, height)
        below = min(_scaled(full, top, height), total)
        bars.append(Bar(number * pitch, height - below, below, height - total, total - below))
    return bars


def sparkline(values: Sequence[float], *, width: int, height: int) -> str:
    """Points of a polyline, oldest first; the vertical axis runs from 0 to 4/3 of the maximum."""
    if len(values) < 2:
        return ""
    top = max(values) * 4 / 3 or 1
    step = width / (len(values) - 1)
    return " ".join(f"{step * at:.1f},{height - value / top * height:.1f}" for at, value in enumerate(values))


def stretches(values: Sequence[float], *, top: float, width: int) -> list[tuple[float, float]]:
    """Offset and length of each segment of a horizontal bar, where `top` fills the width."""
    found, at = [], 0.0
    for value in values:
        length = value / (top or 1) * width
        found.append((round(at, 1), round(length, 1)))
        at += length
    return found


def _scaled(value: int, top: int, height: int) -> int:
    return max(round(value / top * height), 1) if value else 0


@dataclass(frozen=True, slots=True)
class Interval:
    """A dot with the bar of its interval, in the chart's units."""

    low: float
    at: float
    high: float


class SureScale:
    """Shares from 0 to 1 on a logarithmic scale of what is missing: 90, 99 and 99.9 % are equally far apart."""

    BEST = 0.0005
    """What is missing at the end of the scale."""

    def __init__(self, length: float) -> None:
        self._length = length
        self._decades = -math.log10(self.BEST)

    def at(self, share: float) -> float:
        return round(-math.log10(max(1 - share, self.BEST)) / self._decades * self._length, 1)

    def interval(self, low: float, share: float, high: float) -> Interval:
        return Interval(self.at(low), self.at(share), self.at(high))


class LinearScale:
    """Shares from `least` to 1."""

    def __init__(self, length: float, least: float) -> None:
        self._length, self._least = length, min(least, 0.99)

    def at(self, share: float) -> float:
        return round(max(share - self._least, 0.0) / (1 - self._least) * self._length, 1)

    def interval(self, low: float, share: float, high: float) -> Interval:
        return Interval(self.at(low), self.at(share), self.at(high))
