"""Texts as they are compared: what print, case, accents and blanks do to them is taken away."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# What NFKD leaves as it is, and what fonts print where an editor writes something else.
FOLDED = {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"}
# Characters that recognition takes for each other; the first stands for all.
CONFUSED = ("0oqd", "1ilj|!", "5s", "8b", "2z", "6g", "rn", "uv", "ce")
SAME_TO_OCR = str.maketrans({one: group[0] for group in CONFUSED for one in group[1:]})
CAPITAL_WITHIN = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
NO_LETTERS = re.compile(r"[\W_]+")
BLANKS = re.compile(r"\s+")
AROUND = " \t\n\r.,;:!?()[]{}<>«»„“”\"'`*|_=/\\-–—•·"


@lru_cache(maxsize=4096)
def folded(character: str) -> str:
    """Letters and digits of one character in lower case, without accents; "" for anything else."""
    known = FOLDED.get(character.lower())
    if known:
        return known
    text = unicodedata.normalize("NFKD", character).casefold()
    return "".join(one for one in text if one.isalnum())


def code(text: str) -> str:
    """Only the letters and digits: "Müller & Co." is "mullerco"."""
    if text.isascii():
        if text.isalnum():
            return text.lower()
        return "".join(one for one in text.lower() if one.isalnum())
    return "".join([folded(one) for one in text])


def skeleton(coded: str) -> str:
    """What is left of a code when characters that recognition confuses are one."""
    return coded.translate(SAME_TO_OCR)


def squeezed(text: str) -> str:
    """For telling whether two texts are the same to the letter: blanks count once, and none at the ends."""
    return BLANKS.sub(" ", text).strip()


def bare(text: str) -> str:
    """Without the punctuation that stands around a value in a sentence."""
    return text.strip(AROUND)


@lru_cache(maxsize=8192)
def words_of(text: str) -> tuple[str, ...]:
    """The words of a name or sentence, folded: "invoiceNumber", "invoice_number" are "invoice", "number"."""
    apart = CAPITAL_WITHIN.sub(" ", text)
    return tuple(word for part in NO_LETTERS.split(apart) if (word := code(part)))
