"""Whoever finds an open session cannot take the account: what changes sign-in asks again, is told, and is logged."""

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import caches
from django.test import Client
from django.urls import reverse

from portal.audit.models import Entry
from portal.people.models import User
from portal.people.sign_in_limits import person_of
from tests.factories import make_person

PASSWORD = "three quiet unrelated words"
SEED = "JBSWY3DPEHPK3PXP"
EMAIL = "/accounts/email/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(team):
    alice = make_person("Alice", team=team)
    alice.set_password(PASSWORD)
    alice.save()
    return alice


@pytest.fixture
def session(alice):
    """Signed in a while ago, as somebody finds it."""
    client = Client()
    client.force_login(alice)
    return client


def lines(*actions):
    return [(line.action, line.before, line.after) for line in Entry.objects.filter(action__in=actions).order_by("pk")]


def confirm_password(client):
    answer = client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert answer.status_code == 302


def code():
    return totp.format_hotp_value(totp.hotp_value(SEED, next(iter(totp.yield_hotp_counters_from_time()))))


WHAT_CHANGES_SIGN_IN = {
    "add an address": lambda client: client.post(EMAIL, {"action_add": "", "email": "eve@example.com"}),
    "make another address the main one": lambda client: client.post(
        EMAIL, {"action_primary": "", "email": "old@example.com"}
    ),
    "remove an address": lambda client: client.post(EMAIL, {"action_remove": "", "email": "old@example.com"}),
    "switch on a second factor": lambda client: client.post(reverse("mfa_activate_totp"), {"code": "123456"}),
    "switch off a second factor": lambda client: client.post(reverse("mfa_deactivate_totp")),
    "add a passkey": lambda client: client.get(reverse("mfa_add_webauthn")),
    "make recovery codes": lambda client: client.post(reverse("mfa_generate_recovery_codes")),
    "see recovery codes": lambda client: client.get(reverse("mfa_view_recovery_codes")),
    "load recovery codes": lambda client: client.get(reverse("mfa_download_recovery_codes")),
}


@pytest.mark.parametrize("what", WHAT_CHANGES_SIGN_IN)
def test_open_session_alone_changes_nothing(session, alice, what):
    EmailAddress.objects.create(user=alice, email="old@example.com", verified=True)
    if what not in {"switch on a second factor"}:
        totp.TOTP.activate(alice, SEED)
        RecoveryCodes.activate(alice)
    before = sorted(Authenticator.objects.values_list("type", flat=True))

    answer = WHAT_CHANGES_SIGN_IN[what](session)

    assert answer.status_code == 302
    assert "reauthenticate" in answer.url
    assert sorted(Authenticator.objects.values_list("type", flat=True)) == before
    assert User.objects.get(pk=alice.pk).email == "alice@example.com"
    assert set(EmailAddress.objects.values_list("email", flat=True)) <= {"alice@example.com", "old@example.com"}


def test_password_is_changed_by_the_old_one_only(session, alice, mailoutbox):
    new = {"password1": "another set of words", "password2": "another set of words"}
    session.post(reverse("account_change_password"), {"oldpassword": "a guess of mine"} | new)
    assert User.objects.get(pk=alice.pk).check_password(PASSWORD)

    session.post(reverse("account_change_password"), {"oldpassword": PASSWORD} | new)

    assert User.objects.get(pk=alice.pk).check_password("another set of words")
    assert lines("password_changed") == [("password_changed", None, None)]
    assert [mail.to for mail in mailoutbox] == [["alice@example.com"]]


def test_administration_has_no_page_for_the_password_of_its_own(client, alice):
    alice.is_staff = alice.is_superuser = True
    alice.save()
    client.force_login(alice)

    assert client.get(reverse("admin:password_change")).url == reverse("account_change_password")


@pytest.mark.parametrize("mail_works", [True, False])
def test_address_is_added_confirmed_and_made_the_main_one(session, alice, settings, mailoutbox, mail_works):
    settings.MAIL_WORKS = mail_works
    session.post(EMAIL, {"action_add": "", "email": "new@example.com"})
    confirm_password(session)
    session.post(EMAIL, {"action_add": "", "email": "new@example.com"})
    added = EmailAddress.objects.get(email="new@example.com")

    session.post(EMAIL, {"action_primary": "", "email": "new@example.com"})
    early = User.objects.get(pk=alice.pk).email
    session.post(reverse("account_confirm_email", args=[EmailConfirmationHMAC(added).key]))
    session.post(EMAIL, {"action_primary": "", "email": "new@example.com"})
    session.post(EMAIL, {"action_remove": "", "email": "alice@example.com"})

    assert early == ("alice@example.com" if mail_works else "new@example.com")
    assert User.objects.get(pk=alice.pk).email == "new@example.com"
    told = [mail for mail in mailoutbox if "new@example.com" in mail.body and mail.to == ["alice@example.com"]]
    assert len(told) >= 1
    assert lines("email_added", "email_confirmed", "email_removed") == [
        ("email_added", None, {"email": "new@example.com"}),
        ("email_confirmed", None, {"email": "new@example.com"}),
        ("email_removed", {"email": "alice@example.com"}, None),
    ]
    changed = ("email_changed", {"email": "alice@example.com"}, {"email": "new@example.com"})
    assert changed in lines("email_changed")


def test_address_of_somebody_else_is_not_taken(session, alice, bob, settings):
    settings.MAIL_WORKS = False
    confirm_password(session)

    page = session.post(EMAIL, {"action_add": "", "email": bob.email})
    assert "already registered" in page.content.decode()
    EmailAddress.objects.create(user=alice, email=bob.email)
    answer = session.post(EMAIL, {"action_primary": "", "email": bob.email})

    assert answer.status_code == 302
    assert User.objects.get(pk=alice.pk).email == "alice@example.com"


def test_claimed_address_makes_no_browser_known_for_its_owner(alice):
    """Eve says that Alice's address is hers; her browser's budget must not be one for Alice's password."""
    eve = make_person("Eve")
    EmailAddress.objects.create(user=eve, email=alice.email, verified=False)

    assert person_of(alice.email) == alice
    EmailAddress.objects.create(user=eve, email="nobody@example.com", verified=False)
    assert person_of("nobody@example.com") is None


@pytest.mark.django_db(transaction=True)
def test_second_factors_and_recovery_codes_are_logged_and_told(session, mailoutbox):
    confirm_password(session)
    session.get(reverse("mfa_activate_totp"))
    seed = session.session["mfa.totp.secret"]
    good = totp.format_hotp_value(totp.hotp_value(seed, next(iter(totp.yield_hotp_counters_from_time()))))
    session.post(reverse("mfa_activate_totp"), {"code": good})
    session.post(reverse("mfa_generate_recovery_codes"))
    session.post(reverse("mfa_deactivate_totp"))

    actions = [action for action, _before, _after in lines("second_factor_added", "second_factor_removed")]
    assert actions[0] == "second_factor_added"
    assert "second_factor_removed" in actions
    assert lines("recovery_codes_made")
    assert all(mail.to == ["alice@example.com"] for mail in mailoutbox)
    assert len(mailoutbox) >= 2
    assert seed not in repr(list(Entry.objects.values()))


def test_code_works_once(client, alice):
    """Across processes, and whatever fills a cache."""
    totp.TOTP.activate(alice, SEED)
    for _number in range(2):
        browser = Client()
        browser.post(reverse("account_login"), {"login": alice.email, "password": PASSWORD})
        answer = browser.post(reverse("mfa_authenticate"), {"code": code()})

    assert totp.cache is caches["shared"]
    assert answer.status_code == 200


def test_wrong_second_factor_is_logged(client, alice):
    totp.TOTP.activate(alice, SEED)
    client.post(reverse("account_login"), {"login": alice.email, "password": PASSWORD})

    client.post(reverse("mfa_authenticate"), {"code": "000000"})

    assert lines("second_factor_failed") == [("second_factor_failed", None, {"factor": "totp"})]


def test_new_password_by_mail_and_refused_tries_are_logged(client, alice, mailoutbox):
    for _number in range(8):
        client.post(reverse("account_login"), {"login": alice.email, "password": "wrong"})
    client.post(reverse("account_reset_password"), {"email": alice.email})
    link = next(word for word in mailoutbox[0].body.split() if word.startswith("http"))
    form = client.get(link, follow=True).request["PATH_INFO"]
    client.post(form, {"password1": "another set of words", "password2": "another set of words"})

    assert len(lines("sign_in_failed")) == 5
    assert lines("sign_in_refused") == [("sign_in_refused", None, {"email": "alice@example.com"})]
    assert lines("password_reset") == [("password_reset", None, None)]
    assert Entry.objects.get(action="password_reset").person == alice
