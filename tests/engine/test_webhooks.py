"""Telling a real receiver that a document or a session has ended."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.utils.timezone import now

from engine.api import webhook_delivery
from engine.models import WebhookDelivery, WebhookTarget
from engine.processing import document_processing
from engine.processing.work_queue import claim_next
from tests.engine.conftest import extract_of, upload_by
from tests.fake_api import FaultProxy
from tests.running import wait_for

pytestmark = pytest.mark.django_db(transaction=True)
DRIPPING = 30.0  # seconds


class Receiver(HTTPServer):
    """Keeps what it is sent, and answers with the codes it is given (204 when there are no more)."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), ReceiverHandler)
        self.received: list[dict] = []
        self.codes: list[int] = []
        self.url = f"http://127.0.0.1:{self.server_port}/hook"


class ReceiverHandler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.received.append(body)
        self.send_response(self.server.codes.pop(0) if self.server.codes else 204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        thread = threading.Thread(target=receiver.serve_forever)
        thread.start()
        yield receiver
        receiver.shutdown()
        thread.join()


@pytest.fixture
def subscribe(alice, receiver):
    for event in WebhookTarget.Event:
        WebhookTarget.objects.create(account=alice, event=event, url=receiver.url)


@pytest.fixture
def process(children, reading_by):
    def go(stand_in: str = "everything") -> None:
        reading_by(stand_in)
        document_processing.process(claim_next(), children, threading.Event())

    return go


def deliver_due() -> None:
    for delivery in WebhookDelivery.objects.filter(next_try_at__lte=now()).order_by("pk"):
        webhook_delivery.deliver(delivery)


def test_a_finished_document_is_told_as_in_the_sample(client, subscribe, receiver, pdf, process):
    extract = extract_of(upload_by(client, pdf))
    process()

    deliver_due()

    [body] = receiver.received
    assert list(body) == ["id", "event", "timestamp", "data"]
    assert body["event"] == "extract.completed"
    assert len(body["timestamp"]) == len("2025-06-25T14:45:26Z")
    assert body["data"]["id"] == str(extract.pk)
    assert body["data"]["status"] == "FINISHED"
    assert list(body["data"]["content_images"][0]) == ["id", "name", "url"]
    assert body["data"]["content_images"][0]["url"] == f"/images/{body['data']['content_images'][0]['id']}/"


def test_a_failed_document_is_told_as_failed(client, subscribe, receiver, pdf, process):
    upload_by(client, pdf)
    process("crashes")

    deliver_due()

    assert [body["event"] for body in receiver.received] == ["extract.failed"]


@pytest.mark.parametrize(("last", "event"), [("everything", "workflow.completed"), ("crashes", "workflow.failed")])
def test_a_workflow_is_told_when_its_last_document_has_ended(
    client, alice, subscribe, receiver, pdf, process, last, event
):
    with pdf.open("rb") as one, pdf.open("rb") as two:
        form = {"extracts[0][document]": one, "extracts[1][document]": two}
        client.post(f"/workflow/{alice.workflows.get().pk}/extract/", form, format="multipart")

    process()
    deliver_due()
    after_one = [body["event"] for body in receiver.received]
    process(last)
    deliver_due()

    assert after_one == ["extract.completed"]
    [told] = [body for body in receiver.received if body["event"].startswith("workflow")]
    assert told["event"] == event
    assert len(told["data"]["extracts"]) == 2


@pytest.fixture
def send_two(client, alice, pdf):
    """Two documents of one session of the workflow, to be read in this order."""

    def send() -> list[str]:
        with pdf.open("rb") as one, pdf.open("rb") as two:
            form = {"extracts[0][document]": one, "extracts[1][document]": two}
            answer = client.post(f"/workflow/{alice.workflows.get().pk}/extract/", form, format="multipart")
        return [extract["id"] for extract in answer.json()]

    return send


def test_a_workflow_is_told_when_its_last_document_is_deleted(client, subscribe, receiver, process, send_two):
    first, second = send_two()
    process()
    client.delete(f"/extract/{second}/")

    deliver_due()

    assert [body["event"] for body in receiver.received] == ["extract.completed", "workflow.completed"]
    assert [extract["id"] for extract in receiver.received[1]["data"]["extracts"]] == [first]


def test_a_workflow_is_told_though_the_document_that_ended_it_is_deleted(
    client, subscribe, receiver, process, send_two
):
    first, second = send_two()
    process("crashes")
    process()
    client.delete(f"/extract/{second}/")

    deliver_due()

    assert [body["event"] for body in receiver.received] == ["extract.failed", "workflow.failed"]
    assert [extract["id"] for extract in receiver.received[1]["data"]["extracts"]] == [first]


def test_a_workflow_is_told_once(client, subscribe, receiver, process, send_two):
    first, second = send_two()
    client.delete(f"/extract/{first}/")  # the other one is still to be read
    process()
    deliver_due()
    third, _ = send_two()
    process()
    process()
    deliver_due()
    client.delete(f"/extract/{third}/")  # ended and told
    deliver_due()
    client.delete(f"/extract/{second}/")  # nothing is left of its session

    deliver_due()

    assert [body["event"] for body in receiver.received].count("workflow.completed") == 2


def test_other_accounts_are_told_nothing(stranger, subscribe, receiver, pdf, process):
    upload_by(stranger, pdf)
    process()

    deliver_due()

    assert receiver.received == []


def test_a_failed_delivery_is_tried_again_and_then_given_up(client, subscribe, receiver, pdf, process, settings):
    settings.ENGINE_WEBHOOK_PAUSES = [0, 0]
    receiver.codes = [500, 302, 404, 200]
    upload_by(client, pdf)
    process()

    for _ in range(4):
        deliver_due()

    delivery = WebhookDelivery.objects.get()
    assert len(receiver.received) == 3
    assert (delivery.attempts, delivery.delivered_at, delivery.next_try_at) == (3, None, None)
    assert delivery.outcome == "answered 404"


def test_a_receiver_that_comes_back_gets_it(client, subscribe, receiver, pdf, process, settings):
    settings.ENGINE_WEBHOOK_PAUSES = [0]
    receiver.codes = [503]
    upload_by(client, pdf)
    process()

    deliver_due()
    deliver_due()
    deliver_due()

    assert len(receiver.received) == 2
    assert WebhookDelivery.objects.get().delivered_at is not None


def test_a_receiver_that_is_not_there_does_no_harm(client, alice, pdf, process):
    WebhookTarget.objects.create(account=alice, event="extract.completed", url="http://127.0.0.1:9/none")
    upload_by(client, pdf)
    process()

    deliver_due()

    delivery = WebhookDelivery.objects.get()
    assert (delivery.attempts, delivery.delivered_at) == (1, None)
    assert delivery.next_try_at > now()


def test_a_receiver_that_drips_keeps_nobody_waiting(client, alice, pdf, process, settings):
    settings.ENGINE_WEBHOOK_TIMEOUT = 0.5
    upload_by(client, pdf)
    with dripping_receiver(alice):
        process()

        begun = time.monotonic()
        deliver_due()

    assert time.monotonic() - begun < DRIPPING / 2
    assert WebhookDelivery.objects.get().outcome == "did not answer in time"


def test_a_receiver_that_drips_is_asked_nothing_more_until_it_has_ended(client, alice, pdf, process, settings):
    settings.ENGINE_WEBHOOK_TIMEOUT = 0.2
    settings.ENGINE_WEBHOOK_PAUSES = [0, 0]
    upload_by(client, pdf)
    with dripping_receiver(alice):
        process()
        deliver_due()
        alive = threading.active_count()

        deliver_due()

        assert threading.active_count() <= alive
    delivery = WebhookDelivery.objects.get()
    assert (delivery.attempts, delivery.delivered_at) == (1, None)
    assert delivery.next_try_at > now()


def test_an_error_that_requests_does_not_know_is_noted(client, subscribe, pdf, process, monkeypatch):
    def fails(*_, **__):
        raise UnicodeError("label too long")

    monkeypatch.setattr(webhook_delivery.requests.Session, "post", fails)
    upload_by(client, pdf)
    process()

    deliver_due()

    delivery = WebhookDelivery.objects.get()
    assert (delivery.attempts, delivery.outcome) == (1, "request failed: label too long")


@contextlib.contextmanager
def dripping_receiver(account):
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/drip"
        WebhookTarget.objects.create(account=account, event="extract.completed", url=url)
        threading.Thread(target=drip, args=(server,), daemon=True).start()
        yield


def drip(server: socket.socket) -> None:
    """A header that never ends, one letter after the other, each long before anybody loses patience."""
    line, _ = server.accept()
    with line, contextlib.suppress(OSError):
        line.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
        end = time.monotonic() + DRIPPING
        while time.monotonic() < end:
            line.sendall(b"x")
            time.sleep(0.1)


@pytest.mark.parametrize(("fault", "times"), [("ok", 1), ("twice", 2), ("lost", 0)])
def test_the_sender_delivers_by_itself_whatever_becomes_of_it(
    client, alice, receiver, pdf, process, monkeypatch, fault, times
):
    monkeypatch.setattr(webhook_delivery, "POLL_SECONDS", 0.05)
    plan = {"faults": {"webhook": [fault]}, "webhook": receiver.url, "webhook_delay": [0, 0]}
    with FaultProxy("http://127.0.0.1:9", plan=plan) as between:
        WebhookTarget.objects.create(account=alice, event="extract.completed", url=f"{between.url}/webhooks/")
        upload_by(client, pdf)
        process()
        sender = webhook_delivery.WebhookSender()

        sender.start()
        wait_for(lambda: WebhookDelivery.objects.filter(delivered_at__isnull=False).exists())
        sender.stop()
        wait_for(lambda: between.journal.count("webhook") == max(times, 1))

    assert len(receiver.received) == times
    assert WebhookDelivery.objects.get().attempts == 1


def test_deliveries_go_with_the_document(client, subscribe, pdf, process):
    extract = extract_of(upload_by(client, pdf))
    process()

    client.delete(f"/extract/{extract.pk}/")

    assert not WebhookDelivery.objects.exists()


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://example.org/x", True),
        ("http://example.org/x", False),
        ("http://127.0.0.1:8000/x", True),
        ("http://localhost/x", True),
        ("http://[::1]/x", True),
        ("http://127.0.0.1.example.org/x", False),
        ("ftp://127.0.0.1/x", False),
        ("https:///x", False),
    ],
)
def test_plain_http_stays_on_this_machine(url, allowed, settings):
    settings.ENGINE_WEBHOOK_HTTP = False

    assert webhook_delivery.is_allowed_url(url) is allowed
