"""Amounts that have to add up: lines, subtotal, tax, total, what is due."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from decimal import Decimal
from itertools import product

from extractions.evidence.rules.record import Ledger, Record

CENT = Decimal("0.01")
HALF = Decimal("0.005")
HUNDRED = Decimal(100)
HIGHEST_DISCOUNT = 50
EXTRAS = ("discount", "charge", "rounding", "prepaid")
LINE_SUMS = ("subtotal", "line_total", "total", "base")
PARTS = {"quantity", "unit_price", "line_amount", "subtotal", "total"}


def judge(record: Record, ledger: Ledger, shown: Container[str] = ()) -> None:
    """`shown` are the values that stand in the document."""
    _total(record, ledger)
    _due(record, ledger)
    _tax(record, ledger)
    for rows in record.tables.values():
        if any("rate" in row and ("tax" in row or "base" in row) and "quantity" not in row for row in rows):
            _breakdown(record, ledger, rows)
        elif any(_amount(row) for row in rows):
            _lines(record, ledger, rows, shown)


def _total(record: Record, ledger: Ledger) -> None:
    """Subtotal + tax = total, where discounts, charges and what was paid may go either way."""
    single, numbers = record.single["amounts"], record.numbers
    subtotal, tax, total = (single.get(name) for name in ("subtotal", "tax", "total"))
    total = total or single.get("due")
    if not (subtotal and tax and total):
        return
    wanted = numbers[subtotal] + numbers[tax]
    others = [numbers[single[name]] for name in EXTRAS if name in single]
    holds = any(_near(wanted + change, numbers[total], 2 * CENT) for change in _changes(others))
    ledger.note(holds, "total", (subtotal, tax, total), wanted, numbers)


def _due(record: Record, ledger: Ledger) -> None:
    """Total − what was paid = what is due."""
    single, numbers = record.single["amounts"], record.numbers
    total, due, paid = (single.get(name) for name in ("total", "due", "prepaid"))
    if not (total and due and paid):
        return
    others = [numbers[single[name]] for name in ("rounding", "discount", "charge") if name in single]
    wanted = numbers[total] - abs(numbers[paid])
    fits = [wanted, numbers[total]]  # some print what is due before the payment
    holds = any(_near(fit + change, numbers[due], 2 * CENT) for fit in fits for change in _changes(others))
    ledger.note(holds, "due", (total, paid, due), wanted, numbers)


def _tax(record: Record, ledger: Ledger) -> None:
    """Subtotal × rate = tax, where there is one rate for all."""
    single = record.single["amounts"]
    subtotal, rate, tax = (single.get(name) for name in ("subtotal", "rate", "tax"))
    if not (subtotal and rate and tax) or any("rate" in row for rows in record.tables.values() for row in rows):
        return
    _note_rate(record, ledger, subtotal, rate, tax)


def _note_rate(record: Record, ledger: Ledger, base: str, rate: str, tax: str) -> None:
    numbers = record.numbers
    wanted = (numbers[base] * numbers[rate] / HUNDRED).quantize(CENT)
    as_fraction = (numbers[base] * numbers[rate]).quantize(CENT)
    # Tax is often rounded line by line.
    room = max(2 * CENT, abs(wanted) / 1000)
    holds = _near(wanted, numbers[tax], room) or (abs(numbers[rate]) < 1 and _near(as_fraction, numbers[tax], room))
    ledger.note(holds, "rate", (base, rate, tax), wanted, numbers)


def _breakdown(record: Record, ledger: Ledger, rows: Sequence[dict[str, str]]) -> None:
    """The table of taxes: each row by its rate, and its columns against the totals."""
    single, numbers = record.single["amounts"], record.numbers
    for row in rows:
        base = row.get("base") or row.get("subtotal") or row.get("line_amount")
        if base and "rate" in row and "tax" in row:
            _note_rate(record, ledger, base, row["rate"], row["tax"])
    taxes = [row["tax"] for row in rows if "tax" in row]
    if "tax" in single and len(taxes) == len(rows):
        _note_sum(record, ledger, "taxes", taxes, single["tax"], 2 * CENT)
    bases = [row.get("base") or row.get("subtotal") or row.get("line_amount") for row in rows]
    subtotal = single.get("subtotal")
    if subtotal and all(bases):
        wanted = sum((numbers[base] for base in bases if base), Decimal(0))
        if _near(wanted, numbers[subtotal], 2 * CENT):
            ledger.note(True, "bases", (*[base for base in bases if base], subtotal), wanted, numbers)


def _lines(record: Record, ledger: Ledger, rows: Sequence[dict[str, str]], shown: Container[str]) -> None:
    add_up = _sum_of_lines(record, ledger, rows)
    for row in rows:
        if not (add_up and _discounted(record, row, shown)):
            _line(record, ledger, row)


def _sum_of_lines(record: Record, ledger: Ledger, rows: Sequence[dict[str, str]]) -> bool:
    """Whether the lines add up to something that the document says."""
    amounts = [amount for row in rows if (amount := _amount(row))]
    if len(amounts) != len(rows):
        return False
    single, numbers = record.single["amounts"], record.numbers
    wanted = sum((numbers[amount] for amount in amounts), Decimal(0))
    others = [numbers[single[name]] for name in EXTRAS if name in single]
    room = CENT + HALF * len(amounts)
    there = [single[name] for name in LINE_SUMS if name in single]
    if not there:
        return False
    fits = [path for path in there if any(_near(wanted + change, numbers[path], room) for change in _changes(others))]
    target = fits[0] if fits else there[0]
    ledger.note(bool(fits), "lines", (*amounts, target), wanted, numbers)
    return bool(fits)


def _discounted(record: Record, row: dict[str, str], shown: Container[str]) -> bool:
    """Whether a discount for which the schema has no field explains the amount: a whole percentage, to the cent.

    Asked only of values that stand in the document, in lines that add up: then no other mistake explains it as well.
    """
    amount, numbers = _amount(row), record.numbers
    parts = (row.get("quantity"), row.get("unit_price"), amount)
    if "discount" in row or not all(path and path in shown for path in parts):
        return False
    full = abs(numbers[row["quantity"]] * numbers[row["unit_price"]])
    least = abs(numbers[amount or ""])
    if not full or least >= full:
        return False
    percentage = (HUNDRED * (full - least) / full).to_integral_value()
    return percentage <= HIGHEST_DISCOUNT and _near(full * (HUNDRED - percentage) / HUNDRED, least, CENT)


def _line(record: Record, ledger: Ledger, row: dict[str, str]) -> None:
    """Quantity × unit price = amount, unless a discount or the tax of the line explains the difference."""
    amount, numbers = _amount(row), record.numbers
    if not (amount and "quantity" in row and "unit_price" in row):
        return
    quantity, price = numbers[row["quantity"]], numbers[row["unit_price"]]
    wanted = quantity * price
    room = max(2 * CENT, abs(quantity) * HALF + HALF)
    holds = any(_near(fit, numbers[amount], room) or _near(-fit, numbers[amount], room) for fit in _fits(record, row))
    ledger.note(holds, "line", (row["quantity"], row["unit_price"], amount), wanted.quantize(CENT), numbers)


def _fits(record: Record, row: dict[str, str]) -> Iterator[Decimal]:
    numbers = record.numbers
    wanted = numbers[row["quantity"]] * numbers[row["unit_price"]]
    yield wanted
    for per in (10, 100, 1000):  # a price for so many
        yield wanted / per
    if "rate" in row:
        rate = numbers[row["rate"]]
        yield wanted * (1 + (rate if abs(rate) < 1 else rate / HUNDRED))
    if "discount" in row:
        discount = abs(numbers[row["discount"]])
        yield wanted - discount
        yield wanted - discount * numbers[row["quantity"]]
        yield wanted * (1 - discount / HUNDRED)
    if "charge" in row:
        yield wanted + numbers[row["charge"]]
    if "tax" in row:
        yield wanted + numbers[row["tax"]]


def _amount(row: dict[str, str]) -> str | None:
    return row.get("line_amount") or row.get("subtotal") or row.get("line_total") or row.get("total")


def _note_sum(record: Record, ledger: Ledger, rule: str, parts: list[str], whole: str, room: Decimal) -> None:
    wanted = sum((record.numbers[part] for part in parts), Decimal(0))
    holds = _near(wanted, record.numbers[whole], room)
    ledger.note(holds, rule, (*parts, whole), wanted, record.numbers)


def _changes(amounts: Sequence[Decimal]) -> Iterator[Decimal]:
    """Everything that adding or taking away some of them may change."""
    for signs in product((0, 1, -1), repeat=len(amounts)):
        yield sum((sign * amount for sign, amount in zip(signs, amounts, strict=True)), Decimal(0))


def _near(one: Decimal, other: Decimal, room: Decimal) -> bool:
    return abs(one - other) <= room
