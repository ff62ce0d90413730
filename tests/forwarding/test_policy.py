"""What an answer means: the table of the design, line by line."""

import threading
from dataclasses import replace

import pytest

from extractions.forwarding.steps.send_attempt import SendAttempt
from extractions.models import Attempt, Connection, Extraction
from tests.factories import State, make_extraction
from tests.fake_api import Delivery, Fault
from tests.running import PATIENCE

pytestmark = pytest.mark.django_db
Outcome = Attempt.Outcome
Pause = Connection.Pause

FIELD_ERRORS = {"document": ["The submitted file is empty."], "server": ['"XX" is not a valid choice.']}


@pytest.mark.parametrize("status", [200, 201, 202])
def test_an_id_is_a_fact(api, queued, drive, status):
    api.inject("create", Fault(status))

    sent = drive.step(queued)

    assert sent.state == State.RUNNING
    assert sent.remote_id in api.documents
    assert sent.handed_over_at is not None
    attempt = sent.tries.get()
    assert (attempt.outcome, attempt.http_status, attempt.remote_id) == (Outcome.ACCEPTED, status, sent.remote_id)
    assert attempt.handed_over_at == sent.handed_over_at


@pytest.mark.parametrize("status", [400, 413, 415, 422])
def test_a_refusal_is_told_in_the_words_of_the_service(api, queued, drive, status):
    api.inject("create", Fault(status, FIELD_ERRORS, accept=False))

    refused = drive.step(queued)

    assert (refused.state, refused.error_code) == (State.REJECTED, "too_large" if status == 413 else "refused")
    assert refused.error_detail == 'document: The submitted file is empty.\nserver: "XX" is not a valid choice.'
    assert (refused.next_try_at, refused.lease_until) == (None, None)
    assert refused.tries.get().outcome == Outcome.REFUSED
    assert not refused.connection.paused


@pytest.mark.parametrize(
    ("fault", "pause", "error_code"),
    [
        (Fault(401, {"detail": "Token is expired", "code": "token_not_valid"}), Pause.KEY_REFUSED, "key_refused"),
        (Fault(403, {"detail": "Not enough credits."}), Pause.NO_CREDITS, "no_credits"),
        (Fault(403, {"credits": ["Not enough credits."]}), Pause.NO_CREDITS, "no_credits"),
        (Fault(429, headers={"Retry-After": "120"}), Pause.RATE, "rate"),
        (Fault(307, headers={"Location": "/elsewhere/"}), Pause.WRONG_ADDRESS, "wrong_address"),
        (Fault(301, headers={"Location": "/elsewhere/"}), Pause.WRONG_ADDRESS, "wrong_address"),
        (Fault(404, b"<html><title>Nothing here</title>"), Pause.WRONG_ADDRESS, "wrong_address"),
        (Fault(405, {"detail": "Method not allowed."}), Pause.WRONG_ADDRESS, "wrong_address"),
    ],
)
def test_what_concerns_all_documents_pauses_the_connection(api, queued, drive, fault, pause, error_code):
    api.inject("create", replace(fault, accept=False))

    waiting = drive.step(queued)

    assert (waiting.state, waiting.error_code, waiting.attempts) == (State.QUEUED, error_code, 0)
    assert waiting.handed_over_at is None
    assert waiting.next_try_at is not None
    assert waiting.connection.pause == pause
    assert waiting.tries.get().outcome == Outcome.REFUSED
    assert len(api.uploads()) == 1, "no redirect is followed"


UNCLEAR = [
    *(Fault(status, b"<html><title>Bad gateway</title>") for status in (500, 502, 503, 504, 408, 409, 425, 418)),
    Fault(201, b"<html>Created!</html>"),
    Fault(201, {"status": "CREATED"}),
    Fault(201, {"id": ["no", "id"]}),
    Fault(204, b""),
    Fault(delivery=Delivery.CUT),
]


@pytest.mark.parametrize("accepted", [True, False])
@pytest.mark.parametrize("fault", UNCLEAR, ids=lambda fault: f"{fault.status}{fault.delivery}")
def test_after_the_gate_everything_else_is_in_doubt(api, queued, drive, fault, accepted):
    api.inject("create", replace(fault, accept=accepted))

    doubtful = drive.step(queued)

    assert doubtful.state == State.CHECKING
    assert doubtful.next_try_at is not None
    assert doubtful.handed_over_at is not None
    assert doubtful.tries.get().outcome == Outcome.UNCLEAR


def test_no_answer_in_time_is_in_doubt(api, queued, drive, impatient):
    too_late = threading.Event()
    api.inject("create", Fault(before_response=lambda: too_late.wait(PATIENCE)))

    doubtful = drive.step(queued)
    too_late.set()

    assert doubtful.state == State.CHECKING


def test_an_answer_that_only_drips_is_in_doubt(api, queued, drive, impatient):
    api.inject("create", Fault(delivery=Delivery.DRIP, pause=0.01))

    assert drive.step(queued).state == State.CHECKING


@pytest.mark.parametrize("fault", [Fault(cut_after=0), Fault(cut_after=1)], ids=["at once", "on the way"])
def test_what_breaks_before_the_gate_is_sent_later(api, alice, drive, fault):
    api.inject("create", fault)
    # More than fits into the buffers between us and the service.
    large = make_extraction(owner=alice, content_of_file=b"%PDF-" + bytes(20_000_000))

    waiting = drive.step(large)

    assert (waiting.state, waiting.error_code) == (State.QUEUED, "cut")
    assert waiting.handed_over_at is None
    assert waiting.tries.get().outcome == Outcome.NOT_SENT
    assert waiting.next_try_at is not None
    assert drive.run(waiting, until=(State.RUNNING,)).state == State.RUNNING
    assert set(api.accepted.values()) == {1}


def test_nobody_there_is_later(api, queued, drive):
    api.stop()

    waiting = drive.step(queued)

    assert (waiting.state, waiting.error_code, waiting.attempts) == (State.QUEUED, "unavailable", 1)


def test_an_early_refusal_is_understood_before_the_upload_ends(api, alice, drive):
    api.inject("create", Fault(413, b"<html><title>Request Entity Too Large</title>", early=True))
    large = make_extraction(owner=alice, content_of_file=b"%PDF-" + bytes(30_000))

    refused = drive.step(large)

    assert (refused.state, refused.error_detail) == (State.REJECTED, "Request Entity Too Large")


def test_later_grows_and_ends_after_three_days(api, queued, drive, clock, connection):
    api.stop()
    gaps = []
    for _ in range(12):
        waiting = drive.step(queued)
        gaps.append((waiting.next_try_at - clock()).total_seconds())
        Connection.objects.update(pause="", failures=0)

    assert gaps[0] <= 5
    assert 300 - 1 <= gaps[-1] <= 600
    clock.advance(72 * 3600)

    expired = drive.step(queued)

    assert (expired.state, expired.error_code) == (State.REJECTED, "expired")


def test_a_wish_that_waited_for_the_answer_is_fulfilled(api, queued, drive, monkeypatch):
    def gate_and_cancel(self):
        original(self)
        assert Extraction.objects.get(pk=queued.pk).cancel()

    original = SendAttempt.gate
    monkeypatch.setattr(SendAttempt, "gate", gate_and_cancel)
    api.inject("create", Fault(401, {"detail": "no"}, accept=False))

    cancelled = drive.step(queued)

    assert (cancelled.state, cancelled.handed_over_at) == (State.CANCELLED, None)
    assert cancelled.next_try_at is None
