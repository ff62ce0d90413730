"""Boxes and lines of a form by their printed number: 'Box 1', 'line_7a', 'Zeile 3'."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from reading.vocabulary import any_of

from .fields import Field

_PRINTED = re.compile(r"^\W*(?P<number>[A-Z]?\.?\d{1,2}(?:\.\d{1,2}){0,2}[a-z]?)(?:[.):]{1,2})?\s+(?=\S)")
_AGREEING, _SHARE = 0.82, 0.18
_OTHER = 0.6
"""What a label loses that has another number than the field asks for."""


@lru_cache(maxsize=4096)
def requested_number(name: str, description: str) -> str:
    """The number of the box that a field asks for, if its name or description tells one."""
    words = any_of("forms", "numbered")
    for text in (name.replace("_", " "), description):
        found = re.search(rf"\b(?:{words})\s*(\d{{1,2}}[a-z]?)(?![\w.,/-]*\d)", text, re.IGNORECASE)
        if found is not None:
            return found[1].casefold()
    return ""


def printed_number(label: str) -> str:
    found = _PRINTED.match(label)
    return found["number"].casefold() if found else ""


def number_match(field: Field, labels: Iterable[str], words: float) -> float:
    """How well a label fits that fits by `words` alone, now that the numbers are compared, too."""
    requested = requested_number(field.name, field.description)
    printed = {number for label in labels if (number := printed_number(label))}
    if not requested or not printed:
        return words
    return max(words, _AGREEING + _SHARE * words) if requested in printed else words * _OTHER
