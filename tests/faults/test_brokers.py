"""Celery as the transport, with brokers as they are installed: whatever they do to a message, it is sent once."""

from __future__ import annotations

import os
import secrets
import socket
from urllib.parse import urlsplit

import pytest
from celery import Celery

from tests.fake_api import FakeApi
from tests.faults.judging import DONE, rows_of, workers_of
from tests.faults.processes import KEY
from tests.faults.test_copied_portals import upload
from tests.running import wait_for

pytestmark = pytest.mark.long
BROKERS = {
    "redis": os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9"),
    "rabbitmq": os.environ.get("TEST_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//"),
}


class Queue:
    """The queue of one test on a real broker."""

    def __init__(self, url: str) -> None:
        self.url, self.name = url, f"test-{secrets.token_hex(4)}"
        self.app = Celery("test", broker=url, set_as_current=False)
        self.app.conf.update(task_default_queue=self.name, broker_connection_timeout=3)

    def put(self, pk: int) -> None:
        self.app.send_task("extractions.step", (pk,), queue=self.name, ignore_result=True)

    def lose(self) -> int:
        """Throw away every message that waits; how many there were."""
        with self.app.connection_for_write() as connection:
            return int(connection.default_channel.queue_purge(self.name) or 0)

    def is_empty(self) -> bool:
        with self.app.connection_for_read() as connection:
            try:
                declared = connection.default_channel.queue_declare(self.name, passive=True)
            except connection.channel_errors:
                return True  # Redis knows no empty queues
            return bool(declared.message_count == 0)

    def remove(self) -> None:
        with self.app.connection_for_write() as connection:
            connection.default_channel.queue_delete(self.name)
        self.app.close()


@pytest.fixture(params=BROKERS)
def queue(request):
    url = urlsplit(BROKERS[request.param])
    try:
        socket.create_connection((url.hostname, url.port), timeout=2).close()
    except OSError as error:
        pytest.skip(f"No {request.param} answers at {url.hostname}:{url.port}: {error}")
    queue = Queue(BROKERS[request.param])
    yield queue
    queue.remove()


@pytest.fixture
def portal(portal_with, queue):
    queues = {"CELERY_BROKER_URL": queue.url, "CELERY_QUEUE": queue.name}
    portal = portal_with(FORWARDING_TIME_SCALE="0.05", LOG_LEVEL="INFO", **queues)
    yield portal
    for process in portal.processes:
        process.stop()


def start(portal, name, *arguments):
    process = portal._process(name, "manage.py", "worker", *arguments)
    portal.processes.append(process)
    process.start()
    return process


def state_of(portal, sha256):
    return next(row["state"] for row in rows_of(portal.database_url) if row["sha256"] == sha256)


def test_each_document_is_sent_once_whatever_becomes_of_its_messages(portal, queue):
    plan = {"job_seconds": [0, 0.1], "faults": {"create": ["ok", "accept_hang"]}}
    with FakeApi(portal.ledger, plan, port=portal.api_port, key=KEY) as api:
        first = start(portal, "celery-1", "--celery")
        carried = upload(portal, "carried")
        wait_for(lambda: put_until(portal, queue, carried, first))
        assert first.running.pid in workers_of(portal.database_url)

        # Killed in the middle of a document that the service has taken and not answered for. Nobody is left to take
        # messages, and those that wait are thrown away.
        killed = upload(portal, "killed")
        queue.put(number_of(portal, killed))
        wait_for(lambda: api.ledger.times_paid()[killed])
        first.kill()
        start(portal, "worker")
        lost = upload(portal, "lost")
        queue.lose()
        wait_for(lambda: {state_of(portal, killed), state_of(portal, lost)} <= DONE)

        # The same message many times, for two who take them at once.
        doubled = upload(portal, "doubled")
        for _ in range(20):
            queue.put(number_of(portal, doubled))
        for name in ("celery-2", "celery-3"):
            start(portal, name, "--celery")
        wait_for(lambda: state_of(portal, doubled) in DONE)
        wait_for(queue.is_empty)

        assert api.ledger.times_paid() == {carried: 1, killed: 1, lost: 1, doubled: 1}
        assert api.journal.count("create") == 4


def number_of(portal, sha256):
    return [row["sha256"] for row in rows_of(portal.database_url)].index(sha256) + 1


def put_until(portal, queue, sha256, process):
    """One message, and whether the row has come to its end by those that were put so far."""
    assert process.alive, process.log.read_text()
    if queue.is_empty():
        queue.put(number_of(portal, sha256))
    return state_of(portal, sha256) in DONE
