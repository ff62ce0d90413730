"""The pages on which team administrators set up mailboxes."""

from __future__ import annotations

import pytest
from django.db import connection as database
from django.urls import reverse

from extractions.models import Connection, IncomingAttachment, IncomingMail, Mailbox, MailRule
from portal.audit.models import Entry
from tests.factories import Role, make_extraction, make_person

pytestmark = pytest.mark.django_db
PASSWORD = "a secret of mails"


@pytest.fixture
def admin(team):
    return make_person("Ada", team=team, role=Role.ADMINISTRATOR)


@pytest.fixture
def new(client, admin, team, settings):
    settings.INCOMING_MAIL_HOSTS = ["imap.example.com", "odd.example.com:1993"]
    client.force_login(admin)
    return reverse("extractions:new_mailbox", args=[team.pk])


def entered(person, **fields):
    facts = {"host": "imap.example.com", "port": 993, "security": "tls", "username": "invoices", "password": PASSWORD}
    return facts | {"folder": "INBOX", "unmatched": "take", "person": person.pk, "language": "en"} | fields


def test_an_administrator_enters_a_mailbox_and_nobody_sees_the_password(client, new, alice, team):
    answer = client.post(new, entered(alice), follow=True)

    box = Mailbox.objects.get()
    assert (box.team, box.person, box.host, box.password()) == (team, alice, "imap.example.com", PASSWORD)
    assert box.check_pending
    assert PASSWORD not in answer.content.decode()
    assert PASSWORD not in client.post(new, entered(alice, port="x")).content.decode()
    with database.cursor() as cursor:
        cursor.execute("SELECT * FROM extractions_mailbox")
        assert PASSWORD not in repr(cursor.fetchall())
    assert PASSWORD not in repr(list(Entry.objects.values()))


@pytest.mark.parametrize(
    ("host", "port"),
    [
        ("127.0.0.1", 993),
        ("localhost", 143),
        ("evil.example", 993),
        ("imap.example.com.evil.example", 993),
        ("imap.example.com", 25),
        ("odd.example.com", 993),
        ("imap.example.com/x", 993),
        ("imap.example.com:993", 993),
        ("user@imap.example.com", 993),
    ],
)
def test_teams_reach_only_servers_that_the_settings_name(client, new, alice, host, port):
    assert client.post(new, entered(alice, host=host, port=port)).status_code == 422
    assert not Mailbox.objects.exists()


def test_named_servers_are_reached_by_the_named_port(client, new, alice):
    client.post(new, entered(alice, host="odd.example.com", port=1993))
    client.post(new, entered(alice, port=143, security="starttls"))

    assert Mailbox.objects.count() == 2


def test_the_kept_password_goes_to_no_other_server(client, new, alice, settings):
    client.post(new, entered(alice))
    page = reverse("extractions:mailbox", args=[Mailbox.objects.get().pk])
    settings.INCOMING_MAIL_HOSTS = ["*"]

    assert client.post(page, entered(alice, host="evil.example", password="")).status_code == 422
    assert client.post(page, entered(alice, password="", language="fr")).status_code == 302
    box = Mailbox.objects.get()
    assert (box.host, box.language, box.password()) == ("imap.example.com", "fr", PASSWORD)


def test_another_folder_is_read_from_its_own_beginning(client, new, alice):
    client.post(new, entered(alice))
    Mailbox.objects.update(uidvalidity=7, last_uid=70)
    page = reverse("extractions:mailbox", args=[Mailbox.objects.get().pk])

    client.post(page, entered(alice, password=""))
    assert Mailbox.objects.get().last_uid == 70
    client.post(page, entered(alice, password="", folder="Invoices"))

    assert (Mailbox.objects.get().uidvalidity, Mailbox.objects.get().last_uid) == (None, 0)


def test_a_mailbox_is_tested_paused_and_removed(client, new, alice):
    client.post(new, entered(alice))
    pk = Mailbox.objects.get().pk
    Mailbox.objects.update(check_wanted_at=None)

    client.post(reverse("extractions:test_mailbox", args=[pk]))
    assert Mailbox.objects.get().check_pending
    client.post(reverse("extractions:pause_mailbox", args=[pk]), {"paused": "yes"})
    assert Mailbox.objects.get().paused
    client.post(reverse("extractions:remove_mailbox", args=[pk]))
    assert not Mailbox.objects.exists()


def test_rules_need_something_to_recognise(client, new, alice):
    Connection.objects.filter(pk=Connection.current().pk).update(embedded=False)
    client.post(new, entered(alice))
    add = reverse("extractions:add_mail_rule", args=[Mailbox.objects.get().pk])

    assert client.post(add, {"server": "EU-1"}).status_code == 422
    client.post(add, {"sender": "@larkspur.example", "server": "EU-1"})

    rule = MailRule.objects.get()
    assert (str(rule), rule.server) == ("@larkspur.example", "EU-1")
    client.post(reverse("extractions:remove_mail_rule", args=[rule.pk]))
    assert not MailRule.objects.exists()


def test_mails_are_shown_to_members_only(client, new, admin, alice, team):
    client.post(new, entered(alice))
    box = Mailbox.objects.get()
    mail = IncomingMail.objects.create(mailbox=box, identity="1", uidvalidity=1, uid=1, subject="About Larkspur")
    IncomingAttachment.objects.create(
        mail=mail, name="a.pdf", outcome="received", extraction=make_extraction(owner=alice)
    )
    page = reverse("extractions:mailbox", args=[box.pk])

    assert "About Larkspur" in client.get(page).content.decode()
    client.force_login(make_person("Root", is_superuser=True, is_staff=True))
    assert "About Larkspur" not in client.get(page).content.decode()


def test_the_page_says_in_words_what_is_wrong(client, new, alice):
    client.post(new, entered(alice))
    Mailbox.objects.update(
        error_code="certificate", check_outcome="login", checked_at=Mailbox.objects.get().check_wanted_at
    )

    text = client.get(reverse("extractions:mailbox", args=[Mailbox.objects.get().pk])).content.decode()

    assert "certificate cannot be trusted" in text
    assert "refuses the user name or the password" in text
