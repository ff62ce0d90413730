"""Several services at once: each document by its own, and none held up by another's trouble."""

from __future__ import annotations

import threading
import time
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from extractions.forwarding.runtime.worker import Worker
from extractions.forwarding.steps import connection_state, key_rotation, webhook_receiver
from extractions.models import Connection, Extraction
from extractions.services import own_connections as service
from extractions.services.own_connections import ConnectionSettings
from tests.factories import State, make_extraction, make_person, make_schema, make_team
from tests.fake_api import FakeApi

KEY = "team-key-0123456789"


@pytest.fixture
def theirs():
    """The service that a team has an account of its own at."""
    with FakeApi(plan={"job_seconds": None}, key=KEY) as theirs:
        yield theirs


@pytest.fixture
def team(db):
    return make_team("Own")


@pytest.fixture
def sender(team):
    return make_person("Olga", team=team)


@pytest.fixture
def own(api, theirs, team) -> Connection:
    return service.set_up(team, ConnectionSettings(theirs.url, KEY))


def sent_by(connection: Connection, sender, **fields) -> Extraction:
    return make_extraction(owner=sender, connection=connection, **fields)


def finish(api: FakeApi) -> None:
    for document in api.documents.values():
        document.update({"status": "FINISHED", "content": "text", "extracted_data": {"a": 1}})


def tick_until(worker: Worker, done, seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, "it did not happen in time"
        worker.tick()
        worker.stop.wait(0.02)


@pytest.fixture
def worker(transactional_db, embedded_engine):
    worker = Worker()
    yield worker
    worker.stop.set()
    worker._shut_down()


def state_of(row: Extraction) -> str:
    return Extraction.objects.values_list("state", flat=True).get(pk=row.pk)


@pytest.mark.django_db(transaction=True)
def test_each_document_goes_by_its_own_connection(api, theirs, own, alice, sender, worker):
    ours, other = make_extraction(owner=alice), sent_by(own, sender)

    tick_until(worker, lambda: {state_of(ours), state_of(other)} == {State.RUNNING})

    assert api.accepted[str(ours.key)] == 1
    assert theirs.accepted[str(other.key)] == 1
    assert not api.accepted[str(other.key)]
    assert not theirs.accepted[str(ours.key)]


@pytest.mark.django_db(transaction=True)
def test_one_that_is_refused_stops_no_other(api, theirs, own, alice, sender, worker):
    theirs.key = "revoked"
    ours, other = make_extraction(owner=alice), sent_by(own, sender)

    tick_until(worker, lambda: state_of(ours) == State.RUNNING and Connection.objects.get(pk=own.pk).paused)
    tick_until(worker, lambda: state_of(other) == State.QUEUED)  # put back by another thread than the one that pauses

    assert Connection.objects.get(pk=own.pk).pause == Connection.Pause.KEY_REFUSED
    assert not Connection.current().paused
    assert not theirs.accepted


@pytest.mark.django_db(transaction=True)
def test_one_that_is_slow_holds_up_no_other(api, theirs, own, alice, sender, worker, monkeypatch):
    """More documents hang at the one service than it has threads; the other's go through meanwhile."""
    let_go = threading.Event()
    from extractions.forwarding.api.client import Client

    create = Client.create

    def slow(self, *args, **kwargs):
        if self.base_url == theirs.url:
            assert let_go.wait(30)
        return create(self, *args, **kwargs)

    monkeypatch.setattr(Client, "create", slow)
    hanging = [sent_by(own, sender) for _ in range(20)]
    ours = [make_extraction(owner=alice) for _ in range(3)]
    try:
        tick_until(worker, lambda: {state_of(row) for row in ours} == {State.RUNNING})
        assert not {state_of(row) for row in hanging} & {State.SENT, State.RUNNING, State.EXTRACTED}
    finally:
        let_go.set()


@pytest.mark.django_db(transaction=True)
def test_the_worker_tests_a_connection_when_asked(api, theirs, own, team, worker):
    tick_until(worker, lambda: not Connection.objects.get(pk=own.pk).check_pending)
    assert Connection.objects.get(pk=own.pk).check_outcome == ""

    theirs.key = "revoked"
    service.test(team)
    tick_until(worker, lambda: not Connection.objects.get(pk=own.pk).check_pending)

    assert Connection.objects.get(pk=own.pk).check_outcome == "key_refused"


def test_a_removed_connection_follows_what_it_sent(own, theirs, team, sender, drive, clock):
    row = drive.run(sent_by(own, sender), until=(State.RUNNING,))
    service.remove(team)
    finish(theirs)

    row = drive.run(row)

    assert row.state == State.EXTRACTED
    assert theirs.accepted[str(row.key)] == 1


def test_its_key_is_forgotten_when_nothing_of_it_is_left(own, theirs, team, sender, drive, clock):
    row = drive.run(sent_by(own, sender), until=(State.RUNNING,))
    service.remove(team)
    key_rotation.discard_unused_keys()
    own.refresh_from_db()
    assert own.sealed_key, "deleting the document at the service takes the key"

    row.request_deletion()
    drive.run(row)
    key_rotation.discard_unused_keys()

    own.refresh_from_db()
    assert not own.sealed_key
    assert not theirs.documents


def test_a_new_key_of_the_same_account_takes_everything_over(own, theirs, team, sender, drive, clock):
    schema = make_schema(connection=own)
    row = drive.run(sent_by(own, sender, schema=schema), until=(State.RUNNING,))
    theirs.key = "another-key-0123"
    new = service.set_up(team, ConnectionSettings(theirs.url, theirs.key))
    own.refresh_from_db()

    key_rotation.resolve(own)

    own.refresh_from_db()
    row.refresh_from_db()
    schema.refresh_from_db()
    assert (own.sealed_key, own.successor) == ("", None)
    assert row.connection == new
    assert schema.connection == new
    finish(theirs)
    assert drive.run(row).state == State.EXTRACTED
    assert theirs.accepted[str(row.key)] == 1


def test_a_key_of_another_account_takes_nothing_over(own, theirs, team, sender, drive, clock, monkeypatch):
    """Looked for in the wrong account, a document would seem lost, and be sent and paid again."""
    known = drive.run(sent_by(own, sender), until=(State.RUNNING,))
    doubtful = sent_by(own, sender, state=State.CHECKING, handed_over_at=timezone.now())
    waiting = sent_by(own, sender)
    new = service.set_up(team, ConnectionSettings(theirs.url, "another-account-1"))
    own.refresh_from_db()
    elsewhere = FakeApi(key="another-account-1").start()
    client = connection_state.Client(elsewhere.url, elsewhere.key)
    monkeypatch.setattr(connection_state, "client_for", lambda item: client if item.pk == new.pk else None)
    try:
        key_rotation.resolve(own)
    finally:
        elsewhere.stop()

    own.refresh_from_db()
    assert own.successor is None
    assert own.sealed_key
    for row in (known, doubtful, waiting):
        row.refresh_from_db()
        assert row.connection == own


def test_what_surely_never_left_goes_by_the_corrected_key(own, theirs, team, sender, drive, clock):
    """A first key with a slip of the pen: nothing was ever taken by it."""
    theirs.key = "the-right-key-00"
    row = drive.step(sent_by(own, sender))
    assert row.state == State.QUEUED
    new = service.set_up(team, ConnectionSettings(theirs.url, theirs.key))
    own.refresh_from_db()
    held = Extraction.objects.get(pk=row.pk)

    key_rotation.resolve(own)

    row.refresh_from_db()
    assert row.connection == new
    assert row.lease > held.lease, "whoever has read it under the old key cannot claim it any more"
    assert drive.run(row, until=(State.RUNNING,)).state == State.RUNNING
    assert theirs.accepted[str(row.key)] == 1


def test_what_may_have_left_stays_where_it_can_be_looked_for(own, theirs, team, sender, clock):
    doubtful = sent_by(own, sender, state=State.CHECKING, handed_over_at=timezone.now())
    waiting = sent_by(own, sender)
    service.set_up(team, ConnectionSettings(theirs.url, "another-key-0123"))
    own.refresh_from_db()

    key_rotation.resolve(own)

    for row in (doubtful, waiting):
        row.refresh_from_db()
        assert row.connection == own


def test_a_key_that_cannot_be_read_pauses_its_connection(own, sender, settings, drive, clock):
    row = sent_by(own, sender)
    settings.SECRET_KEY = "lost"

    assert not connection_state.is_served(own)

    own.refresh_from_db()
    assert own.pause == Connection.Pause.KEY_LOST
    assert drive.step(row).state == State.QUEUED
    settings.SECRET_KEY = "found again"
    own.sealed_key = service.seal(KEY)
    assert connection_state.is_served(own)
    own.refresh_from_db()
    assert not own.paused


def test_deleting_waits_for_a_key_that_cannot_be_read(own, theirs, sender, settings, drive, clock):
    row = drive.run(sent_by(own, sender), until=(State.RUNNING,))
    row.request_deletion()
    settings.SECRET_KEY = "lost"

    row = drive.step(row)

    assert row.deleted_at is None
    assert row.next_try_at is not None
    assert theirs.documents


def test_the_bell_of_one_service_says_nothing_of_anothers_document(api, own, theirs, alice, sender, clock):
    """Whoever runs a service could otherwise answer for documents that were never sent there."""
    ours = make_extraction(owner=alice, state=State.CHECKING, handed_over_at=timezone.now())
    sent_by(own, sender, state=State.CHECKING, handed_over_at=timezone.now())
    forged = str(uuid.uuid4())
    theirs.documents[forged] = {"id": forged, "status": "FINISHED", "metadata": {"portal_key": str(ours.key)}}

    webhook_receiver.handle(forged)

    ours.refresh_from_db()
    assert ours.state == State.CHECKING
    assert not ours.remote_id


def test_the_bell_of_a_teams_service_is_heard(own, theirs, sender, clock):
    row = sent_by(own, sender, state=State.CHECKING, handed_over_at=timezone.now())
    remote = str(uuid.uuid4())
    theirs.documents[remote] = {"id": remote, "status": "IN_PROGRESS", "metadata": {"portal_key": str(row.key)}}

    webhook_receiver.handle(remote)

    row.refresh_from_db()
    assert (row.state, row.remote_id) == (State.RUNNING, remote)


def test_days_pass_and_waiting_is_not_for_the_settings_to_end(own, sender, drive, clock, settings):
    """The sweep gives up on addresses that the settings named before; this one was never named there."""
    from extractions.forwarding.steps.sweep import sweep

    row = sent_by(own, sender, next_try_at=timezone.now() + timedelta(days=1))
    sweep()

    row.refresh_from_db()
    assert row.state == State.QUEUED
