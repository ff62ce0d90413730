"""Amounts that have to add up: lines, subtotal, tax, total, what is due."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product

from extractions.evidence.lexicon import printed
from extractions.evidence.rules.record import Ledger, Record

CENT = Decimal("0.01")
HALF = Decimal("0.005")
HUNDRED = Decimal(100)
HIGHEST_DISCOUNT = 50
MOST_OTHERS = 6
"""Amounts of which every sum and difference is tried: three to the power of so many."""
EXTRAS = ("discount", "charge", "rounding", "prepaid")
LINE_SUMS = ("subtotal", "line_total", "total", "base")
BEFORE_TAX = frozenset({"subtotal", "line_total", "base"})
RATES = tuple(map(Decimal, [
    *range(1, 28), "2.1", "2.5", "2.6", "3.7", "3.8", "5.5", "7.5", "7.7", "8.1", "8.5", "9.5", "12.5", "13.5", "25.5",
]))  # fmt: skip
"""In per cent, of taxes on sales in Europe and beyond: few enough that a wrong amount seldom fits one."""
OF_DOCUMENT = frozenset({"total", "due", "lines"})


@dataclass(frozen=True, slots=True)
class _DocumentAmounts:
    """What stands between lines and total: other amounts, the paths of amounts of tax, and their sum."""

    others: Sequence[Decimal]
    taxes: tuple[str, ...]
    tax: Decimal


@dataclass(slots=True)
class _Notes(Ledger):
    """What was found, in order."""

    entries: list[tuple[bool, str, tuple[str, ...], Decimal]] = field(default_factory=list)

    def note(
        self, holds: bool, rule: str, paths: tuple[str, ...], wanted: Decimal, numbers: Mapping[str, Decimal]
    ) -> None:
        self.entries.append((holds, rule, paths, wanted))


def judge(record: Record, ledger: Ledger, shown: Container[str] = (), adjustments: Sequence[Decimal] = ()) -> None:
    """`shown` are the values that stand in the document.

    `adjustments` are amounts for which there may be no field; they count where a sum of the document fails without.
    """
    notes = _noted(record, shown, ())
    if adjustments and any(rule in OF_DOCUMENT and not holds for holds, rule, *_ in notes.entries):
        notes = _noted(record, shown, adjustments)
    for holds, rule, paths, wanted in notes.entries:
        ledger.note(holds, rule, paths, wanted, record.numbers)


def _noted(record: Record, shown: Container[str], adjustments: Sequence[Decimal]) -> _Notes:
    notes, single = _Notes(), record.single["amounts"]
    others = [*(record.numbers[single[name]] for name in EXTRAS if name in single), *adjustments][:MOST_OTHERS]
    _total(record, notes, others)
    _due(record, notes, adjustments)
    _tax(record, notes)
    taxes = [rows for name, rows in record.tables.items() if _is_of_taxes(record, name, rows)]
    for rows in record.tables.values():
        if any(rows is table for table in taxes):
            _breakdown(record, notes, rows)
        elif any(_amount(row) for row in rows):
            _lines(record, notes, rows, shown, _DocumentAmounts(others, *_sum_of_taxes(record, taxes)))
    return notes


def _is_of_taxes(record: Record, name: str, rows: Sequence[dict[str, str]]) -> bool:
    """Whether a table has the tax by rates: by its columns, or by its name, such as `tax_lines`."""
    if any("quantity" in row or "unit_price" in row for row in rows):
        return False
    named = any((word,) in printed("amounts", "tax") for word in record.field(name).words)
    return named or any("rate" in row and ("tax" in row or "base" in row) for row in rows)


def _sum_of_taxes(record: Record, tables: Sequence[Sequence[dict[str, str]]]) -> tuple[tuple[str, ...], Decimal]:
    """The paths of what is known of the tax, and its sum: the one that stands alone, else those of the tables."""
    tax = record.single["amounts"].get("tax")
    paths = (tax,) if tax else tuple(path for rows in tables for row in rows if (path := _tax_of(row)))
    return paths, sum((record.numbers[path] for path in paths), Decimal(0))


def _tax_of(row: dict[str, str]) -> str | None:
    """The tax in a row of a table of taxes; a column that is only called amount holds it."""
    return row.get("tax") or row.get("line_amount")


def _total(record: Record, ledger: Ledger, others: Sequence[Decimal]) -> None:
    """Subtotal + tax = total, where discounts, charges and what was paid may go either way."""
    single, numbers = record.single["amounts"], record.numbers
    subtotal, tax, total = (single.get(name) for name in ("subtotal", "tax", "total"))
    total = total or single.get("due")
    if not (subtotal and tax and total):
        return
    wanted = numbers[subtotal] + numbers[tax]
    holds = any(_near(wanted + change, numbers[total], 2 * CENT) for change in _changes(others))
    ledger.note(holds, "total", (subtotal, tax, total), wanted, numbers)


def _due(record: Record, ledger: Ledger, adjustments: Sequence[Decimal]) -> None:
    """Total − what was paid = what is due."""
    single, numbers = record.single["amounts"], record.numbers
    total, due, paid = (single.get(name) for name in ("total", "due", "prepaid"))
    if not (total and due and paid):
        return
    named = [numbers[single[name]] for name in ("rounding", "discount", "charge") if name in single]
    wanted = numbers[total] - abs(numbers[paid])
    fits = [wanted, numbers[total]]  # some print what is due before the payment
    holds = any(
        _near(fit + change, numbers[due], 2 * CENT)
        for fit in fits
        for change in _changes([*named, *adjustments][:MOST_OTHERS])
    )
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
    bases = [row.get("base") or row.get("subtotal") or ("tax" in row and row.get("line_amount")) for row in rows]
    for row, base in zip(rows, bases, strict=True):
        tax = _tax_of(row)
        if base and tax and "rate" in row:
            _note_rate(record, ledger, base, row["rate"], tax)
    taxes = [tax for row in rows if (tax := _tax_of(row))]
    if "tax" in single and len(taxes) == len(rows):
        _note_sum(record, ledger, "taxes", taxes, single["tax"], 2 * CENT)
    subtotal = single.get("subtotal")
    if subtotal and all(bases):
        wanted = sum((numbers[base] for base in bases if base), Decimal(0))
        if _near(wanted, numbers[subtotal], 2 * CENT):
            ledger.note(True, "bases", (*[base for base in bases if base], subtotal), wanted, numbers)


def _lines(
    record: Record, ledger: Ledger, rows: Sequence[dict[str, str]], shown: Container[str], around: _DocumentAmounts
) -> None:
    add_up = _sum_of_lines(record, ledger, rows, shown, around)
    for row in rows:
        if not (add_up and _discounted(record, row, shown)):
            _line(record, ledger, row)


def _sum_of_lines(
    record: Record, ledger: Ledger, rows: Sequence[dict[str, str]], shown: Container[str], around: _DocumentAmounts
) -> bool:
    """Whether the lines add up to something that the document says."""
    amounts = [amount for row in rows if (amount := _amount(row))]
    if len(amounts) != len(rows):
        return False
    single, numbers = record.single["amounts"], record.numbers
    wanted = sum((numbers[amount] for amount in amounts), Decimal(0))
    room = CENT + HALF * len(amounts)
    there = [single[name] for name in LINE_SUMS if name in single]
    if not there:
        return False
    fits = [
        path for path in there if any(_near(wanted + change, numbers[path], room) for change in _changes(around.others))
    ]
    parts = (*amounts, fits[0] if fits else there[0])
    if not fits and (
        explained := _before_tax(record, wanted, room, around) or _before_discount(record, wanted, shown, around)
    ):
        fits, parts = there, (*amounts, *explained)
    if not fits and not around.taxes and _is_taxed(record, wanted):
        return False
    ledger.note(bool(fits), "lines", parts, wanted, numbers)
    return bool(fits)


def _before_tax(record: Record, wanted: Decimal, room: Decimal, around: _DocumentAmounts) -> tuple[str, ...]:
    """Tax and total, if the lines are before tax and nothing else says what they add up to."""
    single, numbers = record.single["amounts"], record.numbers
    total = single.get("total") or single.get("due")
    if not around.taxes or not total or single.keys() & BEFORE_TAX:
        return ()
    sums = (wanted + around.tax + change for change in _changes(around.others))
    return (*around.taxes, total) if any(_near(fit, numbers[total], room + CENT) for fit in sums) else ()


def _is_taxed(record: Record, wanted: Decimal) -> bool:
    """Whether a rate of tax, which the schema has no field for, may lead from the lines to the total."""
    single, numbers = record.single["amounts"], record.numbers
    total = single.get("total") or single.get("due")
    if not wanted or not total or single.keys() & BEFORE_TAX:
        return False
    return any(_near(wanted * (1 + rate / HUNDRED), numbers[total], CENT) for rate in RATES)


def _before_discount(
    record: Record, wanted: Decimal, shown: Container[str], around: _DocumentAmounts
) -> tuple[str, ...]:
    """The subtotal, if a discount on the whole document, for which the schema has no field, explains the difference.

    It must be a whole percentage, to the cent; subtotal and total must stand in the document and fit each other.
    """
    single, numbers = record.single["amounts"], record.numbers
    subtotal, total = single.get("subtotal"), single.get("total")
    if "discount" in single or not (subtotal and total and around.taxes) or subtotal not in shown or total not in shown:
        return ()
    adds_up = _near(numbers[subtotal] + around.tax, numbers[total], 2 * CENT)
    return (subtotal,) if adds_up and _is_whole_discount(wanted, numbers[subtotal]) else ()


def _is_whole_discount(full: Decimal, reduced: Decimal) -> bool:
    """Whether a whole percentage leads from one amount to the other, to the cent; signs do not matter."""
    full, reduced = abs(full), abs(reduced)
    if not full or reduced >= full:
        return False
    percentage = (HUNDRED * (full - reduced) / full).to_integral_value()
    return percentage <= HIGHEST_DISCOUNT and _near(full * (HUNDRED - percentage) / HUNDRED, reduced, CENT)


def _discounted(record: Record, row: dict[str, str], shown: Container[str]) -> bool:
    """Whether a discount for which the schema has no field explains the amount: a whole percentage, to the cent.

    Asked only of values that stand in the document, in lines that add up: then no other mistake explains it as well.
    """
    amount, numbers = _amount(row), record.numbers
    parts = (row.get("quantity"), row.get("unit_price"), amount)
    if "discount" in row or not all(path and path in shown for path in parts):
        return False
    return _is_whole_discount(numbers[row["quantity"]] * numbers[row["unit_price"]], numbers[amount or ""])


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
