"""Letters and digits that look alike, put right where the rest of the word says which it is."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Sequence

import wordfreq

_LANGUAGES = ("en", "fr", "de")
_MONEY = re.compile(
    r"(?P<sign>RM|RH|EUR|CHF|US\$|S\$|[€$£])?(?P<whole>[\dOoIl]{1,6})(?P<mark>[.,])(?P<cents>[\dOoIl]{2})"
)
_RINGGIT = re.compile(r"RM(?:\d|$)")
_LIKE_RINGGIT = re.compile(r"RH\d+[.,]\d\d")
_ALMOST_A_WORD = re.compile(r"\W*(?P<word>[^\W\d_]+[10]+[^\W\d_]*)\W*")
_ELIDED = re.compile(r"(?<![\w'’])1(?=['’][aeiouyhàâéèêëîïôûœ][^\W\d_])", re.IGNORECASE)
"""A French article before its apostrophe: 1'accueil for l'accueil."""
_LIGATURES = re.compile(r"([œæ])[œæ]+", re.IGNORECASE)
"""Seen twice where one is printed; no word has two."""
_DIGITS, _LETTERS = str.maketrans("OoIl", "0011"), str.maketrans("10", "lo")
_STRANGE = re.compile(r"(?<![^\W_])(?P<word>[\"_]?[^\W\d_](?:[^\W\d_]|[10:_](?=[^\W\d_]))*[^\W\d_])(?![^\W_])")
_ADDRESS_OF_A_MACHINE = re.compile(r"@|//|www", re.IGNORECASE)
_ALIKE = (("1", "l"), ("1", "i"), ("0", "o"), (":", "l"), ("_", "l"), ('"', "t"), ("ç", "y"), ("rn", "m"), ("n", "m"))
"""What is read for what is printed, in lower case."""
_ONLY_LETTERS = 6
"""Letters of a word in which one letter was taken for others, at least: short names differ by less."""
_PART = 5
"""Letters of each of two words that were run together, at least: shorter ones make up many a name."""
_USUAL = 3.5
"""How frequent a word is (Zipf) that everybody knows; _KNOWN is a word at all."""
_KNOWN = 2.0
_FAMILIAR = 4.0
"""How frequent a word must be in one language to be what an unknown word was meant to be."""
_EVERYWHERE = (*_LANGUAGES, "nl", "it", "es", "ms")
"""Languages whose words stand in names and addresses."""


def repaired(text: str) -> str:
    """One word as it was probably printed: 'RMO.08' is 'RM0.08', 'Te1' is 'Tel'."""
    money = _MONEY.fullmatch(text)
    if money and (money["sign"] or any(char.isdigit() for char in money["whole"])):
        return (money["sign"] or "") + (money["whole"] + money["mark"] + money["cents"]).translate(_DIGITS)
    text = _LIGATURES.sub(r"\1", _ELIDED.sub("l", text))
    almost = _ALMOST_A_WORD.fullmatch(text)
    if almost and len(almost["word"]) > 2 and any(char.islower() for char in almost["word"]):
        word = almost["word"].translate(_LETTERS)
        if _frequency(word) >= _USUAL:
            return text[: almost.start("word")] + word + text[almost.end("word") :]
    return text if _ADDRESS_OF_A_MACHINE.search(text) else _STRANGE.sub(_as_known, text)


def with_ringgit(texts: Sequence[str]) -> list[str]:
    """All words of a page: 'RH5.20' is 'RM5.20' where other amounts are so written."""
    if not any(_RINGGIT.match(text) for text in texts):
        return list(texts)
    return ["RM" + text[2:] if _LIKE_RINGGIT.fullmatch(text) else text for text in texts]


def _as_known(found: re.Match[str]) -> str:
    """A word that nobody knows, as the only well-known one that looks like it: 'JA:AN' is 'JALAN'."""
    word = found["word"]
    odd = not word.isalpha() or "ç" in word
    if len(word) < (4 if odd else _ONLY_LETTERS) or _is_known(word):
        return word
    lower = word.lower()
    others = {
        lower[:at] + printed + lower[at + len(read) :]
        for read, printed in _ALIKE
        for at in range(len(lower))
        if lower.startswith(read, at)
    }
    known = [other for other in others if other.isalpha() and _usual(other) >= _FAMILIAR]
    return _in_case_of(word, known[0]) if len(known) == 1 else word


def _in_case_of(word: str, other: str) -> str:
    if word.upper() == word:
        return other.upper()
    return other.capitalize() if word[0].isupper() or not word[0].isalpha() else other


def unjoined(word: str) -> str:
    """Two words of everyday language that were run together; any other word as it is."""
    if not word.isalpha() or len(word) < 2 * _PART or _frequency(word) >= _KNOWN:
        return word
    cuts = range(_PART, len(word) - _PART + 1)
    rated = [(min(_frequency(word[:cut]), _frequency(word[cut:])), cut) for cut in cuts]
    frequency, cut = max(rated)
    return f"{word[:cut]} {word[cut:]}" if frequency >= _USUAL else word


@functools.lru_cache(maxsize=10_000)
def _frequency(word: str) -> float:
    return max(_zipf(word, language) for language in _LANGUAGES)


def _usual(word: str) -> float:
    """How frequent (Zipf) it is in the language that knows it best."""
    return max(_zipf(word, language) for language in _EVERYWHERE)


def _zipf(word: str, language: str) -> float:
    """As `wordfreq.zipf_frequency`, which takes twelve times as long to see that letters are one word."""
    if not word.isalpha():
        return wordfreq.zipf_frequency(word, language, wordlist="small")
    frequency = wordfreq.get_frequency_dict(language, "small").get(word.lower())
    return round(math.log10(frequency) + 9, 2) if frequency else 0.0


@functools.lru_cache(maxsize=10_000)
def _is_known(word: str) -> bool:
    if word.isalpha():
        return word.lower() in _known_words()
    return any(wordfreq.zipf_frequency(word, language) > 0 for language in _EVERYWHERE)


@functools.cache
def _known_words() -> frozenset[str]:
    """One set for all languages, without their frequencies: half the memory and half the time to load."""
    lists = (wordfreq.get_frequency_list(language, "best") for language in _EVERYWHERE)
    return frozenset(word for words in lists for equally_frequent in words for word in equally_frequent)
