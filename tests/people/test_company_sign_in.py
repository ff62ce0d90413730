"""Sign-in by the company's account, against a provider over HTTP that misbehaves on request."""

from __future__ import annotations

import re
import time
from html import unescape

import pytest
import requests
from allauth.account.models import EmailAddress
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from portal.audit.models import Entry
from portal.people import break_glass, invitations
from portal.people.company import mapping
from portal.people.models import Membership, User
from portal.people.sign_in_limits import person_of
from tests.factories import Role, make_person, make_team
from tests.people.openid_provider import CLIENT_ID, SECRET, running

pytestmark = pytest.mark.django_db
PASSWORD = "three quiet unrelated words"


@pytest.fixture
def provider(settings):
    with running() as provider:
        settings.OIDC_ISSUER, settings.OIDC_NAME = provider.address, "Example SA"
        settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT_ID, SECRET
        yield provider


def leads_to(page) -> str:
    found = re.search(r'http-equiv="refresh"\s+content="0;url=([^"]+)"', page.content.decode())
    assert found, page.content.decode()[:3000]
    return unescape(found.group(1))


def come_back(client):
    """As the browser does: to the provider and back, up to where the portal answers."""
    there = leads_to(client.post(reverse("company_sign_in")))
    back = requests.get(there, allow_redirects=False, timeout=10).headers["Location"]
    return client.get(back.partition("testserver")[2])


def signed_in(client) -> User | None:
    pk = client.session.get("_auth_user_id")
    return User.objects.get(pk=pk) if pk else None


def refusals():
    rows = Entry.objects.filter(action=Entry.Action.SIGN_IN_REFUSED)
    return [row.after["refusal"] for row in rows.order_by("pk")]


def test_first_sign_in_makes_an_account(client, provider):
    answer = come_back(client)

    assert answer.status_code == 302
    person = signed_in(client)
    assert (person.email, person.name, person.has_usable_password()) == ("alice@example.com", "Alice Example", False)
    assert Entry.objects.get(action=Entry.Action.SIGNED_IN).after == {"way": "company"}
    assert Entry.objects.filter(action=Entry.Action.ACCOUNT_MADE).count() == 1


def test_second_sign_in_finds_the_same_person_under_another_address(client, provider):
    come_back(client)
    provider.person["email"] = "alice.married@example.com"

    come_back(other := Client())

    assert signed_in(other) == signed_in(client)
    assert User.objects.count() == 1


NOW = int(time.time())
WRONG_TOKENS = {
    "another nonce": ({"nonce": "of another sign-in"}, "nonce"),
    "no nonce": ({"nonce": None}, "nonce"),
    "another audience": ({"aud": "another-client"}, "audience"),
    "several audiences": ({"aud": [CLIENT_ID, "another-client"]}, "audience"),
    "another party": ({"azp": "another-client"}, "audience"),
    "expired": ({"exp": NOW - 3600}, "expired"),
    "of tomorrow": ({"nbf": NOW + 86_400}, "not_yet_valid"),
    "another issuer": ({"iss": "https://elsewhere.example"}, "issuer"),
    "no subject": ({"sub": None}, "incomplete"),
    "address not verified": ({"email_verified": False}, "unverified_address"),
    "no word of verification": ({"email_verified": None}, "unverified_address"),
    "no address": ({"email": "none"}, "no_address"),
}


@pytest.mark.parametrize("name", WRONG_TOKENS)
def test_wrong_token_is_refused_and_the_log_says_why(client, provider, name):
    provider.token, reason = WRONG_TOKENS[name]

    answer = come_back(client)

    assert (answer.status_code, signed_in(client), User.objects.count()) == (403, None, 0)
    assert refusals() == [reason]


@pytest.mark.parametrize(
    ("signed", "reason"),
    [
        ("not at all", "unsigned"),
        ("with the client's secret", "unsigned"),
        ("by somebody else", "signature"),
        ("with an unknown key", "signature"),
    ],
)
def test_wrong_signature_is_refused(client, provider, signed, reason):
    provider.signed = signed

    assert come_back(client).status_code == 403
    assert (signed_in(client), refusals()) == (None, [reason])


@pytest.mark.parametrize("issuer", ["https://elsewhere.example", None], ids=["another", "none"])
def test_answer_of_another_provider_is_refused_before_its_code_is_spent(client, provider, issuer):
    provider.answered_issuer = issuer

    assert come_back(client).status_code == 403
    assert refusals() == ["issuer"]
    assert "/token" not in provider.asked


def test_answer_without_a_beginning_here_is_refused(client, provider):
    there = leads_to(client.post(reverse("company_sign_in")))
    back = requests.get(there, allow_redirects=False, timeout=10).headers["Location"].partition("testserver")[2]

    assert Client().get(back).status_code == 403  # another browser: somebody was sent this link
    assert client.get(back).status_code == 302
    assert client.get(back).status_code == 403  # it works once
    assert refusals() == ["state"]


def test_discovery_of_another_issuer_is_refused(client, provider):
    provider.discovered = {"issuer": "https://elsewhere.example"}

    assert client.post(reverse("company_sign_in")).status_code == 403
    assert refusals() == ["issuer"]


@pytest.mark.parametrize("endpoint", ["/token", "/keys"])
def test_provider_that_fails_is_told_apart_from_a_refusal(client, provider, endpoint):
    provider.failing = {endpoint}

    assert come_back(client).status_code == 403
    assert refusals() == ["unreachable"]


def test_userinfo_of_somebody_else_is_refused(client, provider):
    provider.token, provider.userinfo = {"email": None}, {"sub": "s-2"}

    assert come_back(client).status_code == 403
    assert refusals() == ["subject"]


def test_what_the_token_lacks_is_asked_for(client, provider):
    provider.token = {"email": None, "email_verified": None, "name": None}

    come_back(client)

    assert signed_in(client).email == "alice@example.com"


def test_confirmed_address_links_the_account_and_keeps_its_password(client, provider):
    alice = make_person("Alice")
    alice.set_password(PASSWORD)
    alice.save()
    User.objects.filter(pk=alice.pk).update(email="alice@example.com")
    EmailAddress.objects.create(user=alice, email="alice@example.com", verified=True, primary=True)

    come_back(client)

    assert signed_in(client) == alice
    assert signed_in(client).has_usable_password()


def test_unconfirmed_address_links_but_whoever_set_the_password_is_out(client, provider):
    alice = make_person("Alice")
    alice.set_password(PASSWORD)
    alice.save()
    User.objects.filter(pk=alice.pk).update(email="alice@example.com")
    intruder = Client()
    intruder.force_login(User.objects.get(pk=alice.pk))

    come_back(client)

    assert signed_in(client) == alice
    assert not signed_in(client).has_usable_password()
    assert intruder.get(reverse("team")).status_code == 302


def test_administrators_are_not_linked_by_their_address(client, provider):
    ada = make_person("Ada", is_staff=True, is_superuser=True)
    User.objects.filter(pk=ada.pk).update(email="alice@example.com")

    assert come_back(client).status_code == 403
    assert refusals() == ["administrator"]


def test_closed_account_stays_closed(client, provider):
    come_back(client)
    User.objects.update(is_active=False)

    assert come_back(Client()).status_code == 403
    assert refusals() == ["closed"]


@pytest.fixture
def mapped(settings, provider):
    """Finance people review in the team "Accounts", their heads administer it."""
    team = make_team("Accounts")
    make_person("Boss", team=team, role=Role.ADMINISTRATOR)
    settings.OIDC_GROUPS = ["finance=Accounts:reviewer", "cn=heads,ou=finance=Accounts:administrator"]
    provider.person["groups"] = ["finance", "staff"]
    return team


def role_of(person):
    return Membership.objects.filter(person=person).values_list("role", flat=True).first()


def test_groups_give_roles_and_the_highest_counts(client, provider, mapped):
    come_back(client)
    assert role_of(signed_in(client)) == "reviewer"

    provider.person["groups"] = ["finance", "cn=heads,ou=finance"]
    come_back(Client())

    assert role_of(signed_in(client)) == "administrator"


def test_group_taken_away_ends_access_at_the_next_sign_in(client, provider, mapped):
    come_back(client)
    provider.person["groups"] = ["staff"]

    assert come_back(Client()).status_code == 403

    assert role_of(User.objects.get(email="alice@example.com")) is None
    assert client.get(reverse("team")).status_code == 302  # the earlier session is ended, too
    assert refusals() == ["groups"]


def test_session_ends_and_the_provider_is_asked_again(client, provider, settings):
    come_back(client)
    assert client.get(reverse("team")).status_code == 200
    session = client.session
    session["portal_ends_at"] = int(time.time()) - 1
    session.save()

    assert client.get(reverse("team")).status_code == 302


def test_stranger_without_a_group_gets_no_account(client, provider, mapped):
    provider.person["groups"] = []

    assert come_back(client).status_code == 403
    assert not User.objects.filter(email="alice@example.com").exists()


@pytest.mark.parametrize("line", ["finance", "finance=Accounts", "finance=Accounts:boss", "=Accounts:viewer"])
def test_mapping_that_makes_no_sense_is_named(settings, line):
    settings.OIDC_GROUPS = [line]

    with pytest.raises(ImproperlyConfigured, match="OIDC_GROUPS"):
        mapping.mapping()


def test_only_the_company_leaves_no_other_way(client, provider, settings):
    settings.OIDC_ONLY = True
    alice = make_person("Alice")
    alice.set_password(PASSWORD)
    alice.save()

    page = client.get(reverse("account_login")).content.decode()
    client.post(reverse("account_login"), {"login": alice.email, "password": PASSWORD})

    assert 'name="password"' not in page
    assert "Example SA" in page
    assert signed_in(client) is None


def test_broken_glass_opens_once(client, provider, settings):
    settings.OIDC_ONLY = True
    ada = make_person("Ada", is_superuser=True)
    path = break_glass.make_path(ada)

    assert client.get(path).status_code == 200
    assert signed_in(client) is None  # looking is not using
    client.post(path)

    assert signed_in(client) == ada
    assert Client().post(path).status_code == 404
    assert Entry.objects.filter(after={"break_glass": True}).count() == 1


def test_signing_out_leads_to_the_providers_sign_out(client, provider):
    come_back(client)

    answer = client.post(reverse("account_logout"))
    there = leads_to(client.get(answer.headers["Location"]))

    assert there.startswith(f"{provider.address}/end?")
    assert "post_logout_redirect_uri=" in there
    assert signed_in(client) is None


def test_without_settings_there_is_no_such_page(client):
    assert client.post(reverse("company_sign_in")).status_code == 404
    assert client.get(reverse("company_callback")).status_code == 404


def test_a_link_of_an_invitation_makes_no_account_beside_the_company(client, provider, settings):
    settings.OIDC_ONLY = True
    team = make_team("Accounts")
    boss = make_person("Boss", team=team, role=Role.ADMINISTRATOR)
    _row, token = invitations.invite(team, Role.VIEWER, "", by=boss)
    form = {"name": "Mallory", "email": "mallory@example.com", "password": PASSWORD}

    page = client.post(invitations.path_of(token), form).content.decode()

    assert "Example SA" in page
    assert signed_in(client) is None
    assert not User.objects.filter(email="mallory@example.com").exists()


def test_who_made_an_account_for_somebody_elses_address_gets_no_new_password_at_their_own(client, provider):
    alice = make_person("Alice")
    User.objects.filter(pk=alice.pk).update(email="alice@example.com")
    EmailAddress.objects.filter(user=alice).delete()
    EmailAddress.objects.create(user=alice, email="alice@example.com", verified=False, primary=True)
    EmailAddress.objects.create(user=alice, email="mallory@example.net", verified=True)

    come_back(client)

    assert signed_in(client) == alice
    assert [row.email for row in EmailAddress.objects.filter(user=alice)] == ["alice@example.com"]
    assert person_of("mallory@example.net") is None


@pytest.mark.parametrize("name", ["Accounts", "accounts of mine"])
def test_a_team_cannot_take_or_shed_the_name_that_groups_go_by(client, mapped, name):
    mine = make_team("Mine") if name == "Accounts" else mapped
    mallory = make_person("Mallory", team=mine, role=Role.ADMINISTRATOR)
    client.force_login(mallory)
    before = mine.name

    client.post(reverse("rename_team", args=[mine.pk]), {"name": name})

    mine.refresh_from_db()
    assert mine.name == before
    User.objects.filter(pk=mallory.pk).update(is_superuser=True)
    client.post(reverse("rename_team", args=[mine.pk]), {"name": name})
    mine.refresh_from_db()
    assert mine.name == name


def test_of_two_teams_with_a_name_groups_govern_the_first(client, provider, mapped):
    later = make_team("Accounts")

    come_back(client)

    teams = Membership.objects.filter(person=signed_in(client)).values_list("team", flat=True)
    assert list(teams) == [mapped.pk]
    assert later.pk not in teams


@pytest.mark.parametrize(
    ("claim", "value"), [("sub", "s" * 300), ("sub", "s\0"), ("email", "a@" + "b." * 150 + "example.com")]
)
def test_what_the_database_does_not_take_is_refused(client, provider, claim, value):
    provider.person[claim] = value

    assert come_back(client).status_code == 403
    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["   ", "\0", "\ud800", "Al\0ice\nExample"])
def test_a_strange_name_leaves_the_pages_usable(client, provider, name):
    provider.person["name"] = name

    come_back(client)

    assert client.get(reverse("team")).status_code == 200
    person = signed_in(client)
    assert person.get_short_name()
    assert person.name.isprintable()
