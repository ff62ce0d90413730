"""Sanitises file names for display."""

from __future__ import annotations

import re
import unicodedata

from extractions.models.provenance import FOLDER_LENGTH

MAX_LENGTH = 200
# Control and format characters (including bidirectional overrides), lone surrogates, line separators.
UNWANTED_CATEGORIES = {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}
EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,10}$")


def clean_name(name: str, *, ending: str = "") -> str:
    """The base name without invisible characters, at most `MAX_LENGTH` characters; truncation keeps the extension."""
    name = re.split(r"[/\\]", name)[-1]
    name = _clean(name).strip(" .")
    if ending and name.casefold() == ending.casefold().lstrip("."):
        name = ""
    found = EXTENSION.search(name)
    kept = found.group() if found else ""
    stem = name[: len(name) - len(kept)].strip(" .")
    kept = kept or ending
    return f"{stem[: MAX_LENGTH - len(kept)].rstrip(' .') or 'document'}{kept}"


def clean_folder(path: str) -> str:
    """A relative folder with slashes, each name cleaned; the last names of one that is too long."""
    names = [_clean(name) for name in re.split(r"[/\\]", path)]
    names = [name for name in names if name.strip(".")]
    while len(folder := "/".join(names)) > FOLDER_LENGTH:
        names = names[1:] if len(names) > 1 else [names[0][:FOLDER_LENGTH]]
    return folder


def _clean(name: str) -> str:
    name = unicodedata.normalize("NFC", name)
    name = "".join(" " if char in "\t\r\n" else char for char in name if char in "\t\r\n" or _wanted(char))
    return re.sub(r"\s+", " ", name).strip()


def _wanted(char: str) -> bool:
    return unicodedata.category(char) not in UNWANTED_CATEGORIES
