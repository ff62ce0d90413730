"""Webhooks on the pages of a team: set up, kept secret, tested, paused, replayed."""

import ipaddress
import re

import pytest
from django.db import connection as database
from django.urls import reverse
from django.utils import timezone

from extractions.models import Event, Extraction, Webhook, WebhookAttempt, WebhookMessage, publish
from extractions.models.webhook import TEST
from extractions.services import webhooks as service
from portal.audit.models import Entry
from portal.sealing import unseal
from tests.factories import Role, State, make_extraction, make_person, make_team, make_webhook

pytestmark = pytest.mark.django_db
ADDRESS = "https://receiver.example.com/hook/sesame"


@pytest.fixture
def admin(team):
    return make_person("Ada", team=team, role=Role.ADMINISTRATOR)


@pytest.fixture
def page(client, admin, team):
    client.force_login(admin)
    return reverse("extractions:webhooks", args=[team.pk])


@pytest.fixture
def document(alice):
    return make_extraction(owner=alice, state=State.EXTRACTED)


def entered(**fields):
    return {"name": "Ledger", "url": ADDRESS, "events": [Event.FINISHED, Event.APPROVED]} | fields


def of(webhook, verb="webhook", **named):
    return reverse(f"extractions:{verb}", kwargs={"pk": webhook.team_id, "number": webhook.pk} | named)


def dumped(*tables):
    with database.cursor() as cursor:
        found = []
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            found.append(repr(cursor.fetchall()))
    return "".join(found)


def shown_secret(answer):
    return re.search(r"whsec_[A-Za-z0-9+/=]+", answer.content.decode())[0]


def test_the_secret_is_shown_once_and_stored_sealed(client, page, team):
    answer = client.post(page, entered())
    webhook = Webhook.objects.get()

    secret = shown_secret(answer)
    assert "no-store" in answer["Cache-Control"]
    assert unseal(webhook.sealed_secret) == secret
    assert (webhook.name, webhook.url, webhook.events) == ("Ledger", ADDRESS, [Event.FINISHED, Event.APPROVED])
    assert webhook.portal_url == "http://testserver/"
    for text in (client.get(of(webhook)).content.decode(), client.get(page).content.decode()):
        assert "whsec_" not in text
    assert secret not in dumped("extractions_webhook", "audit_entry")


def test_the_audit_log_says_what_was_set_but_no_secret(client, page):
    client.post(page, entered())
    webhook = Webhook.objects.get()
    client.post(of(webhook), entered(name="Ledger 2", include_values="on"))
    client.post(of(webhook, "new_webhook_secret"))
    client.post(of(webhook, "pause_webhook"))
    client.post(of(webhook, "remove_webhook"))

    lines = list(Entry.objects.filter(subject_kind="webhook").order_by("pk").values_list("before", "after"))
    events = ["finished", "approved"]
    facts = {"name": "Ledger", "address": "https://receiver.example.com", "events": events, "values": False}
    assert lines[0] == (None, facts)
    assert lines[1] == (facts, facts | {"name": "Ledger 2", "values": True})
    assert len(lines) == 5
    assert "sesame" not in dumped("audit_entry")
    assert not Webhook.objects.exists()
    assert client.get(reverse("audit")).status_code == 200


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("receiver.example.com", "not an address"),
        ("ftp://receiver.example.com", "not an address"),
        ("https://receiver.example.com:99999/", "not an address"),
        ("http://receiver.example.com/", "must begin with https://"),
        ("https://name:word@receiver.example.com/", "a user name, a password or a hash"),
        ("https://receiver.example.com/#part", "a user name, a password or a hash"),
        ("https://127.0.0.1/", "sends nothing to 127.0.0.1"),
        ("https://169.254.169.254/latest", "sends nothing to 169.254.169.254"),
        ("https://[::1]/", "sends nothing to ::1"),
        ("https://[::ffff:10.0.0.1]/", "sends nothing to"),
    ],
)
def test_addresses_that_can_never_be_called_are_refused_in_words(client, page, url, said):
    answer = client.post(page, entered(url=url))

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "Ledger" in answer.content.decode(), "what was entered stays"
    assert not Webhook.objects.exists()


def test_own_networks_are_allowed_by_a_setting(client, page, settings):
    settings.WEBHOOK_PRIVATE_NETWORKS = [ipaddress.ip_network("10.1.0.0/16")]

    assert client.post(page, entered(url="http://10.1.2.3/hook")).status_code == 200
    assert client.post(page, entered(url="http://10.2.2.3/hook")).status_code == 422


def test_a_webhook_without_events_is_refused(client, page):
    answer = client.post(page, entered(events=[]))

    assert "Choose at least one event." in answer.content.decode()


def test_a_team_has_no_end_of_webhooks_not(client, page, team, monkeypatch):
    monkeypatch.setattr(service, "MOST", 1)
    client.post(page, entered())

    answer = client.post(page, entered())

    assert answer.status_code == 422
    assert "at most 1 webhooks" in answer.content.decode()
    assert Webhook.objects.count() == 1


def test_a_new_secret_leaves_the_old_one_valid_for_a_day(client, page, team):
    webhook = make_webhook(team)
    (former,) = webhook.secrets(timezone.now())

    newer = shown_secret(client.post(of(webhook, "new_webhook_secret")))

    webhook.refresh_from_db()
    now = timezone.now()
    assert webhook.secrets(now) == [newer, former]
    assert webhook.secrets(now + service.FORMER_SECRET_LIFETIME) == [newer]


def test_a_test_is_sent_even_while_it_is_paused(client, page, team):
    from extractions.forwarding.runtime.webhook_pools import _due

    webhook = make_webhook(team, pause=Webhook.Pause.FAILING)
    client.post(of(webhook, "test_webhook"))

    (due,) = _due(Webhook.objects.get(), timezone.now())
    assert due.event == TEST


def test_pausing_and_resuming(client, page, team, document):
    webhook = make_webhook(team)
    client.post(of(webhook, "pause_webhook"))
    webhook.refresh_from_db()
    assert webhook.pause == Webhook.Pause.BY_HAND
    publish(document, Event.FINISHED)
    WebhookMessage.objects.update(next_try_at="2999-01-01T00:00Z")

    answer = client.post(of(webhook, "resume_webhook"), follow=True)

    assert "resumed" in answer.content.decode()
    webhook.refresh_from_db()
    assert not webhook.pause
    assert WebhookMessage.objects.get().next_try_at <= timezone.now()


def test_another_address_is_tried_at_once(client, page, team, document):
    webhook = make_webhook(team, failures=9, failing_since=timezone.now(), not_before="2999-01-01T00:00Z")
    publish(document, Event.FINISHED)
    WebhookMessage.objects.update(next_try_at="2999-01-01T00:00Z")

    client.post(of(webhook), entered(url="https://elsewhere.example.com/"))

    webhook.refresh_from_db()
    assert (webhook.failures, webhook.not_before) == (0, None)
    assert WebhookMessage.objects.get().next_try_at <= timezone.now()


def test_a_message_is_replayed_under_its_id(client, page, team, document):
    webhook = make_webhook(team)
    publish(document, Event.FINISHED)
    message = WebhookMessage.objects.get()
    WebhookMessage.objects.update(state="given_up", attempts=11, next_try_at=None, ended_at=timezone.now())

    answer = client.post(of(webhook, "resend_webhook_message", key=message.key), follow=True)
    again = client.post(of(webhook, "resend_webhook_message", key=message.key), follow=True)

    assert "under the same id" in answer.content.decode()
    assert "waits to be sent already" in again.content.decode()
    now = WebhookMessage.objects.get()
    assert (now.key, now.state, now.attempts) == (message.key, "waiting", 0)


def test_everything_that_was_given_up_is_sent_again_at_once(client, page, team, document):
    webhook = make_webhook(team)
    for event in (Event.FINISHED, Event.APPROVED):
        publish(document, event)
    service.test(webhook)
    WebhookMessage.objects.update(state="given_up", next_try_at=None)

    answer = client.post(of(webhook, "resend_webhook_messages"), follow=True)

    assert "2 messages are sent again." in answer.content.decode()
    assert WebhookMessage.objects.filter(state="waiting").count() == 2


def answered(message, **fields):
    defaults = {"outcome": "refused", "http_status": 500, "response_body": "the sky <b>fell</b>"}
    return WebhookAttempt.objects.create(message=message, **(defaults | fields))


def test_the_log_shows_bodies_and_answers_as_text(client, page, team, document):
    webhook = make_webhook(team)
    publish(document, Event.FINISHED)
    WebhookMessage.objects.update(body='{"type": "<script>"}')
    message = WebhookMessage.objects.get()
    answered(message)

    log = client.get(of(webhook)).content.decode()
    detail = client.get(of(webhook, "webhook_message", key=message.key)).content.decode()

    assert document.name in log
    assert "500" in log
    assert "&lt;script&gt;" in detail
    assert "the sky &lt;b&gt;fell&lt;/b&gt;" in detail
    assert message.message_id in detail


def test_whoever_may_not_see_the_document_sees_no_body(client, team, document):
    """A superuser administers every team, and sees the documents of their own only."""
    webhook = make_webhook(team, include_values=True)
    publish(document, Event.FINISHED)
    WebhookMessage.objects.update(body='{"total": "sesame"}')
    message = WebhookMessage.objects.get()
    answered(message, response_body="sesame, too")
    client.force_login(make_person("Root", team=make_team(), is_superuser=True, is_staff=True))

    log = client.get(of(webhook)).content.decode()
    detail = client.get(of(webhook, "webhook_message", key=message.key)).content.decode()

    for text in (log, detail):
        assert "sesame" not in text
        assert document.name not in text
    assert "shown to those who may see the document" in detail


def test_nor_does_anybody_once_it_is_deleted(client, page, team, document):
    webhook = make_webhook(team)
    publish(document, Event.FINISHED)
    WebhookMessage.objects.update(body='{"total": "sesame"}')
    Extraction.objects.update(delete_requested_at=timezone.now())

    detail = client.get(of(webhook, "webhook_message", key=WebhookMessage.objects.get().key)).content.decode()

    assert "sesame" not in detail
    assert document.name not in detail


def test_the_log_takes_few_queries_however_long_it_is(client, page, team, alice, django_assert_max_num_queries):
    webhook = make_webhook(team)
    for _ in range(60):
        publish(make_extraction(owner=alice, document="none.pdf"), Event.RECEIVED)

    with django_assert_max_num_queries(30):
        answer = client.get(of(webhook))

    assert answer.content.decode().count("<tr>") == 51
    older = re.search(r'href="(\?[^"]*before=\d+)', answer.content.decode())[1]
    assert client.get(of(webhook) + older).content.decode().count("<tr>") == 11


def test_the_log_refreshes_itself_only_while_something_is_coming(client, page, team, document):
    webhook = make_webhook(team)
    publish(document, Event.FINISHED)

    assert b"hx-get" in client.get(of(webhook), headers={"HX-Request": "true"}).content
    WebhookMessage.objects.update(state="delivered", next_try_at=None)
    part = client.get(of(webhook), headers={"HX-Request": "true"}).content.decode()
    assert "hx-get" not in part
    assert "<html" not in part


def test_the_team_page_says_which_webhook_paused_itself(client, page, team, alice):
    make_webhook(team, name="Quiet one", pause=Webhook.Pause.BY_HAND)
    make_webhook(team, name="Lost one", pause=Webhook.Pause.FAILING)

    shown = client.get(reverse("team")).content.decode()

    assert "Lost one" in shown
    assert "Quiet one" not in shown
    client.force_login(alice)
    assert "Lost one" not in client.get(reverse("team")).content.decode()


def test_a_webhook_is_found_under_its_own_team_only(client, page, admin, team):
    other = make_team()
    other.members.add(admin, through_defaults={"role": Role.ADMINISTRATOR})
    webhook = make_webhook(other)

    assert client.get(of(webhook)).status_code == 200
    assert client.get(reverse("extractions:webhook", args=[team.pk, webhook.pk])).status_code == 404
