"""Numbers that were written digit by digit into the boxes of a comb, under or beside the name of the number."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..candidates import Candidate
from ..labels import Label
from ..text_grid import Cell, TextGrid

LENGTHS = {"social_security": (9, 15, 13), "employer_id": (9,)}
_DIGITS = re.compile(r"(?:[|\[\](){}\s.:_/-]*\d(?!\d))+[|\[\](){}\s.:_/-]*")
"""One digit at a time, with what is left of the boxes around them."""
_REACH = 4.0
"""Heights of a line: no further down are the boxes of a label."""
_ASIDE = 0.02


def in_comb(grid: TextGrid, labels: Iterable[Label], concept: str) -> Candidate | None:
    """The number of a length that such numbers have."""
    for label in labels:
        cells = sorted(_beneath(grid, label.cell), key=lambda cell: cell.box.x0)
        number = re.sub(r"\D", "", "".join(cell.text for cell in cells))
        if len(cells) > 1 and len(number) in LENGTHS.get(concept, ()):
            return Candidate(number, tuple(cell.span for cell in cells), 0.6)
    return None


def _beneath(grid: TextGrid, label: Cell) -> Iterable[Cell]:
    for row in grid.rows[max(0, label.row - 1) : label.row + 7]:
        for cell in row:
            down = cell.box.centre[1] - label.box.y1
            near = cell.page == label.page and -label.box.height < down < _REACH * label.box.height
            if near and cell.box.x0 > label.box.x0 - _ASIDE and _DIGITS.fullmatch(cell.text):
                yield cell
