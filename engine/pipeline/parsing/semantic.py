"""Labels that no lexicon knows: the printed label nearest in meaning to what a field asks for."""

from __future__ import annotations

from .. import embeddings
from .candidates import Candidate, Finder
from .fields import Field, Type
from .generic import reader_of
from .labels import Label
from .text_grid import Cell, Span, words_of_name

_NEAR, _AHEAD = 0.825, 0.022
"""How near a label must be in meaning, and by how much it must be nearer than the next one."""
_MOST_WORDS, _MOST_LABELS = 5, 150
_QUALITY = 0.6


def find_by_meaning(finder: Finder, field: Field) -> list[Candidate]:
    """The candidates at the one label that clearly means the field; none when two are about as near."""
    cells = _label_cells(finder)
    wanted = " ".join(words_of_name(field.name))
    if not cells or len(wanted) < 3 or field.type not in (Type.STRING, Type.NUMBER, Type.INTEGER):
        return []
    texts = list(dict.fromkeys(_label_text(cell) for cell in cells))
    query = f"{wanted}: {field.description}" if field.description else wanted
    near = sorted(zip(embeddings.likeness(query, texts), texts, strict=True), reverse=True)
    ahead = near[0][0] - near[1][0] if len(near) > 1 else 1.0
    if near[0][0] < _NEAR or ahead < _AHEAD:
        return []
    found: list[Candidate] = []
    for cell in cells:
        if _label_text(cell) == near[0][1]:
            end = len(cell.text.split(":")[0]) if ":" in cell.text else len(cell.text)
            label = Label({}, cell, 0, end, Span(cell, end, len(cell.text)))
            found += finder.read(label, _QUALITY, reader_of(field))
    return sorted(found, key=lambda candidate: -candidate.score)


def _label_cells(finder: Finder) -> list[Cell]:
    """Short cells without figures that have something behind, beside or below them."""
    found = []
    for cell in finder.grid.cells:
        text = _label_text(cell)
        if 0 < len(text.split()) <= _MOST_WORDS and sum(char.isalpha() for char in text) >= 3:
            labelled = ":" in cell.text or finder.grid.right_of(cell)
            if labelled and not any(char.isdigit() for char in text) and cell not in finder.banned:
                found.append(cell)
    return found[:_MOST_LABELS]


def _label_text(cell: Cell) -> str:
    return cell.text.split(":")[0].strip(" .*-")
