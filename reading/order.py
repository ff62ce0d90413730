"""The order in which a person reads what stands on a page: columns one after the other, tables row by row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from statistics import median
from typing import NamedTuple

from reading.document import Word

GUTTER = 0.8  # of the height of a line: the least white space between two columns
PROSE = 25  # characters in a line of a column of text
HALF = 0.5
SAME_HEIGHT = 0.3  # of the height of a line
NUMERIC = 0.4  # the share of digits that makes a cell a number
BLOCK = 12  # lines of an address or a list of particulars, at most


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
    unit = median(item.y1 - item.y0 for item in items)
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
        if rows and any(other.y0 <= middle <= other.y1 for other in rows[-1][:1]):
            rows[-1].append(item)
        else:
            rows.append([item])
    return [item for row in rows for item in sorted(row, key=lambda item: item.x0)]


def _bands(items: list[Item]) -> list[list[Item]]:
    """Parts of the page, one below the other, that no line crosses."""
    bands: list[list[Item]] = []
    lowest = float("-inf")
    for item in sorted(items, key=lambda item: item.y0):
        overlap = 0.2 * (item.y1 - item.y0)
        if item.y0 + overlap < lowest:
            bands[-1].append(item)
        else:
            bands.append([item])
        lowest = max(lowest, item.y1)
    return bands


Gutter = tuple[float, float]


def _groups(bands: list[list[Item]], least: float) -> list[tuple[list[Item], list[Gutter]]]:
    """Bands that follow each other and share a gutter become one group; the widest gutter comes first."""
    groups: list[tuple[list[Item], list[Gutter]]] = []
    for band in bands:
        free = _free(band)
        if groups:
            shared = [part for part in _shared(groups[-1][1], free) if part[1] - part[0] >= least]
            if shared and _splits(groups[-1][0] + band, shared):
                groups[-1] = (groups[-1][0] + band, shared)
                continue
        groups.append((list(band), free))
    return [(items, _widest_first(items, free, least)) for items, free in groups]


def _free(band: list[Item]) -> list[Gutter]:
    """Where a vertical line would meet no text, from the left edge of the world to the right."""
    free: list[Gutter] = []
    reached = float("-inf")
    for item in sorted(band, key=lambda item: item.x0):
        if item.x0 > reached:
            free.append((reached, item.x0))
        reached = max(reached, item.x1)
    return [*free, (reached, float("inf"))]


def _shared(some: list[Gutter], others: list[Gutter]) -> list[Gutter]:
    both = ((max(a[0], b[0]), min(a[1], b[1])) for a in some for b in others)
    return [(left, right) for left, right in both if left < right]


def _splits(items: list[Item], gutters: list[Gutter]) -> bool:
    return any(_has_sides(items, gutter) for gutter in gutters)


def _has_sides(items: list[Item], gutter: Gutter) -> bool:
    left, right = gutter
    return any(item.x1 <= left for item in items) and any(item.x0 >= right for item in items)


def _sides(items: list[Item], gutter: Gutter) -> tuple[list[Item], list[Item]] | None:
    left = [item for item in items if item.x1 <= gutter[0]]
    right = [item for item in items if item.x0 >= gutter[1]]
    return (left, right) if left and right else None


def _widest_first(items: list[Item], free: list[Gutter], least: float) -> list[Gutter]:
    gutters = [gutter for gutter in free if gutter[1] - gutter[0] >= least and _has_sides(items, gutter)]
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
        if min(item.y0 for item in band) - lowest > unit or not parts:
            parts.append([])
        parts[-1] += band
        lowest = max(item.y1 for item in band)
    return parts


def _trimmed(items: list[Item], gutter: Gutter, unit: float) -> tuple[list[Item], list[Item]]:
    """Cut off what follows below the columns on one side only, after a gap."""
    bands = _bands(items)
    last = max((n for n, band in enumerate(bands) if _has_sides(band, gutter)), default=len(bands) - 1)
    for n in range(last + 1, len(bands)):
        gap = min(item.y0 for item in bands[n]) - max(item.y1 for item in bands[n - 1])
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
    heights = [(other.y0 + other.y1) / 2 for other in others]
    near = sum(any(abs((i.y0 + i.y1) / 2 - height) < SAME_HEIGHT * unit for height in heights) for i in items)
    return near / len(items)


def _wordy(items: list[Item]) -> bool:
    numeric = sum(_is_numeric(item.text) for item in items)
    return numeric <= 0.3 * len(items) and _in_one_column(items)


def _in_one_column(items: list[Item]) -> bool:
    """No line of the block has a neighbour within it, as the cells of a table do."""
    return all(len(band) == 1 for band in _bands(items))


def _is_numeric(text: str) -> bool:
    return sum(character.isdigit() for character in text) >= NUMERIC * len(text)
