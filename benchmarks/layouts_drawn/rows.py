"""Rows of documents - items, deliveries, open invoices, transactions, pay - and sums that add up."""

from __future__ import annotations

import random
from datetime import date, timedelta

from benchmarks.layouts_drawn.content import NUMBERS, Content, Row, Value, numbered
from benchmarks.layouts_drawn.parties import coded, countries
from benchmarks.layouts_drawn.wording import choices, toml_of


def sale(chance: random.Random, content: Content) -> None:
    """Items, taxes and sums of what is sold."""
    kind = content.kind
    rates = [float(rate) for rate in choices(countries()[content.country]["rates"])]
    one = content.country in ("US", "CA")
    rates = [chance.choice(rates)] if one else rates[: chance.choice((1, 1, 1, 2, 2, 3))]
    few = kind.name in ("receipt", "utility_bill")
    count = chance.randrange(1, 7) if few else chance.choice((1, 2, 3, 3, 4, 5, 6, 8, 14, 26))
    goods = choices(toml_of("goods")[content.language][chance.choice(kind.goods)])
    names = chance.sample(goods, min(count, len(goods)))
    while len(names) < count:
        names.append(f"{chance.choice(goods)} {chance.choice(('II', 'XL', 'A4', 'Pro', '2.0', 'B'))}")
    form = chance.choice(("#####", "@@-###", "@####", "##.###", "@@@##-##", "####-##"))
    discounts = (0, 0, 5, 10, 15, 20) if chance.random() < 0.25 else (0,)
    sign = -1.0 if kind.name == "credit_note" and chance.random() < 0.5 else 1.0
    for name in names:
        row = _item(chance, content, name, discounts, sign)
        content.rows.append({**row, "code": coded(chance, form), "tax_rate": chance.choice(rates)})
    for place, row in enumerate(content.rows):
        row["date"] = content.values["issue_date"] - timedelta(days=len(names) - place)
        row["position"] = str(place + 1)
    _totals(chance, content, rates, sign)


def _item(chance: random.Random, content: Content, name: str, discounts: tuple[int, ...], sign: float) -> Row:
    """Few and cheap in shops, bills and hotels."""
    kind, units = content.kind.name, choices(toml_of(f"words/{content.language}")["units"])
    small = kind in ("receipt", "utility_bill")
    quantity = float(chance.choice((1, 1, 1, 2, 3, 4, 5, 8, 10, 12, 25, 100)))
    if small or kind == "hotel":
        quantity = float(chance.choice((1, 1, 1, 1, 2, 3)))
    elif chance.random() < 0.15:
        quantity = chance.choice((0.5, 1.5, 2.25, 7.75, 37.5))
    scale = (
        (0.3, 3) if small else (1, 10, 10) if kind == "hotel" else (1, 10) if quantity > 20 else (1, 10, 10, 100, 500)
    )
    price = round(chance.choice(scale) * chance.uniform(0.9, 9.9), 2)
    price = price if chance.random() < 0.8 else float(max(1, round(price)))
    percent = float(chance.choice(discounts))
    return {
        "description": name, "quantity": quantity, "unit": chance.choice((units[0], units[0], chance.choice(units))),
        "unit_price": price, "discount_percent": percent,
        "amount": sign * round(quantity * price * (1 - percent / 100) + 1e-9, 2),
    }  # fmt: skip


def _totals(chance: random.Random, content: Content, rates: list[float], sign: float) -> None:
    kind, values = content.kind, content.values
    gross_prices = kind.name in ("receipt", "hotel")
    subtotal = round(sum(float(row["amount"]) for row in content.rows), 2)
    extras = kind.name in ("invoice", "quote", "order", "purchase_order") and sign > 0
    discount = round(subtotal * chance.choice((0.02, 0.05, 0.1)), 2) if extras and chance.random() < 0.2 else 0.0
    shipping = chance.choice((4.9, 7.5, 12.0, 25.0, 39.9)) if extras and chance.random() < 0.25 else 0.0
    content.taxes, bases = [], {}
    for rate in rates:
        base = sum(float(row["amount"]) for row in content.rows if row["tax_rate"] == rate)
        base += (shipping - discount) if rate == rates[0] else 0
        if base:
            bases[rate] = round(base, 2)
    for rate, base in bases.items():
        tax = round(base - base / (1 + rate / 100), 2) if gross_prices else round(base * rate / 100, 2)
        content.taxes.append({"rate": rate, "base": round(base - tax, 2) if gross_prices else base, "tax": tax})
    tax = round(sum(float(row["tax"]) for row in content.taxes), 2)
    net = round(sum(float(row["base"]) for row in content.taxes), 2)
    gross = round(net + tax, 2)
    values |= {"subtotal": subtotal, "net": net, "tax": tax, "gross": gross}
    for key, value in (("discount", discount), ("shipping", shipping)):
        if value:
            values[key] = value
    due = gross
    if (
        content.writing.currency == "CHF"
        and chance.random() < 0.5
        and not gross_prices
        and round(gross * 20) / 20 != gross
    ):
        values["rounding"] = round(round(gross * 20) / 20 - gross, 2)
        due = round(gross + values["rounding"], 2)
    if kind.name in ("invoice", "hotel", "utility_bill") and chance.random() < 0.25:
        values["prepaid"] = round(gross * chance.choice((0.1, 0.25, 0.3, 0.5)), 2)
        due = round(due - values["prepaid"], 2)
    if kind.name == "receipt":
        _pay_cash(chance, values, gross)
    values["due"] = due


def _pay_cash(chance: random.Random, values: dict[str, Value], gross: float) -> None:
    if chance.random() < 0.15:
        values["tip"] = round(gross * chance.choice((0.05, 0.1, 0.15)), 2)
    if chance.random() < 0.4:
        values["cash"] = float((int(gross) // 10 + 1) * 10)
        values["change"] = round(values["cash"] - gross, 2)


def _delivery(chance: random.Random, content: Content, day: date) -> None:
    goods = choices(toml_of("goods")[content.language][chance.choice(content.kind.goods)])
    units = choices(toml_of(f"words/{content.language}")["units"])
    form = chance.choice(("#####", "@@-###", "@####", "##.###"))
    for place, name in enumerate(chance.sample(goods, chance.randrange(1, len(goods)))):
        ordered = float(chance.choice((1, 2, 4, 5, 10, 12, 20, 50)))
        content.rows.append({
            "position": str(place + 1), "code": coded(chance, form), "description": name, "ordered": ordered,
            "delivered": ordered if chance.random() < 0.7 else float(chance.randrange(1, int(ordered) + 1)),
            "unit": chance.choice(units),
        })  # fmt: skip


def _open_items(chance: random.Random, content: Content, day: date) -> None:
    forms, total, open_sum = (chance.choice(NUMBERS["invoice"]),), 0.0, 0.0
    when = day - timedelta(days=chance.randrange(90, 200))
    reminder = content.kind.name == "reminder"
    for _ in range(chance.randrange(1, 4 if reminder else 13)):
        when += timedelta(days=chance.randrange(1, 16))
        amount = round(chance.choice((10, 100, 1000)) * chance.uniform(1, 9), 2)
        balance = amount if reminder or chance.random() < 0.5 else round(amount * chance.choice((0, 0.5, 0.25)), 2)
        total, open_sum = round(total + amount, 2), round(open_sum + balance, 2)
        content.rows.append({
            "invoice_number": numbered(chance, forms, when), "date": when, "invoice_amount": amount, "balance": balance,
            "due_date": when + timedelta(days=content.days),
        })  # fmt: skip
    content.values |= {"total_invoiced": total, "due": open_sum}
    if reminder:
        fee = chance.choice((0.0, 5.0, 10.0, 15.0, 40.0))
        interest = round(total * 0.013, 2) if chance.random() < 0.4 else 0.0
        content.values |= {key: value for key, value in (("fee", fee), ("interest", interest)) if value}
        content.values["total_open"] = round(total + fee + interest, 2)


def _transactions(chance: random.Random, content: Content, day: date) -> None:
    texts = choices(toml_of("goods")[content.language]["bank"])
    balance = start = round(chance.uniform(200, 9000), 2)
    when = content.values["period_start"]
    debits = credits = 0.0
    for _ in range(chance.randrange(3, 16)):
        when += timedelta(days=chance.randrange(0, 4))
        amount = round(chance.choice((10, 100, 1000)) * chance.uniform(0.5, 4), 2)
        side = "credit" if chance.random() < 0.35 else "debit"
        balance = round(balance + (amount if side == "credit" else -amount), 2)
        debits, credits = debits + (amount if side == "debit" else 0), credits + (amount if side == "credit" else 0)
        content.rows.append({"date": when, "text": chance.choice(texts), side: amount, "running": balance})
    content.values |= {
        "opening_balance": start,
        "closing_balance": balance,
        "total_debit": round(debits, 2),
        "total_credit": round(credits, 2),
    }


def _earnings(chance: random.Random, content: Content, day: date) -> None:
    goods = toml_of("goods")[content.language]
    names, cuts = choices(goods["pay"]), choices(goods["cuts"])
    for name in [names[0], *chance.sample(names[1:], chance.randrange(0, 3))]:
        base = name == names[0]
        hours = float(chance.choice((160, 168, 172, 151.67))) if base else float(chance.randrange(2, 20))
        rate = round(chance.uniform(14, 48), 2)
        content.rows.append({"earning": name, "worked": hours, "rate": rate, "amount": round(hours * rate + 1e-9, 2)})
    gross = round(sum(float(row["amount"]) for row in content.rows), 2)
    for name in chance.sample(cuts, chance.randrange(2, len(cuts) + 1)):
        content.deductions.append({"description": name, "amount": round(gross * chance.uniform(0.01, 0.11), 2)})
    total = round(sum(float(row["amount"]) for row in content.deductions), 2)
    content.values |= {"gross_pay": gross, "total_deductions": total, "net_pay": round(gross - total, 2)}


ROWS = {"items": _delivery, "open_items": _open_items, "transactions": _transactions, "earnings": _earnings}
"""Of kinds that sell nothing."""
