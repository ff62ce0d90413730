"""`manage.py people` keeps the rules of the pages, and records what it does."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from portal.audit.models import Entry
from portal.people.models import Invitation, Membership, User
from tests.factories import Role, make_person, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def accounts():
    return make_team("Accounts")


def run(capsys, *arguments):
    call_command("people", *arguments)
    return capsys.readouterr().out


def actions():
    return list(Entry.objects.order_by("pk").values_list("action", flat=True))


def test_account_is_made_with_a_link_that_signs_in_once(capsys, accounts):
    told = run(capsys, "add", "Eve@Example.com", "--name", "Eve", "--team", "Accounts", "--role", "reviewer")

    eve = User.objects.get(email="eve@example.com")
    assert Membership.objects.get(person=eve).role == "reviewer"
    assert actions()[:2] == ["account_made", "joined"]
    browser = Client()
    browser.post(told.split()[-1])
    assert browser.get(reverse("team")).status_code == 200


def test_address_of_somebody_is_refused():
    alice = make_person("Alice")

    with pytest.raises(CommandError, match="already"):
        call_command("people", "add", alice.email)


def test_role_is_given_and_changed(capsys, accounts):
    alice = make_person("Alice")
    run(capsys, "role", alice.email, "--team", "Accounts", "--role", "administrator")
    bob = make_person("Bob", team=accounts, role=Role.ADMINISTRATOR)
    run(capsys, "role", alice.email, "--team", str(accounts.pk), "--role", "viewer")

    assert Membership.objects.get(person=alice).role == "viewer"
    assert actions() == ["joined", "role_changed"]
    with pytest.raises(CommandError, match="at least one administrator"):
        call_command("people", "role", bob.email, "--team", "Accounts", "--role", "viewer")


def test_removed_person_is_signed_out_and_can_come_back(capsys, accounts):
    alice = make_person("Alice", team=accounts)
    browser = Client()
    browser.force_login(alice)
    run(capsys, "remove", alice.email)

    assert browser.get(reverse("team")).status_code == 302
    run(capsys, "reopen", alice.email)
    assert User.objects.get(pk=alice.pk).is_active
    assert actions()[-2:] == ["deactivated", "reactivated"]


def test_last_administrator_of_the_portal_stays(capsys):
    ada = make_person("Ada", is_superuser=True)

    with pytest.raises(CommandError, match="at least one administrator"):
        call_command("people", "remove", ada.email)


def test_invitation_is_that_of_an_administrator(capsys, accounts):
    ada, bob = make_person("Ada", team=accounts, role=Role.ADMINISTRATOR), make_person("Bob", team=accounts)
    told = run(capsys, "invite", "--by", ada.email, "--team", "Accounts")

    assert Client().get(told.split()[-1]).status_code == 200
    assert Invitation.objects.get().invited_by == ada
    with pytest.raises(CommandError, match="does not administer"):
        call_command("people", "invite", "--by", bob.email, "--team", "Accounts")


def test_list_names_everybody(capsys, accounts):
    make_person("Alice", team=accounts, role=Role.REVIEWER)

    assert "Accounts: reviewer" in run(capsys, "list")
