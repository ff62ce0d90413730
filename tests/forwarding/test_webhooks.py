"""Webhooks on real sockets: each event by its id, in order, whatever the receiver does."""

import ipaddress
import socket
import threading
import time
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from extractions.forwarding.runtime.webhook_pools import _due
from extractions.forwarding.steps.erase import erase
from extractions.forwarding.webhooks import addresses, delivery, payload, retention, transport
from extractions.forwarding.webhooks.delivery import deliver
from extractions.models import Event, Extraction, Value, Webhook, WebhookAttempt, WebhookMessage, publish
from portal.sealing import seal
from tests.factories import SIGNING_SECRET, Role, State, make_extraction, make_person, make_team, make_webhook
from tests.webhook_receiver import Receiver, status

pytestmark = pytest.mark.django_db
Outcome = WebhookAttempt.Outcome
Pause = Webhook.Pause


@pytest.fixture(autouse=True)
def own_network(settings):
    settings.WEBHOOK_PRIVATE_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]


@pytest.fixture
def receiver():
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def webhook(team, receiver):
    return make_webhook(team, receiver.url)


@pytest.fixture
def document(alice):
    return make_extraction(owner=alice, state=State.EXTRACTED)


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(transport, "EXCHANGE_SECONDS", 0.5)
    monkeypatch.setattr(transport, "BODY_SECONDS", 0.3)


def run(webhook):
    """What the worker does in one tick, in this thread."""
    webhook = Webhook.objects.get(pk=webhook.pk)
    found = list(_due(webhook, timezone.now()))
    for message in found:
        deliver(message)
    return len(found)


def drive(webhook, clock, hours):
    """Everything that is due within so many hours, when it is due."""
    until = clock() + timedelta(hours=hours)
    while clock() < until:
        if run(webhook):
            continue
        webhook.refresh_from_db()
        moments = [*WebhookMessage.objects.values_list("next_try_at", flat=True), webhook.not_before]
        coming = [moment for moment in moments if moment is not None and moment > clock()]
        if webhook.pause or not coming:
            return
        clock.reach(min(coming))


def outcomes():
    return list(WebhookAttempt.objects.order_by("pk").values_list("outcome", flat=True))


def message(event=None):
    rows = WebhookMessage.objects.order_by("pk")
    return rows.get(event=event) if event else rows.get()


def test_a_message_says_ids_states_and_links_and_nothing_of_the_document(webhook, receiver, document):
    publish(document, Event.FINISHED)

    run(webhook)

    (got,) = receiver.received
    assert got.said["type"] == "document.finished"
    assert got.said["timestamp"].endswith("Z")
    assert got.said["data"] == {
        "id": str(document.key),
        "service_id": document.remote_id,
        "team": document.team_id,
        "state": "EXTRACTED",
        "review": "",
        "links": {"page": f"https://portal.example.com{document.get_absolute_url()}"},
    }
    assert got.headers["content-type"] == "application/json"
    assert document.name not in got.body
    assert (message().state, message().body) == ("delivered", got.body)
    assert outcomes() == [Outcome.DELIVERED]


def test_values_are_sent_where_the_webhook_asks_for_them(team, receiver, document):
    webhook = make_webhook(team, receiver.url, include_values=True)
    document.metadata = {"order": "77"}
    document.save(update_fields=["metadata"])
    Value.objects.create(
        extraction=document, position=0, path="total", text="13", typed=13, corrected=True, extracted=12.5
    )
    publish(document, Event.APPROVED)

    run(webhook)

    said = receiver.received[0].said["data"]
    assert (said["name"], said["metadata"]) == (document.name, {"order": "77"})
    assert said["values"] == {"invoice_number": "INV-1", "total": 13}


def test_values_that_are_too_long_are_left_out_and_that_is_said(team, receiver, document, monkeypatch):
    monkeypatch.setattr(payload, "MAX_VALUES_CHARS", 10)
    webhook = make_webhook(team, receiver.url, include_values=True)
    publish(document, Event.FINISHED)

    run(webhook)

    said = receiver.received[0].said["data"]
    assert (said["values"], said["values_omitted"]) == (None, True)


def test_a_signature_is_verified_by_the_library_of_the_specification(webhook, receiver, document):
    publish(document, Event.FINISHED)
    run(webhook)
    (got,) = receiver.received

    assert Verifier(SIGNING_SECRET).verify(got.body, got.headers) == got.said
    with pytest.raises(WebhookVerificationError):
        Verifier(SIGNING_SECRET).verify(got.body.replace("EXTRACTED", "FAILED"), got.headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(SIGNING_SECRET).verify(got.body, got.headers | {"webhook-id": "msg_other"})


def test_two_secrets_are_valid_while_one_replaces_the_other(webhook, receiver, document, clock):
    newer = "whsec_" + "bmV3IHNlY3JldCBvZiB0aGlydHktdHdvIGJ5dGVzIQ=="
    webhook.sealed_former_secret, webhook.sealed_secret = webhook.sealed_secret, seal(newer)
    webhook.former_secret_until = clock() + timedelta(hours=1)
    webhook.save()
    publish(document, Event.FINISHED)
    run(webhook)
    clock.advance(3601)
    publish(document, Event.APPROVED)
    run(webhook)

    both, one = receiver.received
    for secret in (newer, SIGNING_SECRET):
        assert Verifier(secret).verify(both.body, both.headers)
    assert len(one.headers["webhook-signature"].split()) == 1


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


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "192.0.0.1", "198.18.0.1", "240.0.0.1",
        "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "::ffff:10.0.0.1", "::10.0.0.1",
        "64:ff9b::a00:1", "2002:a00:1::1", "2001:db8::1",
    ],
)  # fmt: skip
def test_no_address_of_a_private_network_is_called(settings, address):
    settings.WEBHOOK_PRIVATE_NETWORKS = []

    assert not addresses.is_allowed(ipaddress.ip_address(address), encrypted=True)


def test_public_addresses_are_called_over_tls_and_own_networks_in_any_case(settings):
    settings.WEBHOOK_PRIVATE_NETWORKS = [ipaddress.ip_network("10.1.0.0/16")]

    for address in ("93.184.216.34", "2606:4700::1111", "64:ff9b::5db8:d822"):
        assert addresses.is_allowed(ipaddress.ip_address(address), encrypted=True)
        assert not addresses.is_allowed(ipaddress.ip_address(address), encrypted=False)
    assert addresses.is_allowed(ipaddress.ip_address("10.1.2.3"), encrypted=False)
    assert not addresses.is_allowed(ipaddress.ip_address("10.2.2.3"), encrypted=True)


def test_a_private_address_is_refused_before_any_connection(webhook, receiver, document, settings):
    settings.WEBHOOK_PRIVATE_NETWORKS = []
    publish(document, Event.FINISHED)

    run(webhook)

    assert outcomes() == [Outcome.FORBIDDEN]
    assert receiver.connections == 0


def test_a_name_that_changes_its_address_between_check_and_use_gains_nothing(team, receiver, document, monkeypatch):
    """DNS rebinding: the second look-up would lead elsewhere, so there is none."""
    looked_up = []
    usual = socket.getaddrinfo

    def rebinding(host, *arguments, **options):
        if host == "rebind.example.com":
            looked_up.append(host)
            host = "127.0.0.1" if len(looked_up) == 1 else "127.9.9.9"
        return usual(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    webhook = make_webhook(team, f"http://rebind.example.com:{receiver.port}/")
    publish(document, Event.FINISHED)

    run(webhook)

    assert looked_up == ["rebind.example.com"]
    (got,) = receiver.received
    assert got.headers["host"] == f"rebind.example.com:{receiver.port}"


def test_one_private_address_among_public_ones_is_enough_to_refuse(settings, monkeypatch):
    settings.WEBHOOK_PRIVATE_NETWORKS = []
    found = [(0, 0, 0, "", (address, 443)) for address in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

    with pytest.raises(addresses.ForbiddenAddress):
        addresses.resolve("mixed.example.com", 443, encrypted=True)


def test_a_host_that_does_not_exist_is_named_so(team, document):
    webhook = make_webhook(team, "https://no-such-host.invalid/")
    publish(document, Event.FINISHED)

    run(webhook)

    assert outcomes() == [Outcome.NO_HOST]


def test_a_proxy_of_the_environment_is_not_used(webhook, receiver, document, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    publish(document, Event.FINISHED)

    run(webhook)

    assert outcomes() == [Outcome.DELIVERED]


def test_a_secret_that_cannot_be_read_pauses_it(webhook, receiver, document, settings):
    publish(document, Event.FINISHED)
    settings.SECRET_KEY, settings.SEALING_KEYS = "quite another", []

    run(webhook)

    webhook.refresh_from_db()
    assert webhook.pause == Pause.SECRET_LOST
    assert not receiver.received


def test_erasing_a_document_takes_its_bodies_from_the_log_and_its_events_go_on(team, receiver, alice, clock):
    document = make_extraction(owner=alice, state=State.EXTRACTED, remote_id="", handed_over_at=None)
    webhook = make_webhook(team, receiver.url, include_values=True)
    receiver.answers.extend([status(200, b"thanks for INV-1"), status(500, b"INV-1 again")])
    publish(document, Event.FINISHED)
    run(webhook)
    publish(document, Event.APPROVED)
    run(webhook)
    assert "INV-1" in message(Event.APPROVED).body
    document.request_deletion()
    erase(Extraction.objects.select_related("connection").get(pk=document.pk))

    for row in WebhookMessage.objects.filter(extraction=document):
        assert not row.body
    assert not WebhookAttempt.objects.exclude(response_body="").exists()
    clock.advance(10)
    run(webhook)
    run(webhook)

    assert receiver.events == ["document.finished", "document.approved", "document.approved", "document.deleted"]
    for got in receiver.received[2:]:
        assert "INV-1" not in got.body
        assert got.document == str(document.key)
        assert "links" not in got.said["data"]


def test_what_is_answered_for_a_document_that_is_gone_by_then_is_not_kept(team, receiver, document):
    webhook = make_webhook(team, receiver.url)
    publish(document, Event.FINISHED)
    numbers = Extraction.objects.filter(pk=document.pk)

    def answer(to):
        status(200, b"INV-1")(to)

    receiver.answers.append(answer)
    row = message()
    assert delivery._claim(row)
    delivery._freeze_body(row)
    numbers.update(delete_requested_at=timezone.now())
    delivery._record(row, transport.post(webhook.url, b"{}", {}))

    assert WebhookAttempt.objects.get().response_body == ""


def test_a_document_that_is_deleted_between_two_attempts_is_told_by_its_ids_only(team, receiver, document, clock):
    """Also while it still waits to be erased at the service."""
    webhook = make_webhook(team, receiver.url, include_values=True)
    receiver.answers.append(status(500))
    publish(document, Event.FINISHED)
    run(webhook)
    document.request_deletion()
    clock.advance(10)

    run(webhook)

    first, second = receiver.received
    assert "INV-1" in first.body
    assert set(second.said["data"]) == {"id", "service_id", "team", "state", "review"}
    assert message().body == second.body


def test_a_document_that_moved_to_another_team_is_told_by_its_ids_only(team, receiver, document):
    webhook = make_webhook(team, receiver.url, include_values=True)
    publish(document, Event.APPROVED)
    Extraction.objects.filter(pk=document.pk).update(team=make_team())

    run(webhook)

    assert set(receiver.received[0].said["data"]) == {"id", "service_id", "team", "state", "review"}


def test_old_messages_go_with_their_log(webhook, receiver, document, clock, settings):
    publish(document, Event.FINISHED)
    run(webhook)
    Webhook.objects.update(pause=Pause.BY_HAND)
    publish(document, Event.APPROVED)
    clock.advance(settings.WEBHOOK_LOG_DAYS * 86400 - 60)
    assert retention.clear() == 0
    publish(document, Event.EXPORTED)
    clock.advance(120)

    assert retention.clear() == 2
    assert list(WebhookMessage.objects.values_list("event", flat=True)) == [Event.EXPORTED]
    assert not WebhookAttempt.objects.exists()


def test_a_webhook_that_is_removed_while_a_message_is_on_its_way_leaves_nothing(webhook, receiver, document):
    publish(document, Event.FINISHED)
    row = WebhookMessage.objects.select_related("webhook").get()
    assert delivery._claim(row)
    Webhook.objects.all().delete()

    assert delivery._freeze_body(row) is None
    delivery._record(row, transport.Reply(Outcome.DELIVERED, 0.1, 200))

    assert not WebhookAttempt.objects.exists()
