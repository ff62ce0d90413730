from dataclasses import replace

from engine.pipeline.parsing import parse
from reading.document import Line, Source
from tests.pipeline.making import NUMBER, STRING, ask, make_page

SCHEMA = {
    "type": "object",
    "properties": {
        "company": {"type": "string", "description": "Name of the shop"},
        "address": {"type": "string", "description": "Address of the shop"},
        "total": {"type": "number", "description": "Total amount paid"},
    },
}
TAIL = ("TAX INVOICE", "Tea        2.00", "TOTAL      2.00", "CASH       5.00", "CHANGE     3.00")


def recognised(*rows):
    page = make_page(*rows)
    lines = tuple(Line(tuple(replace(word, source=Source.OCR) for word in line.words)) for line in page.lines)
    return replace(page, lines=lines, source=Source.OCR)


def read(*rows):
    return parse([recognised(*rows)], SCHEMA).data


def test_a_name_over_two_lines_stands_below_handwriting():
    found = read("Kir 140", "NORTHERNSOUTHERN", "STATIONERY SDN.BHD", "12, High Street", "12000 Oldtown", *TAIL)

    assert found["company"] == "NORTHERN SOUTHERN STATIONERY SDN.BHD"


def test_a_post_code_broken_over_two_lines_belongs_to_the_address():
    found = read("MR. BAKER LTD", "No. 7, Mill Lane, 50", "480 KL", "TEL 0362065567", *TAIL)

    assert found["address"] == "No. 7, Mill Lane, 50 480 KL"


def test_an_address_begins_with_floor_and_shopping_centre():
    found = read("GOLD BAKERY SDN BHD", "G7,GND FLR,ONE SHOPPING CENTRE", "NO.1,LONG ROAD, 47800 OLDTOWN", *TAIL)

    assert found["address"].startswith("G7,GND FLR,ONE SHOPPING CENTRE NO.1")


def test_a_decimal_point_that_was_not_recognised_is_known_by_its_column():
    rows = ("GOLD BAKERY", "TAX INVOICE", "Tea        9.50", "Subtotal  10 94", "GST         .66", "TOTAL     11.60")

    assert read(*rows)["total"] == 11.6


def test_a_total_counts_more_than_a_misread_tax():
    found = read("GOLD BAKERY", "TAX INVOICE", "GST AMT    1.30", "TOTAL      1.38")

    assert found["total"] == 1.38


def test_a_name_with_a_legal_form_is_found_below_the_end_of_another_receipt():
    rows = ("LALEUA 0.11", "THANK YOU 123", "PLEASE VISIT US", "w 1", "h 2", "m 3", "k 4", "r 5", "s 6", "t 7")

    assert read(*rows, "CHESS MARKET SDN BHD", "LOT 29, LONG ROAD", *TAIL)["company"] == "CHESS MARKET SDN BHD"


def test_a_misread_legal_form_is_put_right():
    assert read("SUPER CASH & CARRY SBN 3HD", "12, High Street", *TAIL)["company"] == "SUPER CASH & CARRY SDN BHD"


def test_an_amount_below_its_label_may_have_its_sign_in_a_cell_of_its_own():
    page = ("GOLD BAKERY", "12, High Street", "DPT.05    RM 149.00", "DPT.04    RM 21.00", "CASH", "RM        170.00")

    assert read(*page)["total"] == 170.0


def test_what_stands_behind_a_legal_form_is_no_part_of_the_name():
    assert read("SUPER SIX SDN BHD 28-05", "12, High Street", "12000 Oldtown", *TAIL)["company"] == "SUPER SIX SDN BHD"


def test_the_shop_of_a_receipt_is_not_its_customer_and_its_house_has_no_invoice_number():
    asked = {"invoice_number": "string", "supplier_name": "string", "customer_name": "string"}
    schema = {"type": "object", "properties": {name: {"type": kind} for name, kind in asked.items()}}
    rows = ("GOLD BAKERY LTD", "No.2&4, Mill Lane 3/2,", "12000 Oldtown", *TAIL)

    found = parse([recognised(*rows)], schema).data

    assert found == {"invoice_number": None, "supplier_name": "GOLD BAKERY LTD", "customer_name": None}


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
