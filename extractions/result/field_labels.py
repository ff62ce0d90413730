"""What people call a field, and whether it holds money: by its title, else by its name."""

from __future__ import annotations

import re
from collections.abc import Mapping

from extractions.result.schema import WRAPPED, kind_of

AMOUNT = re.compile(r"amount|total|price|subtotal|tax|vat|net|gross|cost|fee|balance|discount|montant|prix|tva")
NO_AMOUNT = re.compile(r"rate|percent|number|quantity|count|date|code|id$|taux")
ACRONYMS = re.compile(r"\b(bic|iban|id|po|siren|siret|swift|tva|url|vat)\b", re.IGNORECASE)


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
