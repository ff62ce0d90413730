"""Invoices of suppliers that nobody has seen: what one says and how it writes, drawn by chance from a seed."""

from __future__ import annotations

import random
import string
import tomllib
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from stdnum import iban
from stdnum.eu import vat

CREDIT_NOTES = 0.06
LANGUAGES = ("en", "fr", "de", "nl")
_RATES: dict[str, tuple[float, ...]] = {
    "GB": (20, 5, 0), "US": (8.25,), "FR": (20, 10, 5.5), "DE": (19, 7), "NL": (21, 9),
}  # fmt: skip
_CURRENCIES = {"GB": ("GBP", "£"), "US": ("USD", "$")}
_VAT_FORMS = {"GB": "GB#########", "FR": "FR###########", "DE": "DE#########", "NL": "NL#########B##"}
_IBAN_FORMS = {"GB": "NWBK##############", "FR": "#######################", "DE": "##################",
               "NL": "INGB##########"}  # fmt: skip

_NUMBER_FORMS = ("{y}-{n4}", "INV-{n4}", "{n6}", "F{y}{n4}", "RE{n5}", "{y}/{n3}", "{n8}", "VF{y2}.{n4}",
                 "{n2}-{y}-{a}", "{n3}")  # fmt: skip


@cache
def words(language: str) -> dict[str, Any]:
    """All that stands in the file of words for a language."""
    with (Path(__file__).parent / "_invoice_words.toml").open("rb") as file:
        return dict(tomllib.load(file)[language])


@dataclass
class Party:
    name: str
    street: str
    postal_code: str
    city: str
    country: str
    vat_id: str = ""


@dataclass
class Item:
    description: str
    unit: str
    article_number: str
    quantity: float
    unit_price: float
    discount: float
    vat_rate: float
    net_amount: float
    remark: str = ""


@dataclass
class Writing:
    """How this supplier writes numbers, dates and money."""

    language: str
    group: str
    point: str
    date_form: str
    sign: str
    sign_at: str
    """Of "before", "close", "after", "totals" (after, in totals only) and "none"."""
    percent: str

    def number(self, value: float, places: int = 2) -> str:
        whole, _, cents = f"{abs(value):,.{places}f}".partition(".")
        text = whole.replace(",", self.group) + (self.point + cents if cents else "")
        return f"-{text}" if value < 0 else text

    def quantity(self, value: float, places: int) -> str:
        return self.number(value, places if places or value == int(value) else 2 if round(value, 1) != value else 1)

    def rate(self, value: float) -> str:
        return f"{f'{value:g}'.replace('.', self.point)}{self.percent}"

    def day(self, value: date) -> str:
        month = words(self.language)["names"]["months"][value.month - 1]
        named = {"%B": month, "%b": month[:3], "%e": str(value.day), "%o": str(value.month)}
        text = self.date_form
        for sign, name in named.items():
            text = text.replace(sign, name)
        return value.strftime(text)


@dataclass
class Invoice:
    """What is said; amounts are right to the cent, taxes computed per rate."""

    language: str
    writing: Writing
    seller: Party
    buyer: Party
    ship_to: Party | None
    invoice_number: str
    order_number: str
    customer_number: str
    issue_date: date
    due_date: date
    delivery_date: date
    currency: str
    iban: str
    bic: str
    items: list[Item]
    charge: float
    rounding: float
    prepaid: float
    taxes: list[tuple[float, float, float]] = field(default_factory=list)

    @property
    def line_total(self) -> float:
        return round(sum(item.net_amount for item in self.items), 2)

    @property
    def net(self) -> float:
        return round(self.line_total + self.charge, 2)

    @property
    def tax(self) -> float:
        return round(sum(tax for _, _, tax in self.taxes), 2)

    @property
    def gross(self) -> float:
        return round(self.net + self.tax, 2)

    @property
    def due(self) -> float:
        return round(self.gross + self.rounding - self.prepaid, 2)

    @property
    def is_credit_note(self) -> bool:
        return self.gross < 0


def draw_invoice(chance: random.Random) -> Invoice:
    """Two of five have one tax rate only, one of four something paid already, a few take back all, and so on."""
    language = chance.choice(LANGUAGES)
    names = words(language)["names"]
    one, other = chance.sample(names["companies"], 2)
    here, there, elsewhere = chance.sample(names["addresses"], 3)
    seller, buyer = _party(chance, one, here), _party(chance, other, there)
    third = chance.choice([name for name in names["companies"] if name not in (one, other)])
    home = seller.country
    code, sign = _CURRENCIES.get(home, ("EUR", "€"))
    issued = date(2021, 1, 1) + timedelta(days=chance.randrange(1800))
    rates = _RATES[home][: chance.choice((1, 1, 2))] if chance.random() < 0.9 else _RATES[home]
    invoice = Invoice(
        language=language, writing=_writing(chance, language, home, sign), seller=seller, buyer=buyer,
        ship_to=_party(chance, third, elsewhere) if chance.random() < 0.2 else None,
        invoice_number=_code(chance, _NUMBER_FORMS, issued),
        order_number=_code(chance, ("PO{n5}", "{n7}", "B-{n4}", "{y}-{n5}", "45{n8}"), issued),
        customer_number=_code(chance, ("{n5}", "K{n4}", "C-{n5}", "D{n6}", "{n4}"), issued),
        issue_date=issued, due_date=issued + timedelta(days=chance.choice((7, 8, 14, 15, 30, 30, 45, 60))),
        delivery_date=issued - timedelta(days=chance.randrange(1, 12)), currency=code,
        iban=_iban(chance, home), bic=_code(chance, ("{a4}" + home + "2{a}XXX", "{a4}" + home + "33")),
        items=_items(chance, names, rates),
        charge=chance.choice((0, 0, 0, 4.9, 12.5, 35.0)), rounding=0.0, prepaid=0.0,
    )  # fmt: skip
    invoice.taxes = _taxes(invoice, rates)
    if chance.random() < 0.08:
        invoice.rounding = round(round(invoice.gross * 20) / 20 - invoice.gross, 2)
    if chance.random() < 0.2:
        invoice.prepaid = round(invoice.gross * chance.choice((0.1, 0.3, 0.5)), 2)
    if random.Random(invoice.iban).random() < CREDIT_NOTES:  # a chance of its own: all other invoices stay as they were
        _take_back(invoice, rates)
    return invoice


def _take_back(invoice: Invoice, rates: tuple[float, ...]) -> None:
    """A credit note for all items, and for nothing else."""
    invoice.charge = invoice.rounding = invoice.prepaid = 0.0
    invoice.taxes = [(rate, -base, -tax) for rate, base, tax in _taxes(invoice, rates)]
    for item in invoice.items:
        item.quantity, item.net_amount = -item.quantity, -item.net_amount


def _taxes(invoice: Invoice, rates: tuple[float, ...]) -> list[tuple[float, float, float]]:
    """What is charged besides the items is taxed at the first rate."""
    taxes = []
    for rate in rates:
        base = sum(item.net_amount for item in invoice.items if item.vat_rate == rate)
        base = round(base + (invoice.charge if rate == rates[0] else 0), 2)
        if base:
            taxes.append((rate, base, round(base * rate / 100 + 1e-9, 2)))
    return taxes


def _party(chance: random.Random, name: str, address: list[str]) -> Party:
    street, code, city, country = address
    return Party(name, street, code, city, country, _vat_id(chance, country))


def _vat_id(chance: random.Random, country: str) -> str:
    """With the right check digits, as those that are printed have."""
    form = _VAT_FORMS.get(country, "")
    for _ in range(5000):
        number = _digits(chance, form)
        if form and vat.is_valid(number):
            return number
    return ""


def _iban(chance: random.Random, country: str) -> str:
    country = country if country in _IBAN_FORMS else "GB"
    account = _digits(chance, _IBAN_FORMS[country])
    return country + str(iban.calc_check_digits(f"{country}00{account}")) + account


def _digits(chance: random.Random, form: str) -> str:
    return "".join(chance.choice(string.digits) if sign == "#" else sign for sign in form)


def _code(chance: random.Random, forms: tuple[str, ...], day: date | None = None) -> str:
    """{n4} is a number of four digits, {a} a letter, {y} the year."""
    parts = {f"n{count}": str(chance.randrange(10 ** (count - 1), 10**count)) for count in range(2, 9)}
    parts |= {"a": chance.choice("ABCDEFGHKLMNPRSTUVWXYZ"), "a4": "".join(chance.choices("ABCDEFGHKLMNPRSTUVWX", k=4))}
    if day is not None:
        parts |= {"y": str(day.year), "y2": str(day.year)[2:]}
    return chance.choice(forms).format(**parts)


def _items(chance: random.Random, names: dict[str, Any], rates: tuple[float, ...]) -> list[Item]:
    count = chance.choice((1, 1, 2, 2, 3, 4, 5, 7, 9, 12, 18, 30))
    goods = chance.sample(names["goods"], min(count, len(names["goods"])))
    goods += chance.choices(names["goods"], k=count - len(goods))
    with_discount, with_remarks = chance.random() < 0.15, chance.random() < 0.1
    forms = chance.choice((("{n5}",), ("{a}{a}-{n4}", "{a}-{n3}"), ("{n3}.{n3}",), ("{a4}{n2}",), ("{n4}-{n2}",)))
    return [_item(chance, names, goods, rates, forms, with_discount, with_remarks) for goods in goods]


def _item(
    chance: random.Random, names: dict[str, Any], goods: list[str], rates: tuple[float, ...], forms: tuple[str, ...],
    with_discount: bool, with_remarks: bool,
) -> Item:  # fmt: skip
    quantity = float(chance.choice((1, 1, 2, 3, 4, 5, 8, 10, 12, 25, 100)))
    quantity = chance.choice((0.5, 1.5, 2.25, 7.75)) if chance.random() < 0.12 else quantity
    price = round(chance.choice((1, 10) if quantity > 20 else (1, 10, 10, 100, 1000)) * chance.uniform(0.9, 9.9), 2)
    discount = float(chance.choice((0, 5, 10, 20))) if with_discount else 0.0
    amount = round(quantity * price * (1 - discount / 100) + 1e-9, 2)
    remark = chance.choice(names["remarks"]).format(code=_code(chance, ("{n6}", "{a}{n5}"))) if with_remarks else ""
    return Item(
        goods[0], goods[1], _code(chance, forms), quantity, price, discount, chance.choice(rates), amount, remark
    )


def _writing(chance: random.Random, language: str, country: str, sign: str) -> Writing:
    numbers = {"en": ((",", "."), (",", "."), ("", ".")), "fr": ((" ", ","), ("\xa0", ","), ("", ","), (".", ",")),
               "de": ((".", ","), (".", ","), ("", ",")),
               "nl": ((".", ","), (".", ","), ("", ","))}[language]  # fmt: skip
    dates = {"en": ("%d/%m/%Y", "%e %B %Y", "%d %b %Y", "%d-%m-%Y", "%Y-%m-%d", "%B %e, %Y", "%d.%m.%Y"),
             "fr": ("%d/%m/%Y", "%d/%m/%Y", "%e %B %Y", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%y"),
             "de": ("%d.%m.%Y", "%d.%m.%Y", "%e. %B %Y", "%d.%m.%y", "%e.%o.%Y", "%Y-%m-%d"),
             "nl": ("%d-%m-%Y", "%d-%m-%Y", "%e %B %Y", "%d/%m/%Y", "%d.%m.%Y")}[language]  # fmt: skip
    dates = ("%m/%d/%Y", "%B %e, %Y", "%b %e, %Y") if country == "US" else dates
    group, point = chance.choice(numbers)
    places = ("before", "close", "totals", "none") if language in ("en", "nl") else ("after", "after", "totals", "none")
    return Writing(
        language, group, point, chance.choice(dates), sign, chance.choice(places), chance.choice(("%", " %"))
    )
