"""What webhooks send: ids, states and links, signed."""

from datetime import timedelta

import pytest
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from extractions.forwarding.webhooks import payload
from extractions.models import Event, Value, Webhook, WebhookAttempt, publish
from portal.sealing import seal
from tests.factories import SIGNING_SECRET, make_webhook
from tests.forwarding.webhooks.driving import message, outcomes, run

pytestmark = pytest.mark.django_db
Outcome = WebhookAttempt.Outcome
Pause = Webhook.Pause


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
