"""Labels that a description repeats word for word: 'Compte commercial' on the page and in the schema."""

from __future__ import annotations

from .candidates import Candidate, Finder, best
from .fields import Field
from .generic import reader_of
from .labels import Label
from .phrases import SMALL_WORDS
from .text_grid import Cell, Span, words_of_name

_WORDS = (2, 6)
_ENOUGH = 0.6
_UNDER = 0.8
_FLUSH, _FAR = 0.01, 0.15
"""Of the page: what begins right under a label is its value sooner than what stands in another column."""


def as_described(finder: Finder, field: Field) -> Candidate | None:
    """What stands beside or under the first words of the description, if they are a label and nothing else."""
    said = field.gist.split(",")[0].strip()
    words = [word for word in words_of_name(said) if word not in SMALL_WORDS]
    if field.quoted or not _WORDS[0] <= len(words) <= _WORDS[1] or len("".join(words)) < 8:
        return None
    found: list[Candidate] = []
    for cell in finder.grid.cells:
        label = _label(cell, words)
        if label is not None:
            behind = cell.text[label.end :].strip()
            under = None if behind else _under(finder, label)
            if under is not None:
                read = reader_of(field)(under.span, finder.grid.style)
                found += [Candidate(reading.value, (reading.span,), _UNDER, label) for reading in read]
            else:
                found += finder.read(label, 1.0, reader_of(field))
    return best(sorted(found, key=lambda candidate: -candidate.score), _ENOUGH)


def _label(cell: Cell, words: list[str]) -> Label | None:
    """The label that a cell begins with, if it says these words and then nothing or a colon."""
    tokens = [token for token in cell.tokens if token.text not in SMALL_WORDS][: len(words)]
    if [token.text for token in tokens] != words or tokens[0].start > 1:
        return None
    end = tokens[-1].end
    behind = cell.text[end:].lstrip()
    return Label({}, cell, 0, end, Span(cell, end, len(cell.text))) if not behind or behind[0] == ":" else None


def _under(finder: Finder, label: Label) -> Cell | None:
    """The line that begins right under a label, where what is beside the label stands in another column."""
    beside = finder.grid.right_of(label.cell)[:1]
    if not beside or beside[0].box.x0 - label.cell.box.x1 < _FAR:
        return None
    for cell in finder.grid.below(label.cell, reach=1.0):
        flush = abs(cell.box.x0 - label.cell.box.x0) < _FLUSH
        return cell if flush and not finder.labels.is_label(cell) else None
    return None
