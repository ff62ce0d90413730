"""What may be printed for a value that a schema gives as a code: € for EUR, France for FR, Facture for invoice."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from babel import Locale

from extractions.evidence.fields import Field
from extractions.evidence.lexicon import concepts
from extractions.evidence.spelling import code, words_of

LANGUAGES = ("en", "fr", "de", "nl", "es", "it")
MORE_SIGNS = {
    "USD": ("US$", "$", "dollar"),
    "EUR": ("€", "euros"),
    "GBP": ("£",),
    "MYR": ("RM",),
    "CHF": ("Fr.", "SFr."),
}
LONG_CODES = {"DE": "D", "FR": "F", "AT": "A", "IT": "I", "ES": "E", "BE": "B", "LU": "L"}


def alternatives(value: Any, of: Field) -> Iterator[str]:
    """Other ways to print the value, the likelier first."""
    if not isinstance(value, str) or len(value) > 60:
        return
    kind = of.means("codes")
    if len(value) == 3 and value.isupper() and (kind == "currency" or value in currencies()):
        yield from currencies().get(value, ())
    if len(value) in {2, 3} and kind == "country":
        yield from countries().get(value.upper(), ())
    if kind in {"iban", "vat_id"} and value[:2].isalpha():
        yield value[2:]
    if of.choices or "_" in value:
        yield from _choice(value)


def _choice(value: str) -> Iterator[str]:
    words = words_of(value)
    spoken = " ".join(words)
    if spoken != value:
        yield spoken
    known = concepts()["choices"]
    for phrase in known.get(spoken, ()):
        yield " ".join(phrase)


@lru_cache(maxsize=1)
def currencies() -> dict[str, tuple[str, ...]]:
    """Code to signs and names."""
    found: dict[str, list[str]] = {}
    for language in LANGUAGES:
        locale = Locale.parse(language)
        for currency, sign in locale.currency_symbols.items():
            found.setdefault(currency, []).append(sign)
        for currency, name in locale.currencies.items():
            found.setdefault(currency, []).append(name)
    for currency, signs in MORE_SIGNS.items():
        found[currency] = [*signs, *found.get(currency, [])]
    return {currency: _others(currency, names) for currency, names in found.items()}


@lru_cache(maxsize=1)
def countries() -> dict[str, tuple[str, ...]]:
    """Codes of two letters to names, and to the letter that stood before postal codes."""
    found: dict[str, list[str]] = {}
    for language in LANGUAGES:
        for country, name in Locale.parse(language).territories.items():
            if len(country) == 2 and country.isalpha():
                found.setdefault(country, []).append(name)
    for country, letter in LONG_CODES.items():
        found[country].append(f"{letter}-")
    return {country: _others(country, names) for country, names in found.items()}


@lru_cache(maxsize=1)
def country_codes() -> dict[str, str]:
    """Names in our languages, folded, to codes."""
    return {code(name): country for country, names in countries().items() for name in names if len(name) > 2}


def has_sign(text: str) -> bool:
    """Whether the text has to stand as it is: "US$" is more than its letters."""
    return len(code(text)) < 3 and any(unicodedata.category(one)[0] in "SP" for one in text)


def _others(own: str, names: list[str]) -> tuple[str, ...]:
    return tuple(name for name in dict.fromkeys(names) if name != own)
