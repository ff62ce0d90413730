"""What no rule has found: the fields that are left and the places that are left, matched by words and by meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from reading.literals.style import Style

from .. import embeddings
from .candidates import Candidate
from .concepts import meaning_of
from .fields import Field, Type
from .generic import value_within
from .likeness import likeness, wordings
from .numbered import number_match
from .phrases import LABEL_PHRASES
from .places import Place
from .readers import READERS, read_name
from .text_grid import Cell, words_of_name

_ENOUGH, _SURE = 0.18, 0.6
_STRANGE, _SAME = 0.8, 0.92
"""Likeness of vectors between texts that have nothing to do with each other, and that mean the same."""
_WORDS, _MEANING = 0.5, 0.5
_MOST_LABELS = 160
_MARGIN = 0.02
"""By how much a label must fit better than the next."""
_SCORE = 0.5
_OWN_SHAPE = frozenset(["vat_id", "iban", "bic", "phone", "fax", "email", "website"])
"""What has a shape of its own, so that a label of it is the label of nothing else."""


@dataclass(frozen=True, slots=True, eq=False)
class Gap:
    """A single field, and the object of the answer that has its value or lacks it."""

    path: str
    field: Field
    holder: dict[str, Any]

    @property
    def value(self) -> object:
        return self.holder.get(self.field.name)


def gaps_in(parent: Field, data: dict[str, Any], path: str = "") -> Iterator[Gap]:
    for field in parent.children:
        own = f"{path}.{field.name}" if path else field.name
        value = data.get(field.name)
        if field.type is Type.OBJECT and isinstance(value, dict):
            yield from gaps_in(field, value, own)
        elif field.type not in (Type.OBJECT, Type.ARRAY) and not field.options:
            yield Gap(own, field, data)


def matched(
    gaps: Sequence[Gap], places: Sequence[Place], style: Style, *, by_meaning: bool
) -> Iterator[tuple[Gap, Candidate]]:
    """Each field with what stands in the place whose label fits it best, and better than any other."""
    means = _meanings(gaps, places) if by_meaning and gaps else {}
    scored = ((_score(gap.field, place, means), gap, place) for gap in gaps for place in places)
    likely = [(score, gap, place) for score, gap, place in scored if score >= _ENOUGH - _MARGIN]
    values = {(gap, place): _value(gap.field, place, style) for _, gap, place in likely}
    rated = sorted(
        (
            (score, gap, place)
            for score, gap, place in likely
            if values[gap, place] is not None or (not place.spans and gap.field.type is not Type.BOOLEAN)
        ),
        key=lambda triple: -triple[0],
    )
    for score, gap, place in _decided(rated):
        value = values[gap, place]
        if value is not None:
            yield gap, Candidate(value.value, value.spans, round(score, 3))


def _decided(rated: Sequence[tuple[float, Gap, Place]]) -> Iterator[tuple[float, Gap, Place]]:
    """The best pairs first; a field for which two labels fit about as well waits until one of them is taken."""
    answered: set[Gap] = set()
    taken: set[object] = set()
    waiting = True
    while waiting:
        waiting = False
        for score, gap, place in rated:
            if score < _ENOUGH or gap in answered or not taken.isdisjoint(_claims(place)):
                continue
            rivals = (
                other
                for other, one, there in rated
                if one is gap and there.labels[0][0] != place.labels[0][0] and taken.isdisjoint(_claims(there))
            )
            if score < _SURE and score - max(rivals, default=0.0) < _MARGIN:
                continue
            answered.add(gap)
            taken |= _claims(place)
            waiting = True
            yield score, gap, place
            break


def _claims(place: Place) -> set[object]:
    return {place, *place.cells, place.labels[0][0]}


def _value(field: Field, place: Place, style: Style) -> Candidate | None:
    if (field.type is Type.BOOLEAN) != (place.ticked is not None):
        return None
    if place.ticked is not None:
        return Candidate(place.ticked, place.spans, _SCORE)
    wordy = READERS.get(meaning_of(field).concept) is read_name
    if wordy and not any(list(read_name(span, style)) for span in place.spans):
        return None
    return value_within(field, place.spans, style, _SCORE)


def _score(field: Field, place: Place, means: Mapping[tuple[Field, str], float]) -> float:
    named = frozenset[str]().union(*(_shapes_named(label) for label, _ in place.labels))
    if named and meaning_of(field).concept not in named:
        return 0.0  # a VAT number is nobody's number as a customer
    words = max(
        (trust * usual * likeness(said, label) for said, trust in wordings(field) for label, usual in place.labels),
        default=0.0,
    )
    words = number_match(field, [label for label, _ in place.labels], words)
    if not means:
        return words * 0.6 if words >= 0.9 else 0.0
    nearness = max((usual * means.get((field, label), 0.0) for label, usual in place.labels), default=0.0)
    return _WORDS * words + _MEANING * nearness


@lru_cache(maxsize=2_000)
def _shapes_named(label: str) -> frozenset[str]:
    return _OWN_SHAPE.intersection(LABEL_PHRASES.exact(words_of_name(label)))


def _meanings(gaps: Sequence[Gap], places: Sequence[Place]) -> dict[tuple[Field, str], float]:
    labels = list(dict.fromkeys(label for place in places for label, _ in place.labels if label))[:_MOST_LABELS]
    said = [_without_number(label) for label in labels]
    found = {}
    for gap in gaps:
        name = " ".join(words_of_name(gap.field.name))
        query = f"{name}: {gap.field.description}" if gap.field.description else name
        for label, near in zip(labels, embeddings.likeness(query, said), strict=True):
            found[gap.field, label] = min(1.0, max(0.0, (near - _STRANGE) / (_SAME - _STRANGE)))
    return found


def _without_number(label: str) -> str:
    return re.sub(r"^\W*(?:[A-Z]?\.?\d{1,2}(?:\.\d{1,2}){0,2}[a-z]?|[A-Za-z])[.):]?\s+", "", label) or label


def used_cells(spans: Mapping[str, Sequence[Any]]) -> set[Cell]:
    return {span.cell for found in spans.values() for span in found}
