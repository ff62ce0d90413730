"""Labels that a description says word for word: 'Compte commercial' on the page and in the schema."""

from __future__ import annotations

from dataclasses import replace

from .candidates import Candidate, Finder, best
from .fields import Field
from .generic import find_labels, reader_of
from .labels import Label
from .lexicon import SMALL_WORDS
from .sheet import Cell, words_of_name

_WORDS = (2, 6)
_ENOUGH = 0.6
_SAME = 0.97
_UNDER = 0.8
_FLUSH, _FAR = 0.01, 0.15
"""Of the page: what begins right under a label is its value sooner than what stands in another column."""


def as_described(finder: Finder, field: Field) -> Candidate | None:
    """What stands beside or under the first words of the description, if they are a label and nothing else."""
    said = field.description.split(".")[0].split("(")[0].split(",")[0].strip()
    words = [word for word in words_of_name(said) if word not in SMALL_WORDS]
    if field.quoted or not _WORDS[0] <= len(words) <= _WORDS[1] or len("".join(words)) < 8:
        return None
    asked = replace(field, name="", title="", description=f'"{said}"')
    found: list[Candidate] = []
    for label, quality in find_labels(finder, asked):
        behind = label.cell.text[label.end :].lstrip()
        if quality >= _SAME and label.start <= 1 and (not behind or behind.startswith((":", "n°"))):
            under = None if behind else _under(finder, label)
            if under is not None:
                read = reader_of(field)(under.span, finder.sheet.style)
                found += [Candidate(one.value, (one.span,), quality * _UNDER, label) for one in read]
            else:
                found += finder.read(label, quality, reader_of(field))
    return best(sorted(found, key=lambda candidate: -candidate.score), _ENOUGH)


def _under(finder: Finder, label: Label) -> Cell | None:
    """The line that begins right under a label, where what is beside the label stands in another column."""
    beside = finder.sheet.right_of(label.cell)[:1]
    if not beside or beside[0].box.x0 - label.cell.box.x1 < _FAR:
        return None
    for cell in finder.sheet.below(label.cell, reach=1.0):
        flush = abs(cell.box.x0 - label.cell.box.x0) < _FLUSH
        return cell if flush and not finder.labels.is_label(cell) else None
    return None
