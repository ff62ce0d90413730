"""A text that goes on: in the next cell of its line, and in the lines below."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from reading.document import Box

from ..boxes import shared_width
from ..marks import MARK
from .pairs import Pair
from .pieces import Piece, Pieces

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

Free = Callable[[Piece], bool]


def whole(pieces: Pieces, pair: Pair, free: Free) -> list[Piece]:
    """All pieces of the text that begins with the pair's."""
    first = pair.pieces[0]
    if pair.kind in ("above", "mark"):
        return [first]
    return [*_over(pieces, pair, free), first, *_behind(pieces, pair, first, free), *_below(pieces, pair, free)]


def _over(pieces: Pieces, pair: Pair, free: Free) -> Iterator[Piece]:
    """The line above, where a label stands beside the middle of a text of several lines."""
    first = pair.pieces[0]
    if pair.kind != "right" or first.row == 0:
        return
    for piece in pieces.rows[first.row - 1]:
        close = piece.cell.page == first.cell.page and first.box.y0 - piece.box.y1 < _TIGHT * first.box.height
        flush = abs(piece.box.x0 - first.box.x0) < _FLUSH
        if close and flush and first.box.y0 < pair.sign.foot.centre[1] and not _is_other(pieces, piece, free):
            yield piece


def items_of(found: Sequence[Piece]) -> list[list[Piece]]:
    """The items of a list that were written one below the other: lines that fill their column go on in the next."""
    items: list[list[Piece]] = []
    last = found[0]
    for piece in found:
        beside = piece.row == last.row and piece is not last
        apart = piece.box.y0 - last.box.y1 > _CLOSE * last.box.height
        flush = bool(items) and abs(piece.box.x0 - items[-1][0].box.x0) < _ALIGNED
        if items and (beside or (flush and not apart and last.box.x1 - items[-1][0].box.x0 > _WIDE)):
            items[-1].append(piece)
        else:
            items.append([piece])
        last = piece
    return items


def _behind(pieces: Pieces, pair: Pair, first: Piece, free: Free) -> Iterator[Piece]:
    if pair.kind == "below":
        return
    edge = first.box.x1
    for piece in pieces.right_of(first):
        if piece.is_label or piece.is_mark or not free(piece) or piece.box.x0 - edge > _NEXT:
            return
        yield piece
        edge = piece.box.x1


def _below(pieces: Pieces, pair: Pair, free: Free) -> Iterator[Piece]:
    first = pair.pieces[0]
    line = [first, *_behind(pieces, pair, first, free)]
    headed = pair.kind == "below"
    full = line[-1].box.x1 > _FULL * pieces.right_edge
    margin = pair.sign.last.cell.box.x0 if full and not headed else first.box.x0
    edge, height, ends = first.box.y1, first.box.height, line[-1].box.x1
    count = 0
    for row in pieces.rows[first.row + 1 :]:
        piece = next((one for one in row if _begins(one, first, margin)), None)
        if piece is None and headed:
            piece = next((one for one in row if _under(one.box, first.box, edge)), None)
        if piece is None:
            if any(one.is_label and one.box.x0 < ends and one.box.x1 > margin for one in row):
                return
            if row and row[0].box.y0 - edge > _BLOCK_GAP * height:
                return
            continue
        reach = _BLOCK_GAP if headed and abs(piece.box.x0 - first.box.x0) < _FLUSH else _LINE_GAP
        apart = piece.cell.page != first.cell.page or piece.box.y0 - edge > reach * height
        close = piece.box.y0 - edge < _CLOSE * height and (headed or _listed(pieces, pair, first, piece))
        if ends - first.box.x0 < _WIDE and not close:
            return  # a line that ended so soon was meant to end
        if (
            apart
            or _COUNTER.fullmatch(piece.text)
            or _is_taken(pieces, piece, free)
            or count == _MOST_LINES
            or piece.box.x0 > ends
        ):
            return
        line = [piece, *_behind(pieces, pair, piece, free)]
        yield from line
        edge, ends = piece.box.y1, max(ends, line[-1].box.x1)
        count += 1


def _begins(piece: Piece, first: Piece, margin: float) -> bool:
    return abs(piece.box.x0 - first.box.x0) < _ALIGNED or abs(piece.box.x0 - margin) < _MARGIN


def _is_taken(pieces: Pieces, piece: Piece, free: Free) -> bool:
    return _is_other(pieces, piece, free) or _heads(pieces, piece)


def _is_other(pieces: Pieces, piece: Piece, free: Free) -> bool:
    labelled = piece.is_label or not free(piece) or MARK.search(piece.text) is not None
    return labelled or any(other.is_label for other in pieces.left_of(piece)[:1])


def _heads(pieces: Pieces, piece: Piece) -> bool:
    """Whether it is the first line of a text whose label stands on its left, a little lower."""
    row = pieces.rows[piece.row + 1] if piece.row + 1 < len(pieces.rows) else []
    lower = [one for one in row if one.is_label and one.cell.page == piece.cell.page and one.box.x1 <= piece.box.x0]
    return any(one.box.y0 - piece.box.y1 < _RAISED * piece.box.height for one in lower)


def _listed(pieces: Pieces, pair: Pair, first: Piece, piece: Piece) -> bool:
    """Whether a short line goes on with what stands beside a label: flush with it, and nothing under the label."""
    beside = pair.kind in ("right", "inline")
    flush = abs(piece.box.x0 - first.box.x0) < _FLUSH
    return beside and flush and piece is pieces.rows[piece.row][0]


def _under(box: Box, first: Box, edge: float) -> bool:
    """Whether a line stands close under another in the middle of its column."""
    below = shared_width(box, first) > _COVERED * min(box.width, first.width)
    return below and box.y0 - edge < _CLOSE * first.height
