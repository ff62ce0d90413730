"""Lists on a form: the column under its head, the row beside its name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reading.normalization import fold

from .cell_segments import CellSegment, CellSegments
from .label_matches import LabelMatch
from .pairs import Pair, pairs_of, raised

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


def list_pairs(segments: CellSegments, matches: Sequence[LabelMatch]) -> Iterator[Pair]:
    """The values at all printed labels of a list: columns, rows, or what a single value would be."""
    cells = [match.last.cell for match in matches if not match.ends_in_colon]
    ways = {match: _way(segments, match, cells.count(match.last.cell) > 1) for match in matches}
    heads = [match for match, (kind, _) in ways.items() if kind == "column"]
    for match, (kind, found) in ways.items():
        if heads and kind != "column" and _is_head(match):
            kind, found = "column", _column_under(segments, match)
        if kind and found:
            yield Pair(match.trust * (_LIST + _MORE * min(len(found), 4)), match, tuple(found), kind)
        elif not kind:
            yield from pairs_of(segments, match)


def _is_head(match: LabelMatch) -> bool:
    """What stands over a column in one place does so in the other, if it is printed in the same manner."""
    return not match.ends_in_colon and match.last.end >= len(match.last.cell.text.rstrip(" .:"))


def _way(segments: CellSegments, match: LabelMatch, is_head: bool) -> tuple[str, list[CellSegment]]:
    """Whether a label has a column or a row of values, with them; heads of columns may have been read as one cell."""
    own = segments.of_sign[match]
    beside = segments.right_of(own)[:1]
    if not is_head and beside and not beside[0].is_label and beside[0].cell is match.last.cell:
        return "", []
    row, column = [] if is_head else _row_beside(segments, match), _column_under(segments, match)
    if (row or any(raised(segments, match, own))) and _figures(column) <= 0.5:
        column = []  # words below a label that has something beside it
    for kind, found in sorted((("row", row), ("column", column)), key=lambda way: -_figures(way[1])):
        if len(found) > 1 and not (match.ends_in_colon and _figures(found) < 0.5):
            return kind, found
    return "", []


def _figures(found: Sequence[CellSegment]) -> float:
    """The share of values that are mostly digits, as values are rather than names."""
    return sum(map(_is_figure, found)) / max(1, len(found))


def _is_figure(segment: CellSegment) -> bool:
    matches = [char for char in segment.text if char.isalnum()]
    return 2 * sum(char.isdigit() for char in matches) >= len(matches)


def _row_beside(segments: CellSegments, match: LabelMatch) -> list[CellSegment]:
    found: list[CellSegment] = []
    for segment in segments.right_of(segments.of_sign[match]):
        if segment.is_label or segment.words > _SHORT or segment.is_mark:
            break
        found.append(segment)
    return found


def _column_under(segments: CellSegments, match: LabelMatch) -> list[CellSegment]:
    left, right = _bounds(segments, match)
    foot = match.foot
    found: list[CellSegment] = []
    last: list[CellSegment] = []
    edge, widest = foot.y1, 0.0
    for row in (segments.rows[at] for at in range(match.row + 1, len(segments.rows))):
        if row and row[0].cell.page != match.page:
            break
        near = [segment for segment in row if left < segment.box.centre[0] < right]
        under = [
            segment for segment in near if segment.box.x0 < foot.x1 + _MARGIN and segment.box.x1 > foot.x0 - _MARGIN
        ]
        if len(under) > 1:  # a head over several columns, if there are more of these than heads
            under = near if len(row) > len(segments.rows[match.row]) else under[:1]
        under = under or near[:1]
        if not under or under[0].box.centre[1] < foot.y1:
            continue
        gap = (under[0].box.y0 - edge) / foot.height
        same = bool(last) and _same_columns(last, row)
        reach = _TABLE_GAP if same else max(_NEXT_GAP, 1.3 * widest) if last else _FIRST_GAP
        if gap > reach or _ends(segments, under, found, same=same):
            break
        if found or not under[0].text.startswith("("):  # a remark on the head
            widest = max(widest, gap)
            found += under
            last = row if len(row) >= _COLUMNS or not last else last
        edge = under[0].box.y1
    return found


def _same_columns(row: Sequence[CellSegment], other: Sequence[CellSegment]) -> bool:
    """Whether most cells of a line stand under those of another, as in a table."""
    under = sum(any(abs(segment.box.centre[0] - two.box.centre[0]) < 2 * _MARGIN for segment in row) for two in other)
    return under >= _COLUMNS and 2 * under > len(other)


def _ends(segments: CellSegments, under: Sequence[CellSegment], found: Sequence[CellSegment], *, same: bool) -> bool:
    """Whether a line is none of the column's: a label or its value, a mark, a text too long, words among figures."""
    if any(segment.is_label or segment.is_mark or segment.words > _SHORT for segment in under):
        return True
    if found and any("total" in fold(other.text) for segment in under for other in segments.left_of(segment)[:1]):
        return True
    if found and _after_label(segments, under[0]) and not _after_label(segments, found[0]):
        return True
    if len(found) < 2 or not all(map(_is_figure, found)) or any(map(_is_figure, under)):
        return False
    return not same or any(map(_is_figure, segments.right_of(under[-1])))


def _after_label(segments: CellSegments, segment: CellSegment) -> bool:
    return any(other.is_label for other in segments.left_of(segment)[:1])


def _bounds(segments: CellSegments, match: LabelMatch) -> tuple[float, float]:
    """The middle between a head and its neighbours on its line."""
    row = segments.rows[match.row]
    foot = match.foot
    before = max((segment.box.x1 for segment in row if segment.box.x1 <= foot.x0), default=None)
    after = min((segment.box.x0 for segment in row if segment.box.x0 >= foot.x1), default=None)
    left = (before + foot.x0) / 2 if before is not None else 2 * foot.x0 - (after + foot.x1) / 2 if after else 0.0
    right = (after + foot.x1) / 2 if after is not None else 2 * foot.x1 - left
    return left - _MARGIN, right + _MARGIN
