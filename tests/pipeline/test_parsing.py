import pytest

from engine.pipeline.parsing import parse
from tests.pipeline.making import INVOICE, LINES, NUMBER, STRING, ask, make_page


def test_values_are_found_by_names_of_several_languages():
    data = ask(
        make_page(*INVOICE),
        **{
            "Rechnungsnummer": STRING,
            "date_facture": STRING,
            "Due date": STRING,
            "Montant TTC": NUMBER,
            "netto": NUMBER,
        },
    )

    assert data == {
        "Rechnungsnummer": "INV-0042",
        "date_facture": "2024-02-03",
        "Due date": "2024-03-04",
        "Montant TTC": 1483.8,
        "netto": 1236.5,
    }


def test_a_description_helps_where_the_name_says_nothing():
    data = ask(make_page(*INVOICE), f1={"type": "string", "description": "Invoice number"})

    assert data == {"f1": "INV-0042"}


def test_what_the_page_does_not_say_is_null():
    data = ask(make_page(*INVOICE), iban=STRING, order_number=STRING, prepaid_amount=NUMBER, colour=STRING)

    assert data == {"iban": None, "order_number": None, "prepaid_amount": None, "colour": None}


def test_money_may_be_asked_for_as_an_object():
    money = {"type": "object", "properties": {"amount": NUMBER, "iso_4217_currency_code": STRING}}

    data = ask(make_page(*INVOICE), total_amount=money)

    assert data == {"total_amount": {"amount": 1483.8, "iso_4217_currency_code": "EUR"}}


def test_totals_that_add_up_win_over_the_nearest_number():
    page = make_page(
        "Net            100.00",
        "VAT 20%  100.00       20.00",
        "Total          120.00",
        "Total weight    17.50",
    )

    data = ask(page, total_net=NUMBER, total_vat=NUMBER, total=NUMBER)

    assert data == {"total_net": 100, "total_vat": 20, "total": 120}


def test_the_tax_per_rate_is_proved_by_arithmetic():
    page = make_page(
        "Rate     Base      Tax", "7 %    160,00    11,20", "19 %   336,00    63,84", "Total tax        75,04"
    )
    row = {"type": "object", "properties": {"rate": NUMBER, "taxable_amount": NUMBER, "vat_amount": NUMBER}}

    data = ask(page, vat_breakdown={"type": "array", "items": row})

    assert data["vat_breakdown"] == [
        {"rate": 7, "taxable_amount": 160, "vat_amount": 11.2},
        {"rate": 19, "taxable_amount": 336, "vat_amount": 63.84},
    ]


def test_both_forms_of_an_enumeration_are_read():
    page = make_page("CREDIT NOTE", "", "Credit note no: CN-7", "Payment method: Bank transfer")
    kinds = ["invoice", "credit_note"]

    data = ask(
        page,
        old={"type": "enum", "enum": kinds, "description": "Type of document"},
        document_type={"type": "string", "enum": kinds},
        payment_method={"type": "string", "enum": ["cash", "bank transfer", "card"]},
    )

    assert data == {"old": "credit_note", "document_type": "credit_note", "payment_method": "bank transfer"}


def test_boxes_and_words_answer_yes_or_no():
    page = make_page("☑ Newsletter", "☐ Telephone calls", "Smoker: no", "Insured  Yes")
    asked = ("newsletter", "telephone_calls", "smoker", "insured", "married")

    data = ask(page, **{name: {"type": "boolean"} for name in asked})

    assert data == {"newsletter": True, "telephone_calls": False, "smoker": False, "insured": True, "married": None}


def test_a_quoted_label_is_taken_at_its_word():
    page = make_page("Notebook page:  B1014-23", "Strain of mice", "Swiss-Webster")
    printed = 'Value printed for the label "{}"'

    data = ask(
        page,
        a={"type": "string", "description": printed.format("NOTEBOOK PAGE")},
        b={"type": "string", "description": printed.format("Strain of mice")},
    )

    assert data == {"a": "B1014-23", "b": "Swiss-Webster"}


def test_identifiers_must_hold_up():
    page = make_page("IBAN: DE89 3704 0044 0532 0130 00", "BIC: COBADEFFXXX", "VAT ID: DE136695976")

    data = ask(page, iban=STRING, bic=STRING, vat_id=STRING)

    assert data == {"iban": "DE89370400440532013000", "bic": "COBADEFFXXX", "vat_id": "DE136695976"}


@pytest.mark.parametrize(
    ("begun", "rest", "wanted"),
    [
        ("DE89 3704 0044", "0532 0130 00", "DE89370400440532013000"),
        ("DE89370400440532", "013000 BIC COBADEFFXXX", "DE89370400440532013000"),
        ("GB11 RNBA 7735", "6867 1862 44", "GB11RNBA77356867186244"),
        ("DE89 3704 0044", "0532 0130", None),
        ("DE89 3704 0044", "Stadtsparkasse", None),
    ],
)
def test_the_number_of_an_account_may_go_on_in_the_next_line(begun, rest, wanted):
    page = make_page(f"IBAN:     {begun}", f"          {rest}", "SWIFT:    COBADEFFXXX")

    assert ask(page, iban=STRING, vat_id=STRING) == {"iban": wanted, "vat_id": None}


def test_both_lines_of_the_number_of_an_account_are_shown():
    page = make_page("IBAN:     DE89 3704 0044", "          0532 0130 00")

    places = parse([page], {"type": "object", "properties": {"iban": STRING}}).places["iban"]

    assert [span.text for span in places] == ["DE89 3704 0044", "0532 0130 00"]


def test_a_heading_in_capitals_is_no_code_of_a_bank():
    page = make_page("RECHNUNG", "Bank", "BIC: folgt")

    assert ask(page, bic=STRING) == {"bic": None}


def test_an_empty_document_gives_nulls_and_empty_lists():
    assert ask([], total=NUMBER, lines=LINES) == {"total": None, "lines": []}


def test_what_was_paid_lies_between_the_total_and_what_is_due():
    page = make_page("Total incl. VAT: 671.15", "Transfer 05/11/2017  201.00", "Balance due: 470.15")

    assert ask(page, prepaid_amount=NUMBER) == {"prepaid_amount": 201}


def test_a_label_outside_the_lexicon_is_found_by_its_meaning():
    page = make_page(
        "Vessel:  Marie Celeste", "Port of loading:  Rotterdam", "Container:  MSKU1234567", "Kraftstoff:  Diesel"
    )

    assert ask(page, fuel_type=STRING, colour=STRING) == {"fuel_type": "Diesel", "colour": None}


def test_instructions_in_running_text_are_no_values():
    page = make_page(
        "1 Name (as shown on your income tax return). Name is required on this line; do not leave it blank.",
        "John Doe",
        "Give the colour of the car to the person who asks you for it, or else leave it out.",
    )

    assert ask(page, full_name=STRING, colour=STRING) == {"full_name": "John Doe", "colour": None}
