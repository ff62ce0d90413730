"""The pages of API tokens and of documents that come in by themselves, looked at by axe, light and dark."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from extractions.models import (
    FolderRule,
    IncomingAttachment,
    IncomingFile,
    IncomingMail,
    Mailbox,
    MailRule,
    WatchedFolder,
)
from portal.people.api_tokens import TokenOptions, issue, issue_for_service
from portal.people.views import tokens as token_views
from tests.browser.test_accessible import look  # noqa: F401 - a fixture
from tests.browser.test_review import open_as  # noqa: F401 - a fixture
from tests.factories import Role, make_extraction, make_person, make_schema, make_team

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.django_db(transaction=True)]
WITHOUT_CHECKS = "document.querySelectorAll('form').forEach((form) => { form.noValidate = true; })"


@pytest.fixture
def administrator():
    return make_person("Ada", team=make_team(), role=Role.ADMINISTRATOR)


@pytest.fixture
def doors_allowed(settings, tmp_path, administrator):
    settings.WATCHED_FOLDER_ROOTS, settings.INCOMING_MAIL_HOSTS = [str(tmp_path)], ["*"]
    return administrator, str(tmp_path)


def test_nothing_stands_in_the_way_of_anybody_who_makes_tokens(open_as, look, administrator, monkeypatch):  # noqa: F811
    monkeypatch.setattr(token_views, "is_reauthentication_required", lambda request, app: False)
    page, address = open_as(administrator), reverse("account_tokens")
    team = administrator.memberships.get().team
    look(page, "no token", address)
    own = page.locator("section[aria-labelledby=own]")
    page.evaluate(WITHOUT_CHECKS)
    own.locator("summary").click()
    look(page, "form")
    own.get_by_role("button", name="Make the token").click()
    expect(page.locator("details[open]")).to_be_visible()
    look(page, "refused")
    own.locator("input[type=text]").first.fill("Scanner")
    for box in own.locator("input[type=checkbox]").all():
        box.check()
    own.get_by_role("button", name="Make the token").click()
    expect(page.locator("#made-token")).to_be_visible()
    look(page, "made")
    issue(administrator, team, TokenOptions("Expired", ["read"], timezone.now()), by=administrator)
    issue_for_service(team, Role.UPLOADER, TokenOptions("Service", ["upload"], None), by=administrator)
    look(page, "several", address)
    assert not page.errors


def test_nothing_stands_in_the_way_of_anybody_who_opens_doors(open_as, look, doors_allowed):  # noqa: F811
    administrator, path = doors_allowed
    team = administrator.memberships.get().team
    page, address = open_as(administrator), reverse("extractions:incoming", args=[team.pk])
    look(page, "none", address)
    for name, button in (("new_watched_folder", "folder"), ("new_mailbox", "mailbox")):
        look(page, f"new {button}", reverse(f"extractions:{name}", args=[team.pk]))
        page.evaluate(WITHOUT_CHECKS)
        page.locator("main form button[type=submit]").last.click()
        look(page, f"refused {button}")
    folder, box = doors(administrator, team, path)
    look(page, "both", address)
    look(page, "folder", reverse("extractions:watched_folder", args=[folder.pk]))
    look(page, "mailbox", reverse("extractions:mailbox", args=[box.pk]))
    assert not page.errors


def doors(person, team, path):
    """A folder and a mailbox with everything that their pages can say."""
    document, schema = make_extraction(owner=person), make_schema("Invoice")
    facts = {"team": team, "person": person, "ran_at": timezone.now(), "waiting": 3}
    folder = WatchedFolder.objects.create(path=path, error_code="disk", failures=2, schema=schema, **facts)
    FolderRule.objects.create(folder=folder, subfolder="receipts", schema=schema)
    file = {"folder": folder, "moved_at": timezone.now()}
    IncomingFile.objects.create(path="a.pdf", outcome="received", extraction=document, **file)
    IncomingFile.objects.create(path="b.txt", outcome="refused", reason="type", **file)
    account = {"host": "mail.example.com", "username": "invoices@example.com"}
    box = Mailbox.objects.create(**facts, **account, error_code="login", error_detail="NO", check_outcome="login")
    MailRule.objects.create(mailbox=box, sender="@larkspur.example", schema=schema)
    mail = {"mailbox": box, "uidvalidity": 1, "settled_at": timezone.now(), "sender": "ana@larkspur.example"}
    taken = IncomingMail.objects.create(identity="1", uid=1, subject="Invoice", left_out=2, **mail)
    IncomingAttachment.objects.create(mail=taken, extraction=document, name="a.pdf", outcome="received")
    IncomingMail.objects.create(identity="2", uid=2, subject="Hello", refused="nothing", answered=True, **mail)
    return folder, box
