"""What is right for a schema: only what is printed, and nothing that two readers could answer differently."""

from __future__ import annotations

import random
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from benchmarks.layouts_drawn.asking import DATES, NUMBERS, Question, described
from benchmarks.layouts_drawn.canvas import Mark
from benchmarks.layouts_drawn.sheet import Sheet

_CODES = frozenset((
    "number", "order_number", "customer_number", "delivery_note_number", "original_invoice", "iban", "bic",
    "postal_code",
    "vat_id", "tax_number", "legal_id", "code", "room", "contract_number", "meter_number", "account_number",
    "employee_number", "social_number", "tracking", "invoice_number", "card_digits",
))  # fmt: skip
_MAY_BE_NULL = frozenset((
    "delivery_date", "order_number", "order_date", "customer_number", "delivery_note_number", "project", "contact",
    "original_invoice", "seller.phone", "seller.email", "seller.website", "seller.vat_id", "seller.legal_id",
    "seller.tax_number", "buyer.vat_id", "buyer.contact", "iban", "bic", "bank_name", "discount", "shipping", "prepaid",
    "rounding", "tip", "table", "cash", "change", "meter_number", "tracking", "carrier", "packages", "weight",
    "department", "tax_class", "entry_date", "interest", "fee", "valid_until", "requested_date", "room", "persons",
    "previous_reading", "current_reading", "ship_to.name", "ship_to.street", "ship_to.city", "card_digits",
))  # fmt: skip
_ROWS = re.compile(r"^(rows|taxes|deductions)\[\]\.(\w+)$")


@dataclass
class Answer:
    expected: dict[str, Any] = field(default_factory=dict)
    compare: dict[str, str] = field(default_factory=dict)
    printed: dict[str, str] = field(default_factory=dict)
    marks: dict[str, list[Mark]] = field(default_factory=dict)


def answer(sheet: Sheet, question: Question, chance: random.Random) -> Answer:
    result, nulls = Answer(), chance.random() < 0.35
    for path, fact in question.facts.items():
        result.compare[path] = compared(fact)
        if not _ROWS.match(fact):
            _single(sheet, result, path, fact, nulls=nulls)
    for name in dict.fromkeys(path.split("[]")[0] for path, fact in question.facts.items() if _ROWS.match(fact)):
        _rows(sheet, result, question, name)
    return result


def compared(fact: str) -> str:
    concept = described(fact)
    key = fact.rpartition(".")[2]
    if concept in NUMBERS:
        return "number"
    if concept in DATES:
        return "date"
    if key == "phone":
        return "digits"
    return "exact" if fact == "document_type" else "code" if key in _CODES else "text"


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold()
    return re.sub(r"[\W_]+", " ", "".join(sign for sign in plain if not unicodedata.combining(sign))).strip()


def _single(sheet: Sheet, result: Answer, path: str, fact: str, *, nulls: bool) -> None:
    if fact == "document_type":
        _put(result.expected, path, sheet.content.kind.name)
        return
    marks = sheet.canvas.marks.get(fact, [])
    value = _value(sheet, fact, marks)
    if value is not None:
        _put(result.expected, path, value)
        result.printed[path], result.marks[path] = marks[0].text, marks
    elif not marks and nulls and _surely_absent(sheet, fact):
        _put(result.expected, path, None)


def _value(sheet: Sheet, fact: str, marks: list[Mark]) -> Any:
    """As the schema wants it; nothing where it stands in two wordings."""
    if not marks or fact in sheet.doubtful:
        return None
    content, (prefix, _, key) = sheet.content, fact.partition(".")
    if key == "country":
        return content.parties[prefix].country
    if fact == "currency":
        return content.writing.currency
    value = content.value(fact)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return value
    texts = {_folded(mark.text) for mark in marks}
    if len(texts) > 1:
        return None
    if fact in ("iban", "bic"):
        return content.bank.get(fact) or value
    return content.parties[prefix]["name"] if key == "name" else marks[0].text


def _surely_absent(sheet: Sheet, fact: str) -> bool:
    content, marks, (prefix, _, key) = sheet.content, sheet.canvas.marks, fact.partition(".")
    if (
        fact not in _MAY_BE_NULL
        or fact in sheet.doubtful
        or (content.value(fact) is not None and fact in ("discount", "shipping", "prepaid", "tip"))
    ):
        return False
    if key in ("vat_id", "tax_number", "legal_id"):
        others = [f"{prefix}.{other}" for other in ("vat_id", "tax_number", "legal_id")]
        return prefix == "buyer" or (bool(content.parties[prefix][key]) and not any(other in marks for other in others))
    if prefix == "ship_to":
        return "ship_to" not in content.parties
    if fact == "buyer.contact" and not content.parties["buyer"]["vat_id"]:
        return False  # a person may be named as the contact too
    clashes = {
        "order_number": ("reference", "number" if content.kind.name in ("order", "purchase_order") else "reference"),
        "contact": ("buyer.contact",), "buyer.contact": ("contact",),
        "delivery_date": ("period_start", "rows[0].date"),
        "customer_number": ("contract_number",), "discount": ("rows[0].discount_percent",),
        "original_invoice": ("reference",),
    }  # fmt: skip
    return not any(other in marks for other in clashes.get(fact, ()))


def _rows(sheet: Sheet, result: Answer, question: Question, name: str) -> None:
    columns = {path: _ROWS.match(fact) for path, fact in question.facts.items() if path.startswith(f"{name}[].")}
    kind = next(match[1] for match in columns.values() if match)
    found: list[dict[str, Any]] = []
    for place, row in enumerate(getattr(sheet.content, kind)):
        cells: dict[str, Any] = {}
        for path, match in columns.items():
            if match is None:
                continue
            fact, leaf = f"{kind}[{place}].{match[2]}", path.rpartition("[].")[2]
            marks = sheet.canvas.marks.get(fact, [])
            if not marks and not (fact in sheet.shown and match[2] == "rate"):
                continue
            value = row[match[2]]
            cells[leaf] = value.isoformat() if isinstance(value, date) else value
            if marks:
                result.printed[f"{name}[{place}].{leaf}"] = marks[0].text
                result.marks[f"{name}[{place}].{leaf}"] = marks
        if cells:
            found.append(cells)
    if found:
        _put(result.expected, name, found)


def _put(tree: dict[str, Any], path: str, value: Any) -> None:
    *parents, leaf = path.split(".")
    for parent in parents:
        tree = tree.setdefault(parent, {})
    tree[leaf] = value
