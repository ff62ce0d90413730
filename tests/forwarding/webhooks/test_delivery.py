"""Each event by its id, in order, whatever the receiver does; on real sockets."""

import socket
import threading
import time

import pytest
from django.core import mail
from django.utils import timezone

from extractions.forwarding.webhooks import delivery, transport
from extractions.forwarding.webhooks.delivery import deliver
from extractions.models import Event, Webhook, WebhookAttempt, WebhookMessage, publish
from tests.factories import Role, State, make_extraction, make_person, make_webhook
from tests.forwarding.webhooks.driving import drive, message, outcomes, run
from tests.webhook_receiver import Receiver, status

pytestmark = pytest.mark.django_db
Outcome = WebhookAttempt.Outcome
Pause = Webhook.Pause


def test_a_receiver_that_was_down_gets_each_event_once_and_in_order(webhook, receiver, alice, clock):
    documents = [make_extraction(owner=alice, state=State.EXTRACTED) for _ in range(3)]
    port = receiver.port
    receiver.__exit__()
    for event in (Event.RECEIVED, Event.FINISHED, Event.APPROVED):
        for document in documents:
            publish(document, event)
    drive(webhook, clock, hours=1 / 6)
    assert set(outcomes()) == {Outcome.UNREACHABLE}
    assert not receiver.received

    with Receiver(port=port) as back:
        drive(webhook, clock, hours=12)

    assert len(back.received) == len({item.id for item in back.received}) == 9
    for document in documents:
        told = [item.said["type"] for item in back.received if item.document == str(document.key)]
        assert told == ["document.received", "document.finished", "document.approved"]
    webhook.refresh_from_db()
    assert (webhook.failures, webhook.failing_since, webhook.not_before) == (0, None, None)


def test_an_event_waits_for_the_one_before_of_its_document_only(webhook, receiver, alice, clock):
    stuck, other = (make_extraction(owner=alice, state=State.EXTRACTED) for _ in range(2))
    receiver.answers.append(status(500))
    publish(stuck, Event.FINISHED)
    run(webhook)
    publish(stuck, Event.APPROVED)
    publish(other, Event.FINISHED)

    run(webhook)
    assert [item.document for item in receiver.received] == [str(stuck.key), str(other.key)]
    clock.advance(10)
    run(webhook)
    run(webhook)

    assert [item.said["type"] for item in receiver.received if item.document == str(stuck.key)] == [
        "document.finished", "document.finished", "document.approved",
    ]  # fmt: skip
    assert receiver.received[0].id == receiver.received[2].id
    assert receiver.received[0].body == receiver.received[2].body


@pytest.mark.parametrize(
    ("answer", "outcome", "http_status"),
    [
        (status(500, b"oops"), Outcome.REFUSED, 500),
        (status(301, Location="http://127.0.0.1:1/elsewhere"), Outcome.REDIRECT, 301),
        (status(307, Location="http://127.0.0.1:1/elsewhere"), Outcome.REDIRECT, 307),
        (lambda to: to.shutdown(socket.SHUT_RDWR), Outcome.UNREACHABLE, None),
        (lambda to: to.sendall(b"nonsense\r\n\r\n"), Outcome.UNREACHABLE, None),
    ],
)
def test_what_is_no_success_is_tried_again_later(webhook, receiver, document, answer, outcome, http_status):
    receiver.answers.append(answer)
    publish(document, Event.FINISHED)
    run(webhook)

    attempt = WebhookAttempt.objects.get()
    assert (attempt.outcome, attempt.http_status) == (outcome, http_status)
    assert message().waiting
    assert message().next_try_at > timezone.now()
    assert len(receiver.received) == 1, "no redirect is followed"


def test_a_receiver_that_says_nothing_is_left_at_the_deadline(webhook, receiver, document, impatient):
    receiver.answers.append(lambda to: to.recv(1))
    publish(document, Event.FINISHED)
    begun = time.monotonic()

    run(webhook)

    assert outcomes() == [Outcome.TIMED_OUT]
    assert time.monotonic() - begun < 10


def test_a_response_that_drips_in_is_left_at_the_deadline(webhook, receiver, document, impatient):
    """Each byte comes in time, and all of them never would."""

    def drip(to):
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 4000:
            to.sendall(bytes([byte]))
            time.sleep(0.05)

    receiver.answers.append(drip)
    publish(document, Event.FINISHED)
    begun = time.monotonic()

    run(webhook)

    assert outcomes() == [Outcome.TIMED_OUT]
    assert time.monotonic() - begun < 10


def test_a_tls_handshake_that_drips_in_is_left_at_the_deadline(team, receiver, document, impatient):
    listener = socket.create_server(("127.0.0.1", 0))
    webhook = make_webhook(team, f"https://127.0.0.1:{listener.getsockname()[1]}/")
    publish(document, Event.FINISHED)

    def drip():
        connected, _address = listener.accept()
        with connected:
            try:
                for byte in b"\x16\x03\x03\x40\x00" + b"\x02" * 4000:
                    connected.sendall(bytes([byte]))
                    time.sleep(0.05)
            except OSError:
                return

    threading.Thread(target=drip, daemon=True).start()
    begun = time.monotonic()

    run(webhook)
    listener.close()

    assert WebhookAttempt.objects.get(message__webhook=webhook).outcome == Outcome.TIMED_OUT
    assert time.monotonic() - begun < 10


def test_of_a_huge_answer_only_the_beginning_is_read(webhook, receiver, document):
    sent = []

    def flood(to):
        to.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        for _ in range(2000):
            sent.append(to.send(b"x\0" * 8192))  # noqa: PERF401 - what was sent until it breaks off

    receiver.answers.append(flood)
    publish(document, Event.FINISHED)

    run(webhook)

    assert message().state == "delivered"
    assert len(WebhookAttempt.objects.get().response_body) == transport.MAX_RESPONSE_BYTES
    assert sum(sent) < 32_000_000


def test_a_status_counts_even_if_the_body_never_ends(webhook, receiver, document, impatient):
    def hang(to):
        to.sendall(b"HTTP/1.1 202 OK\r\nContent-Length: 100\r\n\r\nsome of it")
        time.sleep(2)

    receiver.answers.append(hang)
    publish(document, Event.FINISHED)

    run(webhook)

    assert message().state == "delivered"


def test_410_pauses_at_once_and_the_administrators_get_mail(
    webhook, receiver, document, team, settings, django_capture_on_commit_callbacks
):
    settings.MAIL_WORKS = True
    make_person("Ada", team=team, role=Role.ADMINISTRATOR)
    make_person("Gone", team=team, role=Role.ADMINISTRATOR, is_active=False)
    receiver.answers.append(status(410))
    publish(document, Event.FINISHED)

    with django_capture_on_commit_callbacks(execute=True):
        run(webhook)

    webhook.refresh_from_db()
    assert webhook.pause == Pause.GONE
    (told,) = mail.outbox
    assert told.to == ["ada@example.com"]
    assert f"https://portal.example.com/team/{team.pk}/webhooks/{webhook.pk}/" in told.body
    assert "/hook" not in told.body, "the path may be a secret"
    assert message().waiting, "the event is kept"
    assert run(webhook) == 0


def test_two_days_of_failure_pause_it_and_cost_no_event(webhook, receiver, alice, clock):
    documents = [make_extraction(owner=alice, state=State.EXTRACTED) for _ in range(6)]
    for document in documents:
        publish(document, Event.FINISHED)
    receiver.usual = status(503)

    drive(webhook, clock, hours=100)

    webhook.refresh_from_db()
    assert webhook.pause == Pause.FAILING
    assert WebhookMessage.objects.filter(state="waiting").count() == 6
    assert len(receiver.received) <= 6 * len(delivery.DELAYS), "a receiver that is down is not hammered"

    receiver.usual, receiver.received = status(200), []
    assert webhook.resume()
    assert not webhook.resume()
    drive(webhook, clock, hours=1)
    assert len(receiver.received) == len({item.id for item in receiver.received}) == 6


def test_one_message_that_is_always_refused_is_given_up_and_the_next_follows(webhook, receiver, alice, clock):
    bad, other = (make_extraction(owner=alice, state=State.EXTRACTED) for _ in range(2))
    publish(bad, Event.FINISHED)
    publish(bad, Event.APPROVED)
    for _ in delivery.DELAYS:
        receiver.answers.append(status(400))
        run(webhook)
        publish(other, Event.EXPORTED)
        run(webhook)
        clock.reach(message(Event.FINISHED).next_try_at)
    receiver.answers.append(status(400))
    run(webhook)
    assert message(Event.FINISHED).state == "given_up"
    assert message(Event.FINISHED).attempts == len(delivery.DELAYS) + 1 == len(receiver.received) - len(delivery.DELAYS)

    run(webhook)

    assert message(Event.APPROVED).state == "delivered"
    webhook.refresh_from_db()
    assert not webhook.pause


def test_delays_grow_and_are_spread(webhook, receiver, document, clock):
    receiver.usual = status(500)
    publish(document, Event.FINISHED)
    waits = []
    for _ in range(4):
        run(webhook)
        Webhook.objects.update(failures=0, not_before=None)
        waits.append((message().next_try_at - clock()).total_seconds())
        clock.reach(message().next_try_at)

    for wait, usual in zip(waits, delivery.DELAYS, strict=False):
        assert 0.79 * usual - 1 < wait < 1.21 * usual


def test_retry_after_is_respected_but_not_for_ever(webhook, receiver, document, clock):
    receiver.answers.extend([status(429, Retry_After="120"), status(503, Retry_After="999999999")])
    publish(document, Event.FINISHED)

    run(webhook)
    assert 110 < (message().next_try_at - clock()).total_seconds() <= 120
    clock.reach(message().next_try_at)
    run(webhook)

    assert (message().next_try_at - clock()).total_seconds() <= delivery.MAX_RETRY_AFTER


def test_a_lost_worker_costs_a_lease_and_the_message_comes_again_under_its_id(
    webhook, receiver, document, clock, monkeypatch
):
    publish(document, Event.FINISHED)
    with monkeypatch.context() as patch:
        patch.setattr(delivery, "_record", lambda *_: None)
        run(webhook)

    assert run(webhook) == 0
    clock.advance(delivery.LEASE + 1)
    run(webhook)

    first, second = receiver.received
    assert (first.id, first.body) == (second.id, second.body)
    assert message().state == "delivered"


def test_of_two_workers_one_sends(webhook, receiver, document):
    publish(document, Event.FINISHED)
    one, other = message(), message()

    deliver(one)
    deliver(other)

    assert len(receiver.received) == 1
