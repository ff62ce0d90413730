"""Names of files as people may read them."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 200
# Control and format characters (among them those that turn the writing direction), lone surrogates, line separators.
UNWANTED = {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}
ENDING = re.compile(r"\.[A-Za-z0-9]{1,10}$")


def clean_name(name: str, *, ending: str = "") -> str:
    """The name without folders and without anything that is not seen; a long one keeps its ending."""
    name = re.split(r"[/\\]", name)[-1]
    name = unicodedata.normalize("NFC", name)
    name = "".join(" " if char in "\t\r\n" else char for char in name if char in "\t\r\n" or _wanted(char))
    name = re.sub(r"\s+", " ", name).strip(" .")
    if ending and name.casefold() == ending.casefold().lstrip("."):
        name = ""
    found = ENDING.search(name)
    kept = found.group() if found else ""
    stem = name[: len(name) - len(kept)].strip(" .")
    kept = kept or ending
    return f"{stem[: LONGEST - len(kept)].rstrip(' .') or 'document'}{kept}"


def _wanted(char: str) -> bool:
    return unicodedata.category(char) not in UNWANTED
