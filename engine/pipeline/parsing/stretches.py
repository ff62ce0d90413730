"""Values that are more than one cell: a column under its head, a row beside its name, text over several lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from reading.document import Box

from .candidates import Candidate, Finder
from .labels import Label
from .marks import MARK
from .sheet import Cell, Span

_LINE_GAP = 0.9
"""Of a line's height: lines of one text stand no further apart."""
_COLUMN_GAP = 3.5
_ALIGNED = 0.012
_FLUSH = 0.006
_WIDE = 0.25
"""Of the page: text in narrower lines does not go on, but ends."""
_MOST_LINES = 12
_SHORT = 6
_CLOSE = 0.5
_COVERED = 0.8
"""More words than these stand in no cell of a table."""


def column_under(finder: Finder, label: Label) -> list[Span]:
    """The cells under a label as far as they follow each other, none of them beside another label's value."""
    box = Span(label.cell, label.start, label.end).box
    found: list[Span] = []
    edge, row = box.y1, label.cell.row
    for cells in finder.sheet.rows[label.cell.row + 1 :]:
        under = [cell for cell in cells if cell.page == label.cell.page and _within(cell, box.x0, box.x1)]
        if not under or under[0].row == row:
            continue
        cell = under[0]
        if cell.box.y0 - edge > _COLUMN_GAP * box.height or finder.labels.is_label(cell) or len(cell.tokens) > _SHORT:
            break
        if any(char.isalnum() for char in cell.text):
            found.append(cell.span.stripped(" \t:;·•●|"))
            edge = cell.box.y1
    return found


def _within(cell: Cell, left: float, right: float) -> bool:
    return left - _ALIGNED <= cell.box.centre[0] <= right + _ALIGNED or (
        cell.box.x0 < (left + right) / 2 < cell.box.x1 and cell.box.width < 2.5 * (right - left)
    )


def row_beside(finder: Finder, label: Label) -> list[Span]:
    """The cells to the right of a label that is alone in its cell, up to the next label."""
    if label.cell.text[label.end :].strip(" :.").strip():
        return []
    found: list[Span] = []
    for cell in finder.sheet.right_of(label.cell):
        if finder.labels.is_label(cell) or len(cell.tokens) > _SHORT or MARK.search(cell.text):
            break
        if any(char.isalnum() for char in cell.text):
            found.append(cell.span.stripped(" \t:;·•●|"))
    return found


def figures(spans: Sequence[Span]) -> float:
    """The share of values that have a digit in them, as values have rather than names."""
    return sum(any(char.isdigit() for char in span.text) for span in spans) / max(1, len(spans))


def with_lines_below(finder: Finder, candidate: Candidate) -> Candidate:
    """The whole of a text that goes on in the lines below its first."""
    if not isinstance(candidate.value, str) or len(candidate.spans) != 1:
        return candidate
    spans = (*candidate.spans, *_lines_below(finder, candidate))
    if len(spans) == 1:
        return candidate
    return replace(candidate, value=" ".join(span.text for span in spans), spans=spans)


def _lines_below(finder: Finder, candidate: Candidate) -> Iterator[Span]:
    first = candidate.spans[0]
    if first.end < len(first.cell.text.rstrip(" .:;")):
        return
    label = candidate.label
    starts = [first.box.x0]
    if label is not None and first.cell is label.cell:
        starts.append(label.cell.box.x0)
    headed = label is not None and first.cell.row > label.cell.row
    edge, height, ends = first.box.y1, first.box.height, first.box.x1
    count = 0
    for row in finder.sheet.rows[first.cell.row + 1 :]:
        cell = next((one for one in row if any(abs(one.box.x0 - x) < _ALIGNED for x in starts)), None)
        if cell is None and headed:
            cell = next((one for one in row if _under(one.box, first.box, edge)), None)
        if cell is None:
            if row[0].box.y0 - edge > _LINE_GAP * height:
                return
            continue
        apart = cell.page != first.page or cell.box.y0 - edge > _LINE_GAP * height
        labelled = finder.labels.is_label(cell) or cell.text.rstrip().endswith(":") or MARK.search(cell.text)
        close = cell.box.y0 - edge < _CLOSE * height and (headed or _listed(finder, first, cell, label))
        if ends - first.box.x0 < _WIDE and not close:
            return  # a line that ended so soon was meant to end
        if apart or labelled or count == _MOST_LINES or _beside_label(finder, cell) or cell.box.x0 > ends:
            return
        yield cell.span
        edge, ends = cell.box.y1, max(ends, cell.box.x1)
        count += 1


def _listed(finder: Finder, first: Span, cell: Cell, label: Label | None) -> bool:
    """Whether a short line goes on with what stands beside a label: flush with it, and nothing under the label."""
    beside = label is not None and first.box.x0 > label.cell.box.x1 and label.cell.row == first.cell.row
    flush = abs(cell.box.x0 - first.box.x0) < _FLUSH
    return beside and flush and cell is finder.sheet.rows[cell.row][0]


def _under(box: Box, first: Box, edge: float) -> bool:
    """Whether a line stands close under another in the middle of its column."""
    shared = min(box.x1, first.x1) - max(box.x0, first.x0)
    return shared > _COVERED * min(box.width, first.width) and box.y0 - edge < _CLOSE * first.height


def _beside_label(finder: Finder, cell: Cell) -> bool:
    """Whether the line belongs to a label of its own on its left."""
    return any(other.box.x1 <= cell.box.x0 and finder.labels.is_label(other) for other in finder.sheet.rows[cell.row])
