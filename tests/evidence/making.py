"""Pages of words for tests: each line is written as cells parted by two blanks or more."""

from __future__ import annotations

import re

from extractions.evidence.grounding import Ground, ground
from extractions.evidence.pages import PageOfWords
from extractions.result.leaves import leaves

LETTER, LINE = 0.008, 0.012


def page(text: str, number: int = 1, *, recognised: bool = False) -> PageOfWords:
    words = []
    for row, line in enumerate(text.strip("\n").split("\n")):
        top = 0.05 + row * 2 * LINE
        for found in re.finditer(r"\S+", line):
            left = 0.02 + found.start() * LETTER
            words.append((left, top, left + len(found.group()) * LETTER, top + LINE, found.group()))
    return PageOfWords(number, words, recognised)


def found(data, *pages: PageOfWords, schema=None, locations=None, **options) -> dict[str, Ground]:
    return {one.path: one for one in ground(list(leaves(data, locations)), pages, schema, **options)}


def line_of(one: Ground) -> int:
    """On which line of the text it was found, from 0."""
    return round((one.boxes[0][1] - 0.05) / (2 * LINE))
