"""What is offered in place of a value: amounts that are printed, and with which all rules hold. Else nothing."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from extractions.models import Extraction, PageWords, ReviewStatus, Rule
from extractions.presentation.review.review_fields import screen_of
from extractions.review.edit_session import read_values
from extractions.verification import grounding
from tests.factories import make_schema
from tests.review.making import make_bill

NUMBER = {"type": "number"}
SCHEMA = {
    "type": "object",
    "properties": {
        "subtotal": NUMBER,
        "vat_rate": NUMBER,
        "vat_amount": NUMBER,
        "total": NUMBER,
        "amount_due": NUMBER,
        "lines": {
            "type": "array",
            "items": {"type": "object", "properties": {"quantity": NUMBER, "unit_price": NUMBER, "amount": NUMBER}},
        },
    },
}
RIGHT = {
    "subtotal": 1200.0,
    "vat_rate": 20,
    "vat_amount": 240.0,
    "total": 1440.0,
    "amount_due": None,
    "lines": [
        {"quantity": 2, "unit_price": 350.0, "amount": 700.0},
        {"quantity": 5, "unit_price": 100.0, "amount": 500.0},
    ],
}
PRINTED = [
    ("Invoice 2026-117", "Order 1450"),
    ("Cable", "2", "350.00", "700.00"),
    ("Work", "5", "100.00", "500.00"),
    ("Subtotal", "1,200.00"),
    ("VAT 20%", "240.00"),
    ("Total", "1,440.00"),
    ("Your last invoice", "1,460.00"),
]


def words_of(lines):
    """Each line is a row of cells, from left to right over the page."""
    words = []
    for number, cells in enumerate(lines):
        for column, cell in enumerate(cells):
            left = 0.05 + 0.22 * column
            for at, word in enumerate(cell.split()):
                x, y = left + 0.06 * at, 0.1 + 0.05 * number
                words.append([x, y, x + 0.05, y + 0.02, word])
    return words


def suggested(alice, data, lines=PRINTED, rules=()):
    """By path, what is offered for each value that asks, but for those that stand on the page as they are."""
    schema = make_schema("Sums", schema=SCHEMA)
    bill = make_bill(alice, data=data, schema=schema)
    PageWords.objects.create(extraction=bill, number=1, words=words_of(lines), source=PageWords.Source.TEXT_LAYER)
    Rule.objects.bulk_create(Rule(team=bill.team, schema=schema, text=text) for text in rules)
    grounding.ground_values(bill)
    bill = Extraction.objects.get(pk=bill.pk)
    screen = screen_of(bill, read_values(bill)[0])
    asking = [entry for entry in screen.entries if entry.asks and entry.value.standing != ReviewStatus.ON_PAGE]
    return {entry.path: entry.suggestion for entry in asking}


def test_what_holds_asks_for_nothing(alice):
    assert suggested(alice, RIGHT) == {}


@pytest.mark.parametrize(
    ("change", "offered"),
    [
        ({"total": 1460.0}, {"total": "1,440.00"}),  # printed, but of another invoice
        ({"total": 1444.0}, {"total": "1,440.00"}),
        ({"vat_amount": 20.0}, {"vat_amount": "240.00"}),
        ({"subtotal": 1450.0}, {"subtotal": "1,200.00"}),
        ({"vat_amount": 204.0}, {"vat_amount": "240.00"}),
    ],
)
def test_the_printed_amount_with_which_everything_holds_is_offered(alice, change, offered):
    assert suggested(alice, RIGHT | change) == offered


def test_a_line_is_healed_by_its_printed_amount(alice):
    lines = [RIGHT["lines"][0], {"quantity": 5, "unit_price": 100.0, "amount": 550.0}]

    assert suggested(alice, RIGHT | {"lines": lines}) == {"lines[1].amount": "500.00"}


def test_what_a_sum_demands_is_not_offered_unless_it_is_printed(alice):
    wrong = {"subtotal": 1000.0, "vat_rate": None, "vat_amount": 240.0, "total": 1440.0, "lines": []}
    lines = [("Subtotal", "1,000.00"), ("VAT", "240.00"), ("Total", "1,440.00")]

    assert set(suggested(alice, wrong, lines).values()) == {""}


def test_the_printed_amount_is_not_offered_when_another_rule_breaks_by_it(alice):
    wrong = RIGHT | {"total": 1460.0}

    assert suggested(alice, wrong, rules=["total >= 1450"]) == {"total": ""}
    assert suggested(alice, wrong, rules=["total >= 1400"]) == {"total": "1,440.00"}


def test_of_two_that_fit_the_one_with_the_name_beside_it_is_offered(alice):
    wrong = {"subtotal": 1200.0, "vat_rate": None, "vat_amount": 240.0, "total": 1500.0, "lines": []}
    named = [("Subtotal", "1,200.00"), ("VAT", "240.00"), ("Total", "1,440.00"), ("Received", "1,440.01")]
    unnamed = [(cells[0].replace("Total", "Payment"), *cells[1:]) for cells in named]

    assert suggested(alice, wrong, named) == {"total": "1,440.00"}
    assert suggested(alice, wrong, unnamed) == {"total": ""}


def test_a_rate_a_part_of_a_word_and_a_page_without_words_offer_nothing(alice):
    wrong = {"subtotal": 10.0, "vat_rate": None, "vat_amount": 10.0, "total": 30.0, "lines": []}

    assert suggested(alice, wrong, [("Subtotal", "10.00"), ("VAT", "10.00"), ("Discount", "20%"), ("AB20CD", "x")]) == {
        "total": ""
    }
    assert suggested(alice, wrong, [])["total"] == ""


def test_the_teams_own_equation_offers_what_is_printed(alice):
    data = {"total": 7.0, "amount_due": 5.0}

    rules = ["total = amount_due + 4"]
    assert suggested(alice, data, [("Total", "9.00"), ("Due", "5.00"), ("x", "7.00")], rules) == {"total": "9.00"}
    assert suggested(alice, data, [("Total", "8.00"), ("Due", "5.00"), ("x", "7.00")], rules) == {"total": ""}


@pytest.mark.parametrize("odd", ["NaN", "1e400", "9" * 400])
def test_nothing_odd_is_ever_offered(alice, odd):
    printed = [("Total", odd), ("Subtotal", "inf"), ("VAT", "240")]
    offered = suggested(alice, RIGHT | {"total": 1460.0, "subtotal": odd}, printed)

    assert set(offered.values()) <= {"", "240.00"}


def test_a_document_with_many_words_or_values_is_not_read_while_somebody_waits(alice, monkeypatch):
    from extractions.verification import repairs

    monkeypatch.setattr(repairs, "MAX_WORDS", 5)
    assert suggested(alice, RIGHT | {"total": 1460.0}) == {"total": ""}
    monkeypatch.undo()
    monkeypatch.setattr(repairs, "MAX_VALUES", 5)
    assert suggested(alice, RIGHT | {"total": 1460.0}) == {"total": ""}


def test_a_save_that_breaks_a_sum_offers_the_printed_amount(client, alice):
    suggested(alice, RIGHT)
    bill = Extraction.objects.get()
    client.force_login(alice)

    answer = client.post(
        reverse("extractions:review_value", args=[bill.key]),
        json.dumps({"do": "set", "path": "vat_amount", "text": "204"}),
        content_type="application/json",
    ).json()

    broken = {path: entry for path, entry in answer["entries"].items() if entry["mark"] == "broke"}
    assert broken
    assert all(entry.get("suggestion", "") in {"", "240.00"} for entry in broken.values())
