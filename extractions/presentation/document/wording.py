"""Formats values and field names of extracted data in the reader's locale."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from django.utils.formats import date_format, number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from extractions.result import field_labels
from extractions.result.field_labels import is_amount as is_amount
from extractions.result.json_text import to_text
from extractions.result.numbers import is_usable, storable_number

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def readable(value: object, *, money: bool = False) -> tuple[str, str]:
    """A value as the reader's locale writes it, and its kind. Money has its two decimals even where they are zero."""
    match value:
        case None | "" | [] | {}:
            return "", "nothing"
        case bool():
            return (_("Yes") if value else _("No")), "boolean"
        case int() | float():
            return _number(value, money=money), "number"
        case str() if DAY.fullmatch(value):
            return _day(value), "date"
        case str():
            return value, "text"
        case list() if not any(isinstance(item, list | Mapping) for item in value):
            return ", ".join(readable(item)[0] for item in value), "text"
    return to_text(value), "text"


def _number(value: float, *, money: bool) -> str:
    if not is_usable(value):
        return str(storable_number(value))
    text = repr(value)
    if "e" in text:
        return text
    decimals = len(text.partition(".")[2].rstrip("0"))
    if money:
        decimals = max(decimals, 2)
    # Integers may be years or codes, so only numbers with decimals are grouped.
    return str(number_format(value, decimals, use_l10n=True, force_grouping=bool(decimals)))


def _day(text: str) -> str:
    try:
        return date_format(date.fromisoformat(text), "DATE_FORMAT")
    except ValueError:
        return text


def label_of(name: str, schema: Mapping[str, object]) -> str:
    """The schema's title in the page's language, else its title, else the name in words."""
    return field_labels.label_of(name, schema, get_language() or "")


def description_of(schema: Mapping[str, object]) -> str:
    """What the schema says of a field, in the page's language where it says it in several."""
    return field_labels.description_of(schema, get_language() or "")
