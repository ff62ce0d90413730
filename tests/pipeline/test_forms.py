from dataclasses import replace

import pytest

from engine.pipeline.parsing import parse
from engine.pipeline.parsing.likeness import likeness
from engine.pipeline.parsing.text_grid import words_of_name
from reading.document import Blank, Box
from tests.pipeline.making import PITCH, STRING, ask, make_line, make_page

BOOLEAN = {"type": "boolean"}


def form(*rows, blanks):
    """A page whose blanks are given as (text in it, box); a row is 0.018 high and begins at 0.05."""
    page = make_page(*rows)
    return replace(page, blanks=tuple(Blank(Box(*box), text) for text, box in blanks))


@pytest.mark.parametrize(
    ("name", "label", "other"),
    [
        ("SSN", "Social security number", "Employer identification number"),
        ("CCorp", "C Corporation", "S Corporation"),
        ("name", "1 Name (as on the return)", "Requester's name and address"),
        ("account_numbers", "7 List account number(s) here (optional)", "Account holder"),
    ],
)
def test_short_forms_name_what_is_printed_in_full(name, label, other):
    words = tuple(word for word in words_of_name(name))

    assert likeness(words, label) > likeness(words, other)


def test_values_stand_in_the_blanks_under_or_beside_their_labels():
    page = form(
        "1 Name (as on your passport)",
        "Jane Miller",
        "2 Business name, if any",
        "Miller Tools",
        "Payee code (if any)  A",
        blanks=[
            ("Jane Miller", (0.05, 0.066, 0.9, 0.082)),
            ("Miller Tools", (0.05, 0.102, 0.9, 0.118)),
            ("A", (0.21, 0.12, 0.25, 0.136)),
        ],
    )

    data = ask(page, name=STRING, business_name=STRING, payee_code=STRING)

    assert data == {"name": "Jane Miller", "business_name": "Miller Tools", "payee_code": "A"}


def test_an_empty_blank_is_no_value():
    page = form("Contact person", "", "Phone", "555 0100", blanks=[("", (0.05, 0.066, 0.9, 0.082))])

    assert ask(page, contact_person=STRING)["contact_person"] is None


def test_a_ticked_box_is_yes_and_an_empty_one_no():
    page = make_page("☑ Single   ☐ Married   ☐ Widowed", "☐ I agree to be called")

    data = ask(
        page,
        marital_status_single=BOOLEAN,
        marital_status_married=BOOLEAN,
        marital_status_widowed=BOOLEAN,
        agrees_to_be_called=BOOLEAN,
    )

    assert data == {
        "marital_status_single": True,
        "marital_status_married": False,
        "marital_status_widowed": False,
        "agrees_to_be_called": False,
    }


def test_a_choice_is_the_option_whose_box_is_ticked():
    page = make_page("Delivery:  [ ] Post  [x] Courier  [ ] Pickup")

    assert ask(page, delivery={"type": "string", "enum": ["post", "courier", "pickup"]}) == {"delivery": "courier"}


def test_the_place_of_a_tick_is_its_box():
    page = make_page("☑ Single  ☐ Married")

    parsed = parse([page], {"type": "object", "properties": {"single": BOOLEAN}})

    assert [span.text for span in parsed.places["single"]] == ["☑"]


def label(text, type="string"):
    described = {"type": type, "description": f'Value for the label "{text}"'}
    return described | ({"items": {"type": "string"}} if type == "array" else {})


def test_a_list_is_the_column_under_its_head():
    page = make_page("Group no.   Dose", "1           1800", "2           2160", "3           2592")

    assert ask(page, dose=label("Dose", "array")) == {"dose": ["1800", "2160", "2592"]}


def test_a_list_is_the_row_beside_its_name():
    page = make_page("Weight    1.089   1.132   1.106", "Reaction   Basic   Acid   Basic")

    assert ask(page, weight=label("Weight", "array")) == {"weight": ["1.089", "1.132", "1.106"]}


def test_a_label_over_two_lines_has_its_value_beside_the_second():
    page = make_page("Inventory", "depletion date:  10/30/81")

    assert ask(page, depleted=label("Inventory depletion date")) == {"depleted": "10/30/81"}


def test_a_text_goes_on_in_full_lines_below():
    page = make_page(
        "Remarks:  The posters are printed in red and blue,", "          and were put up in May.", "", "Date:  5 May"
    )

    assert ask(page, remarks=label("Remarks"))["remarks"] == (
        "The posters are printed in red and blue, and were put up in May."
    )


def test_a_head_over_three_lines_names_the_column_below_it():
    page = make_page(
        "Total of          Total of",
        "small outlets     large outlets",
        "with a shelf      with a shelf",
        "542               365",
        "475               346",
    )

    assert ask(page, large=label("Total of large outlets with a shelf", "array")) == {"large": ["365", "346"]}


def test_heads_that_stand_twice_in_one_cell_name_both_columns():
    page = make_page(
        "Present Sample Mean Present Sample Mean",
        "1.1       2.2       3.3       4.4",
        "5.5       6.6       7.7       8.8",
    )

    assert sorted(ask(page, sample=label("Present Sample", "array"))["sample"]) == ["1.1", "3.3", "5.5", "7.7"]


def test_a_label_may_have_other_blanks_than_its_name():
    page = make_page("G. P. C. :  3.00", "BASIC:  2.00")

    assert ask(page, gpc=label("GPC")) == {"gpc": "3.00"}


def test_a_value_may_follow_its_label_without_a_sign_between():
    page = make_page("Budget Allocation L-3a", "Authorization No. M-49")

    asked = {"budget": label("Budget Allocation"), "authorization": label("Authorization No.")}
    assert ask(page, **asked) == {"budget": "L-3a", "authorization": "M-49"}


def test_instructions_behind_a_label_are_no_value():
    page = make_page("Name is required on this line", "", "", "Address See instructions")

    assert ask(page, name=label("Name"), address=label("Address")) == {"name": None, "address": None}


def test_a_text_under_its_head_goes_on_below_though_its_lines_are_short():
    page = make_page("BRAND            MEDIUM", "GOLD STAR LOW    Outdoor", "Filters Box")

    found = ask(page, brand=label("BRAND"), medium=label("MEDIUM"))
    assert found == {"brand": "GOLD STAR LOW Filters Box", "medium": "Outdoor"}


def with_typed(page, *typed):
    """The page with lines typed anywhere: (text, left edge, height above the line of the row counted from 0)."""
    lines = [make_line(text, x, 0.05 + PITCH * row - raised) for text, x, row, raised in typed]
    return replace(page, lines=(*page.lines, *lines))


@pytest.mark.parametrize("raised", [0.0, 0.007, 0.011])
def test_a_typewriter_stands_a_little_above_the_line_of_the_label(raised):
    labels = make_page("", "Requested by:", "", "Charge to:")
    page = with_typed(labels, ("R. Miller", 0.2, 1, raised), ("G-41", 0.2, 3, raised))

    found = ask(page, by=label("Requested by"), charge=label("Charge to"))
    assert found == {"by": "R. Miller", "charge": "G-41"}


def test_what_is_typed_far_above_a_label_is_not_its_value():
    page = with_typed(make_page("", "Requested by:"), ("R. Miller", 0.2, 1, 0.016))

    assert ask(page, by=label("Requested by")) == {"by": None}


def test_short_lines_flush_below_a_value_belong_to_it():
    rows = "Customer:  Harbour Tools", "           Dock 4", "           Springfield", "Date:      5 May"
    page = make_page(*rows, pitch=0.016)

    found = ask(page, customer=label("Customer"), date=label("Date"))
    assert found == {"customer": "Harbour Tools Dock 4 Springfield", "date": "5 May"}


def test_a_short_line_below_a_value_that_stands_elsewhere_is_another_text():
    page = make_page("Customer:  Harbour Tools", "             Dock 4", pitch=0.016)

    assert ask(page, customer=label("Customer")) == {"customer": "Harbour Tools"}


def test_one_word_of_a_label_may_be_misread_by_a_letter_of_four():
    page = make_page("Harbour Codo No.: 41-B", "Harbour Card No.: 42-B")

    assert ask(page, code=label("Harbour Code No.")) == {"code": "41-B"}


def test_a_label_with_a_colon_right_before_its_box_is_not_that_of_the_next_box():
    page = make_page("Post: ☐     Courier (express): ☑     Pick up: ☐")

    assert ask(page, post=BOOLEAN, courier=BOOLEAN, pick_up=BOOLEAN) == {
        "post": False,
        "courier": True,
        "pick_up": False,
    }


@pytest.mark.parametrize("number", [1, 3])
def test_boxes_of_a_range_of_pages_are_read_wherever_it_begins(number):
    lines = (make_line("Surname", 0.11, 0.11), make_line("Miller", 0.11, 0.135))
    page = replace(make_page(), number=number, lines=lines, frames=(Box(0.1, 0.1, 0.5, 0.16),))

    data = parse([page], {"type": "object", "properties": {"surname": STRING}}).data

    assert data == {"surname": "Miller"}
