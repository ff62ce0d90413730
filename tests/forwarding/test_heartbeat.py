"""The worker's signs of life, and who holds what."""

from datetime import timedelta

import pytest
from django.utils import timezone

from extractions.forwarding.runtime import heartbeat
from extractions.forwarding.runtime.heartbeat import Heartbeat
from extractions.forwarding.runtime.thread_pool import BoundedThreadPool
from extractions.forwarding.runtime.worker import Worker
from extractions.forwarding.steps.connection_state import check_engine
from extractions.forwarding.worker_name import worker_name
from extractions.models import WorkerProcess
from tests.factories import State
from tests.fake_api import Fault

pytestmark = pytest.mark.django_db


@pytest.fixture
def lane():
    lane = BoundedThreadPool("send", 3, lambda: None)
    yield lane
    lane.close(0)


def test_a_worker_is_seen_with_its_lanes(lane):
    Heartbeat(timezone.now()).beat([lane])

    seen = WorkerProcess.objects.get()
    assert (seen.name, seen.lanes, seen.alive) == (worker_name(), {"send": [0, 3]}, True)


def test_it_says_so_every_few_seconds_only(lane):
    heart = Heartbeat(timezone.now())
    heart.beat([lane])
    first = WorkerProcess.objects.get().seen_at

    heart.beat([lane])
    assert WorkerProcess.objects.get().seen_at == first
    heart._next -= heartbeat.INTERVAL_SECONDS
    heart.beat([lane])

    assert WorkerProcess.objects.get().seen_at > first


def test_silence_for_a_minute_is_death(lane, clock):
    Heartbeat(timezone.now()).beat([lane])

    clock.advance(59)
    assert WorkerProcess.objects.alive().count() == 1
    clock.advance(2)

    assert not WorkerProcess.objects.alive().exists()
    assert not WorkerProcess.objects.get().alive


def test_who_stops_clean_is_gone_at_once(lane):
    heart = Heartbeat(timezone.now())
    heart.beat([lane])

    heart.stop()

    assert not WorkerProcess.objects.alive().exists()


def test_workers_of_the_past_are_forgotten(lane, clock):
    Heartbeat(timezone.now()).beat([lane])
    WorkerProcess.objects.create(name="yesterday:1", host="yesterday", pid=1)
    WorkerProcess.objects.filter(pid=1).update(seen_at=clock() - timedelta(hours=25))

    heartbeat.delete_stale_workers()

    assert WorkerProcess.objects.get().name == worker_name()


def test_a_worker_that_ends_says_so(api, connection):
    worker = Worker()
    worker._beat()
    assert WorkerProcess.objects.alive().get().lanes["send"][1] > 0

    worker.stop.set()
    worker._shut_down()

    assert WorkerProcess.objects.get().stopped_at is not None


def test_what_is_claimed_names_its_holder(api, queued, drive):
    api.inject("create", Fault(503, b"", accept=False))

    checking = drive.step(queued)
    assert (checking.state, checking.held_by) == (State.CHECKING, worker_name())
    checking.held_by = ""
    checking.save(update_fields=["held_by"])

    assert drive.step(checking).held_by == worker_name()


def test_the_engine_is_known_to_answer_only_when_it_does(api, connection):
    api.inject("/extract/", Fault(503, b""))

    check_engine(connection)
    connection.refresh_from_db()
    assert connection.answered_at is None
    check_engine(connection)

    connection.refresh_from_db()
    assert connection.answered_at is not None


@pytest.mark.parametrize(("status", "said"), [(200, "warming"), (200, "ready"), (503, "broken")])
def test_what_the_engine_says_of_itself_is_noted(api, connection, status, said):
    api.inject("/x/health/", Fault(status, b'{"status": "%s"}' % said.encode()))

    check_engine(connection)

    connection.refresh_from_db()
    assert connection.readiness == said


def test_nothing_is_known_of_an_engine_that_is_silent_or_says_something_else(api, connection):
    connection.readiness = "ready"
    connection.save(update_fields=["readiness"])
    api.inject("/extract/", Fault(503, b""))

    check_engine(connection)
    connection.refresh_from_db()
    silent = connection.readiness
    api.inject("/x/health/", Fault(200, b'["status"]'))
    check_engine(connection)

    connection.refresh_from_db()
    assert (silent, connection.readiness) == ("", "")
