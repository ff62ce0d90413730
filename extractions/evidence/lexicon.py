"""What a field means by its name, and what may stand beside such a value on paper."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Literal

from reading.vocabulary import names, read_table, section, word_set

Phrase = tuple[str, ...]
Group = Literal["amounts", "dates", "codes", "labels"]
GROUPS: tuple[Group, ...] = ("amounts", "dates", "codes", "labels")


class Phrases:
    """Phrases by their longest word: where that does not stand, none of them does."""

    def __init__(self, phrases: Iterable[Phrase] = ()) -> None:
        self._by_word: defaultdict[str, list[Phrase]] = defaultdict(list)
        for phrase in dict.fromkeys(phrases):
            self._by_word[max(phrase, key=len)].append(phrase)

    def within(self, text: str) -> Iterator[Phrase]:
        """Those of which each word stands in the text, be it as a part of a word."""
        for longest, phrases in self._by_word.items():
            if longest in text:
                yield from (phrase for phrase in phrases if all(word in text for word in phrase))


NUMBER_WORDS = ("nr", "no", "number")
NOT_WORDS = word_set("stop_words", "of_schemas")
FILLERS = word_set("stop_words", "in_field_names")
ONLY_ALONE = word_set("stop_words", "only_alone")


@cache
def concepts(group: Group) -> Mapping[str, tuple[Phrase, ...]]:
    """What schemas call the things of the group."""
    return {name: tuple(map(_words, entry["phrases"])) for name, entry in section("field_names", group).items()}


@cache
def printed(group: Group, name: str) -> tuple[Phrase, ...]:
    """What such a value is called on paper: as in schemas, and as the labels of documents have it."""
    entry = section("field_names", group)[name]
    return tuple(dict.fromkeys([*concepts(group)[name], *_labels(entry.get("labels", ()))]))


@cache
def choices() -> Mapping[str, tuple[str, ...]]:
    """What stands on paper for the words that schemas offer as choices; kinds of documents are among them."""
    found = {name.replace("_", " "): tuple(kind["names"]) for name, kind in read_table("document_kinds").items()}
    for name, phrases in section("choices", "choices").items():
        found[name] = (*found.get(name, ()), *phrases)
    return found


def _words(phrase: str) -> Phrase:
    return tuple(phrase.split())


def _labels(entries: list[str]) -> Iterator[Phrase]:
    """The phrases of labels, "nr" in each of its spellings."""
    for entry in entries:
        subject, _, concept = entry.partition(".")
        for phrase in map(_words, names(subject)[concept].phrases):
            for spelt in NUMBER_WORDS if "nr" in phrase else ("",):
                yield tuple(spelt if word == "nr" else word for word in phrase)


@lru_cache(maxsize=4096)
def meant(words: tuple[str, ...], group: Group) -> str | None:
    """The concept of the group that these words name, by the longest phrase that they hold."""
    best, longest = None, 0.0
    said = tuple(word for word in words if word not in FILLERS)
    for name, phrases in concepts(group).items():
        for phrase in phrases:
            if phrase[0] in ONLY_ALONE and len(phrase) == 1 and said != phrase:
                continue
            if all(word in words for word in phrase):
                # A phrase that is the whole name says more than one that is a part of it.
                length = len(phrase) + (0.5 if len(phrase) == len(words) else 0.0)
                if length > longest:
                    best, longest = name, length
    return best
