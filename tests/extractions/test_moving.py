"""A document goes to another team: all of it, to both logs, and only by somebody who is in both."""

import pytest
from django.urls import reverse
from django.utils import timezone

from extractions.models import Change, Extraction, SecondPersonPolicy, Spending, Tag, Tagging, Value
from extractions.review import review_queue
from extractions.services import holds
from portal.audit.models import Entry
from portal.people.models import Membership
from tests.factories import Role, State, make_extraction, make_person, make_schema, make_team
from tests.review.making import BILL, make_bill

pytestmark = pytest.mark.django_db


@pytest.fixture
def other():
    return make_team("Other")


@pytest.fixture
def both(team, other):
    person = make_person("Both", team=team, role=Role.UPLOADER)
    Membership.objects.create(person=person, team=other, role=Role.UPLOADER)
    return person


@pytest.fixture
def row(alice, team):
    row = make_extraction(
        owner=alice, state=State.EXTRACTED, evidence_due_at=None, credit_used=5, content="kerbrune", assigned_to=alice
    )
    Value.objects.create(extraction=row, position=0, path="total", name="total", text="12.50", number=12.5)
    Tagging.objects.create(tag=Tag.objects.create(team=team, name="urgent"), extraction=row)
    return row


def move(client, row, to):
    return client.post(reverse("extractions:move", args=[row.key]), {"team": to.pk})


def test_all_of_it_goes(client, row, both, alice, team, other):
    theirs = make_person("Theirs", team=other)
    Spending.objects.add(row, 5, timezone.now())
    client.force_login(both)

    move(client, row, other)

    moved = Extraction.objects.get(pk=row.pk)
    assert (moved.team, moved.owner, moved.assigned_to) == (other, both, None)
    assert moved.values.get().team_number == other.pk
    assert moved.taggings.get().tag.team == other
    file = reverse("extractions:document", args=[row.key])
    for person, status in ((theirs, 200), (alice, 404)):
        client.force_login(person)
        assert client.get(moved.get_absolute_url()).status_code == status
        assert client.get(file).status_code == status
    assert Spending.objects.in_month(team.pk, timezone.now().date().replace(day=1)) == 5
    lines = Entry.objects.filter(action="transferred", subject_id=str(row.key))
    assert {line.team_id for line in lines} == {team.pk, other.pk}
    assert all((line.before, line.after) == ({"team": team.name}, {"team": "Other"}) for line in lines)


def test_it_is_found_in_its_new_team_only(client, row, both, alice, other):
    theirs = make_person("Theirs", team=other)
    client.force_login(both)
    move(client, row, other)

    for person, found in ((theirs, True), (alice, False)):
        client.force_login(person)
        for words in ("kerbrune", "total>12"):
            page = client.get(reverse("extractions:list"), {"q": words}).content.decode()
            assert (row.get_absolute_url() in page) == found, (person, words)


def test_who_owns_it_there_too_keeps_it(client, row, both, alice, other):
    Membership.objects.create(person=alice, team=other, role=Role.REVIEWER)
    client.force_login(both)

    move(client, row, other)

    row.refresh_from_db()
    assert (row.owner, row.assigned_to) == (alice, alice)


def test_a_hold_cannot_be_shed_in_a_team_of_ones_own(client, row, both, team, other):
    """There the mover might release it, and erase what somebody else held."""
    ada = make_person("Ada", team=team, role=Role.ADMINISTRATOR)
    assert holds.place(row, "Case 12", ada)
    Membership.objects.filter(person=both, team=other).update(role=Role.ADMINISTRATOR)
    client.force_login(both)

    page = client.post(reverse("extractions:move", args=[row.key]), {"team": other.pk}, follow=True).content.decode()

    assert "is under a legal hold, and stays in its team" in page
    assert Extraction.objects.get(pk=row.pk).team == team
    assert holds.release(row.holds.get(), "settled", ada)
    move(client, row, other)
    assert Extraction.objects.get(pk=row.pk).team == other


def test_no_hold_is_placed_on_what_was_moved_or_erased_meanwhile(row, both, team, other):
    stale = Extraction.objects.get(pk=row.pk)
    Extraction.objects.filter(pk=row.pk).update(team=other)
    assert not holds.place(stale, "Case 12", both)
    Extraction.objects.filter(pk=row.pk).update(team=team, deleted_at=timezone.now())
    assert not holds.place(stale, "Case 12", both)


@pytest.mark.parametrize("state", [State.QUEUED, State.SENT, State.CHECKING, State.RUNNING, State.UNDECIDED])
def test_what_is_on_its_way_stays(client, row, both, team, other, state):
    """Its credits are booked, and its result fetched, for the team that sent it."""
    Extraction.objects.filter(pk=row.pk).update(state=state, next_try_at=timezone.now())
    client.force_login(both)

    move(client, row, other)

    row.refresh_from_db()
    assert row.team == team
    assert not Entry.objects.filter(action="transferred").exists()


def test_what_is_being_looked_into_stays(client, row, both, team, other):
    """Its values are written with the number of the team."""
    Extraction.objects.filter(pk=row.pk).update(evidence_due_at=timezone.now())
    client.force_login(both)

    move(client, row, other)

    row.refresh_from_db()
    assert row.team == team


def test_only_to_teams_in_which_one_may_send(client, row, alice, both, team, other):
    Membership.objects.filter(person=both, team=other).update(role=Role.VIEWER)
    for person in (alice, both):
        client.force_login(person)
        move(client, row, other)
        row.refresh_from_db()
        assert row.team == team


def test_a_first_approval_of_the_team_that_it_left_does_not_count(client, alice, both, team, other):
    schema = make_schema("Strict", schema=BILL)
    for item in (team, other):
        SecondPersonPolicy.objects.create(team=item, schema=schema, above=1)
    bill = make_bill(alice, schema=schema, evidence={})
    theirs, others = make_person("Theirs", team=other), make_person("Others", team=other)
    assert review_queue.approve(bill, alice, override="checked by telephone") == "second"
    review_queue.give_back(bill, alice)
    client.force_login(both)

    move(client, bill, other)

    moved = Extraction.objects.get(pk=bill.pk)
    assert (moved.team, moved.first_approved_by, moved.override_reason) == (other, None, "")
    assert moved.changes.filter(kind=Change.Kind.WITHDRAW, author=both).count() == 1
    Extraction.objects.filter(pk=bill.pk).update(evidence_due_at=None)
    assert review_queue.approve(moved, theirs, override="checked") == "second"
    assert review_queue.approve(moved, others, override="checked") == "approved"


def test_an_approval_that_is_complete_moves_along(client, alice, both, team, other):
    bill = make_bill(alice, evidence={})
    review_queue.approve(bill, alice)
    Extraction.objects.filter(pk=bill.pk).update(first_approved_by=alice)
    client.force_login(both)

    move(client, bill, other)

    moved = Extraction.objects.get(pk=bill.pk)
    assert (moved.approved_by, moved.first_approved_by, moved.changes.count()) == (alice, alice, 0)
