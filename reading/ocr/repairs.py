"""Letters and digits that look alike, put right where the rest of the word says which it is."""

from __future__ import annotations

import functools
import re

import wordfreq

_LANGUAGES = ("en", "fr", "de")
_MONEY = re.compile(
    r"(?P<sign>RM|RH|EUR|CHF|US\$|S\$|[€$£])?(?P<whole>[\dOoIl]{1,6})(?P<mark>[.,])(?P<cents>[\dOoIl]{2})"
)
_ALMOST_A_WORD = re.compile(r"\W*(?P<word>[^\W\d_]+[10]+[^\W\d_]*)\W*")
_DIGITS, _LETTERS = str.maketrans("OoIl", "0011"), str.maketrans("10", "lo")
_PART = 5
"""Letters of each of two words that were run together, at least: shorter ones make up many a name."""
_USUAL = 3.5
"""How frequent a word is (Zipf) that everybody knows; _KNOWN is a word at all."""
_KNOWN = 2.0


def repaired(text: str) -> str:
    """One word as it was probably printed: 'RMO.08' is 'RM0.08', 'Te1' is 'Tel'."""
    money = _MONEY.fullmatch(text)
    if money and (money["sign"] or any(char.isdigit() for char in money["whole"])):
        sign = "RM" if money["sign"] == "RH" else money["sign"] or ""
        return sign + (money["whole"] + money["mark"] + money["cents"]).translate(_DIGITS)
    almost = _ALMOST_A_WORD.fullmatch(text)
    if almost and len(almost["word"]) > 2 and any(char.islower() for char in almost["word"]):
        word = almost["word"].translate(_LETTERS)
        if _frequency(word) >= _USUAL:
            return text[: almost.start("word")] + word + text[almost.end("word") :]
    return text


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
    return max(wordfreq.zipf_frequency(word, language, wordlist="small") for language in _LANGUAGES)
