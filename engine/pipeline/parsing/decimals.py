"""Amounts whose decimal point was too faint to be recognised: '10 94' in a column of amounts is 10.94."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reading.document import Word

_AMOUNT = re.compile(r"\D{0,3}\d+(?P<mark>[.,])\d\d")
_SAME_EDGE = 0.012


def with_decimals(lines: Sequence[tuple[Word, ...]]) -> list[tuple[Word, ...]]:
    """The lines of a page; two figures that end where amounts end are one amount, written with their decimal sign."""
    amounts = [(word.box.x1, found["mark"]) for words in lines if (found := _AMOUNT.fullmatch(words[-1].text))
               for word in words[-1:]]  # fmt: skip
    return [_joined(words, amounts) if _parted(words) else words for words in lines]


def _parted(words: Sequence[Word]) -> bool:
    return (
        len(words) == 2
        and re.fullmatch(r"\D{0,3}\d{1,4}", words[0].text) is not None
        and re.fullmatch(r"\d\d", words[1].text) is not None
    )


def _joined(words: tuple[Word, ...], amounts: Sequence[tuple[float, str]]) -> tuple[Word, ...]:
    whole, cents = words
    mark = next((mark for edge, mark in amounts if abs(edge - cents.box.x1) < _SAME_EDGE), None)
    if mark is None:
        return words
    confidence = min(whole.confidence, cents.confidence)
    return (Word(whole.text + mark + cents.text, whole.box.union(cents.box), confidence, whole.source),)
