"""What pages set for the worker or for other pages is set and judged by the database's clock, not the web server's."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from extractions import clock
from extractions.models import Export, Extraction
from extractions.review import review_queue, rules
from extractions.services import bulk, moving
from extractions.verification import grounding
from portal.people.models import Membership
from tests.factories import Role, State, make_extraction, make_person, make_team
from tests.review.making import make_bill

pytestmark = pytest.mark.django_db


class DatabaseClock:
    """A fixed moment, far from this machine's time."""

    def __init__(self) -> None:
        self.at = timezone.now().replace(microsecond=0) + timedelta(hours=5)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def database_clock(alice, monkeypatch) -> DatabaseClock:
    database_clock = DatabaseClock()
    monkeypatch.setattr(clock, "now", database_clock)
    return database_clock


def fresh(extraction):
    return Extraction.objects.get(pk=extraction.pk)


def test_evidence_that_is_wanted_again(alice, database_clock):
    bill = make_bill(alice)

    grounding.request_grounding(bill)

    assert fresh(bill).evidence_due_at == database_clock.at


def test_judging_by_other_rules(alice, database_clock):
    bill = make_bill(alice)

    rules.reevaluate_waiting(bill.schema_id, bill.team_id)

    assert fresh(bill).evidence_due_at == database_clock.at


def test_moving_to_another_team(team, database_clock):
    other = make_team("Other")
    both = make_person("Both", team=team, role=Role.REVIEWER)
    Membership.objects.create(person=both, team=other, role=Role.REVIEWER)
    bill = make_bill(both)

    moving.move(bill, other, both)

    assert fresh(bill).evidence_due_at == database_clock.at


def test_deleting_many_and_the_way_back(alice, database_clock):
    rows = [make_extraction(owner=alice, state=State.REJECTED, next_try_at=None) for _ in range(2)]

    reports = [bulk.delete([row], alice) for row in rows]

    assert {fresh(row).erase_due_at for row in rows} == {database_clock.at + bulk.GRACE}
    assert bulk.undo(reports[0].undo, alice) == 1
    assert fresh(rows[1]).erase_now()
    assert bulk.undo(reports[1].undo, alice) == 0, "its erasure has begun"


def test_who_holds_a_document(alice, bob, database_clock):
    bill = make_bill(alice)
    assert review_queue.claim(bill, alice)
    held = fresh(bill)
    assert (held.claimed_at, held.claimed_until) == (database_clock.at, database_clock.at + review_queue.LEASE)

    database_clock.at += review_queue.LEASE - timedelta(seconds=1)
    assert review_queue.holder(held).person == alice
    assert not review_queue.queue_of(bob).exists()
    assert not review_queue.claim(fresh(bill), bob)
    assert not review_queue.postpone(fresh(bill), bob)

    database_clock.at += timedelta(seconds=1)
    assert review_queue.holder(held).person is None
    assert review_queue.queue_of(bob).get() == bill
    assert review_queue.postpone(fresh(bill), bob)


def test_an_export_that_is_asked_for(alice, team, database_clock):
    row = Export.request(person=alice, teams=[team.pk], form="csv")

    assert Export.objects.get(pk=row.pk).next_try_at == database_clock.at
