"""Two people who do something to one document at the same moment."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from extractions.models import Extraction
from extractions.review import edits, review_queue
from extractions.verification.review_status import current
from portal.audit.models import Entry
from tests.factories import make_person, make_team
from tests.faults.test_races import at_the_same_time
from tests.review.making import make_bill, value_of


@pytest.fixture
def two(transactional_db):
    team = make_team()
    return make_person("Alice", team=team), make_person("Bob", team=team)


def saving(person, bill, path, text):
    client = Client()
    client.force_login(person)
    asked = {"do": "set", "path": path, "text": text, "version": 0, "change": 0}
    address = reverse("extractions:review_value", args=[bill.key])
    return lambda: client.post(address, asked, content_type="application/json").status_code


def refusal(deed):
    def tried():
        try:
            return deed()
        except (review_queue.Refused, edits.Clash) as refused:
            return str(refused)

    return tried


def test_of_two_who_save_the_same_field_at_once_the_second_is_asked(two):
    alice, bob = two
    bill = make_bill(alice)

    answers = at_the_same_time(saving(alice, bill, "total", "7"), saving(bob, bill, "total", "9"))

    assert answers == (200, 409)
    assert current(value_of(bill, "total")) == 7
    assert bill.changes.get().author == alice


def test_different_fields_that_are_saved_at_once_are_both_kept_and_counted(two):
    alice, bob = two
    bill = make_bill(alice, evidence={"number": "missing", "due_date": "fuzzy"})
    assert bill.needs == 2

    answers = at_the_same_time(saving(alice, bill, "number", "A-1"), saving(bob, bill, "due_date", "2026-12-18"))

    bill.refresh_from_db()
    assert answers == (200, 200)
    assert [current(value_of(bill, path)) for path in ("number", "due_date")] == ["A-1", "2026-12-18"]
    assert bill.needs == 0


def test_a_document_is_approved_once(two):
    alice, bob = two
    bill = make_bill(alice, evidence={})
    one, other = (Extraction.objects.get(pk=bill.pk) for _person in two)

    answers = at_the_same_time(
        lambda: review_queue.approve(one, alice), refusal(lambda: review_queue.approve(other, bob))
    )

    assert answers == ("approved", "ended")
    assert Extraction.objects.get(pk=bill.pk).approved_by == alice
    assert Entry.objects.filter(action="approved").count() == 1


def test_what_is_approved_meanwhile_takes_no_more_changes(two):
    alice, bob = two
    bill = make_bill(alice, evidence={})

    answers = at_the_same_time(
        lambda: review_queue.approve(Extraction.objects.get(pk=bill.pk), alice), saving(bob, bill, "total", "9")
    )

    assert answers == ("approved", 409)
    assert current(value_of(bill, "total")) == 1284.48


def test_approving_waits_for_a_value_that_breaks_a_rule_meanwhile(two):
    alice, bob = two
    bill = make_bill(alice, evidence={})
    row = Extraction.objects.get(pk=bill.pk)

    answers = at_the_same_time(saving(alice, bill, "total", "9"), refusal(lambda: review_queue.approve(row, bob)))

    assert answers == (200, "red")
    assert Extraction.objects.get(pk=bill.pk).review_state == "waiting"
