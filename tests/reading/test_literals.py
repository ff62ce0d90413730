from datetime import date

import pytest

from reading.literals.dates import find_dates
from reading.literals.numbers import find_numbers, parse_number
from reading.literals.style import Style, style_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 234,56 €", 1234.56),
        ("1\u202f234,56", 1234.56),
        ("1.234,56", 1234.56),
        ("1,234.56", 1234.56),
        ("1'234.50", 1234.5),
        ("EUR 529,87", 529.87),
        ("RM39.00", 39.0),
        ("-45,10", -45.1),
        ("(45.10)", -45.1),
        ("9.00-", -9.0),
        ("€ -9,32", -9.32),
        ("12,-", 12.0),
        ("3.3333", 3.3333),
        ("1.234.567,89", 1234567.89),
    ],
)
def test_numbers_are_read_in_every_european_writing(text, value):
    assert parse_number(text) == value


def test_three_digits_after_a_lone_point_follow_the_habit_of_the_document():
    assert parse_number("1.234", Style(decimal=",")) == 1234
    assert parse_number("1.234", Style(decimal=".")) == 1.234


def test_digits_of_codes_and_dates_are_no_numbers():
    assert not list(find_numbers("RE-20140522/501 of 22.05.2014, 250g"))


def test_a_share_is_told_from_an_amount():
    share, amount = find_numbers("19 % 20,00 €")

    assert (share.percent, share.value) == (True, 19)
    assert (amount.percent, amount.currency) == (False, "EUR")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2014-05-22", date(2014, 5, 22)),
        ("05.06.2018", date(2018, 6, 5)),
        ("28/04/18", date(2018, 4, 28)),
        ("1. Oktober 2023", date(2023, 10, 1)),
        ("October 1, 2023", date(2023, 10, 1)),
        ("1er février 2024", date(2024, 2, 1)),
        ("19 april 2014", date(2014, 4, 19)),
        ("25-Mar-18", date(2018, 3, 25)),
        ("20260815", date(2026, 8, 15)),
        ("11/17/2017", date(2017, 11, 17)),
        ("LE 30/03/2018 A 12:36", date(2018, 3, 30)),
    ],
)
def test_dates_are_read_as_people_print_them(text, day):
    assert [found.value for found in find_dates(text)] == [day]


@pytest.mark.parametrize("text", ["12.12.12.12", "31.02.2020", "99/99/2020", "1.234,56", "20261399"])
def test_what_only_looks_like_a_date_is_none(text):
    assert not list(find_dates(text))


def test_another_date_of_the_document_tells_that_months_come_first():
    style = style_of("Paid 11/17/2017, invoice 11/03/2017")

    assert [found.value for found in find_dates("11/03/2017", style)] == [date(2017, 11, 3)]
    assert [found.value for found in find_dates("11.03.2017", style)] == [date(2017, 3, 11)]


def test_the_decimal_sign_of_a_document_is_the_commoner_one():
    assert style_of("1,00 2,50 3.141").decimal == ","
    assert style_of("1.00 2.50 1,250.00").decimal == "."


def test_a_mention_of_an_american_card_makes_no_date_american():
    assert not style_of("Copy of driver's license attached\nDate 03/02/2024").month_first
    assert style_of("DRIVER LICENSE\nDOB 03/02/1990").month_first


def test_the_heading_of_a_card_may_name_the_state():
    assert style_of("NEW YORK STATE  DRIVER LICENSE\nDOB 03/02/1990").month_first
    assert style_of("TEXAS DRIVER'S LICENSE\nDOB 03/02/1990").month_first
    assert not style_of("Copy of driver's license\nDate 03/02/2024").month_first


@pytest.mark.parametrize(
    "line", ["Customer ID 48213", "Votre commande BC 45001", "Rechnung NR 12345", "Berlin DE 10115"]
)
def test_two_capitals_before_five_digits_are_no_american_address(line):
    assert not style_of(f"{line}\nDate 03/04/2024").month_first


@pytest.mark.parametrize("line", ["Salem, OR 97301", "Boise, ID 83702-1234", "SALEM, OR 97301", "Salem OR 97301"])
def test_an_american_address_makes_dates_american(line):
    assert style_of(f"{line}\nDate 03/04/2024").month_first


@pytest.mark.parametrize(
    "other", ["Total £120.00", "Total 120.00 EUR", "VAT No GB123456789", "Leeds LS1 4AP", "Rechnung 12", "Montant 120"]
)
def test_evidence_of_another_country_outweighs_an_american_address(other):
    assert not style_of(f"Salem, OR 97301\n{other}\nDate 03/04/2024").month_first


def test_dollars_make_an_american_invoice_to_a_customer_abroad_american():
    assert style_of("Salem, OR 97301\nTo: Leeds LS1 4AP, VAT GB123456789\nTotal $120.00").month_first


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Netto 1.037 EUR\n19 % MwSt 197 EUR\nGesamt 1.234 EUR", 1234),
        ("Zwischensumme  1.037\nGesamtbetrag  1.234", 1234),
        ("Net 1,037 EUR\nTotal 1,234 EUR", 1.234),
        ("Weight 2.500 kg\nTotal 120 EUR", 1.234),
        ("Price 1.459 per litre\nTotal $45.12", 1.234),
    ],
)
def test_whole_amounts_tell_what_parts_thousands(text, value):
    assert parse_number("1.234", style_of(text)) == value


def test_the_last_pair_of_a_telephone_number_is_no_decimal():
    assert style_of("Tél. 01.23.45.67.89\nTotal 1.234 €").decimal == ","


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("A$120.00", "AUD"), ("C$ 120.00", "CAD"), ("NZ$120.00", "NZD"), ("HK$120.00", "HKD"), ("S$120.00", "SGD"),
        ("US$120.00", "USD"), ("$120.00", "USD"), ("$120.00 CAD", "CAD"), ("CAD $120.00", "CAD"), ("CAD$120", "CAD"),
        ("Q$120.00", ""), ("120.00 eur", "EUR"), ("Eur 120", "EUR"), ("120 Euros", "EUR"), ("Rm12.00", "MYR"),
        ("12,00 try", "TRY"), ("TRY 12", "TRY"), ("Try 2 more", ""), ("rm 12", ""),
    ],
)  # fmt: skip
def test_a_currency_is_told_by_its_own_sign(text, currency):
    assert [number.currency for number in find_numbers(text)] == [currency]


def test_a_word_that_is_no_currency_is_no_part_of_the_number():
    (number,) = find_numbers("Try 2 more weeks")

    assert "Try 2 more weeks"[number.start : number.end] == "2"


def test_a_row_of_digits_without_end_is_no_number():
    assert not list(find_numbers("9" * 400))
    assert not list(find_numbers("1" * 16 + ".00"))
    assert parse_number("123456789012.34") == 123456789012.34


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("80.–", 80), ("CHF 80.--", 80), ("3'400.--", 3400), ("Fr. 1’250.—", 1250), ("12,- €", 12), ("80,–", 80),
        ("Rs. 1,25,000.00", 125000), ("₹ 1,47,500", 147500), ("45.00 CR", -45), ("45.00CR", -45), ("12.50-", -12.5),
        ("12.50−", -12.5), ("KWD 12.500", 12.5), ("1,234.500 BHD", 1234.5), ("12,500 TND", 12.5), ("12.500 EUR", 12500),
    ],
)  # fmt: skip
def test_amounts_are_read_as_countries_write_them(text, value):
    assert [number.value for number in find_numbers(text, style_of(text))] == [value]


def test_a_credit_is_no_sign_of_a_number_before_a_word():
    assert [number.value for number in find_numbers("45.00 CREDIT")] == [45]
