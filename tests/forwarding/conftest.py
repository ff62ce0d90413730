from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from extractions import clock as database_clock
from extractions.forwarding.api import client
from extractions.forwarding.api.client import Client
from extractions.forwarding.steps.dispatch import step
from extractions.forwarding.steps.sweep import sweep
from extractions.models import Attempt, Connection, Extraction
from tests.factories import State, make_extraction
from tests.fake_api import KEY, FakeApi


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
    monkeypatch.setattr(database_clock, "now", clock)
    return clock


@pytest.fixture
def api(settings, embedded_engine):
    """The API, where nothing is finished before a test says so."""
    with FakeApi(plan={"job_seconds": None}, key=KEY) as api:
        api.schemas = []
        settings.ANESYA_BASE_URL = api.url
        settings.ANESYA_API_KEY = KEY
        yield api


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
        self._step(extraction.pk)
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
            self._step(extraction.pk)
        return Extraction.objects.select_related("connection").get(pk=extraction.pk)

    def _step(self, pk: int) -> None:
        """This thread stands for the worker, and for the isolated sender of a suspect too."""
        step(pk, self.stop, isolated=Extraction.objects.filter(pk=pk, suspected_at__isnull=False).exists())


@pytest.fixture
def drive(clock) -> Driver:
    return Driver(clock)


@pytest.fixture
def trusted(connection, clock):
    Connection.objects.update(search_trusted_at=clock())


@pytest.fixture
def accept_another(api, alice, clock):
    """A document that the service accepts now, and shows."""

    def accept(seconds=0, **fields):
        known = make_extraction(
            owner=alice, state=State.EXTRACTED, handed_over_at=clock() + timedelta(seconds=seconds), **fields
        )
        there = api.add(f"a.{known.key}.pdf", {"portal_key": str(known.key)})
        Extraction.objects.filter(pk=known.pk).update(remote_id=there["id"])
        Attempt.objects.create(
            extraction=known,
            number=1,
            lease=1,
            handed_over_at=known.handed_over_at,
            ended_at=known.handed_over_at,
            outcome=Attempt.Outcome.ACCEPTED,
            remote_id=there["id"],
        )
        known.refresh_from_db()
        return known

    return accept


@pytest.fixture
def proved(trusted, accept_another):
    """The search is trusted, and shows a document that was accepted after anything that a test hands over at first."""
    return accept_another(seconds=60)


@pytest.fixture
def running(api, queued, drive):
    return drive.step(queued)


@pytest.fixture
def there(api, running):
    """The document as the service has it."""
    return api.documents[running.remote_id]
