import pytest
from django.urls import reverse

from portal.audit.models import Entry
from portal.people.invitations import invite
from portal.people.models import Invitation, Membership, Team, User
from tests.factories import Role, make_person, make_team

pytestmark = pytest.mark.django_db
NEW = {"name": "Dora", "email": "Dora@example.com", "password": "three quiet unrelated words"}


@pytest.fixture
def ada(team):
    """Administers Alice's team."""
    return make_person("Ada", team=team, role=Role.ADMINISTRATOR)


@pytest.fixture
def root(db):
    """Administers the site and is in no team."""
    return make_person("Root", is_staff=True, is_superuser=True)


def of(person, team):
    return Membership.objects.get(person=person, team=team)


def link_on(response):
    return response.context["link"].removeprefix("http://testserver")


def test_invitation_makes_an_account_and_a_member(client, ada, team):
    client.force_login(ada)
    path = link_on(client.post(reverse("invite", args=[team.pk]), {"role": Role.REVIEWER, "note": "Dora"}))
    client.logout()

    page = client.get(path).content.decode()
    response = client.post(path, NEW)

    dora = User.objects.get(email="dora@example.com")
    assert "Join Bookkeeping" in page
    assert response.status_code == 302
    assert of(dora, team).role == Role.REVIEWER
    assert client.get(reverse("extractions:dashboard")).status_code == 200


def test_invitation_works_once_and_only_by_a_form(client, ada, team):
    _made, token = invite(team, Role.VIEWER, "", by=ada)
    path = reverse("invitation", args=[token])
    client.get(path)
    client.post(path, NEW)
    client.logout()

    again = client.post(path, NEW | {"email": "eve@example.com"})

    assert again.status_code == 404
    assert "used, withdrawn, or is too old" in again.content.decode()
    assert not User.objects.filter(email="eve@example.com").exists()


def test_invited_person_with_an_account_joins_with_one_button(client, ada, charlie, team):
    _made, token = invite(team, Role.UPLOADER, "", by=ada)
    client.force_login(charlie)

    assert "Join as Charlie" in client.get(reverse("invitation", args=[token])).content.decode()
    client.post(reverse("invitation", args=[token]))

    assert of(charlie, team).role == Role.UPLOADER


def test_joining_lowers_no_role(client, ada, team):
    _made, token = invite(team, Role.VIEWER, "", by=ada)
    client.force_login(ada)

    client.post(reverse("invitation", args=[token]))

    assert of(ada, team).role == Role.ADMINISTRATOR


def test_address_of_an_account_cannot_be_taken_by_an_invitation(client, ada, alice, team):
    _made, token = invite(team, Role.VIEWER, "", by=ada)

    page = client.post(reverse("invitation", args=[token]), NEW | {"email": "ALICE@example.com"})

    assert "Sign in, then open the link again" in page.content.decode()
    assert Invitation.objects.open().exists()


def test_withdrawn_invitation_opens_nothing(client, ada, team):
    made, token = invite(team, Role.VIEWER, "", by=ada)
    client.force_login(ada)
    client.post(reverse("withdraw_invitation", args=[made.pk]))

    assert client.get(reverse("invitation", args=[token])).status_code == 404


def test_link_is_not_kept(ada, team):
    made, token = invite(team, Role.VIEWER, "", by=ada)

    assert token not in repr(vars(Invitation.objects.get(pk=made.pk)))


@pytest.mark.parametrize(("who", "status"), [("alice", 403), ("charlie", 404)])
def test_only_administrators_change_a_team(client, request, ada, alice, charlie, team, who, status):
    client.force_login(request.getfixturevalue(who))
    made, _token = invite(team, Role.VIEWER, "", by=ada)
    posts = [
        (reverse("invite", args=[team.pk]), {"role": Role.ADMINISTRATOR}),
        (reverse("rename_team", args=[team.pk]), {"name": "Ours"}),
        (reverse("withdraw_invitation", args=[made.pk]), {}),
        (reverse("change_role", args=[of(alice, team).pk]), {"role": Role.ADMINISTRATOR}),
        (reverse("remove_member", args=[of(ada, team).pk]), {}),
    ]

    assert [client.post(*post).status_code for post in posts] == [status] * len(posts)
    team.refresh_from_db()
    assert team.name == "Bookkeeping"
    assert of(alice, team).role == Role.REVIEWER
    assert Invitation.objects.open().count() == 1


def test_role_is_changed_and_logged(client, ada, alice, team):
    client.force_login(ada)

    client.post(reverse("change_role", args=[of(alice, team).pk]), {"role": Role.VIEWER})

    assert of(alice, team).role == Role.VIEWER
    line = Entry.objects.get(action="role_changed")
    assert (line.person_name, line.subject_name) == ("Ada", "Alice")
    assert (line.before, line.after) == ({"role": "reviewer"}, {"role": "viewer"})


@pytest.mark.parametrize("deed", ["change_role", "remove_member"])
def test_last_administrator_stays(client, ada, team, deed):
    make_person("Ann", team=team, role=Role.ADMINISTRATOR, is_active=False)
    client.force_login(ada)

    page = client.post(reverse(deed, args=[of(ada, team).pk]), {"role": Role.VIEWER}, follow=True)

    assert "at least one administrator" in page.content.decode()
    assert of(ada, team).role == Role.ADMINISTRATOR


def test_removed_member_sees_nothing_any_more(client, ada, alice, team):
    client.force_login(ada)

    client.post(reverse("remove_member", args=[of(alice, team).pk]))

    client.force_login(alice)
    assert "not in a team yet" in client.get(reverse("team")).content.decode()


def test_closed_account_is_signed_out_at_once(client, root, alice):
    session = type(client)()
    session.force_login(alice)
    client.force_login(root)

    client.post(reverse("set_active", args=[alice.pk]), {"active": "no"})

    assert session.get(reverse("extractions:dashboard")).status_code == 302
    client.post(reverse("set_active", args=[alice.pk]), {"active": "yes"})
    assert session.get(reverse("extractions:dashboard")).status_code == 302
    alice.refresh_from_db()
    session.force_login(alice)
    assert session.get(reverse("extractions:dashboard")).status_code == 200


def test_accounts_are_closed_by_site_administrators_only(client, ada, alice, root):
    client.force_login(ada)
    assert client.post(reverse("set_active", args=[alice.pk]), {"active": "no"}).status_code == 404
    client.force_login(root)
    client.post(reverse("set_active", args=[root.pk]), {"active": "no"})

    assert User.objects.filter(is_active=True, pk__in=[alice.pk, root.pk]).count() == 2


def test_site_administrator_makes_a_team(client, root, alice):
    client.force_login(root)
    client.post(reverse("new_team"), {"name": "Purchasing"})
    client.force_login(alice)
    refused = client.post(reverse("new_team"), {"name": "Mine"})

    assert of(root, Team.objects.get(name="Purchasing")).role == Role.ADMINISTRATOR
    assert refused.status_code == 403


def test_invitations_are_shown_to_administrators_only(client, ada, alice, team):
    invite(team, Role.VIEWER, "for the accountant", by=ada)
    others = make_team("Others")
    invite(others, Role.VIEWER, "somebody else", by=make_person("Olga", team=others, role=Role.ADMINISTRATOR))

    client.force_login(alice)
    assert "for the accountant" not in client.get(reverse("team")).content.decode()
    client.force_login(ada)
    page = client.get(reverse("team")).content.decode()
    assert "for the accountant" in page
    assert "somebody else" not in page
