"""The administration of people and teams is no way around the rules of the pages, nor around the log."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from portal.audit.models import Entry
from portal.people.invitations import find, invite
from portal.people.models import Membership, Team, User
from tests.factories import Role, make_person, make_team

PASSWORD = "three quiet unrelated words"

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(db):
    return make_person("Root", is_staff=True, is_superuser=True)


@pytest.fixture
def staff(db):
    """May change people, teams, memberships and groups, says the table of permissions."""
    staff = make_person("Staff", is_staff=True)
    models = ["user", "team", "membership", "group", "emailaddress", "authenticator"]
    staff.user_permissions.set(Permission.objects.filter(content_type__model__in=models))
    return staff


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def page_of(row):
    return reverse(f"admin:people_{row._meta.model_name}_change", args=[row.pk])


def as_form(client, address, **changes):
    """What a browser sends for the form of a page: all fields as they stand, and what somebody changed."""
    context = client.get(address).context
    forms = [
        context["adminform"].form,
        *(inline.formset.management_form for inline in context["inline_admin_formsets"]),
    ]
    forms += [form for inline in context["inline_admin_formsets"] for form in inline.formset.forms]
    data = {}
    for form in forms:
        for field in form:
            value = field.value()
            if value is None or value is False or field.field.disabled:
                continue
            if field.html_name in {"last_login", "date_joined"}:
                continue
            data[field.html_name] = "on" if value is True else value
    data |= changes
    return {name: value for name, value in data.items() if value is not None}


def row_of(client, address, membership):
    """The prefix of the row in which a membership stands."""
    for inline in client.get(address).context["inline_admin_formsets"]:
        for form in inline.formset.forms:
            if form.instance.pk == membership.pk:
                return form.prefix
    raise AssertionError("it is not on the page")


def actions():
    return [line.action for line in Entry.objects.exclude(action="signed_in").order_by("pk")]


@pytest.mark.parametrize("whom", ["themselves", "somebody else"])
def test_staff_makes_nobody_more_than_they_are(staff, alice, whom):
    person = staff if whom == "themselves" else alice
    group = Group.objects.create(name="Everything")
    permission = Permission.objects.get(codename="delete_extraction")
    client = signed_in(staff)

    client.post(
        page_of(person),
        as_form(
            client, page_of(person), name="Changed", email="taken@example.com", is_staff="on", is_superuser="on",
            is_active="", groups=[group.pk], user_permissions=[permission.pk],
        ),
    )  # fmt: skip

    before = (person.email, person.is_staff, person.is_superuser, person.is_active)
    person.refresh_from_db()
    assert person.name == "Changed"
    assert (person.email, person.is_staff, person.is_superuser, person.is_active) == before
    assert not person.groups.exists()
    assert not person.user_permissions.filter(pk=permission.pk).exists()
    assert actions() == ["account_changed"]


@pytest.mark.parametrize("whom", ["root", "alice", "staff"])
def test_staff_sets_nobody_s_password(request, staff, whom):
    person = request.getfixturevalue(whom)
    form = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true", "set-password": ""}

    answer = signed_in(staff).post(reverse("admin:auth_user_password_change", args=[person.pk]), form)

    assert answer.status_code == 403
    person.refresh_from_db()
    assert not person.has_usable_password()


def test_staff_changes_no_site_administrator(staff, root):
    client = signed_in(staff)

    answer = client.post(page_of(root), {"name": "Eve", "email": "eve@example.com"})

    assert answer.status_code == 403
    root.refresh_from_db()
    assert (root.name, root.email) == ("Root", "root@example.com")


def test_staff_neither_deletes_people_nor_joins_teams(staff, alice, team):
    client = signed_in(staff)

    answers = [
        client.post(reverse("admin:people_user_delete", args=[alice.pk]), {"post": "yes"}),
        client.post(page_of(team), {"name": "Ours"}),
        client.post(reverse("admin:people_team_add"), {"name": "Mine"}),
        client.post(reverse("admin:people_team_delete", args=[team.pk]), {"post": "yes"}),
    ]
    rows = {
        "memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "0",
        "memberships-0-team": team.pk, "memberships-0-role": Role.ADMINISTRATOR,
    }  # fmt: skip
    client.post(page_of(staff), as_form(client, page_of(staff), **rows))
    selected = {"action": "delete_selected", "_selected_action": [alice.pk], "post": "yes"}
    client.post(reverse("admin:people_user_changelist"), selected)

    assert {answer.status_code for answer in answers} == {403}
    assert User.objects.filter(pk=alice.pk).exists()
    assert not Membership.objects.filter(person=staff).exists()
    assert [made.name for made in Team.objects.all()] == [team.name]


@pytest.mark.parametrize("model", ["auth_group"])
def test_staff_gives_no_permission_by_a_group(staff, model):
    group = Group.objects.create(name="Everything")
    staff.groups.add(group)
    permission = Permission.objects.get(codename="delete_extraction")
    client = signed_in(staff)

    answer = client.post(
        reverse(f"admin:{model}_change", args=[group.pk]), {"name": "Everything", "permissions": [permission.pk]}
    )

    assert answer.status_code == 403
    assert not group.permissions.exists()


def test_what_signs_people_in_is_not_edited_by_hand(client, root):
    client.force_login(root)

    for path in ("/admin/account/emailaddress/", "/admin/mfa/authenticator/"):
        assert client.get(path).status_code == 404


def test_change_of_rights_is_logged_and_withdraws_invitations(root, team):
    other = make_person("Olga", is_staff=True, is_superuser=True)
    _made, token = invite(team, Role.ADMINISTRATOR, "", by=other)
    client = signed_in(root)

    client.post(page_of(other), as_form(client, page_of(other), is_superuser=None))

    line = Entry.objects.get(action="account_changed")
    assert (line.person, line.subject_name) == (root, "Olga")
    assert (line.before, line.after) == ({"is_superuser": True}, {"is_superuser": False})
    assert find(token) is None
    assert "invitation_withdrawn" in actions()


@pytest.mark.parametrize("change", [{"is_superuser": None}, {"is_active": None}])
def test_portal_keeps_an_administrator(root, change):
    make_person("Closed", is_staff=True, is_superuser=True, is_active=False)
    client = signed_in(root)

    page = client.post(page_of(root), as_form(client, page_of(root), **change), follow=True).content.decode()

    assert "The portal keeps at least one administrator" in page
    root.refresh_from_db()
    assert (root.is_superuser, root.is_active) == (True, True)


def test_account_is_closed_as_on_the_page(root, alice):
    session = signed_in(alice)
    client = signed_in(root)

    client.post(page_of(alice), as_form(client, page_of(alice), is_active=None))

    assert session.get("/").status_code == 302
    alice.refresh_from_db()
    assert (alice.is_active, alice.session_epoch) == (False, 1)
    assert actions() == ["deactivated"]


def test_new_address_is_logged_and_told_to_the_old_one(root, alice, mailoutbox, django_capture_on_commit_callbacks):
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    client = signed_in(root)

    client.post(page_of(alice), as_form(client, page_of(alice), email="new@example.com"))

    line = Entry.objects.get(action="email_changed")
    assert (line.before, line.after) == ({"email": "alice@example.com"}, {"email": "new@example.com"})
    assert [(row.email, row.primary, row.verified) for row in EmailAddress.objects.all()] == [
        ("new@example.com", True, False)
    ]


def test_password_that_an_administrator_sets_is_logged_and_ends_the_sessions(root, alice):
    session = signed_in(alice)
    form = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true", "set-password": ""}

    signed_in(root).post(reverse("admin:auth_user_password_change", args=[alice.pk]), form)

    line = Entry.objects.get(action="password_changed")
    assert (line.person, line.subject_name) == (root, "Alice")
    assert session.get("/").status_code == 302


@pytest.mark.parametrize("side", ["person", "team"])
def test_role_is_changed_by_the_verb_of_the_page(root, alice, team, side):
    of = Membership.objects.get(person=alice)
    make_person("Ada", team=team, role=Role.ADMINISTRATOR)
    client = signed_in(root)
    page = page_of(alice if side == "person" else team)
    prefix = row_of(client, page, of)

    client.post(page, as_form(client, page, **{f"{prefix}-role": Role.VIEWER}))

    line = Entry.objects.get(action="role_changed")
    assert (line.team, line.before, line.after) == (team, {"role": "reviewer"}, {"role": "viewer"})


@pytest.mark.parametrize("side", ["person", "team"])
@pytest.mark.parametrize("how", ["demoted", "removed"])
def test_team_keeps_an_administrator_in_the_inlines(root, team, side, how):
    ada = make_person("Ada", team=team, role=Role.ADMINISTRATOR)
    of = Membership.objects.get(person=ada)
    client = signed_in(root)
    page = page_of(ada if side == "person" else team)
    prefix = row_of(client, page, of)
    change = {f"{prefix}-DELETE": "on"} if how == "removed" else {f"{prefix}-role": Role.VIEWER}

    answer = client.post(page, as_form(client, page, **change), follow=True)

    assert "A team keeps at least one administrator" in answer.content.decode()
    of.refresh_from_db()
    assert of.role == Role.ADMINISTRATOR
    assert "role_changed" not in actions()
    assert "removed" not in actions()


def test_administrator_is_replaced_in_one_form(root, alice, team):
    ada = make_person("Ada", team=team, role=Role.ADMINISTRATOR)
    client = signed_in(root)
    page = page_of(team)
    theirs, hers = (row_of(client, page, Membership.objects.get(person=person)) for person in (ada, alice))

    client.post(page, as_form(client, page, **{f"{theirs}-DELETE": "on", f"{hers}-role": Role.ADMINISTRATOR}))

    assert [(of.person.name, of.role) for of in team.memberships.all()] == [("Alice", Role.ADMINISTRATOR)]
    assert actions() == ["role_changed", "removed"]


def test_member_is_added_and_removed_with_lines(root, charlie, team):
    make_person("Ada", team=team, role=Role.ADMINISTRATOR)
    client = signed_in(root)
    page = page_of(team)
    count = len(client.get(page).context["inline_admin_formsets"][0].formset.forms)
    new = {"memberships-TOTAL_FORMS": count + 1, f"memberships-{count}-person": charlie.pk}
    client.post(page, as_form(client, page, **new, **{f"memberships-{count}-role": Role.VIEWER}))
    added = Membership.objects.get(person=charlie, team=team)

    prefix = row_of(client, page, added)
    client.post(page, as_form(client, page, **{f"{prefix}-DELETE": "on"}))

    assert [(line.action, line.team) for line in Entry.objects.filter(subject_name="Charlie")] == [
        ("joined", team),
        ("removed", team),
    ]


def test_team_is_made_and_renamed_by_the_verbs_of_the_page(root):
    client = signed_in(root)
    client.post(
        reverse("admin:people_team_add"),
        {"name": "Purchasing", "memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"},
    )
    team = Team.objects.get(name="Purchasing")
    client.post(page_of(team), as_form(client, page_of(team), name="Buying"))

    assert Membership.objects.get(team=team).person == root
    assert [(line.before, line.after) for line in Entry.objects.filter(action="setting").order_by("pk")] == [
        (None, {"name": "Purchasing"}),
        ({"name": "Purchasing"}, {"name": "Buying"}),
    ]


@pytest.mark.parametrize("how", ["one", "many"])
def test_deleting_people_keeps_the_administrator_of_a_team(root, alice, team, how):
    ada = make_person("Ada", team=team, role=Role.ADMINISTRATOR)
    client = signed_in(root)

    def delete(*people):
        if how == "one":
            return client.post(reverse("admin:people_user_delete", args=[people[-1].pk]), {"post": "yes"}, follow=True)
        chosen = {"action": "delete_selected", "_selected_action": [person.pk for person in people], "post": "yes"}
        return client.post(reverse("admin:people_user_changelist"), chosen, follow=True)

    refused = delete(alice, ada).content.decode()
    assert "A team keeps at least one administrator" in refused
    assert "Successfully deleted" not in refused
    assert User.objects.filter(pk__in=[alice.pk, ada.pk]).count() == 2
    assert actions() == []

    make_person("Second", team=team, role=Role.ADMINISTRATOR)
    _made, token = invite(team, Role.VIEWER, "", by=ada)
    delete(ada)
    assert not User.objects.filter(pk=ada.pk).exists()
    assert find(token) is None
    assert actions() == ["invited", "removed", "invitation_withdrawn", "account_deleted"]


@pytest.mark.parametrize("how", ["one", "many"])
def test_deleted_team_leaves_a_line(root, how):
    team = make_team("Passing")
    make_person("Ada", team=team, role=Role.ADMINISTRATOR)
    client = signed_in(root)

    if how == "one":
        client.post(reverse("admin:people_team_delete", args=[team.pk]), {"post": "yes"})
    else:
        chosen = {"action": "delete_selected", "_selected_action": [team.pk], "post": "yes"}
        client.post(reverse("admin:people_team_changelist"), chosen)

    assert not Team.objects.filter(pk=team.pk).exists()
    assert Entry.objects.get(action="team_deleted").before == {"name": "Passing", "members": ["Ada"]}


def test_new_account_leaves_a_line(root):
    form = {"email": "Dora@example.com", "name": "Dora", "usable_password": "true"}
    form |= {"password1": PASSWORD, "password2": PASSWORD, "memberships-TOTAL_FORMS": "0"}
    signed_in(root).post(reverse("admin:people_user_add"), form | {"memberships-INITIAL_FORMS": "0"})

    assert User.objects.get(name="Dora").email == "dora@example.com"
    assert actions() == ["account_made"]


def test_lost_second_factor_is_removed_with_a_line(root, staff, alice):
    TOTP.activate(alice, "JBSWY3DPEHPK3PXP")
    chosen = {"action": "remove_second_factors", "_selected_action": [alice.pk]}

    signed_in(staff).post(reverse("admin:people_user_changelist"), chosen)
    assert alice.authenticator_set.exists()
    signed_in(root).post(reverse("admin:people_user_changelist"), chosen)

    assert not alice.authenticator_set.exists()
    assert Entry.objects.get(action="second_factor_removed").before == {"factors": ["totp"]}
