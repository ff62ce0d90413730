"""What an approval adds to the counts, and that reopening, moving and deleting take out what they should."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from extractions.accuracy import counting
from extractions.accuracy.facts import BINS, bin_of
from extractions.accuracy.report import Choice, Report
from extractions.forwarding.steps import erase
from extractions.models import (
    Correction,
    CountedDocument,
    DocumentCount,
    Extraction,
    FieldCount,
    ReviewStatus,
    SecondLook,
    Value,
    month_of,
)
from extractions.review import edits, review_queue
from extractions.services.moving import move
from tests.accuracy.making import approved, counts, line_of, report
from tests.factories import make_person, make_schema, make_team
from tests.review.making import BILL, DATA, make_bill

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def alice(team):
    return make_person("Alice", team=team)


@pytest.fixture
def bill_schema():
    return make_schema("Bill", schema=BILL | {"properties": BILL["properties"] | {"note": {"type": "string"}}})


def test_kept_changed_and_untouched_values_are_counted_by_field(alice):
    extraction = make_bill(alice)
    edits.confirm(extraction, "due_date", alice)
    edits.set_value(extraction, "total", 99.5, alice)
    review_queue.approve(extraction, alice, override="the total is right")

    found = report(alice)

    assert (line_of(found, "due_date").kept, line_of(found, "due_date").changed) == (1, 0)
    assert (line_of(found, "total").kept, line_of(found, "total").changed) == (0, 1)
    assert line_of(found, "number").right.total == 0
    assert line_of(found, "lines[].amount").confirmed == 2
    assert found.totals.right.hits == 1
    assert found.totals.right.total == 2


def test_what_was_approved_all_the_same_is_no_document_without_a_touch(alice):
    approved(alice, override="looked at the paper")
    approved(alice, evidence={}, override="", data=DATA | {"number": "INV-2"})

    share = report(alice).documents.without_touch

    assert (share.hits, share.total) == (1, 2)


def test_a_value_that_evidence_confirmed_and_a_person_changed_is_reported(alice):
    extraction = make_bill(alice)
    edits.set_value(extraction, "number", "INV-2", alice)
    edits.set_value(extraction, "due_date", "2026-12-18", alice)
    review_queue.approve(extraction, alice, override="fine")

    found = report(alice)

    assert line_of(found, "number").overruled.hits == 1
    assert line_of(found, "due_date").overruled.total == 0  # it asked for a person, so evidence had not confirmed it
    assert found.totals.overruled.hits == 1


def test_the_mark_is_the_one_before_review_not_the_one_after(alice):
    extraction = make_bill(alice)

    edits.confirm(extraction, "due_date", alice)

    value = extraction.values.get(path="due_date")
    assert (value.standing, value.initial_standing) == (ReviewStatus.BY_PERSON, ReviewStatus.NEEDS_YOU)


@pytest.mark.parametrize(
    ("act", "kept", "changed"),
    [
        (lambda e, a: edits.answer(e, "number", "absent", a), 0, 1),
        (lambda e, a: edits.answer(e, "number", "illegible", a), 0, 0),
        (lambda e, a: edits.set_value(e, "number", "INV-1", a), 1, 0),
        (lambda e, a: (edits.set_value(e, "number", "X", a), edits.revert(e, "number", a)), 0, 0),
        (lambda e, a: (edits.set_value(e, "number", "X", a), edits.undo(e, a)), 0, 0),
    ],
    ids=["absent", "illegible", "typed again", "reverted", "undone"],
)
def test_what_counts_is_how_the_value_ended(alice, act, kept, changed):
    extraction = make_bill(alice)
    act(extraction, alice)
    review_queue.approve(extraction, alice, override="fine")

    line = next((line for line in report(alice).fields if line.field == "number"), None)

    assert ((line.kept, line.changed) if line else (0, 0)) == (kept, changed)


def test_a_row_that_was_taken_out_was_wrong_and_a_cell_that_was_added_was_missed(alice):
    extraction = make_bill(alice)
    edits.remove_row(extraction, "lines[1]", alice)
    edits.add_row(extraction, "lines", ["label", "amount"], alice)
    edits.set_value(extraction, "lines[2].label", "Screws", alice)
    review_queue.approve(extraction, alice, override="fine")

    found = report(alice)

    assert line_of(found, "lines[].label").changed == 2
    assert line_of(found, "lines[].amount").changed == 1
    assert [line.before for line in found.corrections] == [""]  # a row that is gone was replaced by nothing


def test_reopening_takes_out_exactly_what_was_added(alice):
    approved(alice)
    before = counts()
    extraction = make_bill(alice, data={"number": "7", "total": 5, "supplier": {"name": "Other"}, "lines": []})
    edits.set_value(extraction, "number", "8", alice)
    review_queue.approve(extraction, alice, override="fine")
    assert counts() != before

    assert review_queue.reopen(extraction, alice)

    assert counts() == before
    assert CountedDocument.objects.count() == 1
    assert not Correction.objects.exists()


def test_reopening_takes_out_the_same_after_the_values_were_weighed_again(alice):
    extraction = approved(alice)
    extraction.values.update(confidence=0.1, initial_standing="needs_you")

    review_queue.reopen(extraction, alice)

    assert counts() == ([], [])


def test_approving_twice_counts_once(alice):
    extraction = approved(alice)

    assert not counting.count_approval(extraction, timezone.now())


def test_deleting_leaves_numbers_but_no_values(alice):
    extraction = make_bill(alice, remote_id="", handed_over_at=None)
    edits.set_value(extraction, "number", "SECRET-1", alice)
    review_queue.approve(extraction, alice, override="fine")
    assert DocumentCount.objects.filter(issuer="Atelier Kerbrune").exists()

    extraction.request_deletion()
    extraction.refresh_from_db()
    erase.erase(extraction)

    assert Extraction.objects.get(pk=extraction.pk).deleted_at
    assert not CountedDocument.objects.exists()
    assert not Correction.objects.exists()
    assert not DocumentCount.objects.exclude(issuer="").exists()
    assert not FieldCount.objects.exclude(issuer="").exists()
    assert line_of(report(alice), "number").changed == 1
    for model in (FieldCount, DocumentCount):
        assert "SECRET-1" not in str(list(model.objects.values()))


def test_corrections_of_a_document_that_is_being_deleted_are_not_shown(alice):
    extraction = make_bill(alice)
    edits.set_value(extraction, "number", "SECRET-1", alice)
    review_queue.approve(extraction, alice, override="fine")
    assert report(alice).corrections

    extraction.request_deletion()

    assert report(alice).corrections == []


def test_a_moved_document_is_counted_for_its_new_team(alice):
    other = make_team("Other")
    bob = make_person("Bob", team=other)
    extraction = approved(alice)
    before = [row[1:] for row in counts()[1]]

    move(extraction, other, bob)

    assert [row[1:] for row in counts()[1]] == before
    assert {row[0] for row in counts()[1]} == {other.pk}


def test_the_time_in_review_is_that_of_the_one_who_held_it(alice):
    extraction = make_bill(alice)
    review_queue.claim(extraction, alice)
    Extraction.objects.filter(pk=extraction.pk).update(claimed_at=timezone.now() - timedelta(seconds=40))
    edits.confirm(extraction, "due_date", alice)

    review_queue.approve(extraction, alice, override="fine")

    assert 40 <= CountedDocument.objects.get().seconds < 60
    assert report(alice).documents.typical_seconds == CountedDocument.objects.get().seconds


@pytest.mark.parametrize("held_for", [timedelta(hours=3), None], ids=["over lunch", "approved from the list"])
def test_a_time_that_says_nothing_is_not_kept(alice, held_for):
    extraction = make_bill(alice)
    if held_for:
        review_queue.claim(extraction, alice)
        Extraction.objects.filter(pk=extraction.pk).update(claimed_at=timezone.now() - held_for)

    review_queue.approve(extraction, alice, override="fine")

    assert CountedDocument.objects.get().seconds is None


def test_minutes_saved_are_what_untouched_values_would_have_taken(alice):
    DocumentCount.objects.create(
        team_number=alice.teams.get().pk, month=date(2026, 11, 1), documents=10, timed=5, seconds=300, timed_values=30,
        untouched_values=60,
    )  # fmt: skip

    documents = report(alice).documents

    assert documents.seconds_for_a_value == 10
    assert documents.minutes_saved == 10


def test_what_is_filtered_is_what_is_counted(alice):
    approved(alice)
    other = {"number": "7", "total": 5, "supplier": {"name": "Other SARL"}, "lines": []}
    later = approved(alice, data=other, schema=make_schema("Second", schema=BILL))

    assert report(alice).documents.documents == 2
    assert report(alice, issuer="Other SARL").documents.documents == 1
    assert report(alice, schema=later.schema_id).documents.documents == 1
    assert report(alice, since=date(2100, 1, 1)).documents.documents == 0
    assert report(alice, until=month_of(timezone.now())).documents.documents == 2
    assert [line.name for line in report(alice).issuers] == ["Atelier Kerbrune", "Other SARL"]


def test_a_field_that_became_worse_is_named_and_chance_is_not(alice):
    key = {"team_number": alice.teams.get().pk, "mark": ""}
    for field, last in (("worse", (20, 30)), ("chance", (48, 2))):
        FieldCount.objects.create(**key, field=field, month=date(2026, 10, 1), kept=490, changed=10)
        FieldCount.objects.create(**key, field=field, month=date(2026, 11, 1), kept=last[0], changed=last[1])

    found = report(alice)

    assert line_of(found, "worse").trend == -1
    assert line_of(found, "chance").trend == 0


def test_calibration_holds_the_mean_confidence_against_the_share_right(alice):
    extraction = make_bill(alice)
    extraction.values.filter(path__in=("number", "currency")).update(confidence=0.96)
    edits.confirm(extraction, "number", alice)
    edits.set_value(extraction, "currency", "GBP", alice)
    review_queue.approve(extraction, alice, override="fine")

    (line,) = report(alice).bins

    assert line.low == 0.95
    assert line.expected == pytest.approx(0.96)
    assert (line.right.hits, line.right.total) == (1, 2)


def test_every_confidence_has_one_bin():
    assert [bin_of(low) for low in BINS] == list(range(len(BINS)))
    assert bin_of(1.0) == len(BINS) - 1
    assert bin_of(None) == -1


def test_the_figures_take_the_same_queries_for_few_and_for_many(alice, django_assert_num_queries):
    def look():
        found = report_of_team
        return [
            getattr(found(), name)
            for name in ("totals", "months", "bins", "looked", "documents", "issuers", "versions", "corrections")
        ]

    team = alice.teams.get().pk

    def report_of_team():
        return once

    schema = make_schema("Bill", schema=BILL)
    once = Report(Choice(team, schema.pk), alice)
    with django_assert_num_queries(9):
        look()
    for number in range(3):
        approved(alice, data={"number": str(number), "total": 1, "supplier": {"name": f"S{number}"}, "lines": []})
    once = Report(Choice(team, schema.pk), alice)
    with django_assert_num_queries(9):
        look()


def test_an_open_look_ends_when_the_document_is_reopened(alice):
    extraction = approved(alice)
    SecondLook.objects.create(extraction=extraction)

    review_queue.reopen(extraction, alice)

    assert not SecondLook.objects.exists()


def test_values_are_marked_when_they_arrive(alice):
    extraction = make_bill(alice)

    marks = dict(Value.objects.filter(extraction=extraction).values_list("path", "initial_standing"))

    assert marks["number"] == ReviewStatus.BY_EVIDENCE
    assert marks["due_date"] == ReviewStatus.NEEDS_YOU
