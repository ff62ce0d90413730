"""The end of a document leaves only after the row says so, and only if it may."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError
from django.utils import timezone

from extractions.forwarding.api import multipart
from extractions.forwarding.steps import send_attempt
from extractions.forwarding.steps.send_attempt import SendAttempt
from extractions.forwarding.steps.sweep import sweep
from extractions.models import Attempt, Connection, Extraction
from tests.factories import State, make_extraction
from tests.fake_api import Fault

pytestmark = pytest.mark.django_db
LARGE = b"%PDF-" + bytes(3_000_000)


@pytest.fixture
def large(api, alice, clock):
    """Larger than what fits into the buffers between us and the service."""
    return make_extraction(owner=alice, content_of_file=LARGE)


@pytest.fixture
def at_the_gate(monkeypatch):
    """Do something when all but the end is out."""

    def arrange(action):
        original = SendAttempt.gate

        def gate(self):
            action()
            original(self)

        monkeypatch.setattr(SendAttempt, "gate", gate)

    return arrange


def test_the_row_says_sent_before_the_service_has_the_end(api, queued, drive, monkeypatch):
    states = []
    original = multipart.GatedMultipartBody.__iter__

    def watched(self):
        for block in original(self):
            states.append((Extraction.objects.get(pk=queued.pk).state, self.released, len(block)))
            yield block

    monkeypatch.setattr(multipart.GatedMultipartBody, "__iter__", watched)

    drive.step(queued)

    *before, last = states
    assert {state for state, _released, _length in before} == {State.SENDING}
    assert not any(released for _state, released, _length in before)
    assert last[:2] == (State.SENT, True)
    assert last[2] >= multipart.HELD_BACK_BYTES


def test_a_small_document_is_held_back_whole(api, alice, clock, drive):
    small = make_extraction(owner=alice, content_of_file=b"%PDF-tiny")

    assert drive.step(small).state == State.RUNNING
    name, filename, content = api.uploads()[0].parts[-1]
    assert (name, content) == ("document", b"%PDF-tiny")
    assert str(small.key) in filename


def test_cancelled_while_it_is_sent(api, large, drive, at_the_gate):
    at_the_gate(lambda: Extraction.objects.get(pk=large.pk).cancel())

    cancelled = drive.step(large)

    assert (cancelled.state, cancelled.handed_over_at, cancelled.next_try_at) == (State.CANCELLED, None, None)
    assert not api.accepted
    assert cancelled.tries.get().outcome == Attempt.Outcome.NOT_SENT


def test_deleted_while_it_is_sent(api, large, drive, at_the_gate):
    path = Path(large.document.path)
    at_the_gate(lambda: Extraction.objects.get(pk=large.pk).request_deletion())

    deleted = drive.run(drive.step(large))

    assert deleted.deleted_at is not None
    assert not path.exists()
    assert not api.accepted


def test_a_lease_that_was_lost_closes_the_gate(api, large, drive, at_the_gate, clock):
    def lose():
        Extraction.objects.filter(pk=large.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        sweep()

    at_the_gate(lose)

    waiting = drive.step(large)

    assert waiting.state == State.QUEUED
    assert waiting.suspected_at is not None
    assert not api.accepted


def test_a_paused_connection_closes_the_gate(api, large, drive, at_the_gate, connection):
    at_the_gate(lambda: connection.pause_for(Connection.Pause.NO_CREDITS, until=timezone.now()))

    waiting = drive.step(large)

    assert (waiting.state, waiting.attempts) == (State.QUEUED, 0)
    assert not api.accepted


def test_a_worker_that_stops_drops_what_is_before_the_gate(api, large, drive, at_the_gate):
    at_the_gate(drive.stop.set)

    waiting = drive.step(large)

    assert (waiting.state, waiting.attempts, waiting.crashes) == (State.QUEUED, 0, 0)
    assert not api.accepted


def test_a_stop_is_noticed_within_the_upload(api, large, drive):
    api.inject("create", Fault(while_reading=drive.stop.set))

    assert drive.step(large).state == State.QUEUED
    assert not api.accepted


def test_a_gate_that_took_too_long_does_not_release(api, large, drive, monkeypatch):
    original = SendAttempt._hand_over

    def slow(self):
        passed = original(self)
        monkeypatch.setattr(send_attempt, "GATE_SECONDS", -1.0)
        return passed

    monkeypatch.setattr(SendAttempt, "_hand_over", slow)

    doubtful = drive.step(large)

    assert doubtful.state == State.CHECKING, "the row says sent, and only a search may say otherwise"
    assert not api.accepted


def test_a_database_that_is_away_at_the_gate_releases_nothing(api, large, drive, monkeypatch):
    def away(self):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(SendAttempt, "_hand_over", away)

    waiting = drive.step(large)

    assert waiting.state == State.QUEUED
    assert not api.accepted


@pytest.mark.parametrize("change", ["missing", "shorter", "longer", "other"])
def test_only_the_bytes_that_were_received_are_sent(api, large, drive, change):
    path = Path(large.document.path)
    match change:
        case "missing":
            path.unlink()
        case "shorter":
            path.write_bytes(LARGE[:-1])
        case "longer":
            path.write_bytes(LARGE + b"x")
        case "other":
            path.write_bytes(b"x" + LARGE[1:])

    rejected = drive.run(large)

    assert (rejected.state, rejected.error_code) == (State.REJECTED, "original_missing")
    assert not api.accepted


def test_the_lease_is_renewed_while_a_slow_upload_goes_on(api, large, drive, monkeypatch, clock):
    monkeypatch.setattr(send_attempt, "RENEW_SECONDS", 0.0)
    untils = []
    original = SendAttempt.checkpoint

    def checkpoint(self):
        clock.advance(50)
        original(self)
        untils.append(Extraction.objects.get(pk=large.pk).lease_until)

    monkeypatch.setattr(SendAttempt, "checkpoint", checkpoint)

    assert drive.step(large).state == State.RUNNING
    assert untils == sorted(untils)
    assert untils[-1] - untils[0] > timedelta(seconds=600)


def test_two_workers_that_are_woken_send_once(api, queued, drive):
    seen_by_one, seen_by_other = (Extraction.objects.get(pk=queued.pk) for _ in range(2))

    first = send_attempt.claim(seen_by_one, drive.stop)
    second = send_attempt.claim(seen_by_other, drive.stop)

    assert first is not None
    assert second is None
    assert Attempt.objects.count() == 1


def test_an_answer_is_written_down_even_when_the_row_was_cancelled_and_taken_over(api, queued, drive, monkeypatch):
    """After the gate the worker lost its lease, the row went on, and then the answer came."""
    original = SendAttempt.gate

    def gate(self):
        original(self)
        Extraction.objects.filter(pk=queued.pk).update(state=State.CANCELLED, lease=99, lease_until=None)

    monkeypatch.setattr(SendAttempt, "gate", gate)

    cancelled = drive.step(queued)

    assert cancelled.state == State.CANCELLED
    assert cancelled.remote_id in api.documents
    assert cancelled.next_try_at is not None
    monkeypatch.undo()
    assert drive.run(cancelled).state == State.CANCELLED
    assert api.documents == {}, "what was cancelled is deleted there"
