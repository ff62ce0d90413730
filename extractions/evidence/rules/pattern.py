"""Regular expressions that people write: allowed is what cannot take for ever, whatever text it meets."""

from __future__ import annotations

import re

# The standard library's own parser; there is no public name for it.
from re import _constants as constants  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

LONGEST_VALUE = 300
MOST_REPEATS = 4
FORBIDDEN = ("GROUPREF", "GROUPREF_EXISTS", "ASSERT", "ASSERT_NOT")
REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")


def checked_pattern(pattern: str) -> str:
    """Empty if the pattern may be used, else what is wrong: `pattern` (no such thing) or `heavy` (may never end)."""
    try:
        tree = parser.parse(pattern)
    except (re.error, OverflowError, RecursionError):
        return "pattern"
    repeats = _open_repeats(tree, within=False)
    return "heavy" if repeats < 0 or repeats > MOST_REPEATS else ""


def matches(pattern: str, text: str) -> bool:
    """The whole text, or its beginning where it is very long."""
    return re.fullmatch(pattern, text[:LONGEST_VALUE]) is not None


def _open_repeats(tree: Any, *, within: bool) -> int:
    """How many repeats have no end; -1 if one stands within another, or for what looks around or back."""
    count = 0
    for kind, inner in tree:
        name = str(kind)
        if name in FORBIDDEN:
            return -1
        endless = name in REPEATS and (inner[1] is constants.MAXREPEAT or inner[1] > LONGEST_VALUE)
        if endless and within:
            return -1
        count += endless
        for part in _parts(inner):
            below = _open_repeats(part, within=within or endless)
            if below < 0:
                return -1
            count += below
    return count


def _parts(inner: Any) -> list[Any]:
    """The patterns within a part of a pattern."""
    if isinstance(inner, parser.SubPattern):
        return [inner]
    if isinstance(inner, list | tuple):
        return [found for one in inner for found in _parts(one)]
    return []
