"""The questions that people ask of an invoice: names in three languages and two spellings, nested or flat."""

from __future__ import annotations

import random
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

Paths = dict[str, str]
"""From the path of a value in the answer ("lignes[].montant") to what it is in the truth ("items[].net_amount")."""

_HEAD = ("invoice_number", "issue_date", "due_date", "delivery_date", "order_number", "customer_number", "currency",
         "iban", "bic")  # fmt: skip
_PARTY = ("name", "street", "postal_code", "city", "country", "vat_id")
_TOTALS = ("charge_total", "total_without_vat", "total_vat", "total_with_vat", "prepaid_amount", "amount_due")
_ROW = ("description", "article_number", "quantity", "unit", "unit_price", "vat_rate", "net_amount")
_TAX = ("rate", "base", "tax")
NUMBERS = frozenset((*_TOTALS, "quantity", "unit_price", "vat_rate", "net_amount", *_TAX))
DATES = frozenset(("issue_date", "due_date", "delivery_date"))


@cache
def _words(language: str) -> dict[str, Any]:
    with (Path(__file__).parent / "_invoice_schemas.toml").open("rb") as file:
        return dict(tomllib.load(file)[language])


class _Asking:
    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.language = chance.choice(("en", "en", "fr", "de"))
        self.words = _words(self.language)
        self.camel, self.told, self.nested = chance.random() < 0.4, chance.random() < 0.6, chance.random() < 0.6

    def name(self, concept: str, prefix: str = "") -> str:
        text = str(self.chance.choice(self.words["names"][concept]))
        text = f"{prefix}_{text}" if prefix else text
        return re.sub(r"_(\w)", lambda match: match[1].upper(), text) if self.camel else text

    def node(self, concept: str, **more: Any) -> dict[str, Any]:
        node: dict[str, Any] = {"type": "number" if concept in NUMBERS else "string", **more}
        if concept in DATES:
            node["format"] = "date"
        text = self.words["told"].get(concept)
        return {**node, "description": text} if self.told and text else node

    def group(self, names: Paths, concepts: tuple[str, ...]) -> dict[str, Any]:
        """Properties by name; two that would be called the same, only once."""
        properties = {}
        for concept in concepts:
            name = self.name(concept)
            if name not in properties:
                properties[name] = self.node(concept)
                names[name] = concept
        return properties


def draw_schema(chance: random.Random) -> tuple[dict[str, Any], Paths]:
    """A schema, and for each of its paths what the truth calls it."""
    asking, names = _Asking(chance), Paths()
    properties = asking.group(names, _HEAD)
    for party in ("seller", "buyer"):
        own: Paths = {}
        if asking.nested:
            name = asking.name(party)
            properties[name] = {"type": "object", "properties": asking.group(own, _PARTY)}
            names |= {f"{name}.{path}": f"{party}.{concept}" for path, concept in own.items()}
        else:
            prefix = str(chance.choice(asking.words["names"][party]))
            for concept in _PARTY:
                name = asking.name(concept, prefix)
                properties[name] = asking.node(concept)
                names[name] = f"{party}.{concept}"
    properties |= asking.group(names, _TOTALS)
    for concept, columns in (("items", _ROW), ("taxes", _TAX)):
        own, name = {}, asking.name(concept)
        row = {"type": "object", "properties": asking.group(own, columns)}
        properties[name] = asking.node(concept, type="array", items=row)
        names |= {f"{name}[].{path}": f"{concept}[].{column}" for path, column in own.items()}
    return {"type": "object", "properties": properties}, names
