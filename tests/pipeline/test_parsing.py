from dataclasses import replace

import pytest

from engine.pipeline.location import locate
from engine.pipeline.parsing import parse
from tests.pipeline.making import INVOICE, LINES, NUMBER, PARTY, PITCH, STRING, ask, make_line, make_page


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


def test_line_items_come_from_the_table_with_wrapped_names():
    data = ask(make_page(*INVOICE), line_items=LINES)

    assert data["line_items"] == [
        {"description": "Blue paint", "quantity": 2, "unit_price": 10, "amount": 20},
        {"description": "Brush, wide with wooden handle", "quantity": 3, "unit_price": 5.5, "amount": 16.5},
        {"description": "Canvas 30 x 40", "quantity": 1, "unit_price": 1200, "amount": 1200},
    ]


def test_a_table_goes_on_after_a_page_break():
    first = make_page(
        "Description        Quantity   Unit price    Amount", "Nails                   2        1.00      2.00"
    )
    second = make_page(
        "Screws                  4        1.50      6.00", "", "                      Total:         8.00", number=2
    )

    data = ask([first, second], items=LINES, total=NUMBER)

    assert [row["description"] for row in data["items"]] == ["Nails", "Screws"]
    assert data["total"] == 8


def test_parties_are_told_apart():
    party = {"type": "object", "properties": {"name": STRING, "street": STRING, "postal_code": STRING, "city": STRING}}

    data = ask(make_page(*INVOICE), supplier=party, customer=party)

    assert data["supplier"] == {
        "name": "ACME Tools Ltd",
        "street": "12 Mill Lane",
        "postal_code": "90402",
        "city": "Springfield",
    }
    assert data["customer"] == {
        "name": "Jane Miller GmbH",
        "street": "Hafenstraße 7",
        "postal_code": "20457",
        "city": "Hamburg",
    }


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


def test_the_due_date_is_never_before_the_invoice():
    page = make_page("Invoice date: 10.03.2024", "Due date: 09.03.2023")

    assert ask(page, due_date=STRING) == {"due_date": None}


def test_a_date_may_be_wanted_in_another_form():
    page = make_page("Invoice date: 3 May 2024")

    assert ask(page, date={"type": "string", "description": "Invoice date as DD/MM/YYYY"}) == {"date": "03/05/2024"}


def test_identifiers_must_hold_up():
    page = make_page("IBAN: DE89 3704 0044 0532 0130 00", "BIC: COBADEFFXXX", "VAT ID: DE136695976")

    data = ask(page, iban=STRING, bic=STRING, vat_id=STRING)

    assert data == {"iban": "DE89370400440532013000", "bic": "COBADEFFXXX", "vat_id": "DE136695976"}


def test_every_value_keeps_the_words_it_came_from():
    page = make_page(*INVOICE)
    schema = {"type": "object", "properties": {"total": NUMBER, "lines": LINES}}

    parsed = parse([page], schema)

    assert [span.text for span in parsed.places["total"]] == ["1.483,80 €"]
    assert [span.text for span in parsed.places["lines[1].description"]] == ["Brush, wide", "with wooden handle"]
    assert [span.text for span in parsed.places["lines[2].amount"]] == ["1.200,00 €"]


def test_an_empty_document_gives_nulls_and_empty_lists():
    assert ask([], total=NUMBER, lines=LINES) == {"total": None, "lines": []}


RECEIPT = (
    "TAX INVOICE",
    "GREEN GROCER SDN BHD",
    "(123456-X)",
    "12, JALAN MAWAR 3/4,",
    "47500 SUBANG JAYA",
    "TEL: 03-1234 5678",
    "Date: 09/02/201811:40",
    "Apples  2.01",
    "Pears  3.00",
    "Subtotal  5.01",
    "Rounding adj  -0.01",
    "Total  5.00",
    "Cash  10.00",
    "Change  5.00",
    "THANK YOU",
)


def test_a_receipt_needs_no_labels_for_its_shop():
    data = ask(make_page(*RECEIPT), company=STRING, address=STRING, date=STRING, total=NUMBER)

    assert data == {
        "company": "GREEN GROCER SDN BHD",
        "address": "12, JALAN MAWAR 3/4, 47500 SUBANG JAYA",
        "date": "2018-02-09",
        "total": 5,
    }


def test_cash_and_change_prove_a_total_that_is_not_labelled():
    page = make_page("CORNER SHOP", "Tea  4.00", "T0T4L  4.00", "Cash  10.00", "Change  6.00", "Thank you")

    assert ask(page, total=NUMBER) == {"total": 4}


def test_what_was_paid_lies_between_the_total_and_what_is_due():
    page = make_page("Total incl. VAT: 671.15", "Transfer 05/11/2017  201.00", "Balance due: 470.15")

    assert ask(page, prepaid_amount=NUMBER) == {"prepaid_amount": 201}


def test_a_label_outside_the_lexicon_is_found_by_its_meaning():
    page = make_page(
        "Vessel:  Marie Celeste", "Port of loading:  Rotterdam", "Container:  MSKU1234567", "Kraftstoff:  Diesel"
    )

    assert ask(page, fuel_type=STRING, colour=STRING) == {"fuel_type": "Diesel", "colour": None}


def test_rates_of_lines_follow_from_the_bases_they_make_up():
    page = make_page(
        "Description         Quantity   Unit price      Amount",
        "Paint                      2        10.00       20.00",
        "Bread                      4         2.50       10.00",
        "Canvas                     1        30.00       30.00",
        "",
        "Rate         Base        Tax",
        "5.5 %       10.00       0.55",
        "20 %        50.00      10.00",
    )
    row = {"type": "object", "properties": {"description": STRING, "amount": NUMBER, "vat_rate": NUMBER}}

    data = ask(page, lines={"type": "array", "items": row})

    assert [line["vat_rate"] for line in data["lines"]] == [20, 5.5, 20]


def test_instructions_in_running_text_are_no_values():
    page = make_page(
        "1 Name (as shown on your income tax return). Name is required on this line; do not leave it blank.",
        "John Doe",
        "Give the colour of the car to the person who asks you for it, or else leave it out.",
    )

    assert ask(page, full_name=STRING, colour=STRING) == {"full_name": "John Doe", "colour": None}


COLUMNS = (
    "From                      Bill to                     Deliver to",
    "Copper Kettle Ltd         Slate & Sons                Slate & Sons",
    "4 Quarry Road             Accounts                    Gate 3",
    "Thornby                   9 Harbour Street            9 Harbour Street",
    "ZX4 7LP                   Dunmoor                     Dunmoor",
    "United Kingdom            ZX11 3HT                    ZX11 3HT",
    "VAT no GB 123 4567 89",
)


def test_parties_side_by_side_are_read_by_column():
    data = ask(make_page(*COLUMNS), supplier=PARTY, customer=PARTY)

    assert data["supplier"] == {
        "name": "Copper Kettle Ltd",
        "address": "4 Quarry Road, Thornby, ZX4 7LP, United Kingdom",
        "tax_id": "GB123456789",
    }
    assert data["customer"] == {
        "name": "Slate & Sons",
        "address": "Accounts, 9 Harbour Street, Dunmoor, ZX11 3HT",
        "tax_id": None,
    }


@pytest.mark.parametrize(
    ("seller", "buyer", "ship_to"),
    [("Von", "An", "Lieferung an"), ("Émetteur", "Client", "Livré à"), ("Facturé par", "Facturé à", "Livré à")],
)
def test_headings_of_parties_are_known_in_several_languages(seller, buyer, ship_to):
    page = make_page(
        f"{seller:<24}  {buyer:<24}  {ship_to}",
        "Maison Ambre              Gasthof Linde             Lager Nord",
        "7 rue du Puits            Dorfplatz 3               Tor 2",
    )

    data = ask(page, supplier=PARTY, customer=PARTY)

    assert data["supplier"]["name"] == "Maison Ambre"
    assert data["customer"]["name"] == "Gasthof Linde"


def test_the_foot_of_a_page_is_no_row_of_a_table_that_goes_on():
    head = "Description                         Quantity     Unit price        Amount"
    first = make_page(
        head,
        "Blue paint                               2         10.00          20.00",
        "                                                   Continued on page 2",
        *[""] * 45,
        "Company number 99417882                          Page 1 of 2      3000.00",
    )
    second = make_page(head, "Brush                                    3          5.50          16.50", number=2)

    data = ask([first, second], lines=LINES)

    assert [row["description"] for row in data["lines"]] == ["Blue paint", "Brush"]
    assert [row["amount"] for row in data["lines"]] == [20, 16.5]


def test_small_print_below_a_name_is_no_part_of_it():
    page = make_page(
        "Description                         Quantity     Unit price        Amount",
        "Torque gauge with                        2         10.00          20.00",
        "",
        "",
        "Brush                                    3          5.50          16.50",
    )
    name, small = (
        make_line("carrying case", 0.05, 0.05 + 2 * PITCH),
        make_line("Serial 12", 0.05, 0.05 + 2.9 * PITCH, size=0.85),
    )
    page = replace(page, lines=(*page.lines, name, small))

    assert [row["description"] for row in ask(page, lines=LINES)["lines"]] == [
        "Torque gauge with carrying case",
        "Brush",
    ]


def test_the_place_of_a_currency_is_its_sign_alone():
    schema = {"type": "object", "properties": {"currency": STRING}}
    page = make_page("Tea                 12.50 €", "Total               12.50 €")

    parsed = parse([page], schema)

    sign = next(word.box for word in page.words if word.text == "€")
    (place,) = locate(parsed.places)["currency"]
    assert parsed.data == {"currency": "EUR"}
    assert place["bbox"] == pytest.approx([sign.x0, sign.y0, sign.x1, sign.y1], abs=1e-3)


@pytest.mark.parametrize(
    ("line", "code", "sign"), [("DE 80333 Munich", "DE", "DE"), ("B-1000 Brussels", "BE", "B-1000")]
)
def test_the_place_of_a_country_is_the_letters_that_name_it(line, code, sign):
    schema = {"type": "object", "properties": {"seller": {"type": "object", "properties": {"country": STRING}}}}
    page = make_page(*INVOICE[:2], line, *INVOICE[3:])

    parsed = parse([page], schema)

    word = next(word for word in page.words if word.text == sign)
    (place,) = locate(parsed.places)["seller.country"]
    assert parsed.data == {"seller": {"country": code}}
    assert place["bbox"][0] == pytest.approx(word.box.x0, abs=1e-3)
    assert place["bbox"][2] <= word.box.x1 + 1e-3


@pytest.mark.parametrize("paid", ["Amount paid on 15/03/2024 by credit card", "Réglé le 15/03/2024 par carte, merci"])
def test_the_day_on_which_an_invoice_was_paid_is_not_when_it_is_due(paid):
    page = make_page(*[row for row in INVOICE if "Due date" not in row], paid)

    assert ask(page, due_date=STRING) == {"due_date": None}


def test_the_day_by_which_it_must_be_paid_is_when_it_is_due():
    page = make_page(*[row for row in INVOICE if "Due date" not in row], "This amount must be paid by 15/03/2024")

    assert ask(page, due_date=STRING) == {"due_date": "2024-03-15"}


STATEMENT = (
    "ACME Tools Ltd                          STATEMENT OF ACCOUNT",
    "",
    "Invoice number     Date            Amount",
    "INV-001            03/02/2024      20.00",
    "INV-002            05/02/2024      30.00",
    "",
    "                   Total           50.00",
)


def test_invoices_that_a_statement_lists_are_rows_of_its_table():
    row = {"invoice_number": STRING, "date": STRING, "amount": NUMBER}
    invoices = {"type": "array", "items": {"type": "object", "properties": row}}

    assert [one["amount"] for one in ask(make_page(*STATEMENT), invoices=invoices)["invoices"]] == [20, 30]


def test_the_pages_of_one_invoice_are_no_list_of_invoices():
    row = {"invoice_number": STRING, "total": NUMBER}
    invoices = {"type": "array", "items": {"type": "object", "properties": row}}

    assert ask([make_page(*INVOICE), make_page(*INVOICE[9:], number=2)], invoices=invoices) == {"invoices": []}


@pytest.mark.parametrize("name", ["receipts", "invoices", "orders"])
def test_an_empty_page_breaks_no_list_of_documents(name):
    row = {"issue_date": STRING, "total": NUMBER}
    wanted = {"type": "array", "items": {"type": "object", "properties": row}}

    assert ask([make_page(*INVOICE), make_page(number=2)], **{name: wanted})[name] == []
