import re
from decimal import Decimal

import pytest

from reading.literals.companies import legal_form
from reading.literals.countries import countries, country_of
from reading.literals.dates import find_dates, meant_dates
from reading.literals.locales import months, more_months
from reading.literals.money import currencies, currency_of
from reading.literals.numbers import decimal_readings, digit_readings
from reading.normalization import fold
from reading.vocabulary import names, read_table

LABELS = ("labels", "columns", "parties", "attributes", "records", "vehicles", "accounts")


@pytest.mark.parametrize("subject", LABELS)
def test_phrases_are_written_as_printed_words_are_compared(subject):
    phrases = [phrase for called in names(subject).values() for phrase in (*called.phrases, *called.common)]

    assert phrases
    assert [phrase for phrase in phrases if phrase != " ".join(fold(phrase).split())] == []


@pytest.mark.parametrize("subject", LABELS)
def test_no_entry_says_a_phrase_twice(subject):
    entries = {concept: (*called.phrases, *called.common) for concept, called in names(subject).items()}

    assert {concept for concept, phrases in entries.items() if len(set(phrases)) < len(phrases)} == set()


def test_an_entry_like_a_label_has_its_phrases_too():
    assert set(names("labels")["birth_date"].phrases) < set(names("records")["birth_date"].phrases)


def test_names_of_fields_refer_to_labels_that_exist():
    entries = [entry for group in read_table("field_names").values() for entry in group.values()]
    references = [reference.split(".") for entry in entries for reference in entry.get("labels", ())]

    assert references
    assert [pair for pair in references if not names(pair[0])[pair[1]].phrases] == []


@pytest.mark.parametrize(
    ("name", "month"), [("mai", 5), ("marz", 3), ("mrz", 3), ("fevr", 2), ("juill", 7), ("janner", 1), ("sept", 9)]
)
def test_months_are_known_by_what_cldr_has_and_lacks(name, month):
    assert months()[name] == month


def test_a_word_of_another_language_is_no_month_unless_the_date_is_known():
    assert more_months()["out"] == 10
    assert not list(find_dates("12 out 2024"))
    assert meant_dates("12 out 2024")


@pytest.mark.parametrize(
    ("digits", "readings"),
    [
        ("1,234", ("1234", "1.234")),
        ("1.234,5", ("1234.5",)),
        ("1'234.50", ("1234.50",)),
        ("1\u202f234", ("1234",)),
        ("1.234.567", ("1234567",)),
        ("0,125", ("0.125",)),
        (".50", ("0.50",)),
    ],
)
def test_digits_mean_what_any_locale_may_mean_by_them(digits, readings):
    assert digit_readings(digits) == readings


def test_digits_whose_separators_contradict_each_other_are_no_number_to_look_up():
    assert decimal_readings("12.002,177.68") == ()
    assert decimal_readings("1.50") == (Decimal("1.5"),)


def test_signs_and_names_lead_to_currencies_and_back():
    assert (currency_of("zł"), currency_of("Fr."), currency_of("Q$")) == ("PLN", "CHF", "")
    assert {"€", "Euro"} <= set(currencies()["EUR"])
    assert "zł" in currencies()["PLN"]


def test_countries_are_known_by_name_and_by_the_letter_before_postal_codes():
    assert (country_of("Österreich"), country_of("UK"), country_of("Nowhere")) == ("AT", "GB", None)
    assert {"Germany", "D-"} <= set(countries()["DE"])


def test_a_legal_form_counts_on_the_papers_on_which_it_means_one():
    found = {
        paper: [form for form in ("GmbH", "B.V.", "Co") if re.search(rf"\b(?:{legal_form(paper)})\b", form, re.I)]
        for paper in ("letters", "receipts")
    }

    assert found == {"letters": ["GmbH", "B.V.", "Co"], "receipts": ["GmbH", "B.V."]}
