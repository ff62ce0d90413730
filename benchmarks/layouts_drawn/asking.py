"""Schemas as strangers write them: how many fields, in which order, called what, and with how much explained."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from typing import Any

from benchmarks.layouts_drawn.kinds import KINDS
from benchmarks.layouts_drawn.wording import choices, toml_of

PER_KIND = 14
_LANGUAGES = ("en",) * 8 + ("fr",) * 5 + ("de",) * 5 + ("es", "it")
DATES = frozenset((
    "issue_date", "due_date", "delivery_date", "requested_date", "valid_until", "order_date", "period_start",
    "period_end", "arrival", "departure", "pay_date", "entry_date", "deadline", "row.date", "row.due_date",
))  # fmt: skip
NUMBERS = frozenset((
    "subtotal", "discount", "shipping", "net", "tax", "gross", "rounding", "prepaid", "due", "nights", "persons",
    "previous_reading", "current_reading", "consumption", "opening_balance", "closing_balance", "total_debit",
    "total_credit", "total_invoiced", "total_open", "gross_pay", "total_deductions", "net_pay", "fee", "interest",
    "tip", "service", "cash", "change", "packages", "row.quantity", "row.unit_price", "row.discount_percent",
    "row.tax_rate", "row.amount", "row.ordered", "row.delivered", "row.base", "row.tax", "row.rate",
    "row.invoice_amount", "row.balance", "row.debit", "row.credit", "row.running",
))  # fmt: skip
_SELLER = (
    "name",
    "address",
    "street",
    "postal_code",
    "city",
    "country",
    "vat_id",
    "tax_number",
    "legal_id",
    "phone",
    "email",
    "website",
)
_BUYER = ("name", "address", "street", "postal_code", "city", "country", "vat_id", "contact")
_PLACE = ("name", "address", "street", "postal_code", "city")
_PARTIES = {
    "receipt": {"merchant": "seller"}, "hotel": {"hotel": "seller", "buyer": "buyer"},
    "utility_bill": {"provider": "seller", "buyer": "buyer"}, "bank_statement": {"bank": "seller", "holder": "buyer"},
    "payslip": {"employer": "seller", "employee": "buyer"}, "reminder": {"creditor": "seller", "buyer": "buyer"},
    "purchase_order": {"buyer": "seller", "seller": "buyer", "ship_to": "ship_to"},
}  # fmt: skip
_SALE = ("subtotal", "discount", "shipping", "net", "tax", "gross", "prepaid", "due")
_SUMS = {
    "invoice": (*_SALE, "rounding"), "credit_note": ("net", "tax", "gross", "subtotal"),
    "quote": ("net", "tax", "gross", "discount", "shipping"),
    "order": ("net", "tax", "gross", "shipping"), "purchase_order": ("net", "tax", "gross"), "delivery_note": (),
    "hotel": ("gross", "tax", "net", "prepaid", "due"), "utility_bill": ("gross", "net", "tax", "due", "prepaid"),
    "statement": ("total_invoiced", "due"),
    "bank_statement": ("opening_balance", "closing_balance", "total_debit", "total_credit"),
    "payslip": ("gross_pay", "total_deductions", "net_pay"), "reminder": ("fee", "interest", "total_open"),
    "receipt": ("gross", "tax", "net", "subtotal", "tip", "cash", "change"),
}  # fmt: skip
_ROWS = {
    "open_items": ("invoice_number", "date", "due_date", "invoice_amount", "balance"),
    "transactions": ("date", "text", "debit", "credit", "running"), "earnings": ("description", "amount"),
}  # fmt: skip
_ITEM = ("description", "code", "quantity", "unit", "unit_price", "discount_percent", "tax_rate", "amount", "date")
_NOT_ASKED = {"purchase_order": {"contact", "customer_number"}, "order": {"order_date"}, "statement": {"due_date"}}
_BANKED = ("invoice", "hotel", "utility_bill", "reminder", "statement")


@dataclass
class Question:
    """A schema, and of each of its leaves which value of the content is asked."""

    name: str
    schema: dict[str, Any]
    facts: dict[str, str] = field(default_factory=dict)
    """From the path of a leaf ("lines[].total") to that of the content ("rows[].amount")."""


class _Asking:
    def __init__(self, kind: str, place: int) -> None:
        self.chance = random.Random(f"schema {kind} {place}")
        self.kind = kind
        self.language = self.chance.choice(_LANGUAGES)
        self.words = toml_of(f"fields/{self.language}")
        self.case = self.chance.choice(("snake",) * 5 + ("camel",) * 3 + ("pascal", "spaces", "upper"))
        self.told = self.chance.choice(("all", "all", "some", "none", "titles"))
        self.size = self.chance.choice(("mini", "small", "medium", "medium", "large", "large"))
        self.nested = self.chance.choice(("flat", "flat", "parties", "parties", "groups"))
        self.nullable = self.chance.random() < 0.08
        self.formats = self.chance.random() < 0.75
        self.question = Question(f"{kind}_{self.language}_{self.size}_{place}", {"type": "object"})

    def keyed(self, concept: str) -> str:
        base = concept.replace("number", f"number.{self.kind}") if concept == "number" else concept
        if concept == "issue_date" and self.kind not in ("invoice", "hotel", "utility_bill"):
            base = "issue_date.other"
        return base if base in self.words else concept

    def cased(self, name: str) -> str:
        parts = name.split("_")
        if self.case == "camel":
            return parts[0] + "".join(part.capitalize() for part in parts[1:])
        if self.case == "pascal":
            return "".join(part.capitalize() for part in parts)
        return {"spaces": name.replace("_", " ").capitalize(), "upper": name.upper()}.get(self.case, name)

    def word(self, concept: str) -> str:
        return self.chance.choice(choices(self.words[self.keyed(concept)][0]))

    def leaf(self, concept: str, about: str = "") -> dict[str, Any]:
        kind = "number" if concept in NUMBERS else "string"
        node: dict[str, Any] = {"type": [kind, "null"] if self.nullable else kind}
        if concept in DATES and self.formats:
            node["format"] = "date"
        if concept == "document_type":
            node["enum"] = ["invoice", "credit_note"]
        text = self.chance.choice(choices(self.words[self.keyed(concept)][1]))
        if about:
            text = self.chance.choice((f"{text} ({about})", f"{about}: {text}"))
        if self.told == "titles":
            node["title"] = text
        elif self.told == "all" or (self.told == "some" and self.chance.random() < 0.5):
            node["description"] = text
        return node

    def put(self, properties: dict[str, Any], path: str, name: str, node: dict[str, Any], fact: str = "") -> str:
        """Adds a property unless one is called so already; returns its path or nothing."""
        name = self.cased(name)
        if name in properties:
            return ""
        properties[name] = node
        whole = f"{path}{name}"
        if fact:
            self.question.facts[whole] = fact
        return whole

    def some(self, concepts: tuple[str, ...] | list[str], least: int, most: int) -> list[str]:
        """A few of them, mostly in their own order."""
        count = min(len(concepts), self.chance.randint(min(least, most), most))
        chosen = self.chance.sample(list(concepts), count)
        return chosen if self.chance.random() < 0.3 else sorted(chosen, key=list(concepts).index)

    def group(self, properties: dict[str, Any], path: str, concept: str) -> tuple[dict[str, Any], str]:
        """An object of its own for related fields, where the schema has such."""
        node: dict[str, Any] = {"type": "object", "properties": {}}
        whole = self.put(properties, path, self.word(concept), node)
        return (node["properties"], f"{whole}.") if whole else (properties, path)


def draw_question(kind: str, place: int) -> Question:
    asking = _Asking(kind, place)
    properties: dict[str, Any] = {}
    asking.question.schema["properties"] = properties
    parts = [_head, _parties, _sums, _bank]
    if asking.chance.random() < 0.25:
        asking.chance.shuffle(parts)
    for part in parts:
        part(asking, properties)
    if asking.size != "mini" and asking.chance.random() < 0.7:
        _rows(asking, properties)
    names = list(properties)
    if asking.chance.random() < 0.7:
        asking.question.schema["required"] = names[: asking.chance.randint(1, 3)]
    if asking.chance.random() < 0.15:
        asking.question.schema["title"] = asking.question.name
    return asking.question


def _head(asking: _Asking, properties: dict[str, Any]) -> None:
    kind = KINDS[asking.kind]
    concepts = [key for key in kind.meta if "." not in key and key not in _NOT_ASKED.get(asking.kind, set())]
    if "period" in concepts:
        concepts[concepts.index("period") : concepts.index("period") + 1] = ["period_start", "period_end"]
    concepts = [concept for concept in concepts if concept in asking.words and concept != "supply_address"]
    if asking.kind == "receipt":
        concepts += ["payment_method", "card_digits"]
    first, rest = [key for key in concepts[:2] if asking.chance.random() < 0.92], concepts[2:]
    extra = {"mini": (0, 1), "small": (1, 3), "medium": (2, 5), "large": (5, 11)}[asking.size]
    chosen = [*first, *asking.some(rest, *extra)]
    if kind.taxed and asking.chance.random() < 0.5:
        chosen.append("currency")
    if asking.kind in ("invoice", "credit_note") and asking.chance.random() < 0.15:
        chosen.append("document_type")
    path = ""
    if asking.nested == "groups":
        properties, path = asking.group(properties, path, "group.document")
    for concept in chosen:
        asking.put(properties, path, asking.word(concept), asking.leaf(concept), concept)


def _parties(asking: _Asking, properties: dict[str, Any]) -> None:
    parties = _PARTIES.get(asking.kind, {"seller": "seller", "buyer": "buyer", "ship_to": "ship_to"})
    for role, fact in parties.items():
        if asking.chance.random() < (0.75 if role == "ship_to" else 0.12):
            continue
        all_leaves = {"seller": _SELLER, "buyer": _BUYER, "ship_to": _PLACE}[fact]
        if asking.kind == "purchase_order" and fact == "buyer":
            all_leaves = _PLACE
        most = {"mini": 1, "small": 3, "medium": 5, "large": 9}[asking.size]
        rest = ["address", *all_leaves[5:]] if asking.chance.random() < 0.4 else list(all_leaves[2:])
        leaves = ["name", *asking.some(rest, 0, most - 1)]
        _party(asking, properties, role, fact, leaves)


def _party(asking: _Asking, properties: dict[str, Any], role: str, fact: str, leaves: list[str]) -> None:
    about = asking.chance.choice(choices(asking.words[role][1]))
    if asking.nested == "flat" or (len(leaves) == 1 and asking.chance.random() < 0.6):
        word = asking.word(role)
        for leaf in leaves:
            bare = leaf == "name" and asking.chance.random() < 0.5
            name = asking.word(f"party.{leaf}")
            name = (
                word
                if bare
                else f"{name}_{word}"
                if asking.language in ("fr", "es", "it") and asking.chance.random() < 0.6
                else f"{word}_{name}"
            )
            node = asking.leaf(f"party.{leaf}", about)
            asking.put(properties, "", name, node, f"{fact}.{leaf}")
        return
    inner, path = asking.group(properties, "", role)
    split = asking.chance.random() < 0.3 and "street" in leaves
    place: dict[str, Any] | None = None
    for leaf in leaves:
        if split and leaf in ("street", "postal_code", "city", "country"):
            if place is None:
                place, under = asking.group(inner, path, "group.address")
            asking.put(place, under, asking.word(f"party.{leaf}"), asking.leaf(f"party.{leaf}"), f"{fact}.{leaf}")
        else:
            asking.put(inner, path, asking.word(f"party.{leaf}"), asking.leaf(f"party.{leaf}"), f"{fact}.{leaf}")


def _sums(asking: _Asking, properties: dict[str, Any]) -> None:
    concepts = _SUMS[asking.kind]
    if not concepts:
        return
    main = "gross" if "gross" in concepts else concepts[-1]
    chosen = asking.some(concepts, 1, {"mini": 1, "small": 2, "medium": 4, "large": 8}[asking.size])
    if main not in chosen and asking.chance.random() < 0.85:
        chosen.append(main)
    path = ""
    if asking.nested == "groups":
        properties, path = asking.group(properties, path, "group.totals")
    for concept in chosen:
        asking.put(properties, path, asking.word(concept), asking.leaf(concept), concept)


def _bank(asking: _Asking, properties: dict[str, Any]) -> None:
    if asking.kind not in _BANKED or asking.size == "mini" or asking.chance.random() < 0.5:
        return
    path = ""
    if asking.nested == "groups":
        properties, path = asking.group(properties, path, "group.payment")
    for concept in asking.some(("iban", "bic", "bank_name"), 1, 3):
        asking.put(properties, path, asking.word(concept), asking.leaf(concept), concept)


def _rows(asking: _Asking, properties: dict[str, Any]) -> None:
    kind = KINDS[asking.kind]
    columns = _ROWS.get(kind.rows) or [key for key in _ITEM if key in kind.columns or key == "description"]
    if asking.kind == "delivery_note":
        columns = ["description", "code", "delivered", "ordered", "unit"]
    main = columns[:2] if kind.rows != "items" else ["description"]
    rest = [key for key in columns if key not in main]
    _array(asking, properties, kind.rows, "rows", [*main, *asking.some(rest, 1, len(rest))])
    if asking.kind == "payslip" and asking.chance.random() < 0.5:
        _array(asking, properties, "deductions", "deductions", ["description", "amount"])
    if kind.taxed and asking.chance.random() < 0.3:
        _array(asking, properties, "taxes", "taxes", asking.some(["rate", "base", "tax"], 2, 3))


def _array(asking: _Asking, properties: dict[str, Any], concept: str, fact: str, columns: list[str]) -> None:
    inner: dict[str, Any] = {}
    node: dict[str, Any] = {"type": "array", "items": {"type": "object", "properties": inner}}
    if asking.told == "all" and asking.chance.random() < 0.5:
        node["description"] = asking.chance.choice(choices(asking.words[concept][1]))
    whole = asking.put(properties, "", asking.word(concept), node)
    if not whole:
        return
    for column in columns:
        own = "earning" if fact == "rows" and concept == "earnings" and column == "description" else column
        word = asking.word(f"row.{column}") if column != "date" else choices(asking.words["row.date"][0])[0]
        asking.put(inner, f"{whole}[].", word, asking.leaf(f"row.{column}"), f"{fact}[].{own}")


def described(fact: str) -> str:
    """The concept of a fact: "rows[].amount" is a "row.amount"."""
    return re.sub(r"^(rows|taxes|deductions)\[\]\.", "row.", fact)
