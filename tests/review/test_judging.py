"""What a person does to single values."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from extractions.assessing import assess, current
from extractions.evidence.candidates import Kind as Found
from extractions.evidence.grounding import Ground
from extractions.models import Standing
from extractions.services import judging
from tests.review.making import DATA, make_bill, value_of


@pytest.fixture
def bill(alice):
    return make_bill(alice)


def test_a_new_document_waits_with_what_it_needs(bill):
    assert (bill.review_state, bill.needs, bill.broken_count) == ("waiting", 1, 0)
    assert (bill.amount, bill.due_on) == (Decimal("1284.48"), date(2026, 12, 17))
    assert value_of(bill, "due_date").standing == Standing.NEEDS_YOU
    assert value_of(bill, "total").standing == Standing.BY_EVIDENCE


def test_fields_that_the_service_left_out_have_a_row_and_only_required_ones_ask(alice):
    bill = make_bill(alice, data={"number": "INV-1", "supplier": None})

    assert value_of(bill, "supplier.name").standing == Standing.NEEDS_YOU
    assert value_of(bill, "total").standing == Standing.NEEDS_YOU
    assert value_of(bill, "currency").standing == Standing.IDLE
    assert value_of(bill, "supplier.vat").standing == Standing.IDLE


def test_a_correction_leaves_the_answer_of_the_service_alone_and_can_be_searched(bill, alice):
    judging.set_value(bill, "lines[1].amount", 48.48, alice)

    value = judging.set_value(bill, "total", 1248.48, alice)

    bill.refresh_from_db()
    assert bill.extracted_data == DATA
    assert (value.extracted, current(value), value.number) == (1284.48, 1248.48, Decimal("1248.48"))
    assert (value.standing, value.confirmed_by, bill.amount) == (Standing.CORRECTED, alice, Decimal("1248.48"))
    assert bill.changes.get(path="total").before["value"] == 1284.48


def test_typing_the_same_again_is_a_confirmation(bill, alice):
    value = judging.set_value(bill, "due_date", "2026-12-17", alice)

    bill.refresh_from_db()
    assert (value.standing, value.corrected, bill.needs) == (Standing.BY_PERSON, False, 0)


@pytest.mark.parametrize("word", ["illegible", "absent"])
def test_illegible_and_absent_are_answers_and_no_values(bill, alice, word):
    value = judging.answer(bill, "due_date", word, alice)

    bill.refresh_from_db()
    assert (value.answer, current(value), value.date, value.standing) == (word, None, None, Standing.BY_PERSON)
    assert (bill.needs, bill.due_on) == (0, None)


def test_the_extracted_value_can_be_had_back(bill, alice):
    judging.set_value(bill, "due_date", "2027-01-01", alice)

    value = judging.revert(bill, "due_date", alice)

    bill.refresh_from_db()
    assert (current(value), value.standing, bill.needs) == ("2026-12-17", Standing.NEEDS_YOU, 1)


def test_undo_and_redo_walk_through_ones_own_deeds(bill, alice, bob):
    judging.set_value(bill, "total", 1.0, alice)
    judging.set_value(bill, "number", "INV-2", bob)
    judging.answer(bill, "due_date", "illegible", alice)

    judging.undo(bill, alice)
    judging.undo(bill, alice)

    assert current(value_of(bill, "total")) == 1284.48
    assert value_of(bill, "total").standing == Standing.BY_EVIDENCE
    assert current(value_of(bill, "due_date")) == "2026-12-17"
    assert current(value_of(bill, "number")) == "INV-2"
    assert judging.undo(bill, alice) is None
    judging.redo(bill, alice)
    assert current(value_of(bill, "total")) == 1.0
    judging.redo(bill, alice)
    assert value_of(bill, "due_date").answer == "illegible"
    assert judging.redo(bill, alice) is None
    judging.undo(bill, alice)
    assert current(value_of(bill, "due_date")) == "2026-12-17"


def test_a_new_deed_ends_what_could_be_done_again(bill, alice):
    judging.set_value(bill, "total", 1.0, alice)
    judging.undo(bill, alice)
    judging.set_value(bill, "total", 2.0, alice)

    assert judging.redo(bill, alice) is None


def test_what_somebody_else_changed_since_is_not_undone(bill, alice, bob):
    judging.set_value(bill, "total", 1.0, alice)
    judging.set_value(bill, "total", 2.0, bob)

    with pytest.raises(judging.Superseded):
        judging.undo(bill, alice)

    assert current(value_of(bill, "total")) == 2.0


def test_different_fields_merge_and_the_same_field_asks(bill, alice, bob):
    seen = {value.path: value.version for value in bill.values.all()}
    judging.set_value(bill, "total", 1248.48, bob, version=seen["total"])
    judging.set_value(bill, "number", "INV-9", alice, version=seen["number"])

    with pytest.raises(judging.Clash) as clash:
        judging.set_value(bill, "total", 1.0, alice, version=seen["total"])

    assert (current(clash.value.value), clash.value.value.confirmed_by) == (1248.48, bob)
    assert bill.changes.count() == 2
    judging.set_value(bill, "total", 1.0, alice, version=clash.value.value.version)
    assert current(value_of(bill, "total")) == 1.0


def test_ones_own_second_tab_never_asks(bill, alice):
    judging.set_value(bill, "total", 1.0, alice, version=0)

    assert judging.set_value(bill, "total", 2.0, alice, version=0).version == 2


def test_a_broken_rule_outweighs_a_confirmation(bill, alice):
    judging.set_value(bill, "total", 1248.48, alice)

    value = judging.confirm(bill, "total", alice)

    bill.refresh_from_db()
    assert (value.standing, bill.broken_count, bill.needs) == (Standing.BROKEN, 1, 1)


def test_what_breaks_by_a_deed_heals_by_undoing_it(bill, alice):
    judging.set_value(bill, "lines[0].quantity", 4, alice)
    judging.set_value(bill, "total", 1.0, alice)
    assert bill.broken_count

    judging.undo(bill, alice)

    bill.refresh_from_db()
    assert (bill.broken_count, bill.amount) == (0, Decimal("1284.48"))
    assert value_of(bill, "total").broken == []


def test_a_place_follows_what_was_typed_and_comes_back_with_undo(bill, alice):
    judging.set_value(bill, "number", "INV-77", alice)
    before = value_of(bill, "number").boxes

    judging.move_place(bill, "number", Ground("number", Found.EXACT, 1, [[0.1, 0.1, 0.2, 0.12]]))
    assert value_of(bill, "number").boxes == [[0.1, 0.1, 0.2, 0.12]]
    judging.undo(bill, alice)

    assert value_of(bill, "number").boxes == before
    assert bill.changes.filter(kind="place").count() == 0


def test_a_place_stays_where_the_pages_do_not_show_what_was_typed(bill, alice):
    judging.set_value(bill, "number", "INV-77", alice)
    before = value_of(bill, "number").boxes

    judging.move_place(bill, "number", Ground("number", Found.MISSING))
    judging.move_place(bill, "due_date", Ground("due_date", Found.EXACT, 1, [[0.1, 0.1, 0.2, 0.12]]))

    assert value_of(bill, "number").boxes == value_of(bill, "due_date").boxes == before


def test_rows_are_added_and_removed_and_both_can_be_undone(bill, alice):
    judging.add_row(bill, "lines", ["label", "quantity", "amount"], alice)
    judging.set_value(bill, "lines[2].amount", 5.0, alice)
    judging.remove_row(bill, "lines[0]", alice)

    assert value_of(bill, "lines[0].label").removed
    judging.undo(bill, alice)
    assert not value_of(bill, "lines[0].label").removed
    judging.undo(bill, alice)
    judging.undo(bill, alice)
    assert value_of(bill, "lines[2].label").removed
    assert not value_of(bill, "lines[1].label").removed


def test_a_place_that_was_marked_brings_its_text(bill, alice):
    value = judging.set_place(bill, "number", 1, [[0.1, 0.1, 0.2, 0.12]], alice, typed="INV-77")

    assert (current(value), value.page, value.boxes, value.place_drawn) == ("INV-77", 1, [[0.1, 0.1, 0.2, 0.12]], True)
    judging.undo(bill, alice)
    assert value_of(bill, "number").boxes != value.boxes


def test_nothing_is_changed_once_the_review_has_ended(bill, alice):
    bill.review_state = "approved"

    with pytest.raises(judging.Closed):
        judging.set_value(bill, "total", 1.0, alice)


def test_assessing_twice_changes_nothing_that_people_said(bill, alice):
    judging.set_value(bill, "due_date", "2026-12-18", alice)

    assess(bill)

    bill.refresh_from_db()
    assert (value_of(bill, "due_date").standing, bill.needs) == (Standing.CORRECTED, 0)
