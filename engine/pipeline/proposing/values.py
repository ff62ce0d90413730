"""What kind of field a printed value seems to belong to."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reading.literals.dates import find_dates
from reading.literals.numbers import find_numbers
from reading.literals.style import Style
from reading.normalization import fold
from reading.vocabulary import section

_ANSWERS = section("choices", "answers")
_YES_OR_NO = frozenset((*_ANSWERS["yes"], *_ANSWERS["no"]))
_REST = 0.75
"""Of the characters that a date or number must take up."""
_OF_CODES = re.compile(
    r"\b(?:n[ro°]?|num(?:ero|mer|ber)?|code|id|ref(?:erence|erenz)?|tel(?:efon|ephone)?|phone|fax|siret|siren|iban|zip|plz|"
    r"konto|compte|account|apt|suite|room|zimmer|chambre)\b|(?:nummer|nr)\b|#",
    re.IGNORECASE,
)
"""Words of labels whose digits are a code, and no number to count with."""
_UNIT = re.compile(r"^[^\W\d_]{1,8}[²³.]?$|^(?:m2|m3|m²|m³)$")
_CODE = re.compile(r"(?=\S*\d)[\w./-]{3,}")


@dataclass(frozen=True, slots=True)
class TypedValue:
    kind: str
    text: str
    is_code: bool = False


def typed_value(text: str, label: str, style: Style | None = None) -> TypedValue:
    """Text, unless it is a date, a number or yes or no and little else."""
    text = re.sub(r"\s+", " ", text).strip(" :")
    style = style or Style()
    if fold(text).strip(" .") in _YES_OR_NO:
        return TypedValue("boolean", text)
    if any(day.end - day.start >= _REST * len(text) for day in find_dates(text, style)):
        return TypedValue("date", text)
    if kind := _number(text, label, style):
        return TypedValue(kind, text)
    return TypedValue("text", text, is_code=_CODE.fullmatch(text) is not None)


def _number(text: str, label: str, style: Style) -> str:
    found = list(find_numbers(text, style))
    if len(found) != 1 or _OF_CODES.search(fold(label)):
        return ""
    number = found[0]
    rest = (text[: number.start] + " " + text[number.end :]).strip()
    if rest and (not _UNIT.match(rest) or _OF_CODES.search(fold(rest))):
        return ""
    digits = re.sub(r"\D", "", text)
    if digits.startswith("0") and len(digits) > 1 and not number.places:
        return ""
    if number.currency or number.percent or number.places or rest:
        return "number"
    return "integer" if len(digits) <= 6 else ""
