"""What all parts of a page share: the canvas, the content, the words, and the ways to show a value."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date

from benchmarks.layouts_drawn.canvas import BLACK, Canvas, Colour, Run, Style, plain
from benchmarks.layouts_drawn.content import Content
from benchmarks.layouts_drawn.design import Design
from benchmarks.layouts_drawn.wording import Wording

GREY: Colour = (110, 110, 118)
LIGHT: Colour = (232, 232, 236)
WHITE: Colour = (255, 255, 255)
_AMOUNTS = frozenset((
    "subtotal", "discount", "shipping", "net", "tax", "gross", "rounding", "prepaid", "due", "opening_balance",
    "closing_balance", "total_debit", "total_credit", "total_invoiced", "gross_pay", "total_deductions", "net_pay",
    "fee", "interest", "total_open", "tip", "cash", "change",
))  # fmt: skip


@dataclass
class Sheet:
    canvas: Canvas
    content: Content
    design: Design
    words: Wording
    chance: random.Random
    left: float = 0.0
    right: float = 0.0
    bottom: float = 0.0
    shown: set[str] = field(default_factory=set)
    """Values that stand in the head already, as the number beside the title does."""
    doubtful: set[str] = field(default_factory=set)
    """Values that a reader could take from what is not marked as theirs."""

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def step(self) -> float:
        return self.canvas.size * self.design.leading

    def style(self, *, size: float = 0, bold: bool = False, colour: Colour = BLACK, align: str = "left") -> Style:
        return Style(size or self.canvas.size, bold, False, colour, align)

    def runs(self, path: str) -> list[Run]:
        """How the document shows a value, marked with its path; empty when there is none."""
        if path == "period":
            return [
                *self.runs("period_start"),
                self.design.picks("period", (" - ", " – ", " / ")),
                *self.runs("period_end"),
            ]
        value = self.content.value(path)
        if value is None or value == "":
            return []
        if isinstance(value, date):
            return [(self.content.writing.day(value), path)]
        if isinstance(value, float):
            if path in _AMOUNTS:
                return self.content.writing.amount(value, path, total=True)
            unit = [" kWh"] if path == "consumption" and self.design.picks("kwh", ("", "y")) else []
            return [(self.content.writing.number(value, 0), path), *unit]
        if path == "iban" and self.design.picks("iban", ("spaced", "spaced", "close")) == "spaced":
            value = " ".join(value[place : place + 4] for place in range(0, len(value), 4))
        if path == "supply_address":
            return [(value, path)]
        return [(value, path)]

    def label(self, path: str, *, colon: bool = True) -> str:
        kind = self.content.kind.name
        keys = [f"{path}.{kind}"] if path in ("number", "buyer") else []
        if path == "issue_date" and kind not in ("invoice", "hotel", "utility_bill"):
            keys.append("issue_date.other")
        if path == "buyer.vat_id" and kind == "purchase_order":
            path = "vat_id"
        keys += [path, path.rpartition(".")[2]]
        return self.words.label(*(key for key in keys if self.words.known(key)), colon=colon)

    def fields(self) -> list[tuple[str, list[Run]]]:
        """Labels and values that this document has beside its heading."""
        found = []
        for path, likelihood in self.content.kind.meta.items():
            if path in self.shown or not self.design.carries(path, likelihood):
                continue
            if likelihood < 1 and self.chance.random() < 0.1:
                continue
            if path == "customer_number" and "contract_number" in self.shown:
                continue  # which of the two is asked would be anyone's guess
            runs = self.runs(path)
            if (
                path == "payment_terms"
                and self.design.meta in ("table", "boxes", "zebra", "grid")
                and len(plain(runs)) > 20
            ):
                continue  # too long for a cell
            if runs:
                found.append((self.label(path, colon=False), runs))
                self.shown.add(path)
        if self.content.kind.name == "payslip" and self.design.carries("employee", 0.5):
            found.insert(
                0, (self.label("employee", colon=False), [(self.content.parties["buyer"]["name"], "buyer.name")])
            )
        if self.design.meta_due and "due" in self.content.values:
            found.append((self.label("due", colon=False), self.runs("due")))
        head, rest = found[:2], found[2:]
        random.Random(f"{self.design.seed} order").shuffle(rest)
        return head + rest

    def line(self, x: float, y: float, runs: list[Run] | Run, width: float, style: Style) -> float:
        """One line, smaller where it would not fit; returns where the next one starts."""
        text = plain(runs if isinstance(runs, list) else [runs])
        style = self.canvas.fitted(text, width, style)
        left = {"left": x, "right": x + width, "middle": x + width / 2}[style.align]
        self.canvas.write(left, y + (style.size or self.canvas.size), runs, style)
        return y + max(self.step, style.size * 1.15)

    def paragraph(self, x: float, y: float, text: str, width: float, style: Style) -> float:
        for part in self.canvas.wrapped(text, width, style):
            y = self.line(x, y, part, width * 1.05, style)
        return y

    def new_page(self) -> float:
        self.canvas.add_page()
        return self.design.margin
