"""Sanitises file names for display."""

from __future__ import annotations

import re
import unicodedata

MAX_LENGTH = 200
# Control and format characters (including bidirectional overrides), lone surrogates, line separators.
UNWANTED_CATEGORIES = {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}
EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,10}$")


def clean_name(name: str, *, ending: str = "") -> str:
    """The base name without invisible characters, at most `MAX_LENGTH` characters; truncation keeps the extension."""
    name = re.split(r"[/\\]", name)[-1]
    name = unicodedata.normalize("NFC", name)
    name = "".join(" " if char in "\t\r\n" else char for char in name if char in "\t\r\n" or _wanted(char))
    name = re.sub(r"\s+", " ", name).strip(" .")
    if ending and name.casefold() == ending.casefold().lstrip("."):
        name = ""
    found = EXTENSION.search(name)
    kept = found.group() if found else ""
    stem = name[: len(name) - len(kept)].strip(" .")
    kept = kept or ending
    return f"{stem[: MAX_LENGTH - len(kept)].rstrip(' .') or 'document'}{kept}"


def _wanted(char: str) -> bool:
    return unicodedata.category(char) not in UNWANTED_CATEGORIES
