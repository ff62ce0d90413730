"""How a firm writes numbers, money and dates."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date

from benchmarks.layouts_drawn.canvas import Run
from benchmarks.layouts_drawn.wording import choices, toml_of


@dataclass
class Writing:
    language: str
    group: str
    point: str
    date_form: str
    currency: str
    symbol: str
    where: str
    """Where the currency stands: "before", "close", "after", "code", "totals", "head" (of columns) or "once"."""
    percent: str
    whole: bool
    """Whole numbers of pieces without decimals."""

    @classmethod
    def draw(cls, chance: random.Random, language: str, country: dict[str, str]) -> Writing:
        code, symbol = choices(country["currency"])
        group, point = _separators(chance.choice(choices(country["numbers"])))
        before = language in ("en", "nl") or code == "CHF"
        where = chance.choice(
            ("before", "close", "close", "code", "totals", "head", "once")
            if before
            else ("after", "after", "after", "code", "totals", "head", "once")
        )
        form = chance.choice(choices(country["dates"]))
        return cls(language, group, point, form, code, symbol, where, chance.choice(("%", " %")), chance.random() < 0.7)

    def number(self, value: float, places: int = 2) -> str:
        whole, _, cents = f"{abs(value):,.{places}f}".partition(".")
        text = whole.replace(",", self.group) + (self.point + cents if cents else "")
        return f"-{text}" if value < 0 else text

    def short(self, value: float) -> str:
        return f"{value:g}".replace(".", self.point)

    def rate(self, value: float) -> str:
        return self.short(value) + self.percent

    def quantity(self, value: float) -> str:
        if value == int(value) and self.whole:
            return self.number(value, 0)
        return self.number(value, 2)

    def amount(self, value: float, paths: str, *, total: bool = False, places: int = 2) -> list[Run]:
        number: Run = (self.number(value, places), paths)
        sign = self.symbol
        if self.where == "code" or (self.where == "totals" and total):
            code: Run = (self.currency, "currency")
            return [code, " ", number] if self.language in ("en", "nl") else [number, " ", code]
        if value < 0 and self.where in ("before", "close"):
            between = " " if self.where == "before" or len(sign) > 1 else ""
            return [(f"-{sign}{between}{self.number(-value, places)}", f"{paths},currency")]
        if self.where == "before":
            return [(sign, "currency"), " ", number]
        if self.where == "close":
            return [(sign, "currency"), *([" "] if len(sign) > 1 else []), number]
        if self.where == "after":
            return [number, " ", (sign, "currency")]
        return [number]

    def day(self, value: date) -> str:
        month = choices(toml_of(f"words/{self.language}")["months"])[value.month - 1]
        form = self.date_form.replace(" de ", " " if self.language != "es" else " de ")
        if self.language not in ("de",):
            form = form.replace("%e. ", "%e ")
        elif "%B" in form:
            form = form.replace("%e %B", "%e. %B")
        short = month if len(month) < 5 else month[:3] + ("." if self.language in ("fr", "de") else "")
        named = {"%B": month, "%b": short, "%e": str(value.day), "%o": str(value.month)}
        for sign, name in named.items():
            form = form.replace(sign, name)
        return value.strftime(form)


def _separators(form: str) -> tuple[str, str]:
    """A grouping sign, if any, and the decimal sign."""
    return (form[0], form[1]) if len(form) == 2 else ("", form)
