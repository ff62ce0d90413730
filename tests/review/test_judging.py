"""What a person does to single values."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from extractions.evidence.candidates import Kind as Found
from extractions.evidence.grounding import Ground
from extractions.models import ReviewStatus
from extractions.presentation.review.value_badges import badge_of
from extractions.review import edits
from extractions.verification.review_status import current, refresh_status
from tests.review.making import DATA, make_bill, value_of


@pytest.fixture
def bill(alice):
    return make_bill(alice)


def test_a_new_document_waits_with_what_it_needs(bill):
    assert (bill.review_state, bill.needs, bill.broken_count) == ("waiting", 1, 0)
    assert (bill.amount, bill.due_on) == (Decimal("1284.48"), date(2026, 12, 17))
    assert value_of(bill, "due_date").standing == ReviewStatus.NEEDS_YOU
    assert value_of(bill, "total").standing == ReviewStatus.BY_EVIDENCE


def test_fields_that_the_service_left_out_have_a_row_and_only_required_ones_ask(alice):
    bill = make_bill(alice, data={"number": "INV-1", "supplier": None})

    assert value_of(bill, "supplier.name").standing == ReviewStatus.NEEDS_YOU
    assert value_of(bill, "total").standing == ReviewStatus.NEEDS_YOU
    assert value_of(bill, "currency").standing == ReviewStatus.IDLE
    assert value_of(bill, "supplier.vat").standing == ReviewStatus.IDLE


def test_a_correction_leaves_the_answer_of_the_service_alone_and_can_be_searched(bill, alice):
    edits.set_value(bill, "lines[1].amount", 48.48, alice)

    value = edits.set_value(bill, "total", 1248.48, alice)

    bill.refresh_from_db()
    assert bill.extracted_data == DATA
    assert (value.extracted, current(value), value.number) == (1284.48, 1248.48, Decimal("1248.48"))
    assert (value.standing, value.confirmed_by, bill.amount) == (ReviewStatus.CORRECTED, alice, Decimal("1248.48"))
    assert bill.changes.get(path="total").before["value"] == 1284.48


def test_typing_the_same_again_is_a_confirmation(bill, alice):
    value = edits.set_value(bill, "due_date", "2026-12-17", alice)

    bill.refresh_from_db()
    assert (value.standing, value.corrected, bill.needs) == (ReviewStatus.BY_PERSON, False, 0)


@pytest.mark.parametrize("word", ["illegible", "absent"])
def test_illegible_and_absent_are_answers_and_no_values(bill, alice, word):
    value = edits.answer(bill, "due_date", word, alice)

    bill.refresh_from_db()
    assert (value.answer, current(value), value.date, value.standing) == (word, None, None, ReviewStatus.BY_PERSON)
    assert (bill.needs, bill.due_on) == (0, None)


def test_the_extracted_value_can_be_had_back(bill, alice):
    edits.set_value(bill, "due_date", "2027-01-01", alice)

    value = edits.revert(bill, "due_date", alice)

    bill.refresh_from_db()
    assert (current(value), value.standing, bill.needs) == ("2026-12-17", ReviewStatus.NEEDS_YOU, 1)


def test_undo_and_redo_walk_through_ones_own_deeds(bill, alice, bob):
    edits.set_value(bill, "total", 1.0, alice)
    edits.set_value(bill, "number", "INV-2", bob)
    edits.answer(bill, "due_date", "illegible", alice)

    edits.undo(bill, alice)
    edits.undo(bill, alice)

    assert current(value_of(bill, "total")) == 1284.48
    assert value_of(bill, "total").standing == ReviewStatus.BY_EVIDENCE
    assert current(value_of(bill, "due_date")) == "2026-12-17"
    assert current(value_of(bill, "number")) == "INV-2"
    assert edits.undo(bill, alice) is None
    edits.redo(bill, alice)
    assert current(value_of(bill, "total")) == 1.0
    edits.redo(bill, alice)
    assert value_of(bill, "due_date").answer == "illegible"
    assert edits.redo(bill, alice) is None
    edits.undo(bill, alice)
    assert current(value_of(bill, "due_date")) == "2026-12-17"


def test_a_new_deed_ends_what_could_be_done_again(bill, alice):
    edits.set_value(bill, "total", 1.0, alice)
    edits.undo(bill, alice)
    edits.set_value(bill, "total", 2.0, alice)

    assert edits.redo(bill, alice) is None


def test_what_somebody_else_changed_since_is_not_undone(bill, alice, bob):
    edits.set_value(bill, "total", 1.0, alice)
    edits.set_value(bill, "total", 2.0, bob)

    with pytest.raises(edits.Superseded):
        edits.undo(bill, alice)

    assert current(value_of(bill, "total")) == 2.0


def test_different_fields_merge_and_the_same_field_asks(bill, alice, bob):
    seen = {value.path: value.version for value in bill.values.all()}
    edits.set_value(bill, "total", 1248.48, bob, version=seen["total"])
    edits.set_value(bill, "number", "INV-9", alice, version=seen["number"])

    with pytest.raises(edits.Clash) as clash:
        edits.set_value(bill, "total", 1.0, alice, version=seen["total"])

    assert (current(clash.value.value), clash.value.value.confirmed_by) == (1248.48, bob)
    assert bill.changes.count() == 2
    edits.set_value(bill, "total", 1.0, alice, version=clash.value.value.version)
    assert current(value_of(bill, "total")) == 1.0


def test_ones_own_second_tab_never_asks(bill, alice):
    edits.set_value(bill, "total", 1.0, alice, version=0)

    assert edits.set_value(bill, "total", 2.0, alice, version=0).version == 2


def test_a_broken_rule_outweighs_a_confirmation(bill, alice):
    edits.set_value(bill, "total", 1248.48, alice)

    value = edits.confirm(bill, "total", alice)

    bill.refresh_from_db()
    assert (value.standing, bill.broken_count, bill.needs) == (ReviewStatus.BROKEN, 1, 1)


def test_what_breaks_by_a_deed_heals_by_undoing_it(bill, alice):
    edits.set_value(bill, "lines[0].quantity", 4, alice)
    edits.set_value(bill, "total", 1.0, alice)
    assert bill.broken_count

    edits.undo(bill, alice)

    bill.refresh_from_db()
    assert (bill.broken_count, bill.amount) == (0, Decimal("1284.48"))
    assert value_of(bill, "total").broken == []


def test_a_place_follows_what_was_typed_and_comes_back_with_undo(bill, alice):
    edits.set_value(bill, "number", "INV-77", alice)
    before = value_of(bill, "number").boxes

    edits.move_place(bill, "number", Ground("number", Found.EXACT, 1, [[0.1, 0.1, 0.2, 0.12]]))
    assert value_of(bill, "number").boxes == [[0.1, 0.1, 0.2, 0.12]]
    edits.undo(bill, alice)

    assert value_of(bill, "number").boxes == before
    assert bill.changes.filter(kind="place").count() == 0


def test_a_place_stays_where_the_pages_do_not_show_what_was_typed(bill, alice):
    edits.set_value(bill, "number", "INV-77", alice)
    before = value_of(bill, "number").boxes

    edits.move_place(bill, "number", Ground("number", Found.MISSING))
    edits.move_place(bill, "due_date", Ground("due_date", Found.EXACT, 1, [[0.1, 0.1, 0.2, 0.12]]))

    assert value_of(bill, "number").boxes == value_of(bill, "due_date").boxes == before


def test_a_correction_that_stands_nowhere_is_marked_until_it_changes(bill, alice):
    edits.set_value(bill, "number", "INV-77", alice)
    assert badge_of(value_of(bill, "number")).icon == "pencil"

    edits.move_place(bill, "number", Ground("number", Found.FUZZY, 1, [[0.1, 0.1, 0.2, 0.12]], "INV-7?"))
    assert badge_of(value_of(bill, "number")).word == "Edited, not found"

    edits.set_value(bill, "number", "INV-78", alice)
    edits.move_place(bill, "number", Ground("number", Found.EXACT, 1, [[0.1, 0.1, 0.2, 0.12]]))
    assert badge_of(value_of(bill, "number")).icon == "pencil"
    edits.undo(bill, alice)
    assert value_of(bill, "number").typed_on_page is None


def test_rows_are_added_and_removed_and_both_can_be_undone(bill, alice):
    edits.add_row(bill, "lines", ["label", "quantity", "amount"], alice)
    edits.set_value(bill, "lines[2].amount", 5.0, alice)
    edits.remove_row(bill, "lines[0]", alice)

    assert value_of(bill, "lines[0].label").removed
    edits.undo(bill, alice)
    assert not value_of(bill, "lines[0].label").removed
    edits.undo(bill, alice)
    edits.undo(bill, alice)
    assert value_of(bill, "lines[2].label").removed
    assert not value_of(bill, "lines[1].label").removed


def test_a_place_that_was_marked_brings_its_text(bill, alice):
    value = edits.set_place(bill, "number", 1, [[0.1, 0.1, 0.2, 0.12]], alice, typed="INV-77")

    assert (current(value), value.page, value.boxes, value.place_drawn) == ("INV-77", 1, [[0.1, 0.1, 0.2, 0.12]], True)
    edits.undo(bill, alice)
    assert value_of(bill, "number").boxes != value.boxes


def test_nothing_is_changed_once_the_review_has_ended(bill, alice):
    bill.review_state = "approved"

    with pytest.raises(edits.Closed):
        edits.set_value(bill, "total", 1.0, alice)


def test_assessing_twice_changes_nothing_that_people_said(bill, alice):
    edits.set_value(bill, "due_date", "2026-12-18", alice)

    refresh_status(bill)

    bill.refresh_from_db()
    assert (value_of(bill, "due_date").standing, bill.needs) == (ReviewStatus.CORRECTED, 0)
