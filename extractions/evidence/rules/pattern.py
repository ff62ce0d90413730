"""Regular expressions that people write, matched by RE2: the time is linear in the text, whatever the pattern.

The standard library's engine backtracks: `(.|.){1,300}~` keeps it busy for ever, and nothing can interrupt it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2

LONGEST_PATTERN = 200
LONGEST_TEXT = 10_000
MEMORY = 1 << 20
"""Bytes for a compiled pattern and its caches. It bounds what repeats within repeats may multiply to."""

LETTERS, SPACES = r"\p{L}\p{N}_", r"\s\p{Z}"
# RE2's classes know ASCII only, but documents have accents and spaces of every width.
OUTSIDE = {"w": f"[{LETTERS}]", "W": f"[^{LETTERS}]", "s": f"[{SPACES}]", "S": f"[^{SPACES}]", "Z": r"\z"}
WITHIN = {"w": LETTERS, "s": SPACES}
LOOKAROUND = ("(?=", "(?!", "(?<=", "(?<!")


class PatternError(Exception):
    """Why a pattern cannot be used: `pattern`, `pattern_long`, `lookaround`, `backreference` or `repeats`."""

    def __init__(self, code: str, pattern: str) -> None:
        super().__init__(code, pattern)
        self.code, self.pattern = code, pattern


def checked_pattern(pattern: str) -> str:
    """Empty if the pattern can be used, else the code of what is wrong."""
    try:
        compiled(pattern)
    except PatternError as error:
        return error.code
    return ""


@lru_cache(maxsize=32)  # of one megabyte each
def compiled(pattern: str) -> Any:
    if len(pattern) > LONGEST_PATTERN:
        raise PatternError("pattern_long", pattern)
    options = re2.Options()
    options.max_mem, options.log_errors, options.never_capture = MEMORY, False, True
    try:
        return re2.compile(_translated(pattern), options)
    except re2.error as error:
        raise PatternError(_code(error, pattern), pattern) from error
    except UnicodeEncodeError as error:  # half a character
        raise PatternError("pattern", pattern) from error


def matches(pattern: str, text: str) -> bool | None:
    """Whether the whole text has this form; None for a text that is too long to be asked. Raises `PatternError`."""
    return _found(compiled(pattern).fullmatch, text)


def contains(pattern: str, text: str) -> bool | None:
    """The same for any part of the text, which is how JSON Schema understands a pattern."""
    return _found(compiled(pattern).search, text)


def cost(pattern: str) -> int:
    """In steps of a rule: what compiling the pattern may take."""
    return 1 + int(compiled(pattern).programsize) // 20


def _found(match: Any, text: str) -> bool | None:
    if len(text) > LONGEST_TEXT:
        return None
    return match(text.encode("utf-8", "replace").decode()) is not None


def _translated(pattern: str) -> str:
    """With the classes and escapes of the standard library that RE2 lacks or understands more narrowly."""
    parts, at, within = [], 0, False
    while at < len(pattern):
        letter, follows = pattern[at], pattern[at + 1 : at + 2]
        if letter == "\\" and follows:
            length = 6 if follows == "u" else 2
            parts.append(_escape(pattern[at : at + length], WITHIN if within else OUTSIDE))
            at += length
            continue
        if letter == "[" and not within:
            # A bracket that closes at once is one of the characters.
            start = 3 if pattern[at + 1 : at + 3] == "^]" else 2 if follows == "]" else 1
            parts.append(pattern[at : at + start])
            within, at = True, at + start
            continue
        within = within and letter != "]"
        parts.append(letter)
        at += 1
    return "".join(parts)


def _escape(escape: str, known: dict[str, str]) -> str:
    if escape[1] == "u" and len(escape) == 6:
        return rf"\x{{{escape[2:]}}}"
    return known.get(escape[1], escape)


def _code(error: re2.error, pattern: str) -> str:
    said = error.args[0] if error.args else ""
    message = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    reason, _, part = message.partition(": ")
    if part.startswith(LOOKAROUND):
        return "lookaround"
    if (part[:1] == "\\" and (part[1:2].isdigit() or part[1:2] == "k")) or (part == "(?P" and "(?P=" in pattern):
        return "backreference"
    return "repeats" if "repetition size" in reason or "too large" in reason else "pattern"
