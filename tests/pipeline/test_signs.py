"""The signs beside a number: minus, and what money it is."""

from __future__ import annotations

import pytest

from .making import NUMBER, STRING, ask, make_page

TAXES = {
    "type": "array",
    "items": {"type": "object", "properties": {"tax_rate": NUMBER, "taxable_amount": NUMBER, "tax_amount": NUMBER}},
}


@pytest.mark.parametrize(
    "line",
    [
        "Total: -120.00 EUR", "Total: - 120.00 EUR", "Total -120.00", "Total (EUR): -120.00", "Total:-€120.00",
        "Total: 120.00- EUR", "Total: –120.00",
    ],
)  # fmt: skip
def test_a_minus_behind_a_label_belongs_to_the_number(line):
    assert ask(make_page("Credit note", line), total_amount=NUMBER) == {"total_amount": -120.0}


@pytest.mark.parametrize("line", ["Total - 120.00 EUR", "Total – 120.00", "Total — 120.00", "Total: 120.00 -"])
def test_a_dash_between_a_label_and_its_value_is_no_minus(line):
    assert ask(make_page("Invoice", line), total_amount=NUMBER) == {"total_amount": 120.0}


def test_a_number_of_a_field_outside_the_lexicon_keeps_its_minus():
    page = make_page("Report", "Outside temperature: -5.5")

    assert ask(page, outside_temperature=NUMBER) == {"outside_temperature": -5.5}


@pytest.mark.parametrize(
    ("line", "currency"),
    [
        ("Total: A$120.00", "AUD"), ("Total: $120.00 CAD", "CAD"), ("Total: CAD $120.00", "CAD"),
        ("Total: Q$120.00", None), ("Total: 120.00", None), ("Total (A$): 120.00", "AUD"), ("Currency: NZ$", "NZD"),
        ("Currency: cad", "CAD"), ("Total: 120.00 eur", "EUR"),
    ],
)  # fmt: skip
def test_the_currency_of_a_document(line, currency):
    page = make_page("Invoice", line, "", "Not happy? Try 2 more weeks for free.")

    assert ask(page, currency=STRING) == {"currency": currency}


def test_what_is_said_of_all_prices_tells_whose_dollars_they_are():
    page = make_page("Invoice", "Total: $120.00", "All prices in CAD, not in points.")

    assert ask(page, currency=STRING) == {"currency": "CAD"}


def test_whole_amounts_with_a_point_are_thousands():
    page = make_page(
        "Nettobetrag            1.037 EUR", "19 % MwSt              197 EUR", "Gesamtbetrag           1.234 EUR"
    )

    assert ask(page, net_amount=NUMBER, tax_amount=NUMBER, total_amount=NUMBER) == {
        "net_amount": 1037.0, "tax_amount": 197.0, "total_amount": 1234.0,
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["number", "integer"])
def test_digits_without_end_are_no_value(kind):
    page = make_page("Form", f"Number of children: {'9' * 400}", f"Weight: {'9' * 400}")

    assert ask(page, number_of_children={"type": kind}, weight={"type": kind}) == {
        "number_of_children": None, "weight": None,
    }  # fmt: skip


def test_a_base_is_free_of_tax_only_where_words_say_so():
    free = ask(make_page("Invoice", "EXPORT-0                  500.00        0.00"), taxes=TAXES)
    other = ask(make_page("Invoice", "Account 4000              500.00        0.00"), taxes=TAXES)

    assert free == {"taxes": [{"tax_rate": 0.0, "taxable_amount": 500.0, "tax_amount": 0.0}]}
    assert other == {"taxes": []}


@pytest.mark.parametrize(
    ("line", "currency"),
    [
        ("ABN 51 824 753 556", "AUD"),
        ("Richmond VIC 3121", "AUD"),
        ("HST 13 %", "CAD"),
        ("Montréal (Québec) H2Y 1C6", "CAD"),
        ("TPS 5 %   TVQ 9,975 %", "CAD"),
        ("www.kiwi.co.nz", "NZD"),
        ("UEN 201912345K", "SGD"),
        ("Wan Chai, Hong Kong", "HKD"),
        ("RFC: ABC010203AB1", "MXN"),
        ("Austin, TX 78711", "USD"),
        ("Sold by a shop that says nothing of its country", "USD"),
    ],
)
def test_whose_dollars_a_lone_sign_means_is_told_by_the_country(line, currency):
    assert ask(make_page(line, "Total:   $1,234.50"), currency=STRING) == {"currency": currency}


@pytest.mark.parametrize(
    ("rows", "currency"),
    [
        (("CVR 12345678", "Total:   1.234,50 kr."), "DKK"),
        (("Org.nr 987 654 321 MVA", "Total:   1 234,50 kr"), "NOK"),
        (("Bankgiro 123-4567", "Total:   1 234,50 kr"), "SEK"),
        (("Total:   1 234,50 Kč",), "CZK"),
        (("Total:   12 345 Ft",), "HUF"),
        (("Total:   1.234,50 lei",), "RON"),
        (("Total:   Rs. 1,25,000.00",), "INR"),
        (("Total:   KD 900.250",), "KWD"),
        (("Total:   TND 900,250",), "TND"),
        (("SIRET 381 511 300 00018", "Total TTC   42,00"), "EUR"),
        (("CHE-116.281.710 MWST", "Total   42.00"), "CHF"),
    ],
)
def test_signs_and_countries_tell_the_currency(rows, currency):
    assert ask(make_page(*rows), currency=STRING) == {"currency": currency}
