from datetime import date

import pytest

from engine.pipeline.values import Style, find_dates, find_numbers, parse_number, style_of


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
