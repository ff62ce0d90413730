"""What is left of messages once documents, secrets or webhooks are gone."""

import pytest
from django.utils import timezone

from extractions.forwarding.steps.erase import erase
from extractions.forwarding.webhooks import delivery, retention, transport
from extractions.models import Event, Extraction, Webhook, WebhookAttempt, WebhookMessage, publish
from tests.factories import State, make_extraction, make_team, make_webhook
from tests.forwarding.webhooks.driving import message, run
from tests.webhook_receiver import status

pytestmark = pytest.mark.django_db
Outcome = WebhookAttempt.Outcome
Pause = Webhook.Pause


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
