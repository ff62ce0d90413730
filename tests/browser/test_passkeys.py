"""Passkeys and second factors on a fresh portal without mail, in a real browser with a virtual authenticator."""

from __future__ import annotations

import json

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.urls import reverse
from playwright.sync_api import expect

from portal.audit.models import Entry
from tests.browser.people import PASSWORD, new_context
from tests.browser.test_accessible import complaints
from tests.factories import make_person, make_team

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def alice(transactional_db):
    alice = make_person("Alice", team=make_team())
    alice.set_password(PASSWORD)
    alice.save()
    return alice


@pytest.fixture
def address(live_server):
    """Browsers give passkeys at localhost, and not at an address of numbers."""
    return f"http://localhost:{live_server.thread.port}"


@pytest.fixture
def page(browser, address, settings):
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    context = new_context(browser, base_url=address)
    page = context.new_page()
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    yield page
    assert page.errors == []
    context.close()


@pytest.fixture
def key(page):
    """A key in the device, with the person's finger on it; `page.device` speaks to it."""
    page.device = page.context.new_cdp_session(page)
    page.device.send("WebAuthn.enable")
    return page.device.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})["authenticatorId"]


def sign_in(page, person):
    page.goto(reverse("account_login"))
    page.keyboard.type(person.email)  # the field is focused
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")


def be_signed_in(page):
    expect(page.locator("html[data-person]")).to_be_attached()


def sign_out(page):
    page.goto(reverse("account_logout"))
    page.locator("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/**")


def add_passkey(page):
    page.goto(reverse("mfa_index"))
    page.get_by_role("link", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("button", name="Add", exact=True).click()


def test_passkey_is_added_without_mail_and_signs_in_without_a_password(page, alice, key):
    sign_in(page, alice)
    be_signed_in(page)
    add_passkey(page)
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    sign_out(page)

    page.get_by_role("button", name="Sign in with a passkey").click()

    be_signed_in(page)
    assert Entry.objects.filter(action="signed_in").order_by("-pk").first().after == {"way": "passkey"}


def test_passkey_is_asked_for_after_the_password(page, alice, key):
    sign_in(page, alice)
    be_signed_in(page)
    add_passkey(page)
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    sign_out(page)

    sign_in(page, alice)
    page.get_by_role("button", name="Use the passkey").click()

    be_signed_in(page)


def test_passkey_that_was_removed_opens_nothing(page, alice, key):
    sign_in(page, alice)
    be_signed_in(page)
    add_passkey(page)
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    page.goto(reverse("mfa_list_webauthn"))
    page.get_by_role("link", name="Remove Laptop").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("The passkey is removed.")).to_be_visible()
    sign_out(page)

    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_text("This passkey opens no account here.")).to_be_visible()
    assert Entry.objects.filter(action="sign_in_failed", after={"way": "passkey"}).count() == 1


def test_cancelling_is_answered_in_words(page, alice, key):
    page.device.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    page.goto(reverse("account_login"))

    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.locator("#passkey-trouble")).to_contain_text("No passkey was given")


def test_browser_at_an_address_of_numbers_is_offered_none(page, alice, address):
    page.goto(f"{address.replace('localhost', '127.0.0.1')}{reverse('account_login')}")
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_have_count(0)


def test_authenticator_app_is_set_up_without_mail(page, alice):
    sign_in(page, alice)
    be_signed_in(page)
    page.goto(reverse("mfa_index"))
    page.get_by_role("link", name="Set up the app").click()
    expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    seed = page.get_by_label("Key", exact=True).input_value()
    code = totp.format_hotp_value(totp.hotp_value(seed, next(iter(totp.yield_hotp_counters_from_time()))))
    expect(page.get_by_label("Code of the app")).to_be_focused()
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    recovery = page.locator(".recovery-codes li").first.inner_text()
    sign_out(page)

    sign_in(page, alice)
    expect(page.get_by_label("Code of the app")).to_be_focused()
    page.keyboard.type(recovery)
    page.keyboard.press("Enter")

    be_signed_in(page)


ENTRANCE = ("account_login", "account_reset_password", "account_reset_password_done", "account_signup")
ACCOUNT = (
    "mfa_index",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_activate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "account_change_password",
    "account_email",
    "account_sessions",
    "account_tokens",
    "account_logout",
    "account_reauthenticate",
    "mfa_reauthenticate_webauthn",
)


def look(page, found, name):
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        if told := complaints(page):
            found[f"{name}, {scheme}"] = told


def test_nothing_stands_in_the_way_of_anybody_who_signs_in(page, alice, key):
    found: dict[str, list[str]] = {}
    for name in ENTRANCE:
        page.goto(reverse(name))
        look(page, found, name)
    sign_in(page, alice)
    be_signed_in(page)
    add_passkey(page)
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    for name in ACCOUNT:
        page.goto(reverse(name))
        look(page, found, name)
    sign_out(page)
    page.keyboard.type(alice.email)
    page.keyboard.press("Tab")
    page.keyboard.type("not the password")
    page.keyboard.press("Enter")
    expect(page.locator(".form-errors").locator("visible=true")).to_be_visible()
    look(page, found, "wrong password")
    sign_in(page, alice)
    expect(page.get_by_role("button", name="Use the passkey")).to_be_visible()
    look(page, found, "second factor")
    assert not found, json.dumps(found, indent=1)
