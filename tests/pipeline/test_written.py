"""Printed forms with check boxes that were filled in on paper: fields by their names, labels over what was written."""

from tests.pipeline.making import STRING, ask, make_page

BOXES = "☑ Single   ☐ Married   ☐ Widowed"


def form(*rows):
    return make_page(BOXES, *rows, pitch=0.015)


def test_what_was_written_stands_under_its_label():
    page = form(
        "1 Name (as shown on your return)",
        "  JANE    MILLER",
        "2 Business name, if different from above",
        "  Miller Tools",
        "3 Address (number and street)          Requester's name and address",
        "  12 Mill Lane                         ACME Tools",
    )

    data = ask(page, name=STRING, business_name=STRING, address=STRING, requester_name_address=STRING)

    assert data == {
        "name": "JANE MILLER",
        "business_name": "Miller Tools",
        "address": "12 Mill Lane",
        "requester_name_address": "ACME Tools",
    }


def test_a_label_over_an_empty_line_has_no_value():
    page = form("Business name", "", "", "Address", "12 Mill Lane")

    assert ask(page, business_name=STRING, address=STRING) == {"business_name": None, "address": "12 Mill Lane"}


def test_what_was_written_may_stand_beside_the_second_line_of_its_label():
    page = form("Exemption from reporting", "code (if any)      K")

    assert ask(page, exemption_code=STRING) == {"exemption_code": "K"}


def test_further_lines_under_a_label_belong_to_it():
    page = form("Requester's name and address", "ACME Tools", "12 Mill Lane, Springfield", "", "Remarks", "none")

    found = ask(page, requester_name_address=STRING)
    assert found == {"requester_name_address": "ACME Tools 12 Mill Lane, Springfield"}


def test_running_text_that_names_a_field_is_no_label():
    page = form("entities, it is your tax code (see below). Do", "later.")

    assert ask(page, tax_code=STRING) == {"tax_code": None}


def test_digits_in_boxes_of_their_own_are_one_number():
    page = form("Tax code", "4   3   9   2   0   1   7   5   8")

    assert ask(page, tax_code=STRING) == {"tax_code": "4 3 9 2 0 1 7 5 8"}


def test_a_number_of_which_digits_are_missing_is_not_told():
    page = form("Tax code", "4   3   9   2")

    assert ask(page, tax_code=STRING) == {"tax_code": None}
