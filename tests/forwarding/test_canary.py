"""A search that was trusted and goes stale, shows late or never ends: nothing is sent again before it is proved."""

from __future__ import annotations

import pytest
from django.utils import timezone

from extractions.forwarding.steps import search_verification, service_search
from extractions.forwarding.steps.search_canary import Freshness, recheck_provable
from extractions.forwarding.steps.sweep import sweep
from extractions.models import Attempt, Connection, Extraction
from tests.factories import State, make_extraction
from tests.fake_api import KEY, FakeApi

pytestmark = pytest.mark.django_db


@pytest.fixture
def service(settings, embedded_engine, tmp_path):
    """The API that misbehaves as its plan says, with a ledger of what it charged."""
    with FakeApi(tmp_path / "ledger", {"job_seconds": [0, 0], "late_seconds": 1e9}) as service:
        settings.ANESYA_BASE_URL, settings.ANESYA_API_KEY = service.url, KEY
        yield service


@pytest.fixture
def send(service, alice, drive, clock):
    """Send a document, treated as the word says; it is not fresh enough to be confused with the one before."""

    def send(word="ok", **fields):
        service.inject("create", word)
        clock.advance(1)
        Connection.objects.update(**Connection.WORKING)
        return drive.step(make_extraction(owner=alice, received_at=timezone.now(), **fields))

    return send


@pytest.fixture
def trusted_search(service, send, clock):
    send()
    assert search_verification.verify_search(Connection.current(), clock())


def paid(service, extraction):
    return sum(charge.portal_key == str(extraction.key) for charge in service.ledger.charges())


def test_a_search_that_goes_stale_after_it_was_trusted_lets_nothing_be_sent_twice(
    service, trusted_search, send, drive, clock
):
    service.plan.update({"stale": [1e9, 1e9]})
    doubtful = send("accept_cut")
    send()
    clock.advance(300)

    waiting = drive.run(doubtful, until=(State.QUEUED, State.UNDECIDED))

    assert paid(service, doubtful) == 1
    assert (waiting.state, waiting.error_code) == (State.UNDECIDED, Freshness.STALE.value)
    assert not Connection.current().search_is_trusted()


def test_when_a_stale_search_recovers_the_document_is_found_without_anybody(
    service, trusted_search, send, drive, clock
):
    service.plan.update({"stale": [1e9, 1e9]})
    doubtful = send("accept_cut")
    send()
    undecided = drive.run(doubtful)
    assert undecided.state == State.UNDECIDED
    sweep()
    undecided.refresh_from_db()
    assert undecided.state == State.UNDECIDED, "nothing has changed"
    service.plan.update({"stale": []})
    assert search_verification.verify_search(Connection.current(), clock())

    sweep()

    found = drive.run(undecided, until=(State.RUNNING,))
    assert (found.state, paid(service, found)) == (State.RUNNING, 1)


def test_without_a_later_document_nobody_knows_and_a_person_is_asked(service, trusted_search, send, drive):
    doubtful = send("no_cut")

    undecided = drive.run(doubtful, until=(State.QUEUED,))

    assert (undecided.state, undecided.error_code) == (State.UNDECIDED, Freshness.UNPROVEN.value)
    assert paid(service, undecided) == 0


def test_one_who_sends_seldom_is_not_kept_waiting_for_ever(service, trusted_search, send, drive, clock):
    """The next document that is accepted settles what was in doubt before it."""
    lost, taken = send("no_cut"), send("hidden_cut")
    for doubtful in (lost, taken):
        assert drive.run(doubtful).state == State.UNDECIDED
    sweep()
    assert Extraction.objects.filter(state=State.UNDECIDED).count() == 2
    for job in service.jobs.values():
        job.shown_at = 0
    send()
    clock.advance(130)

    sweep()

    assert drive.run(lost, until=(State.RUNNING,)).state == State.RUNNING
    assert drive.run(taken, until=(State.RUNNING,)).state == State.RUNNING
    assert (paid(service, lost), paid(service, taken)) == (1, 1)


def test_what_a_person_decides_is_not_taken_up_again(service, trusted_search, send, drive, clock, alice):
    undecided = drive.run(send("no_cut"))
    assert undecided.decide("give_up", alice)
    send()
    clock.advance(130)

    assert recheck_provable() == 0


def test_a_fresh_search_lets_it_be_sent_again(service, trusted_search, send, drive):
    lost = send("no_cut")
    send()

    sent = drive.run(lost, until=(State.RUNNING,))

    assert (sent.state, sent.tries.count(), paid(service, sent)) == (State.RUNNING, 2, 1)


def test_the_embedded_engine_needs_no_proof(service, trusted_search, send, drive):
    Connection.objects.update(embedded=True)

    sent = drive.run(send("no_cut"), until=(State.RUNNING,))

    assert sent.state == State.RUNNING


def test_the_documents_of_other_connections_prove_nothing(service, trusted_search, send, drive):
    doubtful = send("no_cut")
    other = send()
    former = Connection.objects.create(base_url="http://another.example.com", key_fingerprint="x")
    Extraction.objects.filter(pk=other.pk).update(connection=former)

    assert drive.run(doubtful).state == State.UNDECIDED


def test_a_document_that_was_sent_again_proves_nothing(service, trusted_search, send, drive, clock):
    """A stale search still finds what its first attempt left there."""
    resent = send("accept_cut")
    service.plan.update({"stale": [1e9, 1e9]})
    doubtful = send("accept_cut")
    clock.advance(1)
    assert drive.run(resent, until=(State.RUNNING,)).state == State.RUNNING, "found by its first attempt"
    Extraction.objects.filter(pk=resent.pk).update(handed_over_at=timezone.now())
    attempt = {"extraction": resent, "number": 2, "lease": 10**6, "handed_over_at": timezone.now()}
    Attempt.objects.create(**attempt, outcome=Attempt.Outcome.ACCEPTED, remote_id="the second acceptance")
    clock.advance(300)

    waiting = drive.run(doubtful, until=(State.QUEUED, State.UNDECIDED))

    assert (waiting.state, waiting.error_code) == (State.UNDECIDED, Freshness.UNPROVEN.value)
    assert paid(service, doubtful) == 1


@pytest.mark.parametrize("lie", ["endless", "endless_new"])
def test_a_search_without_an_end_is_bounded_and_not_known_to_be_empty(service, trusted_search, send, drive, lie):
    doubtful = send("no_cut")
    send()
    service.plan.update({"rates": {"list": {lie: 1.0}}})
    before = len(service.journal.entries)

    undecided = drive.run(doubtful)

    assert (undecided.state, undecided.error_code) == (State.UNDECIDED, service_search.UNSEARCHABLE)
    assert len(service.journal.entries) - before < 200
    assert paid(service, undecided) == 0


def test_all_searches_of_a_connection_together_are_bounded(service, trusted_search, send, drive, clock, alice):
    in_doubt = [send("no_cut") for _ in range(12)]
    send()
    service.plan.update({"rates": {"list": {"endless_new": 1.0}}})
    before = service.journal.count("list") + service.journal.count("read")

    for _ in range(6):
        for doubtful in in_doubt:
            drive.step(doubtful)

    made = service.journal.count("list") + service.journal.count("read") - before
    plain = service_search.USUAL_REQUESTS * 6 * len(in_doubt)
    assert made <= service_search.MAX_EXTRA_PER_HOUR + plain + 20
    assert Extraction.objects.filter(state=State.CHECKING).count() == len(in_doubt)
    clock.advance(3601)
    service.plan.update({"rates": {"list": {}}})
    assert drive.step(in_doubt[0]).search_misses == 1, "in the next hour it is searched again"


def test_a_plain_search_is_never_refused(service, trusted_search, send, drive):
    Connection.objects.update(search_window_at=None, search_extra=0)
    doubtful = send("no_cut")
    send()

    drive.run(doubtful, until=(State.RUNNING,))

    assert Connection.current().search_extra == 0
