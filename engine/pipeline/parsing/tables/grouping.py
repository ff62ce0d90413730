"""The lines of a table's body put together into rows: each line goes with the figures it stands nearest to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from ..text_grid import Span
from .lines import Line

_CLEARLY = 1.3
_STEP = 0.9
"""In line heights: text below the last row is not part of it if the gap is wider."""
_SAME_EDGE = 0.02
_TINY = 0.001


def group(lines: Sequence[Line], anchors: Sequence[int], left_out: Sequence[int]) -> list[list[Line]]:
    """The lines of each row; an anchor is the line with its figures, and every row has one."""
    kept = [index for index in range(len(lines)) if index not in set(left_out)]
    between = [[i for i in kept if one < i < other] for one, other in pairwise(anchors)]
    first = [index for index in kept if index < anchors[0]]
    last = [index for index in kept if index > anchors[-1]]
    cuts = [
        _widest_gap(lines, [one, *inner, other]) for (one, other), inner in zip(pairwise(anchors), between, strict=True)
    ]
    above_first = _above_first(lines, first, anchors, between, cuts)
    hangs = bool(above_first) and not any(cut for cut in cuts if cut)
    rows = [[lines[anchor]] for anchor in anchors]
    rows[0][:0] = [lines[index] for index in above_first]
    for at, (inner, cut) in enumerate(zip(between, cuts, strict=True)):
        cut = (0 if hangs else len(inner)) if cut is None else cut
        rows[at] += [lines[index] for index in inner[:cut]]
        rows[at + 1][:0] = [lines[index] for index in inner[cut:]]
    if not (hangs and any(between)):
        rows[-1] += _below_last(lines, last, lines[anchors[-1]], rows)
    return rows


def _gap(one: Line, other: Line) -> float:
    return other.top - one.bottom if one.page == other.page else 1.0


def _widest_gap(lines: Sequence[Line], chain: Sequence[int]) -> int | None:
    """How many of the lines between two anchors belong to the first; None where the gaps do not tell."""
    if len(chain) == 2:
        return 0
    gaps = [_gap(lines[one], lines[other]) for one, other in pairwise(chain)]
    widest = max(gaps)
    others = [gap for gap in gaps if gap is not widest]
    clear = widest - max(others) > 0.25 * min(lines[index].height for index in chain)
    return gaps.index(widest) if clear and widest > _CLEARLY * max(others) + _TINY else None


def _above_first(
    lines: Sequence[Line],
    first: Sequence[int],
    anchors: Sequence[int],
    between: Sequence[Sequence[int]],
    cuts: Sequence[int | None],
) -> list[int]:
    """The lines between the head and the first figures that belong to these, such as a name over two lines."""
    found: list[int] = []
    below = lines[anchors[0]]
    for index in reversed(first):
        if _gap(lines[index], below) > 1.2 * lines[index].height:
            break
        found.insert(0, index)
        below = lines[index]
    nameless = not _has_name(lines[anchors[0]])
    others_too = any(cut is not None and cut < len(inner) for cut, inner in zip(cuts, between, strict=True))
    unclear = len(anchors) < 2 or any(inner and cut is None for cut, inner in zip(cuts, between, strict=True))
    return found if nameless or others_too or unclear else []


def _has_name(line: Line) -> bool:
    spans = [span for column, spans in line.parts.items() if column.concept in ("description", "") for span in spans]
    return any(char.isalpha() for span in spans for char in span.text)


def _below_last(
    lines: Sequence[Line], last: Sequence[int], anchor: Line, rows: Sequence[Sequence[Line]]
) -> Iterator[Line]:
    """The lines that follow the last figures as closely as others do within rows, below the name."""
    inner = [_gap(one, other) for row in rows for one, other in pairwise(row) if one.page == other.page]
    limit = max([_CLEARLY * gap for gap in inner] or [0.0])
    edges = [span.box.x0 for row in rows for line in row for span in _named(line)]
    previous = anchor
    for index in last:
        line = lines[index]
        starts = [span.box.x0 for span in _named(line)]
        near = _gap(previous, line) <= max(limit, _TINY) if inner else _gap(previous, line) <= _STEP * anchor.height
        aligned = any(abs(start - edge) < _SAME_EDGE for start in starts[:1] for edge in edges)
        if not near or not aligned or line.numeric() or len(line.parts) > len(anchor.parts):
            return
        yield line
        previous = line


def _named(line: Line) -> list[Span]:
    return [span for column, spans in line.parts.items() if not column.numeric for span in spans]
