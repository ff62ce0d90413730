"""The worker with all its threads, against a service on real sockets; waiting times are scaled down."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connections
from django.utils import timezone

from extractions.forwarding.api import client, transport
from extractions.forwarding.runtime import worker as module
from extractions.forwarding.runtime.worker import Worker
from extractions.forwarding.steps import send_attempt
from extractions.intake.receiving import receive
from extractions.intake.submitting import Options, submit
from extractions.models import Connection, Export, Extraction, Schema, WorkerProcess
from extractions.wakeup import notify_workers
from portal.people.models import Membership
from tests.factories import State, make_extraction, pdf
from tests.fake_api import KEY, Delivery, Fault
from tests.running import PATIENCE, wait_for

pytestmark = pytest.mark.django_db(transaction=True)
DONE = {"status": "FINISHED", "content": "text", "extracted_data": {"a": 1}}


@pytest.fixture
def quick(settings, monkeypatch):
    """Nobody waits for long; but nothing that is under way is given up, however busy the machine."""
    settings.FORWARDING_TIME_SCALE = 0.2
    settings.WORKER_THREADS = 16
    for name in ("LEASE", "LEASE_AFTER_GATE", "GATE_SECONDS"):
        monkeypatch.setattr(send_attempt, name, 3600.0)
    for name in ("CONNECT_SECONDS", "READ_SECONDS", "ANSWER_SECONDS"):
        monkeypatch.setattr(transport, name, 3600.0)
        if name != "CONNECT_SECONDS":
            monkeypatch.setattr(client, name, 3600.0)


@pytest.fixture
def working(api, quick):
    """A worker at work in the background."""
    started = []

    def start() -> Worker:
        worker = Worker()

        def work():
            worker.run()
            connections.close_all()

        thread = threading.Thread(target=work)
        thread.start()
        started.append((worker, thread))
        return worker

    yield start
    for worker, thread in started:
        worker.stop.set()
        notify_workers()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def finish_all(api):
    for document in list(api.documents.values()):
        document.update(DONE)


def test_a_submitted_document_goes_all_the_way(api, working, alice, team):
    api.schemas = [{"id": "s-1", "name": "Invoice"}]
    working()
    wait_for(lambda: Schema.objects.filter(name="Invoice").exists())
    stored = receive(SimpleUploadedFile("invoice.pdf", pdf(2)))
    with pytest.MonkeyPatch.context() as asleep:
        asleep.setattr(module, "MAX_SLEEP_SECONDS", 300.0)
        notify_workers()

        begun = time.monotonic()
        row = submit(stored, Options(), owner=alice, team=team, form_token="one")
        wait_for(lambda: api.accepted)
        reaction = time.monotonic() - begun
    notify_workers()
    finish_all(api)

    wait_for(lambda: Extraction.objects.filter(pk=row.pk, state=State.EXTRACTED, pages_due_at=None).exists())
    assert row.pages.count() == 2
    assert row.values.get().path == "a"
    assert reaction < 100, "woken at once, not found by the next look"
    wait_for(lambda: Connection.objects.get().search_is_trusted())


def test_sixteen_documents_are_in_flight_at_once(api, working, alice):
    together = threading.Barrier(16)
    api.inject("create", *(Fault(while_reading=lambda: together.wait(PATIENCE)) for _ in range(16)))
    for _ in range(16):
        make_extraction(owner=alice)

    working()

    wait_for(lambda: Extraction.objects.filter(state=State.RUNNING).count() == 16)
    assert sorted(api.accepted.values()) == [1] * 16


def test_a_ring_that_nobody_has_time_for_is_kept(api, working, alice):
    there = api.add("x.pdf", {})
    row = make_extraction(owner=alice, state=State.RUNNING, remote_id=there["id"])
    Extraction.objects.update(next_try_at=timezone.now() + timedelta(hours=1))
    api.documents[there["id"]].update(DONE)
    free, kept = threading.Event(), threading.Semaphore(0)
    worker = working()
    wait_for(WorkerProcess.objects.exists)
    for number in range(worker._maintenance.size):

        def occupy() -> None:
            kept.release()
            free.wait(PATIENCE)

        wait_for(lambda key=f"occupied-{number}", job=occupy: worker._maintenance.offer(key, job))
        assert kept.acquire(timeout=PATIENCE)

    def rung():
        notify_workers(there["id"])  # again and again, for on PostgreSQL the first may come before anybody listens
        return worker._pending_webhooks

    wait_for(rung)
    free.set()

    wait_for(lambda: Extraction.objects.filter(pk=row.pk, state=State.EXTRACTED).exists())


def test_two_workers_send_each_document_once(api, working, alice):
    rows = [make_extraction(owner=alice) for _ in range(30)]

    working()
    working()

    wait_for(lambda: sum(api.accepted.values()) >= 30)
    finish_all(api)
    wait_for(lambda: Extraction.objects.filter(state=State.EXTRACTED).count() == 30)
    assert api.accepted == {str(row.key): 1 for row in rows}


def test_a_bad_day_costs_nothing_twice(api, working, alice, settings):
    """Each upload meets another misfortune; in the end all are finished and each was paid once."""
    settings.FORWARDING_TIME_SCALE = 0.05
    misfortunes = [
        Fault(502, b""),
        Fault(503, b"", accept=False),
        Fault(delivery=Delivery.CUT),
        Fault(cut_after=0),
        Fault(201, b"<html>"),
        Fault(429, {}, {"Retry-After": "1"}, accept=False),
        Fault(500, b""),
        Fault(401, {"detail": "no"}, accept=False),
    ]
    Connection.current()
    Connection.objects.update(search_trusted_at=Connection.objects.get().created_at)
    rows = [make_extraction(owner=alice) for _ in range(12)]
    api.inject("create", *misfortunes)

    working()

    def all_done():
        finish_all(api)
        return Extraction.objects.filter(state=State.EXTRACTED).count() == len(rows)

    wait_for(all_done)
    assert api.accepted == {str(row.key): 1 for row in rows}
    assert not Connection.objects.get().paused


def test_a_database_that_goes_away_is_waited_for(api, working, alice, monkeypatch):
    real, failures = Worker.tick, iter([True] * 3)

    def tick(self):
        if next(failures, False):
            raise OperationalError("database is locked")
        return real(self)

    monkeypatch.setattr(Worker, "tick", tick)
    row = make_extraction(owner=alice)

    working()

    wait_for(lambda: Extraction.objects.filter(pk=row.pk, state=State.RUNNING).exists())


def test_a_job_that_surprises_stops_nobody(api, working, alice, monkeypatch):
    real = module.step

    def step(pk, stop):
        if pk == unlucky.pk:
            raise RuntimeError("a mistake of ours")
        real(pk, stop)

    monkeypatch.setattr(module, "step", step)
    unlucky, lucky = make_extraction(owner=alice), make_extraction(owner=alice)

    working()

    wait_for(lambda: Extraction.objects.filter(pk=lucky.pk, state=State.RUNNING).exists())
    unlucky.refresh_from_db()
    assert unlucky.state == State.QUEUED


def test_stopping_waits_for_the_answer_of_what_was_handed_over(api, working, alice):
    may_answer = threading.Event()
    api.inject("create", Fault(before_response=lambda: may_answer.wait(PATIENCE)))
    row = make_extraction(owner=alice)
    worker = working()
    wait_for(lambda: Extraction.objects.filter(pk=row.pk, state=State.SENT).exists())

    worker.stop.set()
    may_answer.set()

    wait_for(lambda: Extraction.objects.filter(pk=row.pk, state=State.RUNNING).exists())


def test_the_command_stops_on_a_signal(api, settings, alice):
    """A process of its own, on the database of this test."""
    row = make_extraction(owner=alice)
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        url = f"sqlite:///{database['NAME']}"
    else:
        url = f"postgres://{database['USER']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    environment = os.environ | {
        "DATABASE_URL": url,
        "DATA_DIR": str(settings.DATA_DIR),
        "ANESYA_BASE_URL": api.url,
        "ANESYA_API_KEY": KEY,
        "SECRET_KEY": settings.SECRET_KEY,
        "LOG_LEVEL": "INFO",
    }
    root = Path(__file__).resolve().parents[2]
    process = subprocess.Popen(
        [sys.executable, "manage.py", "worker"], cwd=root, env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        wait_for(lambda: Extraction.objects.filter(pk=row.pk, state=State.RUNNING).exists())
    finally:
        process.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        _, log = process.communicate(timeout=PATIENCE)

    assert process.returncode == 0, log
    assert time.monotonic() - begun < module.SHUTDOWN_SECONDS
    assert "The worker has stopped" in log


def test_exports_are_made_beside_documents_that_hang(api, working, alice):
    """The lane of exports is its own: they wait for no service, and are made once, however many workers look."""
    row = make_extraction(owner=alice, state=State.EXTRACTED)
    hanging = threading.Event()
    api.inject("create", *(Fault(while_reading=lambda: hanging.wait(PATIENCE)) for _ in range(16)))
    for _ in range(16):
        make_extraction(owner=alice)
    team = Membership.objects.get(person=alice).team_id
    asked = Export.request(person=alice, teams=[team], form="csv")
    try:
        working()
        working()
        wait_for(lambda: Export.objects.get(pk=asked.pk).state == Export.State.READY)
        made = Export.objects.get(pk=asked.pk)
        assert str(row.key) in Path(made.file.path).read_text(encoding="utf-8-sig")
        assert made.next_try_at is None
        assert len(list(Path(made.file.path).parent.iterdir())) == 1
    finally:
        hanging.set()
