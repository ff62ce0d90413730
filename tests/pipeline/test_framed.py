"""Ruled boxes that hold a label and its value, and those that part the two."""

from dataclasses import replace

import pytest

from engine.pipeline.parsing.fields import Field, Type
from engine.pipeline.parsing.numbered import number_match, requested_number
from reading.document import Box
from tests.pipeline.making import HEIGHT, NUMBER, PITCH, STRING, ask, make_line, make_page

BOOLEAN = {"type": "boolean"}
COLUMNS = (0.05, 0.35, 0.65)
"""Where the boxes of a row begin; each is 0.3 wide and 0.045 high."""


def boxed(*rows, small=0.6):
    """A page of boxes, each of (label in small letters, value); None is no box."""
    lines, frames = [], []
    for order, row in enumerate(rows):
        for (label, value), x in zip(row, COLUMNS, strict=False):
            y = 0.1 + 0.045 * order
            frames.append(Box(x, y, x + 0.3, y + 0.045))
            lines.append(make_line(label, x + 0.005, y + 0.003, size=small))
            if value:
                lines.append(make_line(value, x + 0.01, y + 0.026))
    return replace(make_page(), lines=tuple(lines), frames=tuple(frames))


def test_the_value_of_a_box_stands_below_its_label_in_it():
    page = boxed(
        [
            ("1 Wages, tips", "41,200.00"),
            ("2 Federal tax withheld", "5,210.40"),
            ("3 Social security wages", "43,000.00"),
        ],
        [("Control number", "A-77"), ("Name of employee", "Rosa Delgado"), ("Employer", "Mill Works Ltd")],
    )

    data = ask(page, federal_tax_withheld=NUMBER, control_number=STRING, employee_name=STRING, employer=STRING)

    assert data == {
        "federal_tax_withheld": 5210.4,
        "control_number": "A-77",
        "employee_name": "Rosa Delgado",
        "employer": "Mill Works Ltd",
    }


def test_an_empty_box_does_not_take_what_stands_in_the_next():
    page = boxed([("Surname", ""), ("Given names", "Ngozi"), ("Tax code", "")], [("Pay to date", "1,200.50")])

    data = ask(page, surname=STRING, given_names=STRING, tax_code=STRING, pay_to_date=NUMBER)

    assert data == {"surname": None, "given_names": "Ngozi", "tax_code": None, "pay_to_date": 1200.5}


def test_a_box_is_found_by_its_number():
    page = boxed([("1 Ordinary dividends paid", "310.00"), ("2 Gains distributed", "25.75"), ("7 Tax abroad", "8.10")])

    data = ask(page, box_2_amount={**NUMBER, "description": "Box 2"}, line_7=NUMBER)

    assert data == {"box_2_amount": 25.75, "line_7": 8.1}


@pytest.mark.parametrize(
    ("name", "description", "number"),
    [
        ("wages_box_1", "", "1"),
        ("line_7a", "", "7a"),
        ("lohn", "Zeile 3", "3"),
        ("surname", "Surname (field 1)", "1"),
        ("address_line", "Second line of the address", ""),
        ("total", "At line 2.50 EUR each", ""),
    ],
)
def test_schemas_tell_the_number_of_a_box_in_many_words(name, description, number):
    assert requested_number(name, description) == number


def test_another_number_speaks_against_a_label():
    field = Field("interest_box_4", Type.NUMBER)

    assert number_match(field, ["4 Tax withheld"], 0.0) > 0.8
    assert number_match(field, ["1 Interest"], 0.9) < 0.6


def test_a_check_box_alone_in_its_box_belongs_to_the_label_over_it():
    page = boxed([("Statutory employee", "☐"), ("Retirement plan", "☒"), ("Third-party sick pay", "☐")])

    data = ask(page, statutory_employee=BOOLEAN, retirement_plan=BOOLEAN, third_party_sick_pay=BOOLEAN)

    assert data == {"statutory_employee": False, "retirement_plan": True, "third_party_sick_pay": False}


@pytest.mark.parametrize(("marks", "answer"), [("☒ Yes  ☐ No", True), ("☐ Yes  ☒ No", False), ("☐ Yes  ☐ No", None)])
def test_two_check_boxes_answer_a_question(marks, answer):
    page = make_page("Patient: Colin Stroud", f"Is the condition related to work?  {marks}")

    assert ask(page, condition_related_to_work=BOOLEAN)["condition_related_to_work"] is answer


def test_a_label_in_a_box_of_its_own_names_the_box_beside_it():
    lines = [
        make_line("3. Gross wages without 9. and 10.", 0.055, 0.104),
        make_line("23,410.00", 0.61, 0.104),
        make_line("4. Church tax of the employee on 3.", 0.055, 0.104 + PITCH + 0.002),
        make_line("188.20", 0.61, 0.104 + PITCH + 0.002),
    ]
    rows = [Box(0.05, 0.1 + 0.02 * n, 0.6, 0.12 + 0.02 * n) for n in range(2)]
    beside = [Box(0.6, row.y0, 0.8, row.y1) for row in rows]
    page = replace(make_page(), lines=tuple(lines), frames=(*rows, *beside))

    data = ask(page, gross_wages=NUMBER, church_tax_of_employee=NUMBER)

    assert data == {"gross_wages": 23410.0, "church_tax_of_employee": 188.2}


def test_a_figure_is_named_by_its_row_and_its_column():
    page = make_page(
        "Earnings statement",
        "Employee: Yuki Arakawa",
        "",
        "                               This period      Year to date",
        "Regular pay                       1,840.00         22,080.00",
        "Gross pay                         2,010.00         24,120.00",
        "Net pay                           1,530.10         18,361.20",
    )

    data = ask(
        page,
        gross_pay_this_period=NUMBER,
        gross_pay_year_to_date=NUMBER,
        regular_pay_year_to_date=NUMBER,
        net_pay_ytd=NUMBER,
    )

    assert data == {
        "gross_pay_this_period": 2010.0,
        "gross_pay_year_to_date": 24120.0,
        "regular_pay_year_to_date": 22080.0,
        "net_pay_ytd": 18361.2,
    }


def test_what_is_left_is_matched_by_meaning():
    page = make_page(
        "Statement of account",
        "",
        "Balance brought forward     38.20",
        "Amount to pay               74.49",
        "We will collect on          07 April 2023",
    )

    data = ask(
        page,
        previous_balance={**NUMBER, "description": "What was owed before"},
        direct_debit_date={**STRING, "format": "date", "description": "Day of the collection"},
    )

    assert data == {"previous_balance": 38.2, "direct_debit_date": "2023-04-07"}


def test_the_larger_letters_in_a_box_are_the_value():
    page = boxed([("Place where the accident", "A90 near Stonehaven")])
    second = make_line("happened, or nearest town", 0.055, 0.103 + 0.7 * HEIGHT, size=0.6)
    page = replace(page, lines=(page.lines[0], second, page.lines[1]))

    assert ask(page, accident_place=STRING)["accident_place"] == "A90 near Stonehaven"


def test_small_print_under_a_line_names_what_is_written_on_it():
    lines = [
        make_line("Lorna Petrie", 0.06, 0.2),
        make_line("Name of the person at the wheel", 0.06, 0.214, size=0.6),
        make_line("A90 near Stonehaven", 0.06, 0.25),
        make_line("Place where it happened", 0.06, 0.264, size=0.6),
    ]
    page = replace(make_page(), lines=tuple(lines))

    data = ask(page, person_at_the_wheel=STRING, place_where_it_happened=STRING)

    assert data == {"person_at_the_wheel": "Lorna Petrie", "place_where_it_happened": "A90 near Stonehaven"}
