"""What a document says, before it is laid out: parties, fields, rows and sums that add up."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from benchmarks.layouts_drawn.kinds import Kind
from benchmarks.layouts_drawn.parties import Party, coded
from benchmarks.layouts_drawn.writing import Writing

Value = Any
"""A text, a number or a date."""
Row = dict[str, Value]

NUMBERS = {
    "invoice": ("INV-{n5}", "{y}-{n4}", "{n6}", "RE{y}{n4}", "F{y2}-{n5}", "{y}/{n3}", "{n8}", "SI-{n4}", "{n4}",
                "{a}{n7}"),
    "credit_note": ("CN-{n5}", "{y}-C{n3}", "GS{n5}", "AV{y2}{n4}", "{n7}"),
    "quote": ("Q-{n4}", "AN{y}-{n3}", "D{y2}{n4}", "{n5}", "OFF/{y}/{n3}"),
    "order": ("SO{n5}", "AB-{n5}", "{y}.{n4}", "{n7}"),
    "purchase_order": ("PO-{n5}", "45{n8}", "{y}-PO-{n3}", "B{n6}"),
    "delivery_note": ("DN{n5}", "LS-{y2}-{n4}", "BL{n6}", "{n8}", "WH/OUT/{n5}"),
    "receipt": ("{n4}", "{n6}", "{n3}-{n5}", "{n2}/{n4}", "T{n7}"),
    "": ("{n6}", "{y}-{n4}", "{a}{n5}", "{n10}", "{n3}/{y}"),
}  # fmt: skip


def numbered(chance: random.Random, forms: tuple[str, ...], day: date) -> str:
    form = chance.choice(forms).replace("{y2}", f"{day:%y}").replace("{y}", f"{day:%Y}").replace("{a}", "@")
    return coded(chance, re.sub(r"\{n(\d+)\}", lambda match: "#" * int(match[1]), form))


@dataclass
class Content:
    kind: Kind
    language: str
    country: str
    writing: Writing
    parties: dict[str, Party]
    bank: dict[str, str]
    values: dict[str, Value]
    rows: list[Row] = field(default_factory=list)
    taxes: list[Row] = field(default_factory=list)
    deductions: list[Row] = field(default_factory=list)
    days: int = 30

    def value(self, path: str) -> Value | None:
        """Of a party ("seller.name"), of a row ("rows[0].amount") or of the document."""
        if match := re.match(r"(rows|taxes|deductions)\[(\d+)\]\.(\w+)", path):
            return getattr(self, match[1])[int(match[2])].get(match[3])
        prefix, _, key = path.partition(".")
        if key and prefix in self.parties:
            return self.parties[prefix][key] or None
        return self.bank.get(path) or self.values.get(path)
