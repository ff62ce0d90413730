"""A worker that is killed right after its message arrived: sent again under the same id, and everything in order."""

import ipaddress
import os
import signal
import subprocess
import sys

import pytest

from extractions.models import Event, WebhookAttempt, WebhookMessage, publish
from tests.factories import SIGNING_SECRET, State, make_extraction, make_webhook
from tests.running import PATIENCE, ROOT, wait_for
from tests.webhook_receiver import OK, Receiver

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


def database_url(settings):
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{database['NAME']}"
    return f"postgres://{database['USER']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"


@pytest.fixture
def start_worker(settings):
    """A worker in a process of its own, on the database of this test. Its leases end after nine seconds."""
    started = []
    environment = os.environ | {
        "DATABASE_URL": database_url(settings),
        "DATA_DIR": str(settings.DATA_DIR),
        "SECRET_KEY": settings.SECRET_KEY,
        "ANESYA_BASE_URL": "http://127.0.0.1:9",
        "ANESYA_API_KEY": "none",
        "WEBHOOK_PRIVATE_NETWORKS": "127.0.0.0/8",
        "FORWARDING_TIME_SCALE": "0.1",
    }

    def start():
        command = [sys.executable, "manage.py", "worker"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_killed_between_post_and_mark_each_event_comes_by_its_id_and_in_order(start_worker, alice, team, settings):
    settings.WEBHOOK_PRIVATE_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    documents = [make_extraction(owner=alice, state=State.EXTRACTED) for _ in range(3)]
    workers = []

    def kill(_to):
        """The message is here; whoever sent it never learns that."""
        os.kill(workers[-1].pid, signal.SIGKILL)

    with Receiver() as receiver:
        webhook = make_webhook(team, receiver.url, secret=SIGNING_SECRET)
        for event in (Event.FINISHED, Event.NEEDS_REVIEW, Event.APPROVED):
            for document in documents:
                publish(document, event)
        for _ in range(3):
            receiver.answers.extend([OK, kill])
            workers.append(start_worker())
            workers[-1].wait(PATIENCE)
            receiver.answers.clear()
        workers.append(start_worker())
        wait_for(lambda: WebhookMessage.objects.filter(state="delivered").count() == 9)

    assert {worker.returncode for worker in workers[:3]} == {-signal.SIGKILL}
    ids = [item.id for item in receiver.received]
    assert set(ids) == {row.message_id for row in WebhookMessage.objects.all()}
    assert len(ids) > 9, "what was under way came again"
    bodies = {item.id: {other.body for other in receiver.received if other.id == item.id} for item in receiver.received}
    assert all(len(each) == 1 for each in bodies.values())
    for document in documents:
        told = [item.said["type"] for item in receiver.received if item.document == str(document.key)]
        first = list(dict.fromkeys(told))
        assert first == ["document.finished", "document.needs_review", "document.approved"]
        assert told == sorted(told, key=first.index), "what came again came before the next"
    assert WebhookAttempt.objects.filter(outcome="delivered").count() == 9
    webhook.refresh_from_db()
    assert not webhook.pause
