"""When nobody knows whether a document arrived."""

from datetime import timedelta

import pytest

from extractions.forwarding.steps import search_verification, service_search
from extractions.models import Connection, Extraction
from tests.factories import State, make_extraction
from tests.fake_api import Fault

pytestmark = pytest.mark.django_db


@pytest.fixture
def doubtful(api, queued, drive):
    """Handed over, and a proxy answered 502: not accepted."""
    api.inject("create", Fault(502, accept=False))
    return drive.step(queued)


def looks(api, extraction):
    wanted = str(extraction.key)
    return [request for request in api.requests if request.query.get("meta_value") == wanted]


def test_what_arrived_is_found_and_not_sent_again(api, queued, drive):
    api.inject("create", Fault(502, b"<html>"))

    found = drive.run(queued, until=(State.RUNNING,))

    assert found.state == State.RUNNING
    assert found.remote_id in api.documents
    assert api.accepted == {str(found.key): 1}
    assert found.tries.get().remote_id == found.remote_id


def test_what_did_not_arrive_is_sent_again_after_five_looks_and_the_settling_time(api, doubtful, drive, clock, proved):
    times = []
    while (doubtful := drive.run(doubtful, most=1)).state == State.CHECKING:
        times.append((clock() - doubtful.handed_over_at).total_seconds())

    assert [round(time) for time in times] == pytest.approx([5, 15, 30, 60], abs=1)
    assert doubtful.state == State.QUEUED
    assert (clock() - doubtful.state_changed_at).total_seconds() < 1
    assert (doubtful.state_changed_at - doubtful.handed_over_at).total_seconds() >= 120
    assert len(looks(api, doubtful)) == 5
    assert drive.run(doubtful, until=(State.RUNNING,)).state == State.RUNNING
    assert api.accepted == {str(doubtful.key): 1}


def test_what_shows_late_is_found_by_a_later_look(api, queued, drive, trusted):
    api.inject("create", Fault(504, b""))
    doubtful = drive.step(queued)
    api.hidden = set(api.documents)
    doubtful = drive.run(doubtful, most=4)
    api.hidden = set()

    assert drive.run(doubtful, until=(State.RUNNING,)).state == State.RUNNING
    assert set(api.accepted.values()) == {1}


def test_without_trust_a_person_decides(api, doubtful, drive):
    undecided = drive.run(doubtful)

    assert (undecided.state, undecided.error_code) == (State.UNDECIDED, "unproven")
    assert undecided.next_try_at is None
    assert not api.accepted


def test_trust_that_is_older_than_two_days_is_none(api, doubtful, drive, clock):
    Connection.objects.update(search_trusted_at=clock() - timedelta(days=2, seconds=1))

    assert drive.run(doubtful).state == State.UNDECIDED


def test_after_three_hand_overs_a_person_decides(api, queued, drive, trusted, accept_another):
    accept_another(seconds=3600)
    api.inject("create", *(Fault(502, accept=False) for _ in range(5)))

    undecided = drive.run(queued)

    assert undecided.state == State.UNDECIDED
    assert len(api.uploads()) == 3
    assert undecided.tries.count() == 3


def test_a_look_that_fails_does_not_count(api, doubtful, drive, proved):
    api.inject("/extract/", *(Fault(status, b"") for status in (500, 502, 503, 504, 500, 500)))

    sent = drive.run(doubtful, until=(State.QUEUED,))

    assert sent.state == State.QUEUED
    assert len(looks(api, doubtful)) == 5 + 6


def test_a_service_that_is_away_for_days_leaves_it_to_a_person(api, doubtful, drive, trusted, clock):
    api.stop()
    assert drive.run(doubtful, most=3).state == State.CHECKING
    clock.advance(71 * 3600)
    assert drive.run(doubtful, most=1).state == State.CHECKING
    clock.advance(3600)

    assert drive.run(doubtful, most=1).state == State.UNDECIDED


def test_a_key_refused_while_looking_pauses_and_waits(api, doubtful, drive, trusted):
    api.key = "another"

    waiting = drive.run(doubtful, most=3)

    assert waiting.state == State.CHECKING
    assert waiting.search_misses == 0
    assert waiting.connection.pause == Connection.Pause.KEY_REFUSED


@pytest.mark.parametrize("search", ["ok", "unfiltered_names"])
def test_only_exactly_our_key_is_believed(api, doubtful, drive, proved, search):
    """A service whose search shows other documents: of others, of an older copy of this portal, nearly ours."""
    api.inject("list", search, times=None)
    key = str(doubtful.key)
    api.add(f"x.{key}.pdf", {"portal_key": key.upper()})
    api.add(f"y.{key}.pdf", {})
    api.add(f"z.{key}.pdf", {"portal_key": key + " "})
    api.add("w.pdf", {"other": key})
    api.add(f"v.{key}.pdf", None)

    assert drive.run(doubtful, until=(State.QUEUED,)).state == State.QUEUED


def test_a_search_without_a_filter_still_finds(api, queued, drive):
    api.inject("list", "unfiltered_names", times=None)
    for number in range(60):
        api.add(f"{number}.pdf", {"portal_key": str(number)})
    api.inject("create", Fault(500, b""))

    assert drive.run(queued, until=(State.RUNNING,)).state == State.RUNNING


def test_a_search_that_shows_too_much_proves_nothing(api, doubtful, drive, trusted, clock, monkeypatch):
    monkeypatch.setattr(service_search, "MAX_OPENED", 3)
    api.inject("list", "unfiltered_names", times=None)
    for number in range(4):
        api.add(f"{number}.pdf", {})

    waiting = drive.run(doubtful, most=6)
    assert (waiting.state, waiting.search_misses) == (State.CHECKING, 0)
    clock.advance(1800)
    undecided = drive.run(waiting, most=1)
    assert (undecided.state, undecided.error_code) == (State.UNDECIDED, "unsearchable")


def test_found_twice_the_older_is_kept_and_the_other_is_reported(api, doubtful, drive):
    key = str(doubtful.key)
    newer = api.add(f"a.{key}.pdf", {"portal_key": key}, created_at="2026-01-02T10:00:00Z")["id"]
    older = api.add(f"b.{key}.pdf", {"portal_key": key}, created_at="2026-01-02T09:00:00Z")["id"]

    found = drive.run(doubtful, until=(State.RUNNING,))

    assert found.remote_id == older
    assert found.other_remote_ids == [newer]
    assert (found.error_code, found.error_detail) == ("paid_twice", newer)


def test_a_clock_that_jumps_shortens_one_gap_only(api, doubtful, drive, clock, trusted):
    clock.advance(3600)

    waiting = drive.run(doubtful, most=2)

    assert waiting.state == State.CHECKING
    assert len(looks(api, doubtful)) == 2


def test_a_clock_that_goes_back_does_not_let_it_wait_for_ever(api, doubtful, drive, clock, trusted, accept_another):
    accept_another(seconds=40 * 24 * 3600)
    row = Extraction.objects.filter(pk=doubtful.pk)
    row.update(handed_over_at=clock() + timedelta(days=30))

    assert drive.run(doubtful, until=(State.QUEUED,), most=8).state == State.CHECKING
    row.update(handed_over_at=clock() - timedelta(seconds=1))
    assert drive.run(doubtful, until=(State.QUEUED,), most=8).state == State.QUEUED


@pytest.mark.parametrize("wish", ["cancel", "request_deletion"])
def test_a_wish_waits_until_it_is_known(api, doubtful, drive, trusted, wish):
    assert getattr(doubtful, wish)()
    doubtful.refresh_from_db()
    assert doubtful.state == State.CHECKING

    done = drive.run(doubtful)

    assert done.state == State.CANCELLED
    assert not api.accepted
    assert (done.deleted_at is not None) == (wish == "request_deletion")


@pytest.mark.parametrize("wish", ["cancel", "request_deletion"])
def test_what_was_found_after_a_wish_is_deleted_there(api, queued, drive, wish):
    api.inject("create", Fault(502, b""))
    doubtful = drive.step(queued)
    getattr(doubtful, wish)()

    done = drive.run(doubtful)

    assert done.state == State.CANCELLED
    assert done.remote_id
    assert api.documents == {}


def test_look_again_send_again_give_up(api, doubtful, drive, bob):
    undecided = drive.run(doubtful)

    assert undecided.decide("look", bob)
    undecided = drive.run(undecided)
    assert (undecided.state, undecided.decision, undecided.decided_by) == (State.UNDECIDED, "look", bob)

    assert undecided.decide("send", bob)
    sent = drive.run(undecided, until=(State.RUNNING,))
    assert (sent.state, sent.decision) == (State.RUNNING, "send")
    assert not sent.decide("give_up", bob)


def test_given_up_is_at_rest(api, doubtful, drive, bob):
    undecided = drive.run(doubtful)

    assert undecided.decide("give_up", bob)

    assert drive.run(undecided).state == State.CANCELLED
    assert not api.accepted


def test_sending_again_looks_first(api, doubtful, drive, bob):
    undecided = drive.run(doubtful)
    there = api.add("late.pdf", {"portal_key": str(undecided.key)})

    undecided.decide("send", bob)
    found = drive.run(undecided, until=(State.RUNNING,))

    assert found.remote_id == there["id"]
    assert not api.accepted


@pytest.mark.parametrize(
    "fields",
    [{"attempts": 1}, {"received_at_shift": 601}, {"received_at_shift": -601}],
    ids=["second attempt", "old", "from the future"],
)
def test_what_is_not_fresh_is_looked_for_before_it_is_sent(api, queued, drive, clock, fields):
    """A restored backup knows nothing of what was sent since."""
    shift = fields.pop("received_at_shift", 0)
    Extraction.objects.update(received_at=clock() - timedelta(seconds=shift), **fields)
    there = api.add("sent before.pdf", {"portal_key": str(queued.key)})

    found = drive.step(queued)

    assert (found.state, found.remote_id) == (State.RUNNING, there["id"])
    assert not api.uploads()


def test_what_is_not_fresh_and_not_there_is_sent(api, queued, drive, clock):
    Extraction.objects.update(received_at=clock() - timedelta(hours=1))

    assert drive.step(queued).state == State.RUNNING
    assert set(api.accepted.values()) == {1}


def test_before_the_search_answers_nothing_old_is_sent(api, queued, drive, clock):
    Extraction.objects.update(received_at=clock() - timedelta(hours=1))
    api.inject("/extract/", Fault(500, b""))

    assert drive.step(queued).state == State.QUEUED
    assert not api.uploads()


class TestTrust:
    def test_is_earned_by_finding_what_is_there(self, api, queued, drive, connection, clock):
        started = clock()
        assert not search_verification.is_wanted(connection, started)
        drive.step(queued)
        assert search_verification.is_wanted(connection, started)

        assert search_verification.verify_search(connection, started)

        connection.refresh_from_db()
        assert connection.search_is_trusted()
        assert not search_verification.is_wanted(connection, started)
        clock.advance(24 * 3600 + 1)
        assert search_verification.is_wanted(connection, started)

    def test_is_lost_when_the_search_is_blind(self, api, queued, drive, connection, clock, trusted):
        drive.step(queued)
        api.inject("list", "no_results", times=None)

        assert not search_verification.verify_search(connection, clock())

        connection.refresh_from_db()
        assert not connection.search_is_trusted()

    def test_is_kept_when_the_service_is_away(self, api, queued, drive, connection, clock, trusted):
        drive.step(queued)
        api.stop()

        assert not search_verification.verify_search(connection, clock())

        connection.refresh_from_db()
        assert connection.search_is_trusted()

    def test_needs_a_document(self, connection, clock):
        assert not search_verification.verify_search(connection, clock())


def test_other_rows_are_no_proof(api, alice, connection, clock):
    make_extraction(owner=alice, state=State.RUNNING, remote_id="unknown-there")

    assert not search_verification.verify_search(connection, clock())
