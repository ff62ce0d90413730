"""What people call a field, and whether it holds money: by its title, else by its name."""

from __future__ import annotations

import re
from collections.abc import Mapping

from extractions.result.schema import WRAPPED, kind_of

AMOUNT = re.compile(r"amount|total|price|subtotal|tax|vat|net|gross|cost|fee|balance|discount|montant|prix|tva")
NO_AMOUNT = re.compile(r"rate|percent|number|quantity|count|date|code|id$|taux")
IN_PER_CENT = re.compile(r"\b(in|en|as an?) (per ?cent|percentage|pour ?cent|prozent)\b", re.IGNORECASE)
RATE = re.compile(r"percent|prozent|(^|_)((tax|vat|tva|gst|discount|interest)_?rate|taux(_(de_)?(tva|remise))?)(_|$)")
TITLES = "context:titles"
HELP = "context:help"
"""Titles and descriptions by language, additions that services ignore: `{"fr": "Montant"}`."""
ACRONYMS = re.compile(r"\b(bic|iban|id|po|siren|siret|swift|tva|url|vat)\b", re.IGNORECASE)


def is_amount(path: str, schema: Mapping[str, object]) -> bool:
    """A heuristic by the field's name: whether the number is money, which schemas cannot declare."""
    name = path.removesuffix(f".{WRAPPED}").rpartition(".")[2].lower()
    return kind_of(schema) != "integer" and bool(AMOUNT.search(name)) and not NO_AMOUNT.search(name)


def is_percentage(path: str, schema: Mapping[str, object]) -> bool:
    """Whether a number is per cent, by the field's name or by how the schema describes it."""
    name = path.removesuffix(f".{WRAPPED}").rpartition(".")[2].lower()
    return bool(RATE.search(name) or IN_PER_CENT.search(_text(schema.get("description"))))


def title_of(schema: Mapping[str, object], language: str = "") -> str:
    """The title in this language, else the schema's own; empty if it has none."""
    return _text_in(language, schema.get(TITLES)) or _text(schema.get("title"))


def titles_of(schema: Mapping[str, object]) -> list[str]:
    """The title in all languages."""
    translated = schema.get(TITLES)
    found = [schema.get("title"), *(translated.values() if isinstance(translated, Mapping) else ())]
    return [text for text in map(_text, found) if text]


def description_of(schema: Mapping[str, object], language: str = "") -> str:
    return _text_in(language, schema.get(HELP)) or _text(schema.get("description"))


def _text_in(language: str, texts: object) -> str:
    return _text(texts.get(language)) if isinstance(texts, Mapping) else ""


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def label_of(name: str, schema: Mapping[str, object], language: str = "") -> str:
    if title := title_of(schema, language):
        return title
    if re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", name):
        words = name.replace("_", " ")
        return ACRONYMS.sub(lambda found: found[0].upper(), words[:1].upper() + words[1:])
    return name
