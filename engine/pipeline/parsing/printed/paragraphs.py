"""A text that goes on: in the next cell of its line, and in the lines below."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from reading.document import Box

from ..boxes import shared_width
from ..marks import MARK
from .cell_segments import CellSegment, CellSegments
from .pairs import Pair

_LINE_GAP = 0.9
"""Of a line's height: lines of one text stand no further apart."""
_BLOCK_GAP = 1.3
"""The same for a text that stands flush below its label."""
_ALIGNED, _FLUSH, _MARGIN = 0.012, 0.006, 0.009
_WIDE = 0.25
"""Of the page: text in narrower lines does not go on, but ends."""
_FULL = 0.85
"""Of where the texts of a document end: a line that begins beside a label and goes on under it reaches so far."""
_MOST_LINES = 12
_CLOSE, _COVERED, _TIGHT, _RAISED = 0.5, 0.8, 0.25, 0.15
_NEXT = 0.03
_COUNTER = re.compile(r"\W*\d{1,2}\W*")
"""The number of what follows it on its line, and no line of a text."""

Free = Callable[[CellSegment], bool]


def whole(segments: CellSegments, pair: Pair, free: Free) -> list[CellSegment]:
    """All segments of the text that begins with the pair's."""
    first = pair.segments[0]
    if pair.kind in ("above", "mark"):
        return [first]
    return [*_over(segments, pair, free), first, *_behind(segments, pair, first, free), *_below(segments, pair, free)]


def _over(segments: CellSegments, pair: Pair, free: Free) -> Iterator[CellSegment]:
    """The line above, where a label stands beside the middle of a text of several lines."""
    first = pair.segments[0]
    if pair.kind != "right" or first.row == 0:
        return
    for segment in segments.rows[first.row - 1]:
        close = segment.cell.page == first.cell.page and first.box.y0 - segment.box.y1 < _TIGHT * first.box.height
        flush = abs(segment.box.x0 - first.box.x0) < _FLUSH
        if close and flush and first.box.y0 < pair.match.foot.centre[1] and not _is_other(segments, segment, free):
            yield segment


def items_of(found: Sequence[CellSegment]) -> list[list[CellSegment]]:
    """The items of a list that were written one below the other: lines that fill their column go on in the next."""
    items: list[list[CellSegment]] = []
    last = found[0]
    for segment in found:
        beside = segment.row == last.row and segment is not last
        apart = segment.box.y0 - last.box.y1 > _CLOSE * last.box.height
        flush = bool(items) and abs(segment.box.x0 - items[-1][0].box.x0) < _ALIGNED
        if items and (beside or (flush and not apart and last.box.x1 - items[-1][0].box.x0 > _WIDE)):
            items[-1].append(segment)
        else:
            items.append([segment])
        last = segment
    return items


def _behind(segments: CellSegments, pair: Pair, first: CellSegment, free: Free) -> Iterator[CellSegment]:
    if pair.kind == "below":
        return
    edge = first.box.x1
    for segment in segments.right_of(first):
        if segment.is_label or segment.is_mark or not free(segment) or segment.box.x0 - edge > _NEXT:
            return
        yield segment
        edge = segment.box.x1


def _below(segments: CellSegments, pair: Pair, free: Free) -> Iterator[CellSegment]:
    first = pair.segments[0]
    line = [first, *_behind(segments, pair, first, free)]
    headed = pair.kind == "below"
    full = line[-1].box.x1 > _FULL * segments.right_edge
    margin = pair.match.last.cell.box.x0 if full and not headed else first.box.x0
    edge, height, ends = first.box.y1, first.box.height, line[-1].box.x1
    count = 0
    for row in segments.rows[first.row + 1 :]:
        segment = next((segment for segment in row if _begins(segment, first, margin)), None)
        if segment is None and headed:
            segment = next((segment for segment in row if _under(segment.box, first.box, edge)), None)
        if segment is None:
            if any(segment.is_label and segment.box.x0 < ends and segment.box.x1 > margin for segment in row):
                return
            if row and row[0].box.y0 - edge > _BLOCK_GAP * height:
                return
            continue
        reach = _BLOCK_GAP if headed and abs(segment.box.x0 - first.box.x0) < _FLUSH else _LINE_GAP
        apart = segment.cell.page != first.cell.page or segment.box.y0 - edge > reach * height
        close = segment.box.y0 - edge < _CLOSE * height and (headed or _listed(segments, pair, first, segment))
        if ends - first.box.x0 < _WIDE and not close:
            return  # a line that ended so soon was meant to end
        if (
            apart
            or _COUNTER.fullmatch(segment.text)
            or _is_taken(segments, segment, free)
            or count == _MOST_LINES
            or segment.box.x0 > ends
        ):
            return
        line = [segment, *_behind(segments, pair, segment, free)]
        yield from line
        edge, ends = segment.box.y1, max(ends, line[-1].box.x1)
        count += 1


def _begins(segment: CellSegment, first: CellSegment, margin: float) -> bool:
    return abs(segment.box.x0 - first.box.x0) < _ALIGNED or abs(segment.box.x0 - margin) < _MARGIN


def _is_taken(segments: CellSegments, segment: CellSegment, free: Free) -> bool:
    return _is_other(segments, segment, free) or _heads(segments, segment)


def _is_other(segments: CellSegments, segment: CellSegment, free: Free) -> bool:
    labelled = segment.is_label or not free(segment) or MARK.search(segment.text) is not None
    return labelled or any(other.is_label for other in segments.left_of(segment)[:1])


def _heads(segments: CellSegments, segment: CellSegment) -> bool:
    """Whether it is the first line of a text whose label stands on its left, a little lower."""
    row = segments.rows[segment.row + 1] if segment.row + 1 < len(segments.rows) else []
    lower = [one for one in row if one.is_label and one.cell.page == segment.cell.page and one.box.x1 <= segment.box.x0]
    return any(one.box.y0 - segment.box.y1 < _RAISED * segment.box.height for one in lower)


def _listed(segments: CellSegments, pair: Pair, first: CellSegment, segment: CellSegment) -> bool:
    """Whether a short line goes on with what stands beside a label: flush with it, and nothing under the label."""
    beside = pair.kind in ("right", "inline")
    flush = abs(segment.box.x0 - first.box.x0) < _FLUSH
    return beside and flush and segment is segments.rows[segment.row][0]


def _under(box: Box, first: Box, edge: float) -> bool:
    """Whether a line stands close under another in the middle of its column."""
    below = shared_width(box, first) > _COVERED * min(box.width, first.width)
    return below and box.y0 - edge < _CLOSE * first.height
