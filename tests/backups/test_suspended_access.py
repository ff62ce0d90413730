"""What a put-back database brings to life again works only once somebody has looked at it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from extractions.backups import suspended_access
from extractions.models import GuestLink, Installation, Webhook
from extractions.services import guest_links
from portal.audit.models import Entry
from portal.people import api_tokens, invitations
from portal.people.api_tokens import TokenOptions, find
from portal.people.models import ApiToken, Invitation, User
from portal.sealing import seal
from tests.factories import Role, make_extraction, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(team):
    return make_person("Ada", team=team, role=Role.ADMINISTRATOR)


@pytest.fixture
def root(db):
    return make_person("Root", is_staff=True, is_superuser=True)


@pytest.fixture
def ways_in(ada, alice, team):
    """The key of a token and the token of an invitation, beside a guest link and a webhook."""
    Installation.objects.create(begun_at=timezone.now())
    link = GuestLink.objects.create(
        team=team, created_by=ada, name="Auditor", token_hash="0" * 64, expires_at=timezone.now() + timedelta(days=3)
    )
    link.documents.create(extraction=make_extraction(owner=alice), number=1)
    Webhook.objects.create(team=team, name="Ledger", url="https://l.example.com/", sealed_secret=seal("whsec_AAAA"))
    _token, key = api_tokens.issue(alice, team, TokenOptions("Scanner", ["read"], None), by=alice)
    _invitation, word = invitations.invite(team, Role.VIEWER, "Nora", by=ada)
    return key, word


def works(ways_in):
    key, word = ways_in
    link = GuestLink.objects.with_role().first()
    webhook = Webhook.objects.first()
    return [
        find(key) is not None, invitations.find(word) is not None, link is not None and not link.state,
        webhook is not None and not webhook.pause,
    ]  # fmt: skip


def test_all_is_suspended_and_works_again_once_confirmed(client, ways_in, root):
    before = works(ways_in)
    suspended_access.suspend_all()
    suspended = works(ways_in)
    client.force_login(User.objects.get(pk=root.pk))
    page = client.get(reverse("extractions:restored_access"))
    listed = [item.key for item in page.context["suspended"]]

    client.post(reverse("extractions:confirm_restored"), {"item": listed})

    assert before == [True] * 4
    assert suspended == [False] * 4
    assert "A backup was restored, so API tokens" in page.content.decode()
    assert works(ways_in) == [True] * 4
    assert Installation.objects.get().access_suspended_at is None
    assert Entry.objects.filter(action="access_confirmed").count() == 4


def test_what_was_ended_meanwhile_is_ended_for_good(client, ways_in, root):
    suspended_access.suspend_all()
    client.force_login(User.objects.get(pk=root.pk))
    listed = [item.key for item in suspended_access.suspended()]

    client.post(reverse("extractions:revoke_restored"), {"item": listed})

    assert works(ways_in) == [False] * 4
    assert suspended_access.suspended() == []
    assert ApiToken.objects.get().revoked_at
    assert Invitation.objects.get().withdrawn_at
    assert GuestLink.objects.get().revoked_at
    assert not Webhook.objects.exists()
    assert Installation.objects.get().access_suspended_at is None


def test_confirming_takes_only_what_the_page_has_listed(client, ways_in, root):
    suspended_access.suspend_all()
    client.force_login(User.objects.get(pk=root.pk))
    token = next(item.key for item in suspended_access.suspended() if item.kind == "token")

    client.post(reverse("extractions:confirm_restored"), {"item": [token, "token:0", "nonsense"]})

    assert works(ways_in) == [True, False, False, False]
    assert Installation.objects.get().access_suspended_at is not None


def test_everybody_is_signed_out(client, alice, ways_in):
    client.force_login(alice)
    before = client.get(reverse("account_tokens")).status_code

    suspended_access.suspend_all()

    assert before == 200
    assert client.get(reverse("account_tokens")).status_code == 302


def test_a_suspended_link_ends_with_the_right_of_its_maker(ways_in, ada, team, alice):
    make_person("Second", team=team, role=Role.ADMINISTRATOR)
    suspended_access.suspend_all()
    ada.memberships.all().delete()

    guest_links.end_unbacked(None, person=ada)

    assert GuestLink.objects.get().revoked_at
