"""Check boxes in the ruled boxes of a form, and pairs of them that answer a question with yes or no."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from reading.normalization import fold
from reading.vocabulary import section

from .boxes import in_column
from .framed import Frame, Frames
from .marks import MARK, Mark, all_marks
from .text_grid import Cell, Span, TextGrid

_ANSWERS = section("choices", "answers")
_YES, _NO = frozenset(_ANSWERS["yes"]), frozenset(_ANSWERS["no"])
_REACH = 2.5
"""Lines between a question and the line with its answers, at most."""


def marks_of(grid: TextGrid, frames: Frames) -> list[Mark]:
    """All check boxes that have a label, and the questions that they answer, each as a box that is ticked for yes."""
    found = [_in_frame(mark, frames) for mark in all_marks(grid)]
    labelled = [mark for mark in found if mark.labels]
    return [*labelled, *_questions(grid, frames, labelled)]


def _in_frame(mark: Mark, frames: Frames) -> Mark:
    """A check box alone in a ruled box belongs to the words there, not to those of the next box."""
    frame = frames.of_cell.get(mark.place.cell)
    if frame is None or (mark.labels and frames.of_cell.get(mark.labels[0].cell) is frame):
        return mark
    words = [cell for cell in frame.cells if not MARK.search(cell.text)]
    if not words or sum(len(MARK.findall(cell.text)) for cell in frame.cells) != 1:
        return mark
    return replace(mark, labels=tuple(cell.span for cell in words), trust=1.0)


def _questions(grid: TextGrid, frames: Frames, marks: Sequence[Mark]) -> Iterator[Mark]:
    groups: dict[object, list[Mark]] = defaultdict(list)
    for mark in marks:
        if _says(mark, _YES) or _says(mark, _NO):
            frame = frames.of_cell.get(mark.place.cell)
            groups[frame if frame is not None else mark.place.cell.row].append(mark)
    for group in groups.values():
        yes, no = (next((mark for mark in group if _says(mark, words)), None) for words in (_YES, _NO))
        if len(group) != 2 or yes is None or no is None or yes.ticked == no.ticked:
            continue
        first = min(group, key=lambda mark: (mark.place.cell.row, mark.place.box.x0))
        question = _asked_before(grid, frames.of_cell.get(first.place.cell), first)
        if question:
            yield Mark((yes if yes.ticked else no).place, yes.ticked, question)


def _says(mark: Mark, words: frozenset[str]) -> bool:
    return fold(mark.labels[0].text).strip(" .:") in words


def _asked_before(grid: TextGrid, frame: Frame | None, first: Mark) -> tuple[Span, ...]:
    """The words before the first of the answers, on their line or above it."""
    cell = first.place.cell
    own = Span(cell, 0, first.place.start).stripped()
    if own.text:
        return (own,)
    if frame is not None:
        question = [other for other in frame.cells if other.row < cell.row and not MARK.search(other.text)]
        if question:
            return tuple(other.span for other in question)
    before = grid.before(cell)
    if before is not None and not MARK.search(before.text):
        return (before.span,)
    over = _over(grid, cell)
    return (over.span,) if over is not None else ()


def _over(grid: TextGrid, cell: Cell) -> Cell | None:
    for row in reversed(grid.rows[max(0, cell.row - 2) : cell.row]):
        for other in row:
            near = other.page == cell.page and cell.box.y0 - other.box.y1 < _REACH * other.box.height
            if near and in_column(other.box, cell.box) and not MARK.search(other.text):
                return other
    return None
