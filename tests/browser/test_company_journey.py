"""Signing in by the company's account in a real browser, at a real OpenID provider in a process of its own."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from portal.audit.models import Entry
from portal.people.models import Membership, User
from tests.browser.people import new_context
from tests.factories import Role, make_person, make_team
from tests.people import real_provider

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ALICE = {"email": "alice@example.com", "name": "Alice Example"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("openid")
    real_provider.install(folder)
    return folder


@pytest.fixture
def provider(installed, live_server, settings):
    with real_provider.running(installed, live_server.url) as provider:
        settings.OIDC_ISSUER, settings.OIDC_NAME = provider.address, "Example SA"
        settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = real_provider.CLIENT_ID, real_provider.SECRET
        settings.OIDC_SCOPES = ["profile", "email", "groups"]
        settings.OIDC_GROUPS = ["finance=Accounts:reviewer", "heads=Accounts:administrator"]
        yield provider


@pytest.fixture
def team(transactional_db):
    team = make_team("Accounts")
    make_person("Boss", team=team, role=Role.ADMINISTRATOR)
    return team


@pytest.fixture
def visit(browser, live_server):
    """A browser of its own at each call."""
    contexts = []

    def opened():
        contexts.append(new_context(browser, base_url=live_server.url))
        page = contexts[-1].new_page()
        page.portal = live_server.url
        return page

    yield opened
    for context in contexts:
        context.close()


def sign_in(page, name="alice"):
    """From the portal's page to the provider's, which asks for an account and for consent."""
    page.goto(reverse("account_login"))
    page.get_by_role("button", name="Sign in with Example SA").click()
    page.get_by_placeholder("Enter any login").fill(name)
    page.get_by_placeholder("and password").fill("anything")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(re.compile(f"^{re.escape(page.portal)}/"))


def be_signed_in(page):
    expect(page.locator("html[data-person]")).to_be_attached()


def roles(email="alice@example.com"):
    return list(Membership.objects.filter(person__email=email).values_list("team__name", "role"))


def test_groups_decide_from_the_first_sign_in_to_the_last(provider, team, visit):
    provider.set_people(alice=ALICE | {"groups": ["finance", "staff"]})
    page = visit()

    sign_in(page)

    be_signed_in(page)
    alice = User.objects.get(email="alice@example.com")
    assert (alice.name, alice.has_usable_password(), roles()) == ("Alice Example", False, [("Accounts", "reviewer")])
    assert page.goto(reverse("extractions:review_queue")).status == 200
    assert page.goto(reverse("extractions:new_retention_rule", args=[team.pk])).status == 403

    provider.set_people(alice=ALICE | {"groups": ["heads"]})
    other = visit()
    sign_in(other)
    be_signed_in(other)
    assert (User.objects.filter(email="alice@example.com").count(), roles()) == (1, [("Accounts", "administrator")])
    assert other.goto(reverse("extractions:new_retention_rule", args=[team.pk])).status == 200

    provider.set_people(alice=ALICE | {"groups": ["staff"]})
    third = visit()
    sign_in(third)
    expect(third.locator("html[data-person]")).to_have_count(0)
    expect(third.get_by_role("main")).to_contain_text("group")
    assert roles() == []
    for signed_in_before in (page, other):
        signed_in_before.goto("/")
        expect(signed_in_before).to_have_url(re.compile("/accounts/login/"))
    assert Entry.objects.filter(action="sign_in_refused").get().after["refusal"] == "groups"


def test_signing_out_ends_the_session_at_the_provider_too(provider, team, visit):
    provider.set_people(alice=ALICE | {"groups": ["finance"]})
    page = visit()
    sign_in(page)
    be_signed_in(page)

    page.goto(reverse("account_logout"))
    page.locator("main").get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Yes, sign me out").click()

    expect(page).to_have_url(re.compile("/accounts/login/"))
    page.get_by_role("button", name="Sign in with Example SA").click()
    expect(page.get_by_placeholder("Enter any login")).to_be_visible()


def test_turning_back_at_the_provider_leads_to_the_page_of_sign_in(provider, team, visit):
    page = visit()
    page.goto(reverse("account_login"))
    page.get_by_role("button", name="Sign in with Example SA").click()

    page.get_by_role("link", name="Cancel").click()

    expect(page).to_have_url(re.compile(re.escape(f"{page.portal}{reverse('account_login')}")))
    expect(page.get_by_role("button", name="Sign in with Example SA")).to_be_visible()
    assert not User.objects.filter(email="alice@example.com").exists()


def test_an_address_that_the_provider_has_not_verified_makes_no_account(provider, team, visit):
    provider.set_people(mallory=ALICE | {"email_verified": False, "groups": ["finance"]})
    page = visit()

    sign_in(page, "mallory")

    expect(page.locator("html[data-person]")).to_have_count(0)
    assert not User.objects.filter(email="alice@example.com").exists()
    assert Entry.objects.filter(action="sign_in_refused").get().after["refusal"] == "unverified_address"
