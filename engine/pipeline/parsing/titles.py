"""What the titles of a document call it."""

from __future__ import annotations

import re

from .phrases import TITLE_PHRASES
from .text_grid import Cell, TextGrid

_TITLE_SIZE = 1.25
"""Of the usual height of a line: higher ones may be titles."""
_DOWN_TO = 0.45
_EITHERS_ORDER = frozenset(["order", "auftrag", "commande", "pedido", "ordine"])
"""Titles of papers by those who order and by those who deliver."""
_NUMBERED = re.compile(
    r"\s*(?:#|№|n[°ºo]?\.|n[°ºo]|nr\.?)?\s*#?(?=\S*\d)\S+(?:\s*(?:of|dated|vom|du|del|van|from|d\.d\.)\s.{6,20})?",
    re.IGNORECASE,
)
"""The number of the document behind its title, and perhaps its date."""


def titles_of(grid: TextGrid) -> set[str]:
    """The kinds of documents that large print, or a line of capitals that says nothing else, names at the top of the
    first page; where there is no such title, the first line there that is one in usual print."""
    heights = sorted(cell.box.height for cell in grid.cells)
    usual = heights[len(heights) // 2] if heights else 0
    titles, plain = set[str](), set[str]()
    for cell in grid.cells:
        if cell.page != grid.cells[0].page or cell.box.y0 > _DOWN_TO:
            continue
        match = next(iter(TITLE_PHRASES.find(cell.tokens)), None)
        if match is None or match.first > 0:
            continue
        if match.words == 1 and cell.tokens[0].text in _EITHERS_ORDER:
            continue
        alone = len(cell.tokens) == match.last + 1
        if cell.box.height >= _TITLE_SIZE * usual or (alone and cell.text.isupper()):
            titles |= set(match.concepts)
        elif not plain and (
            (alone and not _beside_figures(grid, cell)) or _NUMBERED.fullmatch(cell.text, cell.tokens[match.last].end)
        ):
            plain |= set(match.concepts)
    return titles or plain


def _beside_figures(grid: TextGrid, cell: Cell) -> bool:
    """Whether a number follows on the line, so that the words may be no title but its label."""
    return any(any(char.isdigit() for char in other.text) for other in grid.right_of(cell))
