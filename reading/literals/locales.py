"""What CLDR knows about the languages of documents."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from babel import Locale
from babel.dates import get_month_names

from reading.normalization import fold
from reading.vocabulary import section

LANGUAGES = ("en", "fr", "de", "nl", "es", "it")
"""Of documents whose values are read."""
MORE_LANGUAGES = ("pt", "pl", "sv", "da", "nb", "fi", "cs", "ro", "hu")
"""Of documents in which a known value is looked up; too many to guess in, for "pro" is December in Czech."""
_NUMBER_LOCALES = (*LANGUAGES, "de_CH", "sv")
"""All ways of writing numbers in Western Europe: points, commas, blanks, apostrophes."""


@cache
def number_symbols(name: str) -> str:
    """The characters that CLDR has for a symbol ("decimal", "group", "minusSign")."""
    return "".join(dict.fromkeys(Locale.parse(locale).number_symbols["latn"][name] for locale in _NUMBER_LOCALES))


@cache
def months() -> dict[str, int]:
    """Names of months to read dates with: folded, without points, none of them an everyday word."""
    names = _named_months((*LANGUAGES, "pt"))
    for word in section("months", "everyday_words")["words"]:
        names.pop(word, None)
    return names


@cache
def more_months() -> dict[str, int]:
    """Those of all our languages, to look up dates that are known."""
    return _named_months((*LANGUAGES, *MORE_LANGUAGES))


def english_months() -> list[str]:
    """Full names in small letters."""
    return [name.lower() for name in get_month_names("wide", locale="en").values()]


def _named_months(languages: tuple[str, ...]) -> dict[str, int]:
    names: dict[str, int] = {}
    for language in languages:
        for number, name in _month_names(language):
            if len(name) >= 3 and name.isalpha():
                names.setdefault(name, number)
    return names | section("months", "spellings")


def _month_names(language: str) -> Iterator[tuple[int, str]]:
    for width in ("wide", "abbreviated"):
        for context in ("format", "stand-alone"):
            for number, name in get_month_names(width, context, locale=language).items():
                yield number, fold(name).rstrip(".")


@cache
def country_names() -> dict[str, tuple[str, ...]]:
    """Codes of two letters to names."""
    names: dict[str, dict[str, None]] = {}
    for language in LANGUAGES:
        for country, name in Locale.parse(language).territories.items():
            if len(country) == 2 and country.isalpha():
                names.setdefault(country, {})[str(name)] = None
    return {country: tuple(known) for country, known in names.items()}


@cache
def currency_names() -> dict[str, tuple[str, ...]]:
    """ISO 4217 codes to signs and names."""
    names: dict[str, dict[str, None]] = {}
    for language in LANGUAGES:
        locale = Locale.parse(language)
        for known in (locale.currency_symbols, locale.currencies):
            for currency, name in known.items():
                names.setdefault(currency, {})[str(name)] = None
    return {currency: tuple(known) for currency, known in names.items()}
