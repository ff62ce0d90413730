"""Texts made comparable: case, accents, blanks and punctuation taken away, as far as a comparison needs it."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# What NFKD leaves as it is, and what fonts print where an editor writes something else.
_FOLDED = {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"}
# Characters that recognition confuses; the first stands for all.
_CONFUSABLE = ("0oqd", "1ilj|!", "5s", "8b", "2z", "6g", "rn", "uv", "ce")
_SKELETON = str.maketrans({char: group[0] for group in _CONFUSABLE for char in group[1:]})
_CAPITAL_WITHIN = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NO_LETTERS = re.compile(r"[\W_]+")
_BLANKS = re.compile(r"\s+")
_PUNCTUATION = " \t\n\r.,;:!?()[]{}<>«»„“”\"'`*|_=/\\-–—•·"


def fold(text: str) -> str:
    """Without case and accents, and as long as before wherever possible: 'Échéance' is 'echeance'."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


@lru_cache(maxsize=4096)
def fold_character(character: str) -> str:
    """Letters and digits of one character in lower case, without accents; "" for anything else."""
    known = _FOLDED.get(character.lower())
    if known:
        return known
    text = unicodedata.normalize("NFKD", character).casefold()
    return "".join(char for char in text if char.isalnum())


def alphanumeric(text: str) -> str:
    """Only the letters and digits, folded: "Müller & Co." is "mullerco"."""
    if text.isascii():
        if text.isalnum():
            return text.lower()
        return "".join(char for char in text.lower() if char.isalnum())
    return "".join([fold_character(char) for char in text])


def skeleton(alphanumeric_text: str) -> str:
    """With one character for all that recognition confuses."""
    return alphanumeric_text.translate(_SKELETON)


def collapse_blanks(text: str) -> str:
    """For telling whether two texts are the same to the letter: blanks count once, and none at the ends."""
    return _BLANKS.sub(" ", text).strip()


def strip_punctuation(text: str) -> str:
    """Without the punctuation that stands around a value in a sentence."""
    return text.strip(_PUNCTUATION)


@lru_cache(maxsize=8192)
def words_of(text: str) -> tuple[str, ...]:
    """The words of a name or sentence, folded: "invoiceNumber", "invoice_number" are "invoice", "number"."""
    apart = _CAPITAL_WITHIN.sub(" ", text)
    return tuple(word for part in _NO_LETTERS.split(apart) if (word := alphanumeric(part)))
