"""Words without what people type one way or another: case, accents, ß or ss, ü or ue, decomposed letters."""

from __future__ import annotations

import re
import unicodedata
from itertools import product

WORD = re.compile(r"[^\W_]+")
LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ł": "l", "ı": "i"})
UMLAUT = re.compile("[äöü]")
WRITTEN_OUT = re.compile(r"(?<![aeiouyq])([aou])e(?=\w)")
"""An umlaut in ASCII. After a vowel or q, and at the end of a word, "ue" is none: neue, Steuer, que, value."""
LIGATURE_OF = {"ss": "ß", "oe": "œ", "ae": "æ"}
MAX_VARIANTS = 12


def plain(text: str) -> str:
    """Lower case, base letters, no marks. The text may become longer or shorter; see `fold` for offsets."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return letters.casefold().translate(LIGATURES)


def plain_words(text: str) -> list[str]:
    return WORD.findall(plain(text))


def written_words(text: str) -> list[str]:
    """The words as they are typed, but composed: a mark that has no composed letter separates no words."""
    composed = unicodedata.normalize("NFC", text)
    return WORD.findall("".join(letter for letter in composed if not unicodedata.combining(letter)))


def fold(text: str) -> str:
    """Lower case without accents, letter for letter, so that offsets are those of the text. Ligatures and marks that
    are letters of their own stay."""
    return "".join(_base(letter) for letter in text)


def _base(letter: str) -> str:
    if letter.isascii():
        return letter.lower()
    decomposed = unicodedata.normalize("NFD", letter)
    base = decomposed[0] if len(decomposed) > 1 else letter
    small = base.lower()
    return small if len(small) == 1 else base


def umlauts(word: str) -> list[str]:
    """The plain forms under which a typed word may be stored: Müller and Mueller are both muller and mueller."""
    composed = unicodedata.normalize("NFC", word).casefold()
    written = plain(UMLAUT.sub(lambda match: plain(match[0]) + "e", composed))
    short = plain(composed)
    return list(dict.fromkeys([short, written, WRITTEN_OUT.sub(r"\1", short)]))


def spellings(word: str) -> list[str]:
    """As `umlauts`, for an index that keeps ß, œ and æ as letters of their own."""
    found = dict.fromkeys([*umlauts(word), fold(unicodedata.normalize("NFC", word))])
    for form in list(found):
        pieces = re.split("(ss|oe|ae)", form, maxsplit=3)
        for combination in product(*((piece, LIGATURE_OF.get(piece, piece)) for piece in pieces)):
            found["".join(combination)] = None
    return [form for form in found if WORD.fullmatch(form)][:MAX_VARIANTS]
