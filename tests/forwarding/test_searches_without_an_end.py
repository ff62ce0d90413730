"""A search that tells nothing concerns one document: neither the connection nor other documents pay for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from extractions.forwarding.steps import connection_state, service_search
from extractions.forwarding.steps.send_attempt import MAX_RETRY_HOURS
from extractions.models import Attempt, Connection, Extraction
from extractions.presentation.document.sentences import explanation_of
from tests.factories import State, make_extraction
from tests.fake_api import Fault

pytestmark = pytest.mark.django_db


@pytest.fixture
def endless(api, connection, monkeypatch):
    """The service shows more than can be opened, whatever it is asked."""
    monkeypatch.setattr(service_search, "MAX_OPENED", 3)
    api.inject("list", "unfiltered_names", times=None)
    for number in range(4):
        api.add(f"{number}.pdf", {})


@pytest.fixture
def old(api, alice, clock):
    """A document that is looked for before it is sent."""
    return make_extraction(owner=alice, received_at=clock() - timedelta(hours=1))


@pytest.fixture
def doubtful(api, queued, drive):
    api.inject("create", Fault(502, accept=False))
    return drive.step(queued)


def use_up_the_hour(clock):
    Connection.objects.update(search_window_at=clock(), search_extra=service_search.MAX_EXTRA_PER_HOUR)


def test_a_document_that_cannot_be_searched_for_does_not_pause_the_connection(endless, api, old, drive, alice):
    for _ in range(connection_state.FAILURES_ALLOWED + 3):
        waiting = drive.step(old)

    assert (waiting.state, waiting.error_code) == (State.QUEUED, service_search.UNSEARCHABLE)
    assert (waiting.connection.failures, waiting.connection.paused) == (0, False)
    assert drive.step(make_extraction(owner=alice)).state == State.RUNNING
    assert "its search could not be read to the end" in str(explanation_of(waiting))


def test_it_is_not_the_trial_of_a_paused_connection_while_another_document_waits(
    endless, api, old, drive, alice, connection, clock
):
    drive.step(old)
    fresh = make_extraction(owner=alice)
    connection.pause_for(Connection.Pause.NO_CREDITS, until=clock())
    connection.refresh_from_db()

    connection_state.probe(connection)

    assert Connection.objects.get(pk=connection.pk).trial_id == fresh.pk
    assert drive.step(fresh).state == State.RUNNING
    assert not Connection.objects.get(pk=connection.pk).paused


def test_the_only_document_is_the_trial_all_the_same(endless, old, drive, connection, clock):
    drive.step(old)
    connection.pause_for(Connection.Pause.NO_CREDITS, until=clock())
    connection.refresh_from_db()

    connection_state.probe(connection)

    assert Connection.objects.get(pk=connection.pk).trial_id == old.pk


def test_what_may_not_be_searched_for_yet_waits_for_the_next_hour_and_does_not_expire(api, old, drive, clock):
    for _ in range(3):
        use_up_the_hour(clock)
        before = len(api.requests)
        waiting = drive.step(old)
        assert (waiting.state, waiting.error_code) == (State.QUEUED, service_search.SEARCH_LIMIT)
        assert len(api.requests) == before, "nothing was asked"
        wait = (waiting.next_try_at - clock()).total_seconds()
        assert wait == pytest.approx(3600, abs=5)
        clock.advance((MAX_RETRY_HOURS / 2 + 1) * 3600)

    assert (waiting.attempts, waiting.connection.failures, waiting.connection.paused) == (0, 0, False)
    assert set(Attempt.objects.values_list("outcome", flat=True)) == {Attempt.Outcome.NOT_SENT}
    assert "searches are used up" in str(explanation_of(waiting))
    assert drive.step(old).state == State.RUNNING


def test_what_was_never_searched_for_is_not_left_to_a_person(api, doubtful, drive, clock, proved):
    use_up_the_hour(clock)

    for _ in range(3):
        waiting = drive.run(doubtful, most=1)
        assert (waiting.state, waiting.search_misses) == (State.CHECKING, 0)
        assert (waiting.next_try_at - clock()).total_seconds() == pytest.approx(3600, abs=10)
        clock.advance(3590)
        use_up_the_hour(clock)

    clock.advance(3601)
    assert drive.run(doubtful, until=(State.RUNNING,)).state == State.RUNNING
    assert api.accepted == {str(doubtful.key): 1}


@pytest.mark.parametrize("wish", ["cancel", "request_deletion"])
def test_what_nobody_can_tell_of_is_searched_for_later_although_nobody_wants_it(
    endless, api, doubtful, drive, clock, wish
):
    assert getattr(doubtful, wish)()
    drive.run(doubtful, most=1)
    clock.advance(1800)

    told = drive.run(doubtful, most=1)

    assert (told.state, told.error_code) == (State.CANCELLED, service_search.UNSEARCHABLE)
    assert told.duplicate_search_at is not None
    assert Extraction.objects.filter(duplicate_search_at__lte=clock()).get() == told
