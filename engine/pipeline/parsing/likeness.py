"""How well the name of a field says what is printed as a label, short forms included."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from rapidfuzz import fuzz

from .fields import Field, Type
from .phrases import SMALL_WORDS
from .text_grid import tokenise, words_of_name

_HEAD = re.compile(r"[(▶►:]|[.;?!](?:\s|$)")
_ENUMERATION = re.compile(r"^\W*(?:\d{1,2}[a-z]?|[a-z])?[.)]?\s+(?=\w)")
_ASKING = frozenset(["check", "box", "ticked", "is", "list", "enter", "here", "if", "any", "optional", "your", "s"])
_SHARED_BY = 3
"""So many yes or no fields that begin with the same words are one group, and those words its name."""


@lru_cache(maxsize=20_000)
def likeness(wanted: tuple[str, ...], label: str) -> float:
    """From 0 to 1: every wanted word is there, and the label says little else before its first pause."""
    label = _ENUMERATION.sub("", label)
    wanted = tuple(_plain(wanted))
    words = _plain(token.text for token in tokenise(label))
    pause = _HEAD.search(label)
    head = len(_plain(token.text for token in tokenise(label[: pause.start()]))) if pause else len(words)
    said: set[int] = set()
    weight = 0.0
    for word in wanted:
        best, places = _found(word, words, said)
        weight += best
        said |= places
    covered = sum(1 for place in said if place < head) / max(1, head)
    return weight / max(1, len(wanted)) * (0.6 + 0.4 * covered)


def _plain(words: Iterable[str]) -> list[str]:
    return [_stem(word) for word in words if word not in SMALL_WORDS and word not in _ASKING]


def _stem(word: str) -> str:
    word = word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
    return "nr" if word in ("number", "nummer", "numero") else word


def _found(word: str, words: Sequence[str], said: set[int]) -> tuple[float, set[int]]:
    """How well one word is said, and by which words of the label; those that said another word count no more."""
    best: tuple[float, set[int]] = (0.0, set())
    for place, other in enumerate(words):
        if place not in said and (quality := _same(word, other)) > best[0]:
            best = quality, {place}
    if best[0] < 0.9 and 2 <= len(word) <= 6:
        for start in range(len(words) - len(word) + 1):
            if all(words[start + n].startswith(letter) for n, letter in enumerate(word)):
                return 0.95, set(range(start, start + len(word)))
    return best


def _same(word: str, other: str) -> float:
    if word == other:
        return 1.0
    short, long = sorted((word, other), key=len)
    if len(short) >= 3 and long.startswith(short):
        return 0.9
    if len(short) < 4:
        return 0.0
    ratio = fuzz.ratio(word, other) / 100
    return ratio if ratio >= 0.8 else 0.0


def wordings(field: Field, without: Sequence[str] = ()) -> list[tuple[tuple[str, ...], float]]:
    """The words that may stand beside the value, with how far to trust them; `without` is the name of its group."""
    texts = [(quoted, 1.0) for quoted in field.quoted]
    if not field.quoted:
        gist = field.gist if len(field.gist.split()) <= 7 else ""
        texts = [(field.title, 1.0), (field.name, 1.0), (gist, 0.9)]
    found: dict[tuple[str, ...], float] = {}
    for text, trust in texts:
        words = words_of_name(text)
        if list(words[: len(without)]) == list(without):
            words = words[len(without) :]
        plain = tuple(_plain(words))
        if plain:
            found.setdefault(plain, trust)
    return list(found.items())


def group_name(field: Field, siblings: Sequence[Field]) -> list[str]:
    """The words that a yes or no field begins with as others do: 'marital status' of 'marital_status_single'."""
    own = words_of_name(field.name)
    names = [words_of_name(other.name) for other in siblings if other.type is Type.BOOLEAN]
    for length in range(len(own) - 1, 0, -1):
        if sum(name[:length] == own[:length] for name in names) >= _SHARED_BY:
            return own[:length]
    return []
