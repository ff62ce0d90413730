"""A token does not outlive the person's way in, and a service always has somebody who looks after it."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from extractions.forwarding.steps import token_rests
from portal.audit.models import Entry
from portal.people import api_tokens, service_owners
from portal.people import membership as verbs
from portal.people.api_tokens import TokenOptions, find
from portal.people.mail_queue import mail_queue
from portal.people.models import ApiToken, Membership, User
from tests.factories import Role, make_person

pytestmark = pytest.mark.django_db
PASSWORD = "three quiet unrelated words"
OPTIONS = TokenOptions("Scanner", ["read"], None)


@pytest.fixture
def ada(team):
    return make_person("Ada", team=team, role=Role.ADMINISTRATOR)


@pytest.fixture
def second(team):
    return make_person("Second", team=team, role=Role.ADMINISTRATOR)


@pytest.fixture
def bound(settings):
    settings.TOKEN_SIGN_IN_DAYS = 30
    settings.MAIL_WORKS = True
    return settings


def days_ago(number):
    return timezone.now() - timedelta(days=number)


def silent_for(person, days):
    """As if the person had made the token, and signed in last, so long ago."""
    User.objects.filter(pk=person.pk).update(last_login=days_ago(days))
    ApiToken.objects.filter(person=person).update(created_at=days_ago(days))


def told(person, days):
    ApiToken.objects.filter(person=person).update(rest_announced_at=days_ago(days))


def test_a_token_rests_once_its_owner_was_told_and_has_not_signed_in(alice, team, bound):
    _token, key = api_tokens.issue(alice, team, OPTIONS, by=alice)
    silent_for(alice, 40)
    before = find(key)
    told(alice, 8)
    resting = find(key)

    Client().force_login(alice)

    assert (bool(before), resting) == (True, None)
    assert find(key) is not None


def test_nothing_rests_without_the_setting_and_no_service_ever(alice, ada, team, settings):
    settings.TOKEN_SIGN_IN_DAYS = 0
    _token, key = api_tokens.issue(alice, team, OPTIONS, by=alice)
    _service, service_key = api_tokens.issue_for_service(team, Role.VIEWER, OPTIONS, by=ada)
    silent_for(alice, 400)
    ApiToken.objects.update(rest_announced_at=days_ago(300), created_at=days_ago(400))
    without = find(key)
    settings.TOKEN_SIGN_IN_DAYS = 30

    assert without is not None
    assert find(key) is None
    assert find(service_key) is not None


def test_the_owner_is_told_a_week_before_once_and_again_after_signing_in(alice, team, bound):
    api_tokens.issue(alice, team, OPTIONS, by=alice)
    silent_for(alice, 22)
    early = token_rests.announce()
    silent_for(alice, 24)

    counts = [token_rests.announce(), token_rests.announce()]
    [letter] = mail.outbox
    silent_for(alice, 50)
    told(alice, 60)  # of an earlier silence
    again = token_rests.announce()

    assert (early, counts, again) == (0, [1, 0], 1)
    assert letter.to == [alice.email]
    assert "Scanner" in letter.body
    assert ApiToken.objects.get().rests_at > timezone.now() + timedelta(days=6)


def test_old_tokens_do_not_stop_at_once_where_the_bound_is_new(alice, team, bound):
    _token, key = api_tokens.issue(alice, team, OPTIONS, by=alice)
    silent_for(alice, 400)

    token_rests.announce()

    assert find(key) is not None
    assert timedelta(days=6) < ApiToken.objects.get().rests_at - timezone.now() <= timedelta(days=7)


def test_the_page_says_until_when_a_token_works(client, ada, alice, team, bound):
    api_tokens.issue(alice, team, OPTIONS, by=alice)
    silent_for(alice, 60)
    told(alice, 10)
    client.force_login(ada)

    page = client.get(reverse("account_tokens")).content.decode()

    assert "rests until its owner signs in" in page
    assert "have not signed in" in page or "has not signed in for 30 days" in page


LEAVINGS = {
    "removed": lambda person, team: verbs.remove(Membership.objects.get(person=person, team=team)),
    "demoted": lambda person, team: verbs.change_role(Membership.objects.get(person=person, team=team), Role.VIEWER),
    "closed": lambda person, team: verbs.set_active(person, False),
}


@pytest.mark.parametrize("how", LEAVINGS)
def test_administrators_are_told_of_the_services_that_somebody_leaves_behind(
    ada, second, team, how, settings, django_capture_on_commit_callbacks
):
    settings.MAIL_WORKS = True
    token, key = api_tokens.issue_for_service(team, Role.UPLOADER, TokenOptions("Mail room", ["read"], None), by=ada)
    assert service_owners.is_looked_after(token, list(service_owners.administrators_of(team)))

    with django_capture_on_commit_callbacks(execute=True):
        LEAVINGS[how](ada, team)
    mail_queue.join()

    token = ApiToken.objects.get(pk=token.pk)
    [letter] = mail.outbox
    assert find(key) is not None
    assert not service_owners.is_looked_after(token, list(service_owners.administrators_of(team)))
    assert letter.to == [second.email]
    assert "Mail room" in letter.body


def test_a_service_is_handed_over_and_gets_a_new_key(ada, second, team):
    token, key = api_tokens.issue_for_service(team, Role.UPLOADER, OPTIONS, by=ada)
    LEAVINGS["removed"](ada, team)
    client = signed_in(second)

    before = client.get(reverse("account_tokens")).content.decode()
    client.post(reverse("hand_over_token", args=[token.pk]), {"to": second.pk})
    made = client.post(reverse("replace_token", args=[token.pk]))
    after = client.get(reverse("account_tokens")).content.decode()

    assert "Ada, who did, does not administer this team any more" in before
    assert "does not administer" not in after
    assert find(key) is None
    assert find(made.context["key"]).person == token.person
    assert ApiToken.objects.get().responsible == second
    assert Entry.objects.filter(action="setting", subject_id=str(token.pk)).count() == 1


def test_only_administrators_of_the_team_take_a_service_over(ada, second, bob, team):
    token, _key = api_tokens.issue_for_service(team, Role.UPLOADER, OPTIONS, by=ada)
    client = signed_in(second)

    client.post(reverse("hand_over_token", args=[token.pk]), {"to": bob.pk})
    client.post(reverse("hand_over_token", args=[token.pk]), {"to": "x"})
    refused = signed_in(bob).post(reverse("hand_over_token", args=[token.pk]), {"to": bob.pk})

    assert refused.status_code == 404
    assert ApiToken.objects.get().responsible == ada


def signed_in(person):
    person.set_password(PASSWORD)
    person.save()
    client = Client()
    client.force_login(person)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client
