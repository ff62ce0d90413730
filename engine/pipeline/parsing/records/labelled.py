"""What such documents call their values: which of them a field asks for, and where the labels stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from reading.normalization import fold
from reading.vocabulary import names, word_set

from ..candidates import Candidate, Finder
from ..fields import Field, clauses
from ..labels import Label, LabelMap
from ..phrases import LABEL_PHRASES, PARTY_PHRASES, SMALL_WORDS, Phrases
from ..readers import Reader
from ..text_grid import Cell, Span, TextGrid, tokenise, words_of_name

RECORD_PHRASES = Phrases(names("records"))
VEHICLE_PHRASES = Phrases(names("vehicles"))
ACCOUNT_PHRASES = Phrases(names("accounts"))
_CLAUSE_WORDS = 12
"""Words of a clause that are considered; the end of a long one names no value."""
_PARTIAL, _WHOLE = 0.65, 0.9
_HOLDER = word_set("record_persons", "holder")
"""What an object is called that has what a card or an identity document says of its one person."""
_ROLES = word_set("record_persons", "other_parties")


@dataclass(frozen=True, slots=True)
class RecordMeaning:
    """A concept that a field may ask for."""

    concept: str
    confidence: float
    ordinary: bool = False
    """By words that mean something else on business documents, or that are too common to be trusted alone."""
    common: bool = False
    """By a whole name, title or clause that the vocabulary marks as common."""


def meanings(field: Field, phrases: Phrases) -> tuple[RecordMeaning, ...]:
    return _meanings(field.name, field.title, field.description, phrases)


@lru_cache(maxsize=2_000)
def _meanings(name: str, title: str, description: str, phrases: Phrases) -> tuple[RecordMeaning, ...]:
    """Cached: called several times per field and document."""
    found: dict[str, RecordMeaning] = {}

    def note(words: Sequence[str], factor: float) -> None:
        ordinary = bool(LABEL_PHRASES.exact(words))
        for concept, quality in phrases.exact(words).items():
            common = quality < 1.0 and factor > _PARTIAL
            meaning = RecordMeaning(concept, quality * factor, ordinary or common, common)
            found[concept] = max(
                found.get(concept, meaning), meaning, key=lambda one: (one.confidence, not one.ordinary)
            )

    texts = [(name, 1.0), (title, 1.0)]
    texts += [(clause, 0.95 if order == 0 else 0.8) for order, clause in enumerate(clauses(description)[:4])]
    for text, factor in texts:
        words = [word for word in words_of_name(text) if word not in SMALL_WORDS][:_CLAUSE_WORDS]
        note(words, factor)
        for start in range(1, len(words)):
            note(words[start:], _PARTIAL * factor)
            note(words[:start], _PARTIAL * factor)
    return tuple(sorted(found.values(), key=lambda one: -one.confidence))


def is_of_another(field: Field, party: str, prefix: Sequence[str]) -> bool:
    """Whether a field belongs to somebody with a part in the document, rather than to its holder."""
    words = words_of_name(field.name)
    if party or not set(prefix) <= _HOLDER or _ROLES & set(words):
        return True
    if any(meaning.confidence >= _WHOLE for meaning in meanings(replace(field, description=""), RECORD_PHRASES)):
        return False
    return bool(PARTY_PHRASES.find(tokenise(" ".join(words))))


def labels_of(grid: TextGrid, phrases: Phrases) -> LabelMap:
    """Labels as such documents print them: one in several languages is one, and words of a value are none."""
    found = LabelMap(grid, phrases)
    found.by_concept.clear()
    for cell, labels in found.by_cell.items():
        kept = list(_believed(cell, labels))
        found.by_cell[cell] = kept
        for label in kept:
            for concept in label.concepts:
                found.by_concept[concept].append(label)
    return found


def _believed(cell: Cell, labels: list[Label]) -> Iterator[Label]:
    if not labels:
        return
    between = "".join(cell.text[a.end : b.start] for a, b in pairwise(labels))
    same = [concept for concept in labels[-1].concepts if all(concept in label.concepts for label in labels)]
    if len(labels) > 1 and same and set(between) <= set(" /.|-–"):
        concepts = {concept: max(label.concepts[concept] for label in labels) for concept in same}
        yield replace(labels[-1], concepts=concepts, start=labels[0].start, trust=labels[0].trust)
        return
    ends = [_end(cell, label) for label in labels]
    marked = [cell.text[end:].lstrip().startswith(":") for end in ends]
    kept = [order for order in range(len(labels)) if marked[order] or not any(marked[:order])]
    for place, order in enumerate(kept):
        stop = labels[kept[place + 1]].start if place + 1 < len(kept) else len(cell.text)
        yield replace(labels[order], end=ends[order], rest=Span(cell, ends[order], stop))


def _end(cell: Cell, label: Label) -> int:
    """Small words belong to a label where a colon follows them: 'to the order of:'."""
    small = re.match(r"(?:\s+[^\W\d_]{1,4})(?=\s*:)", cell.text[label.end :])
    return label.end + small.end() if small and fold(small[0].strip()) in SMALL_WORDS else label.end


def found_at(finder: Finder, concept: str, reader: Reader) -> Iterator[Candidate]:
    labels = sorted(finder.labels.by_concept[concept], key=lambda label: -label.concepts[concept] * label.trust)
    found = [one for label in labels for one in finder.read(label, label.concepts[concept], reader)]
    yield from sorted(found, key=lambda one: -one.score)
