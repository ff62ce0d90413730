"""Where the value of a printed label may stand on a form: behind it, beside it, below it, as a mark before it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reading.document import Box

from ..boxes import is_typed_behind, level, shared_width
from ..candidates import INSTRUCTION
from ..text_grid import rows_beside
from .cell_segments import CellSegment, CellSegments
from .label_matches import LabelMatch

_INLINE, _RIGHT, _RAISED, _BELOW, _MARK = 1.0, 0.95, 0.88, 0.78, 0.97
_ABOVE = 0.6
_FAR = 0.6
"""What a value loses by each width of the page between it and its label."""
_MARK_REACH = 0.05
_BELOW_REACH = 2.2
"""Lines between a label and what stands below it, at most."""
_ABOVE_REACH = 0.5
_INDENT = 0.09
_BESIDE = 0.15
_GOES_ON = re.compile(r"[a-zà-ÿ]")


@dataclass(frozen=True, eq=False)
class Pair:
    """A label and the segments that may be its value, with how likely that is."""

    score: float
    match: LabelMatch
    segments: tuple[CellSegment, ...]
    kind: str


def pairs_of(segments: CellSegments, match: LabelMatch) -> Iterator[Pair]:
    own = segments.of_sign[match]
    beside = list(_beside(segments, match, own))
    if any(other.is_empty_box and own.box.x0 - other.box.x1 < _MARK_REACH for other in segments.left_of(own)[:1]):
        yield from beside if match.ends_in_colon else ()
        return  # it might have been ticked, and is not
    yield from _marks(segments, match, own)
    yield from beside
    if not beside:
        yield from raised(segments, match, own)
    yield from _below(segments, match)
    if not beside:
        yield from _above(segments, match)


def _marks(segments: CellSegments, match: LabelMatch, own: CellSegment) -> Iterator[Pair]:
    for other in segments.left_of(own)[:1]:
        gap = own.box.x0 - other.box.x1
        if other.is_mark and gap < _MARK_REACH:
            yield Pair(match.trust * (_MARK - gap), match, (other,), "mark")


def _beside(segments: CellSegments, match: LabelMatch, own: CellSegment) -> Iterator[Pair]:
    for order, other in enumerate(segments.right_of(own)):
        if other.is_label or other.is_empty_box or order > 1:
            return
        inline = other.cell is own.cell
        if inline:
            if not match.ends_in_colon and (_GOES_ON.match(other.text) or INSTRUCTION.search(other.text)):
                return
            score = _INLINE
        else:
            score = _RIGHT - _FAR * max(0.0, other.box.x0 - own.box.x1)
        yield Pair(match.trust * score * 0.8**order, match, (other,), "inline" if inline else "right")


def raised(segments: CellSegments, match: LabelMatch, own: CellSegment) -> Iterator[Pair]:
    """What was typed a little above or below the line of its label, nearer to it than anything else."""
    stop = min((other.box.x0 for other in segments.right_of(own)), default=1.0)
    for row in rows_beside(segments.rows, own.row):
        for n, other in enumerate(row):
            if other.is_label or other.cell.page != own.cell.page or other.box.x0 >= stop:
                continue
            crossed = n > 0 and row[n - 1].box.x1 > own.box.x1
            if is_typed_behind(other.box, own.box, _BESIDE, higher=other.row < own.row) and not crossed:
                score = _RAISED - _FAR * (other.box.x0 - own.box.x1) + 0.05 * level(other.box, own.box)
                yield Pair(match.trust * score, match, (other,), "right")


def _below(segments: CellSegments, match: LabelMatch) -> Iterator[Pair]:
    foot = match.foot
    for row in segments.rows[match.row + 1 : match.row + 7]:
        near = [other for other in row if other.cell.page == match.page and other.box.centre[1] > foot.y1]
        near = [other for other in near if other.box.x0 < foot.x1 + 0.01 and other.box.x1 > foot.x0 - 0.01] or [
            other for other in near if foot.x0 < other.box.x0 < foot.x1 + _INDENT
        ]
        if not near:
            continue
        other = max(near, key=lambda one: shared_width(one.box, foot))
        gap = (other.box.y0 - foot.y1) / foot.height
        if gap > _BELOW_REACH or other.is_label or other.is_empty_box:
            return
        score = _BELOW * _likely_below(segments, match, other) - 0.06 * max(0.0, gap)
        yield Pair(match.trust * score, match, (other,), "below")
        return


def _above(segments: CellSegments, match: LabelMatch) -> Iterator[Pair]:
    """What was written on a line whose label is printed under it."""
    box = match.box
    if (
        match.ends_in_colon
        or match.spans[0].cell.tokens[0].start < match.spans[0].start
        or any(_stacked(other, box) for row in segments.rows[match.row + 1 :][:2] for other in row)
    ):
        return
    for row in segments.rows[max(0, match.spans[0].cell.row - 2) : match.spans[0].cell.row]:
        for other in row:
            gap = (box.y0 - other.box.y1) / match.foot.height
            near = other.cell.page == match.page and -0.5 < gap < _ABOVE_REACH and _in_line(other.box, box)
            if near and not other.is_label and not any(segment.is_label for segment in segments.left_of(other)[:1]):
                yield Pair(match.trust * (_ABOVE - 0.06 * max(0.0, gap)), match, (other,), "above")


def _stacked(other: CellSegment, box: Box) -> bool:
    """Whether another label stands right under one, as in a list of labels that have theirs beside them."""
    gap = other.box.y0 - box.y1
    return other.is_label and abs(other.box.x0 - box.x0) < 0.01 and 0 < gap < 1.2 * box.height


def _likely_below(segments: CellSegments, match: LabelMatch, other: CellSegment) -> float:
    """Less if it stands askew, belongs to a label on its left or looks like one, or others have theirs beside them."""
    foot = match.foot
    level = _in_line(other.box, foot)
    score = 1.0 if level else 0.8
    if not level and other.box.x0 < foot.x0 - 0.03 and other.box.width > 1.5 * foot.width:
        score *= 0.6
    if any(segment.is_label and other.box.x0 - segment.box.x1 < _BESIDE for segment in segments.left_of(other)[:1]):
        score *= 0.7
    if match.last.text.isupper() and other.text.isupper() and not any(char.isdigit() for char in other.text):
        score *= 0.8 if abs(other.box.x0 - foot.x0) < 0.01 else 0.95
    return score * (0.75 if _is_row_name(segments, match) else 1.0)


def _is_row_name(segments: CellSegments, match: LabelMatch) -> bool:
    """Whether right above it, flush with it, is something that has its value beside it."""
    foot = match.foot
    for row in segments.rows[max(0, match.row - 2) : match.row]:
        for n, other in enumerate(row[:-1]):
            close = other.cell.page == match.page and foot.y0 - other.box.y1 < 1.2 * foot.height
            if close and abs(other.box.x0 - foot.x0) < 0.01 and not row[n + 1].is_label:
                return True
    return False


def _in_line(one: Box, other: Box) -> bool:
    left, right = abs(one.x0 - other.x0) < 0.02, abs(one.x1 - other.x1) < 0.02
    return left or right or abs(one.centre[0] - other.centre[0]) < 0.03
