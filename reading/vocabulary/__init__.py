"""Vocabularies as data: what people print for months, money, countries, legal forms and labels, beyond what CLDR knows.

One TOML file a subject, read once per process; its comments say what the entries mean.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Names:
    """What one thing is called. `common` phrases are too common to be trusted alone."""

    phrases: tuple[str, ...] = ()
    common: tuple[str, ...] = ()


@cache
def read_table(subject: str) -> Mapping[str, Any]:
    """A whole file. Shared by all callers: not to be changed."""
    return tomllib.loads((_FOLDER / f"{subject}.toml").read_text(encoding="utf-8"))


def section(subject: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = read_table(subject)[name]
    return found


def word_set(subject: str, name: str) -> frozenset[str]:
    words: list[str] = read_table(subject)[name]
    return frozenset(words)


def any_of(subject: str, name: str) -> str:
    """A regular expression for each word of a list, of which the words may be expressions themselves."""
    words: list[str] = read_table(subject)[name]
    return "|".join(words)


@cache
def names(subject: str) -> Mapping[str, Names]:
    """Concepts to what they are called; an entry that is `like` a label has that label's phrases before its own."""
    found: dict[str, Names] = {}
    for concept, entry in read_table(subject).items():
        shared = names("labels")[entry["like"]] if "like" in entry else Names()
        phrases, common = entry.get("phrases", ()), entry.get("common", ())
        found[concept] = Names((*shared.phrases, *phrases), (*shared.common, *common))
    return found
