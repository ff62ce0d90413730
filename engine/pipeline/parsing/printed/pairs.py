"""Where the value of a printed label may stand on a form: behind it, beside it, below it, as a mark before it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reading.document import Box

from ..boxes import is_typed_behind, level, shared_width
from ..candidates import INSTRUCTION
from ..sheet import rows_beside
from .pieces import Piece, Pieces
from .signs import Sign

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
    """A label and the pieces that may be its value, with how likely that is."""

    score: float
    sign: Sign
    pieces: tuple[Piece, ...]
    kind: str


def pairs_of(pieces: Pieces, sign: Sign) -> Iterator[Pair]:
    own = pieces.of_sign[sign]
    beside = list(_beside(pieces, sign, own))
    if any(other.is_empty_box and own.box.x0 - other.box.x1 < _MARK_REACH for other in pieces.left_of(own)[:1]):
        yield from beside if sign.ends_in_colon else ()
        return  # it might have been ticked, and is not
    yield from _marks(pieces, sign, own)
    yield from beside
    if not beside:
        yield from raised(pieces, sign, own)
    yield from _below(pieces, sign)
    if not beside:
        yield from _above(pieces, sign)


def _marks(pieces: Pieces, sign: Sign, own: Piece) -> Iterator[Pair]:
    for other in pieces.left_of(own)[:1]:
        gap = own.box.x0 - other.box.x1
        if other.is_mark and gap < _MARK_REACH:
            yield Pair(sign.trust * (_MARK - gap), sign, (other,), "mark")


def _beside(pieces: Pieces, sign: Sign, own: Piece) -> Iterator[Pair]:
    for order, other in enumerate(pieces.right_of(own)):
        if other.is_label or other.is_empty_box or order > 1:
            return
        inline = other.cell is own.cell
        if inline:
            if not sign.ends_in_colon and (_GOES_ON.match(other.text) or INSTRUCTION.search(other.text)):
                return
            score = _INLINE
        else:
            score = _RIGHT - _FAR * max(0.0, other.box.x0 - own.box.x1)
        yield Pair(sign.trust * score * 0.8**order, sign, (other,), "inline" if inline else "right")


def raised(pieces: Pieces, sign: Sign, own: Piece) -> Iterator[Pair]:
    """What was typed a little above or below the line of its label, nearer to it than anything else."""
    stop = min((other.box.x0 for other in pieces.right_of(own)), default=1.0)
    for row in rows_beside(pieces.rows, own.row):
        for n, other in enumerate(row):
            if other.is_label or other.cell.page != own.cell.page or other.box.x0 >= stop:
                continue
            crossed = n > 0 and row[n - 1].box.x1 > own.box.x1
            if is_typed_behind(other.box, own.box, _BESIDE, higher=other.row < own.row) and not crossed:
                score = _RAISED - _FAR * (other.box.x0 - own.box.x1) + 0.05 * level(other.box, own.box)
                yield Pair(sign.trust * score, sign, (other,), "right")


def _below(pieces: Pieces, sign: Sign) -> Iterator[Pair]:
    foot = sign.foot
    for row in pieces.rows[sign.row + 1 : sign.row + 7]:
        near = [other for other in row if other.cell.page == sign.page and other.box.centre[1] > foot.y1]
        near = [other for other in near if other.box.x0 < foot.x1 + 0.01 and other.box.x1 > foot.x0 - 0.01] or [
            other for other in near if foot.x0 < other.box.x0 < foot.x1 + _INDENT
        ]
        if not near:
            continue
        other = max(near, key=lambda one: shared_width(one.box, foot))
        gap = (other.box.y0 - foot.y1) / foot.height
        if gap > _BELOW_REACH or other.is_label or other.is_empty_box:
            return
        score = _BELOW * _likely_below(pieces, sign, other) - 0.06 * max(0.0, gap)
        yield Pair(sign.trust * score, sign, (other,), "below")
        return


def _above(pieces: Pieces, sign: Sign) -> Iterator[Pair]:
    """What was written on a line whose label is printed under it."""
    box = sign.box
    if (
        sign.ends_in_colon
        or sign.spans[0].cell.tokens[0].start < sign.spans[0].start
        or any(_stacked(other, box) for row in pieces.rows[sign.row + 1 :][:2] for other in row)
    ):
        return
    for row in pieces.rows[max(0, sign.spans[0].cell.row - 2) : sign.spans[0].cell.row]:
        for other in row:
            gap = (box.y0 - other.box.y1) / sign.foot.height
            near = other.cell.page == sign.page and -0.5 < gap < _ABOVE_REACH and _in_line(other.box, box)
            if near and not other.is_label and not any(one.is_label for one in pieces.left_of(other)[:1]):
                yield Pair(sign.trust * (_ABOVE - 0.06 * max(0.0, gap)), sign, (other,), "above")


def _stacked(other: Piece, box: Box) -> bool:
    """Whether another label stands right under one, as in a list of labels that have theirs beside them."""
    gap = other.box.y0 - box.y1
    return other.is_label and abs(other.box.x0 - box.x0) < 0.01 and 0 < gap < 1.2 * box.height


def _likely_below(pieces: Pieces, sign: Sign, other: Piece) -> float:
    """Less if it stands askew, belongs to a label on its left or looks like one, or others have theirs beside them."""
    foot = sign.foot
    level = _in_line(other.box, foot)
    score = 1.0 if level else 0.8
    if not level and other.box.x0 < foot.x0 - 0.03 and other.box.width > 1.5 * foot.width:
        score *= 0.6
    if any(one.is_label and other.box.x0 - one.box.x1 < _BESIDE for one in pieces.left_of(other)[:1]):
        score *= 0.7
    if sign.last.text.isupper() and other.text.isupper() and not any(char.isdigit() for char in other.text):
        score *= 0.8 if abs(other.box.x0 - foot.x0) < 0.01 else 0.95
    return score * (0.75 if _is_row_name(pieces, sign) else 1.0)


def _is_row_name(pieces: Pieces, sign: Sign) -> bool:
    """Whether right above it, flush with it, is something that has its value beside it."""
    foot = sign.foot
    for row in pieces.rows[max(0, sign.row - 2) : sign.row]:
        for n, other in enumerate(row[:-1]):
            close = other.cell.page == sign.page and foot.y0 - other.box.y1 < 1.2 * foot.height
            if close and abs(other.box.x0 - foot.x0) < 0.01 and not row[n + 1].is_label:
                return True
    return False


def _in_line(one: Box, other: Box) -> bool:
    left, right = abs(one.x0 - other.x0) < 0.02, abs(one.x1 - other.x1) < 0.02
    return left or right or abs(one.centre[0] - other.centre[0]) < 0.03
