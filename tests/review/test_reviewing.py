"""The queue: claims, leases, order, and how a review ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from extractions.models import Extraction, ReviewHabits, SecondPersonPolicy
from extractions.review import edits, review_queue
from extractions.review.review_queue import Refused
from portal.audit.models import Entry
from tests.factories import Role, make_person, make_schema
from tests.review.making import BILL, DATA, make_bill

REASON = "The supplier confirmed it"


def fresh(extraction):
    return Extraction.objects.get(pk=extraction.pk)


def strict(person, **policy):
    schema = make_schema("Strict", schema=BILL)
    SecondPersonPolicy.objects.create(team=person.teams.get(), schema=schema, **policy)
    return schema


def expire(extraction):
    Extraction.objects.filter(pk=extraction.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))


def test_two_reviewers_get_twenty_documents_and_none_twice(alice, bob):
    for number in range(20):
        make_bill(alice, data=DATA | {"number": f"INV-{number}"})
    done = []
    while True:
        turn = [person for person in (alice, bob) if review_queue.next_for(person)]
        if not turn:
            break
        for person in turn:
            extraction = review_queue.next_for(person)
            if extraction and review_queue.claim(extraction, person):
                edits.confirm(extraction, "due_date", person)
                assert review_queue.approve(extraction, person) == "approved"
                done.append(extraction.pk)

    assert len(done) == len(set(done)) == 20


def test_what_somebody_opened_is_not_given_to_others_until_the_lease_ends(alice, bob):
    bill = make_bill(alice)
    assert review_queue.claim(bill, alice)

    assert review_queue.next_for(bob) is None
    assert not review_queue.claim(fresh(bill), bob)
    expire(bill)
    assert review_queue.next_for(bob) == bill
    assert review_queue.claim(fresh(bill), bob)
    assert review_queue.holder(fresh(bill)).person == bob


def test_giving_back_keeps_the_work(alice, bob):
    bill = make_bill(alice)
    review_queue.claim(bill, alice)
    edits.set_value(bill, "total", 5.0, alice)

    review_queue.give_back(bill, alice)

    assert review_queue.next_for(bob) == bill
    assert bill.values.get(path="total").typed == 5.0


def test_the_queue_asks_for_the_most_needed_first_and_as_one_likes(alice):
    little = make_bill(alice)
    much = make_bill(alice, evidence={"due_date": "fuzzy", "number": "missing"}, data=DATA | {"total": 10})
    assert review_queue.next_for(alice) == much

    ReviewHabits.objects.create(person=alice, order="amount")
    assert review_queue.next_for(alice) == little


def test_what_is_due_soon_comes_first_unless_one_chose_the_most_to_answer(alice):
    due = make_bill(alice, data=DATA | {"due_date": timezone.localdate().isoformat()})
    much = make_bill(alice, evidence={"due_date": "fuzzy", "number": "missing"})
    broken = make_bill(alice, evidence={})
    edits.set_value(broken, "total", 10, alice)
    assert (much.needs, broken.needs, broken.broken_count) == (2, 0, 1)
    assert review_queue.next_for(alice) == due

    ReviewHabits.objects.create(person=alice, order="needs")

    rows = review_queue.in_order(review_queue.queue_of(alice), alice, "needs")
    assert list(rows)[:1] == [much]


def test_what_is_assigned_comes_first_and_only_to_its_person(alice, bob):
    make_bill(alice, evidence={"due_date": "fuzzy", "number": "missing"})
    mine = make_bill(alice)
    review_queue.assign(mine, alice)

    assert review_queue.next_for(alice) == mine
    assert mine not in review_queue.queue_of(bob)


def test_strangers_and_those_without_the_role_get_nothing(alice, charlie, victor, team):
    bill = make_bill(alice)
    uploader = make_person("Ulla", team=team, role=Role.UPLOADER)

    assert [review_queue.next_for(person) for person in (charlie, victor, uploader)] == [None, None, None]
    with pytest.raises(Refused):
        review_queue.assign(bill, charlie)


def test_red_blocks_approval_unless_a_reason_is_given_which_is_logged(alice):
    bill = make_bill(alice)

    with pytest.raises(Refused, match="red"):
        review_queue.approve(bill, alice)
    assert review_queue.approve(bill, alice, override=REASON) == "approved"

    bill = fresh(bill)
    assert (bill.review_state, bill.approved_by, bill.override_reason) == (
        "approved",
        alice,
        REASON,
    )
    assert Entry.objects.get(action="approved").after["override"] == REASON


def test_a_second_person_is_another_one(alice, bob):
    schema = strict(alice, above=1000)
    bill = make_bill(alice, schema=schema, evidence={})
    assert bill.second_wanted

    assert review_queue.approve(bill, alice) == "second"
    assert review_queue.next_for(alice) is None
    with pytest.raises(Refused, match="same_person"):
        review_queue.approve(fresh(bill), alice)
    assert review_queue.next_for(bob) == bill
    assert review_queue.approve(fresh(bill), bob) == "approved"


def test_rejecting_wants_a_reason_and_reopening_brings_it_back(alice):
    bill = make_bill(alice)
    with pytest.raises(Refused, match="no_reason"):
        review_queue.reject(bill, alice, "  ")

    assert review_queue.reject(bill, alice, "Not ours")
    assert fresh(bill).reject_reason == "Not ours"
    assert review_queue.next_for(alice) is None
    assert review_queue.reopen(fresh(bill), alice)
    assert (review_queue.next_for(alice), fresh(bill).reject_reason) == (bill, "")


def test_a_postponed_document_waits_aside_until_somebody_takes_it_up(alice):
    bill = make_bill(alice)
    review_queue.claim(bill, alice)

    assert review_queue.postpone(bill, alice)
    assert review_queue.next_for(alice) is None
    assert fresh(bill).claimed_by is None
    assert review_queue.take_up(bill)
    assert review_queue.next_for(alice) == bill


def test_nobody_ends_what_is_in_other_hands(alice, bob):
    bill = make_bill(alice, evidence={})
    review_queue.claim(bill, bob)

    with pytest.raises(Refused, match="ended"):
        review_queue.approve(fresh(bill), alice)
    assert not review_queue.postpone(fresh(bill), alice)


def test_one_sees_who_else_is_here_and_where(alice, bob):
    bill = make_bill(alice)
    review_queue.be_here(bill, bob, "total")

    others = review_queue.be_here(bill, alice, "")

    assert [(other.person, other.path) for other in others] == [(bob, "total")]
