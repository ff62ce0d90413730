"""Lists on a form: the column under its head, the row beside its name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...values import fold
from .pairs import Pair, pairs_of, raised
from .pieces import Piece, Pieces
from .signs import Sign

_LIST, _MORE = 0.88, 0.02
"""A list is the likelier the longer it is."""
_FIRST_GAP, _NEXT_GAP, _TABLE_GAP = 3.5, 1.6, 8.0
"""In lines: from a head to its first value, from a value to the next, and where the whole line stands in the columns
of the one before."""
_COLUMNS = 3
"""Cells in line with those of another line that make the two a table."""
_SHORT = 6
"""More words than these stand in no cell of a table."""
_MARGIN = 0.012


def list_pairs(pieces: Pieces, signs: Sequence[Sign]) -> Iterator[Pair]:
    """The values at all printed labels of a list: columns, rows, or what a single value would be."""
    cells = [sign.last.cell for sign in signs if not sign.ends_in_colon]
    ways = {sign: _way(pieces, sign, cells.count(sign.last.cell) > 1) for sign in signs}
    heads = [sign for sign, (kind, _) in ways.items() if kind == "column"]
    for sign, (kind, found) in ways.items():
        if heads and kind != "column" and _is_head(sign):
            kind, found = "column", _column_under(pieces, sign)
        if kind and found:
            yield Pair(sign.trust * (_LIST + _MORE * min(len(found), 4)), sign, tuple(found), kind)
        elif not kind:
            yield from pairs_of(pieces, sign)


def _is_head(sign: Sign) -> bool:
    """What stands over a column in one place does so in the other, if it is printed in the same manner."""
    return not sign.ends_in_colon and sign.last.end >= len(sign.last.cell.text.rstrip(" .:"))


def _way(pieces: Pieces, sign: Sign, is_head: bool) -> tuple[str, list[Piece]]:
    """Whether a label has a column or a row of values, with them; heads of columns may have been read as one cell."""
    own = pieces.of_sign[sign]
    beside = pieces.right_of(own)[:1]
    if not is_head and beside and not beside[0].is_label and beside[0].cell is sign.last.cell:
        return "", []
    row, column = [] if is_head else _row_beside(pieces, sign), _column_under(pieces, sign)
    if (row or any(raised(pieces, sign, own))) and _figures(column) <= 0.5:
        column = []  # words below a label that has something beside it
    for kind, found in sorted((("row", row), ("column", column)), key=lambda way: -_figures(way[1])):
        if len(found) > 1 and not (sign.ends_in_colon and _figures(found) < 0.5):
            return kind, found
    return "", []


def _figures(found: Sequence[Piece]) -> float:
    """The share of values that are mostly digits, as values are rather than names."""
    return sum(map(_is_figure, found)) / max(1, len(found))


def _is_figure(piece: Piece) -> bool:
    signs = [char for char in piece.text if char.isalnum()]
    return 2 * sum(char.isdigit() for char in signs) >= len(signs)


def _row_beside(pieces: Pieces, sign: Sign) -> list[Piece]:
    found: list[Piece] = []
    for piece in pieces.right_of(pieces.of_sign[sign]):
        if piece.is_label or piece.words > _SHORT or piece.is_mark:
            break
        found.append(piece)
    return found


def _column_under(pieces: Pieces, sign: Sign) -> list[Piece]:
    left, right = _bounds(pieces, sign)
    foot = sign.foot
    found: list[Piece] = []
    last: list[Piece] = []
    edge, widest = foot.y1, 0.0
    for row in (pieces.rows[at] for at in range(sign.row + 1, len(pieces.rows))):
        if row and row[0].cell.page != sign.page:
            break
        near = [piece for piece in row if left < piece.box.centre[0] < right]
        under = [piece for piece in near if piece.box.x0 < foot.x1 + _MARGIN and piece.box.x1 > foot.x0 - _MARGIN]
        if len(under) > 1:  # a head over several columns, if there are more of these than heads
            under = near if len(row) > len(pieces.rows[sign.row]) else under[:1]
        under = under or near[:1]
        if not under or under[0].box.centre[1] < foot.y1:
            continue
        gap = (under[0].box.y0 - edge) / foot.height
        same = bool(last) and _same_columns(last, row)
        reach = _TABLE_GAP if same else max(_NEXT_GAP, 1.3 * widest) if last else _FIRST_GAP
        if gap > reach or _ends(pieces, under, found, same=same):
            break
        if found or not under[0].text.startswith("("):  # a remark on the head
            widest = max(widest, gap)
            found += under
            last = row if len(row) >= _COLUMNS or not last else last
        edge = under[0].box.y1
    return found


def _same_columns(row: Sequence[Piece], other: Sequence[Piece]) -> bool:
    """Whether most cells of a line stand under those of another, as in a table."""
    under = sum(any(abs(one.box.centre[0] - two.box.centre[0]) < 2 * _MARGIN for one in row) for two in other)
    return under >= _COLUMNS and 2 * under > len(other)


def _ends(pieces: Pieces, under: Sequence[Piece], found: Sequence[Piece], *, same: bool) -> bool:
    """Whether a line is none of the column's: a label or its value, a mark, a text too long, words among figures."""
    if any(piece.is_label or piece.is_mark or piece.words > _SHORT for piece in under):
        return True
    if found and any("total" in fold(other.text) for piece in under for other in pieces.left_of(piece)[:1]):
        return True
    if found and _after_label(pieces, under[0]) and not _after_label(pieces, found[0]):
        return True
    if len(found) < 2 or not all(map(_is_figure, found)) or any(map(_is_figure, under)):
        return False
    return not same or any(map(_is_figure, pieces.right_of(under[-1])))


def _after_label(pieces: Pieces, piece: Piece) -> bool:
    return any(other.is_label for other in pieces.left_of(piece)[:1])


def _bounds(pieces: Pieces, sign: Sign) -> tuple[float, float]:
    """The middle between a head and its neighbours on its line."""
    row = pieces.rows[sign.row]
    foot = sign.foot
    before = max((piece.box.x1 for piece in row if piece.box.x1 <= foot.x0), default=None)
    after = min((piece.box.x0 for piece in row if piece.box.x0 >= foot.x1), default=None)
    left = (before + foot.x0) / 2 if before is not None else 2 * foot.x0 - (after + foot.x1) / 2 if after else 0.0
    right = (after + foot.x1) / 2 if after is not None else 2 * foot.x1 - left
    return left - _MARGIN, right + _MARGIN
