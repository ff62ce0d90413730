"""What a receipt for one payment was for: the only row of its list, which stands under no head and beside no amount."""

from __future__ import annotations

import re

from reading.normalization import fold
from reading.vocabulary import any_of

from ..candidates import Candidate
from ..concepts import column_of
from ..fields import Field
from ..labels import LabelMap
from ..money import only_amount
from ..text_grid import Cell, Span, TextGrid

_NAMED = re.compile(any_of("receipts", "purposes"))
_ASIDE, _NEXT = 0.01, 0.6
"""Of the page, how far its lines may begin from each other; of a line, how far they may stand apart."""
_REACH = 2.6
_MOST_LINES = 3
_SCORE = 0.6


def row_of_purpose(row: Field, grid: TextGrid, labels: LabelMap) -> list[dict[str, Candidate]]:
    """One row with a description, where the document speaks of a single amount and names what it was paid for."""
    name = next((child.name for child in row.children if column_of(child).get("description", 0) >= 0.9), None)
    if name is None or only_amount(grid) is None:
        return []
    for cell in grid.cells:
        if _NAMED.fullmatch(fold(cell.text).strip(" .:")) and (lines := _below(grid, labels, cell)):
            return [{name: Candidate(" ".join(line.text for line in lines), tuple(lines), _SCORE)}]
    return []


def _below(grid: TextGrid, labels: LabelMap, label: Cell) -> list[Span]:
    found: list[Cell] = []
    for cell in grid.below(label, reach=_REACH):
        apart = bool(found) and cell.box.y0 - found[-1].box.y1 > _NEXT * found[-1].box.height
        aside = bool(found) and abs(cell.box.x0 - found[0].box.x0) > _ASIDE
        if labels.is_label(cell) or apart or aside or len(found) == _MOST_LINES:
            break
        found.append(cell)
    spans = [cell.span.stripped(" ") for cell in found]
    return spans if any(char.isalpha() for span in spans for char in span.text) else []
