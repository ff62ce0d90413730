"""What the titles of a document call it."""

from __future__ import annotations

from .phrases import TITLE_PHRASES
from .text_grid import TextGrid

_TITLE_SIZE = 1.25
"""Of the usual height of a line: higher ones may be titles."""
_DOWN_TO = 0.45
_EITHERS_ORDER = frozenset(["order", "auftrag", "commande", "pedido", "ordine"])
"""Titles of papers by those who order and by those who deliver."""


def titles_of(grid: TextGrid) -> set[str]:
    """The kinds of documents that large print, or a line that says nothing else, names at the top of the first page."""
    heights = sorted(cell.box.height for cell in grid.cells)
    usual = heights[len(heights) // 2] if heights else 0
    titles: set[str] = set()
    for cell in grid.cells:
        if cell.page != grid.cells[0].page or cell.box.y0 > _DOWN_TO:
            continue
        match = next(iter(TITLE_PHRASES.find(cell.tokens)), None)
        if match is None or match.first > 0:
            continue
        alone = len(cell.tokens) == match.last + 1 and cell.text.isupper()
        if cell.box.height < _TITLE_SIZE * usual and not alone:
            continue
        if not (match.words == 1 and cell.tokens[0].text in _EITHERS_ORDER):
            titles |= set(match.concepts)
    return titles
