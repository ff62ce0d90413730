from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from extractions.forwarding import client
from extractions.forwarding.client import Client
from extractions.forwarding.steps import step
from extractions.forwarding.sweep import sweep
from extractions.models import Connection, Extraction
from tests.factories import make_extraction
from tests.forwarding.stand_in import KEY, StandIn


class Clock:
    """What `timezone.now()` tells; it only moves on by order, and by real time."""

    def __init__(self) -> None:
        self._now = timezone.now
        self.shift = timedelta(0)

    def __call__(self) -> datetime:
        return self._now() + self.shift

    def advance(self, seconds: float) -> None:
        self.shift += timedelta(seconds=seconds)

    def reach(self, moment: datetime) -> None:
        """Move on until then, if it is not there yet."""
        self.shift += max(timedelta(0), moment - self())


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timezone, "now", clock)
    return clock


@pytest.fixture
def api(settings, embedded_engine):
    stand_in = StandIn()
    settings.ANESYA_BASE_URL = stand_in.url
    settings.ANESYA_API_KEY = KEY
    yield stand_in
    stand_in.close()


@pytest.fixture
def client_of(api) -> Client:
    return Client(api.url, KEY)


@pytest.fixture
def connection(api, db) -> Connection:
    return Connection.current()


@pytest.fixture
def queued(api, alice, clock) -> Extraction:
    """A document received a moment ago."""
    return make_extraction(owner=alice)


@pytest.fixture
def impatient(monkeypatch):
    """Answers are waited for as short as a test can bear; connecting and sending take what they take."""
    monkeypatch.setattr(client, "ANSWER_SECONDS", 0.4)


class Driver:
    """Does what the worker does, in this thread, and as fast as the clock can be moved."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.stop = threading.Event()

    def step(self, extraction: Extraction) -> Extraction:
        """One step, whether it is due or not."""
        Extraction.objects.filter(pk=extraction.pk, next_try_at__gt=timezone.now()).update(next_try_at=timezone.now())
        step(extraction.pk, self.stop)
        return Extraction.objects.select_related("connection").get(pk=extraction.pk)

    def run(self, extraction: Extraction, *, until: tuple[str, ...] = (), most: int = 60) -> Extraction:
        """Step after step, each when it is due, until the row is in one of these states or at rest."""
        extraction.refresh_from_db()
        for _ in range(most):
            extraction = Extraction.objects.select_related("connection").get(pk=extraction.pk)
            alarm = extraction.next_try_at or extraction.lease_until
            if alarm is None or extraction.state in until:
                break
            self.clock.reach(alarm + timedelta(milliseconds=1))
            sweep()
            step(extraction.pk, self.stop)
        return Extraction.objects.select_related("connection").get(pk=extraction.pk)


@pytest.fixture
def drive(clock) -> Driver:
    return Driver(clock)
