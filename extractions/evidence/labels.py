"""How well the words around a place name a field: its label, the hints of its schema, the head of its block."""

from __future__ import annotations

from collections.abc import Sequence

from extractions.evidence.candidates import Candidate
from extractions.evidence.fields import Field, object_phrases
from extractions.evidence.lexicon import Phrases
from extractions.evidence.pages import Index
from reading.normalization import alphanumeric

LABEL_REACH = 3.5  # lines above a value that may hold its label
BLOCK_REACH = 8.0  # lines above a value that may name the object it belongs to
LEFT_WORDS = 8
SYLLABLES = 4  # letters: a longer word may be part of a compound, as in Rechnungsnummer
LABEL, ABOVE, HINTS, BLOCK = 1.0, 0.8, 0.3, 0.5


class Labels:
    """How well the words around a place name the field."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._around: dict[tuple[int, int], tuple[list[str], list[str]]] = {}

    def score(self, of: Field, candidate: Candidate) -> float:
        score = LABEL * self.label(of, candidate) + HINTS * self.hints(of, candidate)
        return score + BLOCK * self.block(of, candidate)

    def label(self, of: Field, candidate: Candidate) -> float:
        """How well the words before it, or those above it, name the field."""
        left, above = self._words(candidate)
        return max(fit(of.phrases, left), ABOVE * fit(of.phrases, above))

    def beside(self, of: Field, candidate: Candidate) -> float:
        """How well the words before it in its line name the field."""
        return fit(of.phrases, self._words(candidate)[0])

    def hints(self, of: Field, candidate: Candidate) -> float:
        """The share of the words of the schema's description that stand around it."""
        left, above = self._words(candidate)
        near = [*left, *above]
        if not of.hints or not near:
            return 0.0
        text = " ".join(near)
        return sum(hint in text and _stands(hint, near) for hint in of.hints) / len(of.hints)

    def block(self, of: Field, candidate: Candidate) -> float:
        """How well the words above it name the object that the field belongs to."""
        return fit(object_phrases(of.of), self._block(candidate)) if of.of and not of.in_row else 0.0

    def _words(self, candidate: Candidate) -> tuple[list[str], list[str]]:
        """The words left of it on its row, nearest first, and those above it."""
        span = candidate.spans[0]
        key = (span.first, span.begin)
        if key not in self._around:
            word = self.index.words[span.first]
            box = candidate.boxes(self.index)[0][1]
            row = self.index.row(word.page, box[1], box[3])
            left = [one for one in row if one.x1 <= box[0] + self.index.letter and one.index != word.index]
            above = [
                one
                for one in self.index.row(word.page, box[1] - LABEL_REACH * self.index.line, box[1])
                if one.x0 < box[2] and one.x1 > box[0] - 2 * self.index.letter
            ]
            nearest = [word.code for word in reversed(left[-LEFT_WORDS:])]
            if span.begin:  # "Total:12" is one word
                nearest.insert(0, alphanumeric(word.text[: span.begin]))
            self._around[key] = (nearest, [one.code for one in sorted(above, key=lambda one: -one.middle)])
        return self._around[key]

    def _block(self, candidate: Candidate) -> list[str]:
        word = candidate.word(self.index)
        words = self.index.row(word.page, word.y0 - BLOCK_REACH * self.index.line, word.y1)
        return [one.code for one in words if one.x0 < word.x1 and one.x1 > word.x0 - 0.2]


def fit(phrases: Phrases, near: Sequence[str]) -> float:
    """The longest phrase that stands there, a little more if it is close."""
    best, text = 0.0, " ".join(near)
    for phrase in phrases.within(text):
        places = [_place(word, near) for word in phrase]
        found = [place for place in places if place is not None]
        if len(found) == len(phrase):
            best = max(best, (1 + 0.4 * (len(phrase) - 1)) * (1 - 0.04 * min(10, min(found))))
    return best


def _place(word: str, near: Sequence[str]) -> int | None:
    for place, one in enumerate(near):
        if one == word or (len(word) > SYLLABLES and (one.startswith(word) or one.endswith(word))):
            return place
    return None


def _stands(word: str, near: Sequence[str]) -> bool:
    return _place(word, near) is not None
