"""Forms whose labels are quoted by the schema: each value stands where its own label points to, and only there."""

import sys
from collections import Counter
from dataclasses import replace

import pytest

from engine.pipeline.parsing.fields import read_schema
from engine.pipeline.parsing.printed import lists
from tests.pipeline.making import ask, make_line, make_page


def label(text, type="string", section=""):
    within = f' (section "{section}")' if section else ""
    described = {"type": type, "description": f'Value for the label "{text}"{within}'}
    return described | ({"items": {"type": "string"}} if type == "array" else {})


def values(page, *labels, lists=()):
    asked = {text: label(text) for text in labels} | {text: label(text, "array") for text in lists}
    return ask(page, **asked)


def test_a_text_is_the_value_of_one_label_only():
    page = make_page("Sender    Harbour Tools    Recipient", "", "Weight")

    assert values(page, "Sender", "Recipient", "Weight") == {
        "Sender": "Harbour Tools",
        "Recipient": None,
        "Weight": None,
    }


def test_another_label_is_no_value():
    page = make_page("Ordered by:      Delivered by:", "", "", "Harbour Tools")

    assert values(page, "Ordered by", "Delivered by") == {"Ordered by": None, "Delivered by": None}


def test_the_longer_label_has_the_words_that_two_labels_claim():
    page = make_page("Total of all outlets:  54", "Total:  12")

    assert values(page, "Total", "Total of all outlets") == {"Total": "12", "Total of all outlets": "54"}


def test_the_section_of_a_label_is_no_label():
    page = make_page("Approvals  7", "", "", "Budget:  L-3a")

    found = ask(page, budget=label("Budget", section="Approvals"), sales=label("Sales", section="Approvals"))
    assert found == {"budget": "L-3a", "sales": None}


@pytest.mark.parametrize("printed", ["Chargo to Sscton", "CHARGE T0 SECTION", "Charge toSection"])
def test_a_long_label_may_be_misread_in_some_letters(printed):
    page = make_page(f"{printed}:  North", "Storage:  South")

    assert values(page, "Charge To Section", "Storage") == {"Charge To Section": "North", "Storage": "South"}


def test_a_short_label_must_be_read_to_the_letter_but_for_those_that_look_alike():
    assert values(make_page("Rate:  5 May"), "Date") == {"Date": None}
    assert values(make_page("OATE:  5 May"), "DATE") == {"DATE": "5 May"}


def test_a_word_is_part_of_one_label_only():
    page = make_page("Ship to address    Mill Lane", "Address of buyer", "", "", "Harbour Road")

    assert values(page, "Ship to address", "Address") == {"Ship to address": "Mill Lane", "Address": None}


def test_a_cell_of_a_list_is_the_value_of_the_label_beside_it_as_well():
    page = make_page("Branch           Springfield", "Delivery date    10/16/81", "Sale date        10/30/81")

    assert values(page, "Delivery date", "Sale date", lists=["Springfield"]) == {
        "Delivery date": "10/16/81",
        "Sale date": "10/30/81",
        "Springfield": ["10/16/81", "10/30/81"],
    }


def test_a_text_that_was_read_in_parts_goes_on_below():
    page = make_page("Remarks:  The posters are printed in red and blue,")
    parts = [make_line("and put up.", 0.13, 0.068), make_line("They came down in May", 0.24, 0.068)]
    last = make_line("and were kept.", 0.13, 0.086)

    found = values(replace(page, lines=(*page.lines, *parts, last)), "Remarks")
    assert found["Remarks"].endswith("and blue, and put up. They came down in May and were kept.")


def test_a_label_of_small_words_is_found_where_it_begins_a_cell():
    page = make_page("TO  Harbour Tools", "Kindly sign it before returning to", "us a copy of this form.")

    assert values(page, "To") == {"To": "Harbour Tools"}
    assert values(make_page("Of       12 Mill Lane"), "Of") == {"Of": "12 Mill Lane"}


def test_the_words_of_a_label_in_running_text_are_no_label():
    page = make_page("The current design cannot be used in the production of lights after May.", "DESIGN  81-B")

    assert values(page, "DESIGN") == {"DESIGN": "81-B"}


def test_two_labels_in_one_cell_have_a_value_each():
    assert values(make_page("Start 7 May Ready 9 June"), "Start", "Ready") == {"Start": "7 May", "Ready": "9 June"}


@pytest.mark.parametrize("mark", ["X", "x", "(X)", "☑"])
def test_a_mark_belongs_to_the_label_that_it_touches(mark):
    page = make_page(f"Project is {mark} Proposed        Approved", "Owner:  Harbour Tools")

    assert values(page, "Proposed", "Approved", "Owner") == {
        "Proposed": mark,
        "Approved": None,
        "Owner": "Harbour Tools",
    }


def test_an_empty_box_before_a_label_is_no_value_and_neither_is_what_follows():
    page = make_page("( ) Messenger   Harbour", "[ ] Mail  Tools")

    assert values(page, "Messenger", "Mail") == {"Messenger": None, "Mail": None}


def test_a_mark_may_stand_behind_its_label():
    assert values(make_page("Male  X    Female"), "Male", "Female") == {"Male": "X", "Female": None}


def test_a_value_may_stand_on_the_line_over_its_label():
    page = make_page("Springfield              90402", "City                     Zip code", pitch=0.013)

    assert values(page, "City", "Zip code") == {"City": "Springfield", "Zip code": "90402"}


def test_a_label_may_begin_with_a_small_word():
    page = make_page("Harbour Tools", "The vendor", pitch=0.013)

    assert values(page, "The vendor") == {"The vendor": "Harbour Tools"}


def test_a_heading_over_labels_in_a_list_is_not_the_value_of_the_first():
    page = make_page("Balance", "Capital", "Expense", pitch=0.014)

    assert values(page, "Capital", "Expense") == {"Capital": None, "Expense": None}


def test_numbers_that_count_the_lines_below_are_no_part_of_a_text():
    page = make_page("Title:", "Tests of paint", "1  Old colours", "2  New colours")

    assert values(page, "Title") == {"Title": "Tests of paint"}


def test_a_label_between_others_that_have_theirs_beside_them_has_nothing_below():
    page = make_page("Space        10", "Art work", "DISPLAY      12", pitch=0.02)

    assert values(page, "Space", "Art work") == {"Space": "10", "Art work": None}


def test_a_text_ends_at_the_next_label():
    page = make_page(
        "Remarks:  The posters were printed in red and blue on white paper",
        "          and were put up in May.",
        "Shipped:  9 June",
        "          from Springfield",
    )

    found = values(page, "Remarks", "Shipped")
    assert found["Remarks"] == "The posters were printed in red and blue on white paper and were put up in May."


def test_a_label_may_stand_beside_the_middle_of_its_text():
    page = make_page("", "Study title")
    typed = [make_line("Tests of paint and its wear,", 0.2, 0.063), make_line("second report", 0.2, 0.0755)]

    assert values(replace(page, lines=(*page.lines, *typed)), "Study title") == {
        "Study title": "Tests of paint and its wear, second report"
    }


def test_paragraphs_are_the_items_of_a_list_and_so_are_short_lines():
    page = make_page(
        "Remarks:  The posters are printed in red and blue,",
        "          and were put up in May.",
        "",
        "Copies:   J. Miller",
        "          L. Green",
        pitch=0.0165,
    )

    assert values(page, lists=["Remarks", "Copies"]) == {
        "Remarks": ["The posters are printed in red and blue, and were put up in May."],
        "Copies": ["J. Miller", "L. Green"],
    }


TABLE = (
    "Name         Units     Rate      Amount",
    "Paint        CTNS      2.84      142.80",
    "Spare tools",
    "",
    "",
    "",
    "Brushes      CTNS      2.00      127.64",
    "Dates:       March     Total     270.44",
)


def test_a_column_goes_on_over_empty_lines_of_its_table_and_ends_at_the_total():
    found = values(make_page(*TABLE), "Dates", lists=["Name", "Units", "Rate", "Amount"])

    assert found == {
        "Name": ["Paint", "Spare tools", "Brushes"],
        "Units": ["CTNS", "CTNS"],
        "Rate": ["2.84", "2.00"],
        "Amount": ["142.80", "127.64"],
        "Dates": "March",
    }


def test_a_head_over_several_columns_has_all_their_cells():
    page = make_page(
        "Dose            Reaction per plate        ", "25      .76     1.12    .52", "50      .87     .65     .71"
    )

    assert values(page, lists=["Reaction per plate"]) == {
        "Reaction per plate": [".76", "1.12", ".52", ".87", ".65", ".71"]
    }


def test_a_cell_belongs_to_its_row_and_to_its_column():
    page = make_page("          Doral   Basic", "Packs     30      20", "Cartons   3.00    2.00")

    assert values(page, lists=["Packs", "Cartons", "Doral", "Basic"]) == {
        "Packs": ["30", "20"],
        "Cartons": ["3.00", "2.00"],
        "Doral": ["30", "3.00"],
        "Basic": ["20", "2.00"],
    }


def test_figures_that_were_read_as_one_cell_are_several_values():
    assert values(make_page("Control  9.67 14.00 118.00"), lists=["Control"]) == {
        "Control": ["9.67", "14.00", "118.00"]
    }


def test_a_list_has_the_values_of_all_places_where_its_label_stands():
    page = make_page("Telephone: 555 0100    Telephone: 555 0199")

    assert values(page, lists=["Telephone"]) == {"Telephone": ["555 0100", "555 0199"]}


def test_a_quoted_number_or_date_is_read_as_such():
    page = make_page("Weight:  1.250 kg", "Tested:  12/28/1978")
    asked = {
        "weight": label("Weight", "number"),
        "tested": label("Tested") | {"format": "date"},
    }

    assert ask(page, **asked) == {"weight": 1.25, "tested": "1978-12-28"}


def test_the_columns_of_a_long_document_take_no_look_at_the_pages_behind_them():
    def looks(pages):
        seen = Counter()
        sys.setprofile(
            lambda frame, event, _: seen.update([event] if frame.f_code.co_filename == lists.__file__ else [])
        )
        try:
            values(
                [make_page("Paint     Units    Amount", "Brush     3        20", number=n + 1) for n in range(pages)],
                lists=["Units", "Amount"],
            )
        finally:
            sys.setprofile(None)
        return seen["call"]

    assert looks(40) < 2.5 * looks(20)


def test_two_fields_that_are_described_alike_are_two():
    one, other = (read_schema({"properties": {"a": label("Weight")}}) for _ in range(2))

    assert one.children[0] != other.children[0]


@pytest.mark.parametrize("options", [[["a", "b"], "c"], [{"a": 1}]])
def test_an_enumeration_may_have_lists_and_objects_among_its_values(options):
    page = make_page("Weight:  12")

    found = ask(page, kind={"enum": options, "description": 'Label "Kind"'}, weight=label("Weight"))

    assert found == {"kind": None, "weight": "12"}


@pytest.mark.parametrize(
    "example",
    ['e.g. "Weight"', 'such as "Weight" or "Size"', 'for example: "Weight"', "z. B. „Weight“", "p. ex. « Weight »"],
)
def test_an_example_of_a_value_is_no_label(example):
    page = make_page("Weight:  12", "Delivery point:  Dock 4")

    assert ask(page, delivery_point={"type": "string", "description": f"Where it goes, {example}"}) == {
        "delivery_point": "Dock 4"
    }


def test_a_field_whose_quoted_label_is_not_printed_is_found_by_its_name():
    page = make_page("Unloading bay:  Dock 4", "Weight:  12")

    assert ask(page, unloading_bay=label("Ramp of arrival")) == {"unloading_bay": "Dock 4"}


def test_a_field_whose_quoted_label_has_no_answer_has_none():
    page = make_page("Unloading bay:  Dock 4", "", "", "", "Ramp of arrival", "", "", "", "Weight:  12")

    assert ask(page, unloading_bay=label("Ramp of arrival")) == {"unloading_bay": None}
