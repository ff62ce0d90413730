"""The order in which a person reads what stands on a page: columns one after the other, tables row by row."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import chain
from operator import attrgetter
from statistics import median
from typing import NamedTuple

from reading.document import Word

GUTTER = 0.8  # of the height of a line: the least white space between two columns
PROSE = 25  # characters in a line of a column of text
HALF = 0.5
SAME_HEIGHT = 0.3  # of the height of a line
NUMERIC = 0.4  # the share of digits that makes a cell a number
BLOCK = 12  # lines of an address or a list of particulars, at most


_left, _top = attrgetter("x0"), attrgetter("y0")


class Item(NamedTuple):
    x0: float
    y0: float
    x1: float
    y1: float
    words: list[Word]
    text: str


def in_reading_order(items: Sequence[tuple[float, float, float, float, list[Word]]]) -> list[list[Word]]:
    lines = [Item(*item, " ".join([word.text for word in item[4]])) for item in items]
    return [item.words for item in _ordered(lines)]


def _ordered(items: list[Item]) -> list[Item]:
    if len(items) < 3:
        return _rows(items)
    unit = median([item.y1 - item.y0 for item in items])
    ordered: list[Item] = []
    for group, gutters in _groups(_bands(items), GUTTER * unit):
        parts = _parts(group, gutters, unit)
        if len(parts) > 1:
            ordered += [item for part in parts for item in _ordered(part)]
        else:
            ordered += _rows(group)
    return ordered


def _rows(items: list[Item]) -> list[Item]:
    """From left to right, and downwards."""
    rows: list[list[Item]] = []
    for item in sorted(items, key=lambda item: item.y0 + item.y1):
        middle = (item.y0 + item.y1) / 2
        if rows and rows[-1][0].y0 <= middle <= rows[-1][0].y1:
            rows[-1].append(item)
        else:
            rows.append([item])
    return [item for row in rows for item in sorted(row, key=_left)]


def _bands(items: list[Item]) -> list[list[Item]]:
    """Parts of the page, one below the other, that no line crosses."""
    bands: list[list[Item]] = []
    lowest = float("-inf")
    for item in sorted(items, key=_top):
        top, bottom = item.y0, item.y1
        if top + 0.2 * (bottom - top) < lowest:
            bands[-1].append(item)
        else:
            bands.append([item])
        if bottom > lowest:
            lowest = bottom
    return bands


Gutter = tuple[float, float]


class _Reach(NamedTuple):
    """Where the leftmost of some lines ends, and where the rightmost begins."""

    ends: float
    begins: float

    def has_sides(self, gutter: Gutter) -> bool:
        return self.ends <= gutter[0] and self.begins >= gutter[1]


def _reach(items: list[Item]) -> _Reach:
    return _Reach(min([item.x1 for item in items]), max([item.x0 for item in items]))


def _groups(bands: list[list[Item]], least: float) -> list[tuple[list[Item], list[Gutter]]]:
    """Bands that follow each other and share a gutter become one group; the widest gutter comes first."""
    groups: list[tuple[list[Item], list[Gutter], _Reach]] = []
    for band in bands:
        free, reach = _free(band), _reach(band)
        if groups:
            items, gutters, above = groups[-1]
            shared = [part for part in _shared(gutters, free) if part[1] - part[0] >= least]
            both = _Reach(min(above.ends, reach.ends), max(above.begins, reach.begins))
            if any(map(both.has_sides, shared)):
                items += band
                groups[-1] = (items, shared, both)
                continue
        groups.append((list(band), free, reach))
    return [(items, _widest_first(reach, free, least)) for items, free, reach in groups]


def _free(band: list[Item]) -> list[Gutter]:
    """Where a vertical line would meet no text, from the left edge of the world to the right."""
    free: list[Gutter] = []
    reached = float("-inf")
    for item in sorted(band, key=_left):
        if item.x0 > reached:
            free.append((reached, item.x0))
        if item.x1 > reached:
            reached = item.x1
    return [*free, (reached, float("inf"))]


def _shared(some: list[Gutter], others: list[Gutter]) -> list[Gutter]:
    both = [(a if a > c else c, b if b < d else d) for a, b in some for c, d in others]
    return [(left, right) for left, right in both if left < right]


def _sides(items: list[Item], gutter: Gutter) -> tuple[list[Item], list[Item]] | None:
    left = [item for item in items if item.x1 <= gutter[0]]
    right = [item for item in items if item.x0 >= gutter[1]]
    return (left, right) if left and right else None


def _widest_first(reach: _Reach, free: list[Gutter], least: float) -> list[Gutter]:
    gutters = [gutter for gutter in free if gutter[1] - gutter[0] >= least and reach.has_sides(gutter)]
    return sorted(gutters, key=lambda gutter: gutter[0] - gutter[1])


def _parts(items: list[Item], gutters: list[Gutter], unit: float) -> list[list[Item]]:
    """What is read one after the other. Columns of prose go on below a white band, other things end there."""
    for gutter in gutters:
        if columns := _columns(items, gutter, unit, _are_prose):
            return columns
    paragraphs = _paragraphs(items, unit)
    if gutters and len(paragraphs) == 1 and (columns := _columns(items, gutters[0], unit, _are_read_apart)):
        return columns
    return paragraphs


Judge = Callable[[list[Item], list[Item], float], bool]


def _columns(items: list[Item], gutter: Gutter, unit: float, are_columns: Judge) -> list[list[Item]] | None:
    """Both sides of the gutter and what stands below them."""
    above, below = _trimmed(items, gutter, unit)
    sides = _sides(above, gutter)
    if not sides or min(map(len, sides)) < 2 or not are_columns(*sides, unit):
        return None
    return [*sides, below] if below else list(sides)


def _paragraphs(items: list[Item], unit: float) -> list[list[Item]]:
    """Cut where a white band goes from side to side."""
    parts: list[list[Item]] = []
    lowest = float("-inf")
    for band in _bands(items):
        if band[0].y0 - lowest > unit or not parts:  # a band begins with its highest line
            parts.append([])
        parts[-1] += band
        lowest = max([item.y1 for item in band])
    return parts


def _trimmed(items: list[Item], gutter: Gutter, unit: float) -> tuple[list[Item], list[Item]]:
    """Cut off what follows below the columns on one side only, after a gap."""
    bands = _bands(items)
    last = max((n for n, band in enumerate(bands) if _reach(band).has_sides(gutter)), default=len(bands) - 1)
    for n in range(last + 1, len(bands)):
        gap = bands[n][0].y0 - max([item.y1 for item in bands[n - 1]])
        if gap > unit:
            return list(chain(*bands[:n])), list(chain(*bands[n:]))
    return items, []


def _are_prose(left: list[Item], right: list[Item], unit: float) -> bool:
    return min(_share_of_prose(left), _share_of_prose(right)) > HALF


def _are_read_apart(left: list[Item], right: list[Item], unit: float) -> bool:
    """Side by side: two addresses, or the first and the other columns of a table?"""
    numbers = [item for item in right if _is_numeric(item.text)]
    if len(numbers) > 1 and _aligned(numbers, left, unit) > HALF:
        return False
    if min(_aligned(left, right, unit), _aligned(right, left, unit)) < HALF:
        return True
    if any(item.text.endswith(":") for item in left) or max(len(left), len(right)) > BLOCK:
        return False
    return _wordy(left) and _wordy(right)


def _share_of_prose(items: list[Item]) -> float:
    """How much of the text stands in long lines; a column may hold a small table, too."""
    lengths = [len(item.text) for item in items]
    long = [length for length in lengths if length >= PROSE]
    return sum(long) / sum(lengths) if len(long) > 2 else 0.0


def _aligned(items: list[Item], others: list[Item], unit: float) -> float:
    """The share of the items that have a neighbour on the other side."""
    heights = sorted([(other.y0 + other.y1) / 2 for other in others])
    near = 0
    for item in items:
        height = (item.y0 + item.y1) / 2
        n = bisect_left(heights, height)
        near += any(abs(height - other) < SAME_HEIGHT * unit for other in heights[max(0, n - 1) : n + 1])
    return near / len(items)


def _wordy(items: list[Item]) -> bool:
    numeric = sum(_is_numeric(item.text) for item in items)
    return numeric <= 0.3 * len(items) and _in_one_column(items)


def _in_one_column(items: list[Item]) -> bool:
    """No line of the block has a neighbour within it, as the cells of a table do."""
    return all(len(band) == 1 for band in _bands(items))


def _is_numeric(text: str) -> bool:
    return sum(character.isdigit() for character in text) >= NUMERIC * len(text)
