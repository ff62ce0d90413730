from dataclasses import replace
from math import isclose

import pytest

from engine.pipeline.parsing import parse
from engine.pipeline.parsing.skew import tilt_of
from reading.document import Box, Line, Page, Source
from tests.pipeline.making import INVOICE, LINES, NUMBER, STRING, ask, make_line, make_page

RECEIPTS = {
    "type": "array",
    "description": "Every receipt on the photo, from left to right",
    "items": {
        "type": "object",
        "properties": {
            "supplier": {**STRING, "description": "Name of the shop"},
            "total": {**NUMBER, "description": "Total amount"},
            "date": {**STRING, "format": "date", "description": "Date of purchase"},
        },
    },
}
GREEN = ("Green Grocer Ltd", "4 Mill Lane", "12/03/2024  10:15", "Apples  2.50", "Pears  1.50", "TOTAL  4.00")
BLUE = (
    "Blue Cafe",
    "9 Harbour Road near Whitby",
    "13/03/2024  16:40",
    "Coffee  3.20",
    "Cake  4.10",
    "TOTAL  7.30",
    "CASH  10.00",
)
ANSWERS = [
    {"supplier": "Green Grocer Ltd", "total": 4.0, "date": "2024-03-12"},
    {"supplier": "Blue Cafe", "total": 7.3, "date": "2024-03-13"},
]


def paper(rows, x, y, *, fall=0.0, pitch=0.02):
    """The lines of a receipt whose top left corner is given; `fall` is by how much they fall over the whole width."""
    lines = []
    for order, row in enumerate(rows):
        left, _, right = row.partition("  ")
        for text, start in ((left, x), (right, x + 0.22)):
            if text:
                words = make_line(text, start, y + pitch * order).words
                lines.append(Line(tuple(replace(word, box=fallen(word.box, fall)) for word in words)))
    return lines


def fallen(box, fall):
    down = fall * (box.centre[0] - 0.5)
    return Box(box.x0, box.y0 + down, box.x1, box.y1 + down)


def photo(*papers):
    lines = [line for one in papers for line in one]
    lines = [Line(tuple(replace(word, source=Source.OCR) for word in line.words)) for line in lines]
    return Page(1, 800, 800, tuple(lines), source=Source.OCR)


def test_receipts_side_by_side_are_a_row_each():
    page = photo(paper(BLUE, 0.55, 0.1), paper(GREEN, 0.1, 0.2))

    assert ask(page, receipts=RECEIPTS) == {"receipts": [ANSWERS[0], ANSWERS[1]]}


def test_receipts_one_below_the_other_are_a_row_each():
    page = photo(paper(GREEN, 0.3, 0.05), paper(BLUE, 0.3, 0.5))

    assert ask(page, receipts=RECEIPTS) == {"receipts": ANSWERS}


def test_a_receipt_that_lies_askew_is_read_along_its_own_lines():
    page = photo(paper(GREEN, 0.1, 0.1), paper(BLUE, 0.55, 0.2, fall=0.3))

    assert ask(page, receipts=RECEIPTS) == {"receipts": ANSWERS}


def test_one_receipt_is_one_row_and_its_items_are_none():
    page = photo(paper(GREEN, 0.3, 0.1))

    assert ask(page, receipts=RECEIPTS) == {"receipts": ANSWERS[:1]}
    assert ask(page, items=LINES)["items"][0]["description"] == "Apples"


def test_the_place_of_a_value_is_on_its_own_receipt():
    page = photo(paper(GREEN, 0.1, 0.2), paper(BLUE, 0.55, 0.1))

    places = parse([page], {"type": "object", "properties": {"receipts": RECEIPTS}}).places

    assert places["receipts[0].supplier"][0].box.x0 < 0.5 < places["receipts[1].supplier"][0].box.x0


def test_words_tell_how_a_paper_lies_and_a_straight_page_has_no_tilt():
    askew = [[word.box for word in line.words] for line in paper(("one two three four",) * 4, 0.2, 0.2, fall=0.4)]
    straight = [[word.box for word in line.words] for line in make_page("one two three four", "five six seven").lines]

    assert isclose(tilt_of(askew), 0.4, abs_tol=0.01)
    assert tilt_of(straight) == 0.0


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
