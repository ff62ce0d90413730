"""Whether a page's own text says what its picture shows.

A font may tell other letters than it draws: shifted, of another alphabet, or none at all. Cheap signs raise a doubt; a
sample of words, recognised from the picture, settles it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2.raw as pdfium

from reading.document import Word
from reading.normalization import alphanumeric
from reading.pdf_page import OpenPage
from reading.rendering import render_open_page
from reading.vocabulary import names, word_set

if TYPE_CHECKING:
    from reading.ocr.detection import Found
    from reading.ocr.recognition import Character

LANGUAGES = ("en", "fr", "de", "nl", "it", "es", "ms")
LETTERS = re.compile(r"[^\W\d_]{3,}")
ENOUGH = 40  # letters of words, for a share of the words to mean something
COMMON = 0.08  # of the words, that every form and letter uses
KNOWN = 0.35  # of the words, that a dictionary has
UNMAPPED = 0.1  # of the characters
SIGNS = 0.4  # of the characters, that are neither letters nor digits
SAMPLE = 48  # characters that pdfium is asked about
WORDS = 12  # that are recognised
LONG = 4  # characters
DPI = 200
SURE = 0.7  # of a recognised word, for it to be a witness
ALIKE = 0.6  # of two texts, that mean the same
WITNESSES = 4
AGREEING = 0.5  # of the witnesses


def is_doubtful(page: OpenPage, words: Sequence[Word]) -> bool:
    """Whether the text looks as if it were not what is printed. Takes less than a millisecond on a good page."""
    text = " ".join(word.text for word in words)
    letters = sum(map(str.isalnum, text))
    if letters < (1 - SIGNS) * (len(text) - text.count(" ")) or _has_unmapped(page):
        return True
    found = LETTERS.findall(text.lower())
    return sum(map(len, found)) >= ENOUGH and not is_language(found)


def is_language(words: Sequence[str]) -> bool:
    """Whether enough of these words (in lower case) are words; the dictionaries are only opened for what looks odd."""
    common, known = _common(), _known
    return sum(word in common for word in words) >= COMMON * len(words) or (
        sum(word in known() or word in common for word in words) >= KNOWN * len(words)
    )


def is_contradicted(page: OpenPage, words: Sequence[Word], mode: str, cache_dir: Path | None) -> bool:
    """Whether the picture of some words shows other words, and these are of a language."""
    long = [word for word in words if len(word.text) >= LONG and word.box.width > word.box.height / 2]
    sample = long[:: max(1, len(long) // WORDS)][:WORDS]
    if not sample:
        return False
    seen = _recognised(page, sample, mode, cache_dir)
    pairs = [(word.text, text) for word, (text, sure) in zip(sample, seen, strict=True) if sure >= SURE]
    if len(pairs) < min(WITNESSES, len(sample)):
        return False
    shown = LETTERS.findall(" ".join(text for _, text in pairs).lower())
    agreeing = sum(_alike(*pair) >= ALIKE for pair in pairs)
    return agreeing < AGREEING * len(pairs) and bool(shown) and is_language(shown)


def _has_unmapped(page: OpenPage) -> bool:
    if page.text is None:
        return False
    count, raw = page.text.count_chars(), page.text.raw
    sample = range(0, count, max(1, count // SAMPLE))
    errors: int = sum(pdfium.FPDFText_HasUnicodeMapError(raw, at) == 1 for at in sample)
    return errors > UNMAPPED * len(sample)


def _recognised(page: OpenPage, words: Sequence[Word], mode: str, cache_dir: Path | None) -> list[tuple[str, float]]:
    """What is read where these words stand, and how surely."""
    import numpy as np  # digital documents need no networks

    from reading.ocr.detection import Found
    from reading.ocr.recognition import recogniser

    image = render_open_page(page, dpi=min(DPI, 3000 * 72 / max(page.width, page.height)))
    picture = np.ascontiguousarray(np.asarray(image)[:, :, ::-1])
    places = [_place(word, image.width, image.height, Found) for word in words]
    return [_text(characters) for characters in recogniser(mode, cache_dir).read(picture, places)]


def _place(word: Word, width: int, height: int, kind: type[Found]) -> Found:
    box, (x, y) = word.box, word.box.centre
    high = max(4.0, box.height * height)
    return kind(x * width, y * height, box.width * width + high / 2, high, 0.0)


def _text(characters: Sequence[Character]) -> tuple[str, float]:
    text = "".join(character.text for character in characters)
    return text, sum(character.confidence for character in characters) / len(characters) if characters else 0.0


def _alike(text: str, other: str) -> float:
    return SequenceMatcher(None, alphanumeric(text), alphanumeric(other), autojunk=False).ratio()


@functools.cache
def _common() -> frozenset[str]:
    """What every form and letter says: the words of labels, and those without which there is no sentence."""
    phrases = [phrase for label in names("labels").values() for phrase in (*label.phrases, *label.common)]
    return frozenset(LETTERS.findall(" ".join(phrases).lower())) | word_set("stop_words", "articles_and_prepositions")


@functools.cache
def _known() -> frozenset[str]:
    import wordfreq  # it takes half a second, and most pages need no dictionary

    lists = (wordfreq.get_frequency_list(language, "small") for language in LANGUAGES)
    return frozenset(word for words in lists for equally_frequent in words for word in equally_frequent)
