"""A token is shown once, never permits more than its owner, and ends with the owner's membership."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.audit.models import Entry
from portal.people import accounts, api_tokens
from portal.people import membership as verbs
from portal.people.api_tokens import TokenOptions, find, is_wellformed, new_key
from portal.people.models import ApiToken, Membership, User
from tests.factories import Role, make_person, make_team

pytestmark = pytest.mark.django_db
PASSWORD = "three quiet unrelated words"
ALL = list(ApiToken.Scope.values)
WANTED = {"name": "Scanner", "scopes": ["upload", "read"], "lifetime": "90", "repeats": "answer"}


@pytest.fixture
def ada(team):
    return make_person("Ada", team=team, role=Role.ADMINISTRATOR)


@pytest.fixture
def second(team):
    """Keeps the team administered when Ada goes."""
    return make_person("Second", team=team, role=Role.ADMINISTRATOR)


def issue(person, team, scopes=ALL, **options):
    return api_tokens.issue(
        person, team, TokenOptions("Scanner", scopes, **({"expires_at": None} | options)), by=person
    )


def of(person, team):
    return Membership.objects.get(person=person, team=team)


def signed_in(person):
    """With the password confirmed just now, as for everything that changes how somebody gets in."""
    person.set_password(PASSWORD)
    person.save()
    client = Client()
    client.force_login(person)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def key_on(response):
    return response.context["key"]


def test_keys_can_be_told_from_other_text_and_carry_a_checksum():
    key = new_key(api_tokens.PERSONAL)

    wrong = key[:-1] + ("A" if key[-1] != "A" else "B")
    swapped = key[:4] + key[5] + key[4] + key[6:] if key[4] != key[5] else "x"

    assert re.fullmatch(r"xp[ps]_[0-9A-Za-z]{36}", key)
    assert is_wellformed(key)
    assert not any(is_wellformed(text) for text in (wrong, swapped, "", "xpp_", key + "0", key.replace("xpp", "xpz")))
    assert new_key(api_tokens.PERSONAL) != key


@pytest.mark.parametrize("words", ["{}", "Token {}", "Bearer {}", "bearer {}"])
def test_a_key_is_taken_bare_and_after_both_words(alice, team, words):
    token, key = issue(alice, team)

    grant = find(words.format(key))

    assert (grant.token, grant.person, grant.team, grant.role) == (token, alice, team, Role.REVIEWER)


def test_unknown_keys_and_other_words_open_nothing(alice, team):
    _token, key = issue(alice, team)

    headers = ["", key[:-1], f"Basic {key}", f"{key} {key}", new_key(api_tokens.PERSONAL), "Bearer", "naïve"]

    assert [find(header) for header in headers] == [None] * len(headers)


def test_only_a_hash_is_stored(alice, team):
    token, key = issue(alice, team)

    row = ApiToken.objects.filter(pk=token.pk).values().get()
    logged = Entry.objects.get(action="token_made")

    assert key not in str(row)
    assert key not in f"{logged.before} {logged.after} {logged.subject_name}"
    assert (logged.team_id, logged.after["scopes"]) == (team.pk, ALL)


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.VIEWER, {"read", "export"}),
        (Role.UPLOADER, {"read", "export", "upload", "manage"}),
        (Role.REVIEWER, set(ALL)),
        (Role.ADMINISTRATOR, set(ALL)),
    ],
)
def test_a_token_never_permits_more_than_its_owner(team, role, allowed):
    person = make_person("Dora", team=team, role=role)
    make_team("Elsewhere").memberships.create(person=person, role=Role.ADMINISTRATOR)

    grant = find(issue(person, team)[1])

    assert {scope for scope in ALL if grant.allows(scope)} == allowed


def test_a_token_permits_only_its_scopes(alice, team):
    grant = find(issue(alice, team, ["upload"])[1])

    assert [scope for scope in ALL if grant.allows(scope)] == ["upload"]


def test_a_lowered_role_holds_at_once(alice, team):
    _token, key = issue(alice, team)

    verbs.change_role(of(alice, team), Role.VIEWER)

    assert not find(key).allows("upload")


ENDINGS = {
    "revoked": lambda token: api_tokens.revoke(token),
    "removed": lambda token: verbs.remove(of(token.person, token.team)),
    "closed": lambda token: verbs.set_active(token.person, False),
    "deleted": lambda token: accounts.delete(token.person),
    "expired": lambda token: ApiToken.objects.update(expires_at=timezone.now()),
}


@pytest.mark.parametrize("how", ENDINGS)
def test_a_token_ends_at_once(alice, team, how):
    token, key = issue(alice, team, expires_at=timezone.now() + timedelta(days=1))
    assert find(key)

    ENDINGS[how](token)

    assert find(key) is None


@pytest.mark.parametrize("how", ["removed", "closed"])
def test_what_ended_does_not_come_back(alice, team, how):
    token, key = issue(alice, team)
    ENDINGS[how](token)

    verbs.set_active(alice, True)
    verbs.add(alice, team, Role.REVIEWER)

    assert find(key) is None
    assert Entry.objects.filter(action="token_revoked", subject_id=str(token.pk), team=team).count() == 1


def test_a_membership_that_vanishes_behind_our_back_ends_it_too(alice, team):
    _token, key = issue(alice, team)

    Membership.objects.filter(person=alice).delete()

    assert find(key) is None


def test_leaving_one_team_leaves_the_tokens_of_another(alice, team):
    other = make_team("Other")
    verbs.add(alice, other, Role.VIEWER)
    _token, key = issue(alice, other)

    verbs.remove(of(alice, team))

    assert find(key).team == other


def test_only_members_get_tokens(charlie, team):
    with pytest.raises(api_tokens.NotAMember):
        issue(charlie, team)


def test_a_service_has_the_role_it_was_given_and_outlives_its_maker(ada, second, team):
    options = TokenOptions("Mail room", ALL, None)
    token, key = api_tokens.issue_for_service(team, Role.UPLOADER, options, by=ada)

    verbs.remove(of(ada, team))
    grant = find(key)

    assert key.startswith("xps_")
    assert grant.person.is_service
    assert {scope for scope in ALL if grant.allows(scope)} == {"read", "export", "upload", "manage"}
    api_tokens.revoke(token)
    assert find(key) is None
    assert not Membership.objects.filter(person=token.person).exists()
    assert User.objects.filter(pk=token.person_id).exists()


def test_a_service_cannot_sign_in_nor_be_made_to(client, ada, team):
    token, _key = api_tokens.issue_for_service(team, Role.UPLOADER, TokenOptions("Mail room", ALL, None), by=ada)
    service = token.person
    service.set_password(PASSWORD)
    service.save(update_fields=["password"])

    client.post(reverse("account_login"), {"login": service.email, "password": PASSWORD})

    assert "_auth_user_id" not in client.session
    assert not verbs.set_active(service, True)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=service.pk).update(is_active=True)
    with pytest.raises(ValidationError):
        User(email="x@example.com", password="x", is_service=True, is_active=True).full_clean()


def test_services_are_no_members_on_the_team_page_and_administer_nothing(client, ada, team):
    api_tokens.issue_for_service(team, Role.ADMINISTRATOR, TokenOptions("Mail room", ALL, None), by=ada)
    client.force_login(ada)

    page = client.get(reverse("team")).content.decode()

    assert "Mail room" not in page
    with pytest.raises(verbs.LastAdministrator):
        verbs.remove(of(ada, team))


def test_use_is_noted_once_a_minute(alice, team):
    token, _key = issue(alice, team)
    api_tokens.note_use(token)
    first = ApiToken.objects.get(pk=token.pk)
    api_tokens.note_use(first)
    again = ApiToken.objects.get(pk=token.pk)
    ApiToken.objects.update(last_used_at=timezone.now() - timedelta(minutes=2))
    api_tokens.note_use(ApiToken.objects.get(pk=token.pk))

    assert first.last_used_at == again.last_used_at
    assert ApiToken.objects.get(pk=token.pk).last_used_at >= first.last_used_at


def test_the_page_makes_a_token_and_shows_it_once(alice, team):
    client = signed_in(alice)

    made = client.post(reverse("new_token"), WANTED | {"team": team.pk})
    later = client.get(reverse("account_tokens")).content.decode()

    key = key_on(made)
    assert key in made.content.decode()
    assert "no-store" in made.headers["Cache-Control"]
    assert key not in later
    assert "Scanner" in later
    assert key[:8] in later
    grant = find(key)
    assert grant.token.scopes == ["upload", "read"]
    assert timedelta(days=89) < grant.token.expires_at - timezone.now() <= timedelta(days=90)


def test_an_open_session_is_not_enough_to_make_one(client, alice, team):
    alice.set_password(PASSWORD)
    alice.save()
    client.force_login(alice)

    asked = client.post(reverse("new_token"), WANTED | {"team": team.pk})
    before = ApiToken.objects.count()
    made = client.post(asked.headers["Location"], {"password": PASSWORD})

    assert (asked.status_code, before) == (302, 0)
    assert find(key_on(made)).person == alice


@pytest.mark.parametrize("wrong", [{"name": ""}, {"scopes": []}, {"scopes": ["everything"]}, {"lifetime": "9999"}])
def test_wrong_choices_are_said_and_nothing_is_lost(alice, team, wrong):
    client = signed_in(alice)

    response = client.post(reverse("new_token"), WANTED | {"team": team.pk} | wrong)

    assert response.status_code == 422
    assert "errorlist" in response.content.decode()
    assert response.context["form"]["repeats"].value() == "answer"
    assert not ApiToken.objects.exists()


def test_nobody_makes_a_token_for_a_team_of_others(alice, charlie):
    theirs = charlie.memberships.get().team

    response = signed_in(alice).post(reverse("new_token"), WANTED | {"team": theirs.pk})

    assert response.status_code == 422
    assert not ApiToken.objects.exists()


def test_administrators_make_services_and_see_all_tokens_of_the_team(ada, alice, team):
    issue(alice, team)
    client = signed_in(ada)
    wanted = {
        f"team{team.pk}-{name}": value for name, value in (WANTED | {"name": "Mail room", "role": "viewer"}).items()
    }

    made = client.post(reverse("new_service_token", args=[team.pk]), wanted)
    page = client.get(reverse("account_tokens")).content.decode()

    assert find(key_on(made)).role == Role.VIEWER
    assert "Mail room" in page
    assert "Service, as Viewer" in page
    assert "Alice" in page


def test_administrators_revoke_the_tokens_of_members_and_members_only_their_own(client, ada, alice, bob, team):
    hers, key = issue(alice, team)
    client.force_login(bob)
    refused = client.post(reverse("revoke_token", args=[hers.pk]))
    still = find(key)
    client.force_login(ada)

    client.post(reverse("revoke_token", args=[hers.pk]))

    assert (refused.status_code, bool(still), find(key)) == (404, True, None)
