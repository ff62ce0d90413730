"""Allowances, charges and the like that pages print and schemas have no field for."""

from __future__ import annotations

from decimal import Decimal

import pytest

from extractions.evidence.adjustments import printed_adjustments
from extractions.evidence.grounding import locate
from extractions.evidence.rules.check import check
from extractions.result.leaves import leaves
from tests.evidence.making import page

LINES = [{"quantity": 2, "unit_price": 45.0, "amount": 90.0}, {"quantity": 1, "unit_price": 30.5, "amount": 30.5}]
HEAD = """
Quantity      Unit price      Amount
2                  45.00       90.00
1                  30.50       30.50
"""


def adjustments(text):
    return printed_adjustments(locate([], [page(text)]).finder)


def broken(data, text):
    located = locate(list(leaves(data)), [page(text)])
    kinds = {ground.path: str(ground.kind) for ground in located.grounds}
    values = {leaf.path: leaf.value for leaf in located.leaves}
    return {
        finding.rule for finding in check(values, {}, evidence=kinds, adjustments=printed_adjustments(located.finder))
    }


@pytest.mark.parametrize(
    ("line", "amount"),
    [
        ("Discount (5 %)                -6.03", "6.03"),
        ("Remise                         6,03", "6.03"),
        ("Rabatt 5 %                  - 6,03", "6.03"),
        ("Frais de port                 12,50", "12.50"),
        ("Versandkosten                 12,50", "12.50"),
        ("Shipping        1           € 12.50", "12.50"),
        ("Rounding                       0.02", "0.02"),
        ("Acompte                       50,00", "50.00"),
    ],
)
def test_the_last_amount_of_a_line_with_such_words_is_one(line, amount):
    assert adjustments(HEAD + line) == [Decimal(amount)]


@pytest.mark.parametrize(
    "line", ["Subtotal        120.50", "Discount 5 %", "Total discount", "Delivery note 4711 of 2026"]
)
def test_other_lines_have_none(line):
    assert adjustments(HEAD + line) == []


def test_a_list_of_such_lines_explains_nothing():
    assert adjustments("\n".join(f"Discount      {number}.50" for number in range(11, 19))) == []


def test_what_is_printed_explains_a_sum_and_nothing_else_does():
    data = {"total": 133.0, "lines": LINES}

    assert broken(data, f"{HEAD}\nShipping        12.50\nTotal      133.00") == set()
    assert broken(data, f"{HEAD}\nOther goods     12.50\nTotal      133.00") == {"lines"}
    assert broken(data | {"total": 134.0}, f"{HEAD}\nShipping        12.50\nTotal      134.00") == {"lines"}


def test_several_of_them_may_go_either_way():
    text = (
        f"{HEAD}\nDiscount     -10.00\nShipping       4.50\nSubtotal     115.00\nVAT 20 %      23.00\nTotal     138.00"
    )

    assert broken({"subtotal": 115.0, "vat": 23.0, "total": 138.0, "lines": LINES}, text) == set()
    assert "total" in broken({"subtotal": 115.0, "vat": 23.0, "total": 183.0, "lines": LINES}, text)


def test_they_do_not_excuse_a_wrong_line():
    lines = [LINES[0] | {"amount": 99.0}, LINES[1]]

    assert "line" in broken({"total": 142.0, "lines": lines}, f"{HEAD}\nShipping     12.50\nTotal     142.00")
