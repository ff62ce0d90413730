import pytest

from engine.pipeline.parsing import parse
from engine.pipeline.parsing.context import month_first
from tests.pipeline.making import make_page


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("Dates are given day first.", False),
        ("Dates are MM/DD/YYYY.", True),
        ("Le mois en premier.", True),
        ("Dates are given day first unless the document is from the United States.", None),
        ("Some have the month first. Others have the day first.", None),
        ("Invoices of our suppliers.", None),
    ],
)
def test_what_is_said_about_dates(said, means):
    assert month_first(said) is means


@pytest.mark.parametrize(
    ("context", "date"),
    [("", "2024-04-03"), ("The month comes first.", "2024-03-04"), ("Dates as DD/MM/YYYY.", "2024-04-03")],
)
def test_the_context_settles_a_date_that_can_be_read_in_two_ways(context, date):
    schema = {"properties": {"date": {"type": "string", "description": "Invoice date"}}}

    assert parse([make_page("Invoice date: 03/04/2024")], schema, context).data == {"date": date}


def test_a_date_that_can_be_read_in_one_way_settles_more_than_the_context():
    schema = {"properties": {"date": {"type": "string", "description": "Invoice date"}}}
    page = make_page("Invoice date: 03/04/2024", "Delivered 25/03/2024")

    assert parse([page], schema, "The month comes first.").data == {"date": "2024-04-03"}


def test_the_context_may_say_what_a_label_is_called():
    schema = {"properties": {"batch": {"type": "string", "title": "Batch code"}, "vessel": {"type": "string"}}}
    page = make_page("Lot number:  12-88", "Sack:  X-77", "Remark:  red")
    context = 'Labels.\nThe batch code is printed as "Sack". We like "Remark".'

    assert parse([page], schema).data["batch"] != "X-77"
    assert parse([page], schema, context).data == {"batch": "X-77", "vessel": None}
