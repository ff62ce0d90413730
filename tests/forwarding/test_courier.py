"""What is put on the queue, what is done without it. The brokers themselves are in tests/faults/test_brokers.py."""

import pytest
from celery.exceptions import OperationalError
from django.core.management import CommandError, call_command

from extractions.forwarding.fairness import RoundRobin
from extractions.forwarding.runtime import celery_transport as module
from extractions.forwarding.runtime.celery_transport import BYPASS_SECONDS, PICKUP_SECONDS, CeleryTransport
from extractions.forwarding.runtime.worker import Worker
from extractions.models import Extraction
from tests.factories import State, make_extraction


@pytest.fixture
def put(monkeypatch):
    """What was put on the queue."""
    put = []
    monkeypatch.setattr(module.step_task, "apply_async", lambda arguments, **options: put.append(arguments[0]))
    return put


@pytest.fixture
def later(monkeypatch):
    """Moves the clock of the courier."""
    passed = [0.0]
    real = module.time.monotonic
    monkeypatch.setattr(module.time, "monotonic", lambda: real() + passed[0])

    def later(seconds):
        passed[0] += seconds

    return later


def left(courier):
    due = Extraction.objects.filter(next_try_at__isnull=False)
    return [pk for pk, _party in courier.dispatch(due, RoundRobin(), 100, 100)]


def test_a_row_is_put_on_the_queue_once_for_each_claim(put, queued):
    courier = CeleryTransport()

    assert left(courier) == left(courier) == []
    assert put == [queued.pk]

    Extraction.objects.update(lease=1)
    assert left(courier) == []
    assert put == [queued.pk] * 2


def test_a_message_that_nobody_takes_is_done_without(put, queued, later, alice):
    courier = CeleryTransport()
    left(courier)
    later(PICKUP_SECONDS + 1)
    other = make_extraction(owner=alice)

    assert left(courier) == [queued.pk, other.pk]
    assert put == [queued.pk]

    Extraction.objects.update(lease=2)
    assert left(courier) == [queued.pk, other.pk]
    later(BYPASS_SECONDS + 1)
    assert left(courier) == []
    assert put == [queued.pk, queued.pk, other.pk]


def test_a_queue_that_is_away_is_not_asked_for_every_row(monkeypatch, queued, alice, later):
    make_extraction(owner=alice)
    asked = []

    def fail(arguments, **options):
        asked.append(arguments)
        raise OperationalError("connection refused")

    monkeypatch.setattr(module.step_task, "apply_async", fail)
    courier = CeleryTransport()

    assert len(left(courier)) == 2
    assert len(asked) == 1
    later(BYPASS_SECONDS + 1)
    left(courier)
    assert len(asked) == 2


def test_a_broker_that_is_away_does_not_hold_the_worker(queued, settings):
    module.app.conf.broker_url = "redis://127.0.0.1:1/0"
    try:
        assert left(CeleryTransport()) == [queued.pk]
    finally:
        module.app.conf.broker_url = settings.CELERY_BROKER_URL


def test_a_message_does_what_is_next_and_its_double_nothing(api, queued):
    module.run_step(queued.pk)
    module.run_step(queued.pk)
    module.run_step(queued.pk + 1000)

    queued.refresh_from_db()
    assert queued.state == State.RUNNING
    assert api.accepted == {str(queued.key): 1}
    assert not [request for request in api.requests if request.method == "GET"], (
        "a second message asks nothing before its time"
    )


def test_without_a_queue_there_is_no_courier(db, settings):
    settings.CELERY_BROKER_URL = ""

    assert Worker()._celery is None
    with pytest.raises(CommandError, match="CELERY_BROKER_URL"):
        call_command("worker", celery=True)
