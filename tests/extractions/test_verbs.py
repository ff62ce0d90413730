"""Cancel, delete, try again, decide: each answers whether it happened."""

import pytest
from django.utils import timezone

from extractions.models import Extraction
from tests.factories import State, make_connection, make_extraction, make_schema

pytestmark = pytest.mark.django_db

UNDER_LEASE = {State.SENDING, State.SENT}


def row_in(alice, state, **fields):
    if state in UNDER_LEASE:
        fields.setdefault("lease_until", timezone.now())
    return make_extraction(owner=alice, state=state, **fields)


@pytest.mark.parametrize("state", [State.QUEUED, State.SENDING])
def test_before_the_hand_over_a_document_is_cancelled_at_once(alice, state):
    row = row_in(alice, state, lease=4)

    assert row.cancel()

    row.refresh_from_db()
    assert (row.state, row.lease, row.lease_until, row.next_try_at) == (State.CANCELLED, 5, None, None)
    assert not row.cancel()


@pytest.mark.parametrize("state", [State.SENT, State.CHECKING, State.RUNNING])
def test_after_it_the_wish_is_noted(alice, state):
    row = row_in(alice, state)

    assert row.cancel()

    row.refresh_from_db()
    assert row.state == state
    assert row.cancel_requested_at is not None
    assert not row.cancel(), "once is enough"


@pytest.mark.parametrize("state", Extraction.AT_REST)
def test_what_is_at_rest_cannot_be_cancelled(alice, state):
    assert not row_in(alice, state).cancel()


@pytest.mark.parametrize("state", Extraction.State.values)
def test_everything_can_be_deleted_and_is_hidden_at_once(alice, state):
    row = row_in(alice, state, form_token="1:one")

    assert row.request_deletion()

    row.refresh_from_db()
    assert not Extraction.objects.visible_to(alice).exists()
    assert row.form_token is None
    assert row.next_try_at is not None or state == State.SENT
    assert row.state == (State.CANCELLED if state in (State.QUEUED, State.SENDING) else state)
    assert not row.request_deletion()


@pytest.mark.parametrize(
    ("state", "fields", "happens"),
    [
        (State.REJECTED, {}, True),
        (State.REJECTED, {"handed_over_at": timezone.now()}, True),
        (State.CANCELLED, {}, True),
        (State.CANCELLED, {"handed_over_at": timezone.now()}, False),
        (State.CANCELLED, {"remote_id": "1"}, False),
        (State.CANCELLED, {"delete_requested_at": timezone.now()}, False),
        (State.FAILED, {}, False),
        (State.EXTRACTED, {}, False),
        (State.UNDECIDED, {}, False),
        (State.QUEUED, {}, False),
    ],
)
def test_only_what_was_never_taken_is_sent_again(alice, state, fields, happens):
    row = row_in(alice, state, error_code="refused", **fields)

    assert row.try_again() == happens

    row.refresh_from_db()
    assert (row.state == State.QUEUED) == (happens or state == State.QUEUED)
    if happens:
        assert (row.error_code, row.handed_over_at, row.attempts) == ("", None, 0)
        assert row.next_try_at is not None


def test_choices_of_another_service_are_not_sent_to_this_one(alice):
    elsewhere = make_connection(base_url="http://former.example.com")
    schema = make_schema(connection=elsewhere)

    with_schema = row_in(alice, State.REJECTED, connection=elsewhere, schema=schema)
    without = row_in(alice, State.REJECTED, connection=elsewhere)

    assert not with_schema.try_again()
    assert without.try_again()
    without.refresh_from_db()
    assert without.connection != elsewhere


@pytest.mark.parametrize(
    ("choice", "state"), [("look", State.CHECKING), ("send", State.QUEUED), ("give_up", State.CANCELLED)]
)
def test_a_decision_is_recorded_with_its_author(alice, bob, choice, state):
    row = row_in(alice, State.UNDECIDED, error_code="undecided")

    assert row.decide(choice, bob)

    row.refresh_from_db()
    assert (row.state, row.decision, row.decided_by) == (state, choice, bob)
    assert not row.decide(choice, alice)


def test_a_decision_that_does_not_exist_is_a_mistake(alice):
    with pytest.raises(ValueError):
        row_in(alice, State.UNDECIDED).decide("pay", alice)


def test_of_two_who_hold_the_same_row_one_wins(alice):
    row = row_in(alice, State.UNDECIDED)
    other = Extraction.objects.get(pk=row.pk)

    assert row.decide("send", alice)
    assert not other.decide("give_up", alice)
