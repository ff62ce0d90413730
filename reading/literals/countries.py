"""Countries by name in the languages of documents, and by the letters before postal codes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from reading.literals.locales import country_names
from reading.normalization import fold
from reading.vocabulary import section

POSTAL_PREFIXES: Mapping[str, str] = section("countries", "postal_prefixes")
"""D-10115 Berlin, F-75001 Paris: the letters that stood for countries before ISO 3166 did."""


@cache
def countries() -> dict[str, tuple[str, ...]]:
    """Codes of two letters to names, and to the letter before postal codes."""
    printed = dict(country_names())
    for letter, country in POSTAL_PREFIXES.items():
        printed[country] = (*printed[country], f"{letter}-")
    return printed


def country_of(name: str) -> str | None:
    """The code of a country by a name of it, whatever its case and accents."""
    return _codes().get(fold(name))


@cache
def _codes() -> dict[str, str]:
    codes: dict[str, str] = dict(section("countries", "names"))
    for country, names in country_names().items():
        for name in names:
            codes.setdefault(fold(name), country)
    return codes
