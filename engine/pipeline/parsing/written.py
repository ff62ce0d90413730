"""What was written into a printed form with check boxes, where its labels stand over it or beside it.

Such a form says nothing of its blanks, so that each text that is no label may stand in one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from reading.document import Box

from .boxes import around, in_column
from .marks import MARK
from .text_grid import Cell

_JOINED = 0.035
"""Of the page: what is written into one blank stands no further apart."""
_BESIDE, _REACH = 0.12, 0.7
"""How far, of the page, a label ends before its value; how far, of a line, it stands over it."""
_FLUSH = 0.02
_MOST_WORDS = 9
_LABEL_OVER, _LABEL_BESIDE = 0.9, 0.89
_TOOTH, _TEETH, _COMB_REACH = 0.07, 8, 2.0
"""Of the page: boxes for a digit each stand no further apart; a comb of fewer digits may have been read in part."""

Written = tuple[tuple[Cell, ...], tuple[tuple[str, float], ...]]
"""The cells of a value, and the texts that may be its label with how usual their place is."""


def written_texts(rows: Sequence[Sequence[Cell]], page: int, is_label: Callable[[Cell], bool]) -> Iterator[Written]:
    own = [row for row in rows if row and row[0].page == page]
    digits = [cell for row in own for cell in row if _is_digits(cell)]
    combs = [comb for comb in _combs(digits) if len(comb) > 2]
    teeth = {cell for comb in combs for cell in comb}
    for comb in combs:
        over = _over(own, comb[0].box, _COMB_REACH)
        if over is not None:
            complete = sum(char.isdigit() for cell in comb for char in cell.text) >= _TEETH
            yield tuple(comb) if complete else (), ((over.text, _LABEL_OVER),)
    own = [[cell for cell in row if cell not in teeth] for row in own]
    for number, row in enumerate(own):
        for cells in _texts(row, is_label):
            box = around(cell.box for cell in cells)
            over = _over(own[max(0, number - 3) : number], box, _REACH)
            labels = [(over.text, _LABEL_OVER)] if over is not None else []
            labels += list(_beside(own, number, box))
            if labels:
                yield (*cells, *_lines_below(own[number + 1 : number + 4], box, over, is_label)), tuple(labels)


def _is_digits(cell: Cell) -> bool:
    return bool(cell.tokens) and all(token.text.isdigit() and len(token.text) <= 2 for token in cell.tokens)


def _combs(cells: Sequence[Cell]) -> Iterator[list[Cell]]:
    """Digits that stand side by side with blanks between, as in boxes for one each; by hand, they are not level."""
    left = sorted(cells, key=lambda cell: cell.box.x0)
    while left:
        comb = [left.pop(0)]
        for cell in [*left]:
            last = comb[-1].box
            level = abs(cell.box.centre[1] - comb[0].box.centre[1]) < max(cell.box.height, comb[0].box.height)
            if level and cell.box.x0 - last.x1 < _TOOTH:
                comb.append(cell)
                left.remove(cell)
        yield comb


def _texts(row: Sequence[Cell], is_label: Callable[[Cell], bool]) -> Iterator[list[Cell]]:
    """The cells of a row that are no labels, those close together as one text."""
    text: list[Cell] = []
    for cell in row:
        free = _is_free(cell, is_label)
        if text and (not free or cell.box.x0 - text[-1].box.x1 > _JOINED):
            yield text
            text = []
        if free:
            text.append(cell)
    if text:
        yield text


def _is_free(cell: Cell, is_label: Callable[[Cell], bool]) -> bool:
    if not any(char.isalnum() for char in cell.text):
        return False  # the dots that lead to a value
    return not (is_label(cell) or MARK.search(cell.text) or cell.text.endswith(":") or len(cell.tokens) > _MOST_WORDS)


def _over(rows: Sequence[Sequence[Cell]], box: Box, reach: float) -> Cell | None:
    """The nearest cell over a text, if it is close, begins no further right and does not go on with a sentence."""
    above = [cell for row in rows for cell in row if in_column(cell.box, box) and cell.box.centre[1] < box.y0]
    nearest = max(above, key=lambda cell: cell.box.y1, default=None)
    if (
        nearest is None
        or nearest.text[0].islower()
        or nearest.box.x0 > box.x0 + _FLUSH
        or box.y0 - nearest.box.y1 > reach * box.height
    ):
        return None
    return nearest


def _beside(rows: Sequence[Sequence[Cell]], number: int, box: Box) -> Iterator[tuple[str, float]]:
    """The label right before a text, alone and with the line that it goes on from."""
    before = max((cell for cell in rows[number] if cell.box.x1 <= box.x0), key=lambda cell: cell.box.x1, default=None)
    if before is None or box.x0 - before.box.x1 > _BESIDE or len(before.tokens) > _MOST_WORDS:
        return
    yield before.text, _LABEL_BESIDE
    for cell in rows[number - 1] if number else ():
        if abs(cell.box.x0 - before.box.x0) < _FLUSH:
            yield f"{cell.text} {before.text}", _LABEL_BESIDE


def _lines_below(
    rows: Sequence[Sequence[Cell]], box: Box, over: Cell | None, is_label: Callable[[Cell], bool]
) -> Iterator[Cell]:
    """The further lines of a text whose label stands over it, flush with the first."""
    edge = box.y1
    for row in rows if over is not None else ():
        under = [cell for cell in row if in_column(cell.box, box)]
        if not under:
            continue
        cell = under[0]
        if not _is_free(cell, is_label) or abs(cell.box.x0 - box.x0) > _FLUSH or cell.box.y0 - edge > box.height:
            return
        yield cell
        edge = cell.box.y1
