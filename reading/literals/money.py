"""Currencies by what is printed for them: signs, abbreviations, ISO 4217 codes, names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from reading.literals.locales import currency_names
from reading.normalization import fold
from reading.vocabulary import section

_SIGNS: dict[str, str] = section("currencies", "signs")
_CODES: dict[str, str] = section("currencies", "codes")
_AMBIGUOUS: dict[str, str] = section("currencies", "ambiguous_codes")

CURRENCIES: Mapping[str, str] = {fold(sign): code for sign, code in (_SIGNS | _CODES | _AMBIGUOUS).items()}
"""Signs and codes, folded, and the ISO 4217 code that each stands for."""

MEANINGS: Mapping[str, tuple[str, ...]] = {
    fold(sign): tuple(codes) for sign, codes in section("currencies", "several").items()
}
"""Signs of several currencies, the likeliest first."""


def _any_of(signs: Iterable[str]) -> str:
    return "|".join(sorted((re.escape(sign) for sign in signs), key=len, reverse=True))


def _as_printed(signs: Iterable[str]) -> set[str]:
    """With their accents, and without."""
    return {form for sign in signs for form in (fold(sign), sign.lower())}


_ANY_CODE = _any_of([*_CODES, *_AMBIGUOUS])
_ANY_AMBIGUOUS = _any_of(fold(code) for code in _AMBIGUOUS)
_DOLLARS = r"[^\W\d_]{1,3}\$"
"""Those of some country, known or not."""

# Patterns for `re.IGNORECASE`. Ambiguous codes count in capitals, and in small letters beside an amount with its cents.
CURRENCY_SIGN = rf"(?:{_DOLLARS}|{_any_of(_as_printed([*_SIGNS, *_CODES]))}|(?-i:{_ANY_CODE}))"
SIGN_BEFORE = rf"(?:(?-i:{_ANY_CODE})\s?[$£]|{CURRENCY_SIGN}|(?:{_ANY_AMBIGUOUS})(?=\s?\d[\d.,]*[.,]\d\d(?!\d)))"
SIGN_BEHIND = rf"(?:{CURRENCY_SIGN}|(?:(?<=[.,]\d\d)|(?<=[.,]\d\d\s))(?:{_ANY_AMBIGUOUS}))"


def currency_of(sign: str) -> str:
    """The ISO code of a sign or code as printed; "" for one that is not known, such as 'Q$'."""
    folded = re.sub(r"\s", "", fold(sign))
    return CURRENCIES.get(folded) or CURRENCIES.get(folded.rstrip("$£"), "")


@cache
def currencies() -> dict[str, tuple[str, ...]]:
    """ISO codes to all that is printed for them besides the code, the likeliest first."""
    printed: dict[str, dict[str, None]] = {}
    for signs in (_SIGNS, _AMBIGUOUS, section("currencies", "names")):
        for sign, code in signs.items():
            printed.setdefault(code, {})[sign] = None
    for sign, codes in section("currencies", "several").items():
        for code in codes:
            printed.setdefault(code, {})[sign] = None
    for code, names in currency_names().items():
        printed.setdefault(code, {}).update(dict.fromkeys(names))
    return {code: tuple(name for name in names if name != code) for code, names in printed.items()}
