"""Formats values and field names of extracted data in the reader's locale."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from extractions.result.json_text import to_text
from extractions.result.numbers import is_usable, storable_number
from extractions.result.schema import WRAPPED, kind_of

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
AMOUNT = re.compile(r"amount|total|price|subtotal|tax|vat|net|gross|cost|fee|balance|discount|montant|prix|tva")
NO_AMOUNT = re.compile(r"rate|percent|number|quantity|count|date|code|id$|taux")
ACRONYMS = re.compile(r"\b(bic|iban|id|po|siren|siret|swift|tva|url|vat)\b", re.IGNORECASE)


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


def is_amount(path: str, schema: Mapping[str, object]) -> bool:
    """A heuristic by the field's name: whether the number is money, which schemas cannot declare."""
    name = path.removesuffix(f".{WRAPPED}").rpartition(".")[2].lower()
    return kind_of(schema) != "integer" and bool(AMOUNT.search(name)) and not NO_AMOUNT.search(name)


def label_of(name: str, schema: Mapping[str, object]) -> str:
    title = schema.get("title")
    if isinstance(title, str) and title.strip():
        return title.strip()
    if re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", name):
        words = name.replace("_", " ")
        return ACRONYMS.sub(lambda found: found[0].upper(), words[:1].upper() + words[1:])
    return name
