"""Matching the phrases of a vocabulary in text, tolerant of plurals, compounds and OCR errors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from reading.vocabulary import Names, names, read_table, word_set

from .text_grid import Token, tokenise

SMALL_WORDS = word_set("stop_words", "articles_and_prepositions")

_AS_THEY_ARE = frozenset(word for pair in read_table("opposites")["pairs"] for word in pair)
"""Words that are no misprint of another."""
_ONLY_EXACT = word_set("stop_words", "never_misread")
_WEAK, _STRONG = 0.6, 1.0
_LONGEST = 7
_LOOKALIKES = str.maketrans("015", "ols")


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase in tokens `first` to `last` (inclusive), with how well it names each concept."""

    first: int
    last: int
    concepts: Mapping[str, float]
    words: int


class Phrases:
    """An inverted index of a vocabulary: from folded words to the concepts they may name."""

    def __init__(self, lexicon: Mapping[str, Names]) -> None:
        self._concepts: dict[tuple[str, ...], dict[str, float]] = defaultdict(dict)
        self._joined: dict[str, tuple[str, ...]] = {}
        for concept, called in lexicon.items():
            for phrase in called.phrases:
                self._add(concept, phrase, _STRONG)
            for phrase in called.common:
                self._add(concept, phrase, _WEAK)
        self._vocabulary = {word for words in self._concepts for word in words}
        likely = (word for word in sorted(self._vocabulary) if len(word) >= 6 and not word.isdigit())
        self._long = [word for word in likely if word not in _ONLY_EXACT]
        self.canonical = lru_cache(maxsize=20_000)(self._canonical)

    def _add(self, concept: str, phrase: str, quality: float) -> None:
        words = tuple(_stem(token.text) for token in tokenise(phrase) if token.text not in SMALL_WORDS)
        if not words:
            return
        self._concepts[words][concept] = max(quality, self._concepts[words].get(concept, 0.0))
        if len(words) > 1:
            for number in ("no", "nr", "number", "nummer") if "nr" in words else ("",):
                joined = "".join(number if word == "nr" else word for word in words)
                if len(joined) >= 7:
                    self._joined[joined] = words

    def _canonical(self, word: str) -> tuple[str, ...]:
        """The words of the vocabulary that a printed word stands for; the word itself if there are none."""
        word = _stem(word)
        if word in self._vocabulary:
            return (word,)
        if word in self._joined:
            return self._joined[word]
        if len(word) >= 8 and word.endswith("en") and word[:-2] in self._vocabulary:
            return (word[:-2],)  # the plural in German and Dutch
        parts = self._parted(word) or self._parted(word.translate(_LOOKALIKES))
        if parts:
            return parts
        if len(word) >= 6 and word.isalpha() and word not in _AS_THEY_ARE:
            slips = 1 if len(word) < 10 else 2
            near = process.extractOne(word, self._long, scorer=Levenshtein.distance, score_cutoff=slips)
            if near is not None and near[0][0] == word[0]:
                return (str(near[0]),)
        return (word,)

    def _parted(self, word: str) -> tuple[str, ...]:
        """A word of the vocabulary, or two that OCR has run together."""
        if word in self._vocabulary:
            return (word,)
        for cut in range(2, len(word) - 2 if len(word) >= 6 and word.isalpha() else 0):
            head, tail = word[:cut], _stem(word[cut:])
            if tail in self._vocabulary and (head in SMALL_WORDS or _stem(head) in self._vocabulary):
                return (tail,) if head in SMALL_WORDS else (_stem(head), tail)
        return ()

    def find(self, tokens: Sequence[Token]) -> list[Match]:
        """The longest matches from left to right, without overlap."""
        rates = _rates(tokens)
        words = [
            (word, index) for index, token in enumerate(tokens) if token.text not in SMALL_WORDS and index not in rates
            for word in self.canonical(token.text)
        ]  # fmt: skip
        found, position = [], 0
        while position < len(words):
            for length in range(min(_LONGEST, len(words) - position), 0, -1):
                key = tuple(word for word, _ in words[position : position + length])
                concepts = self._concepts.get(key)
                if concepts:
                    found.append(Match(words[position][1], words[position + length - 1][1], concepts, length))
                    position += length
                    break
            else:
                position += 1
        return found

    def exact(self, words: Iterable[str]) -> Mapping[str, float]:
        """The concepts that exactly these words name."""
        key = tuple(part for word in words if word not in SMALL_WORDS for part in self.canonical(word))
        return self._concepts.get(key, {})


def _rates(tokens: Sequence[Token]) -> set[int]:
    """The tokens of rates, which may stand within a name: 'Total incl. 8.1 % VAT'."""
    found = set[int]()
    for index, token in enumerate(tokens):
        if token.text == "%" and index and tokens[index - 1].text.isdigit():
            found |= {index, index - 1}
            if index > 1 and tokens[index - 2].text.isdigit() and tokens[index - 2].end + 1 == tokens[index - 1].start:
                found.add(index - 2)
    return found


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word


LABEL_PHRASES = Phrases(names("labels"))
COLUMN_PHRASES = Phrases(names("columns"))
PARTY_PHRASES = Phrases(names("parties"))
ATTRIBUTE_PHRASES = Phrases(names("attributes"))
TITLE_PHRASES = Phrases({kind: Names(tuple(entry["names"])) for kind, entry in read_table("document_kinds").items()})
"""What kinds of documents are called, as their titles say."""
