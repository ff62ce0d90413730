"""No link outlives the right of whoever made it."""

import threading

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connections, transaction
from django.urls import reverse

from portal.audit.models import Entry
from portal.people import membership as verbs
from portal.people.invitations import InvitationClosed, MayNotInvite, find, invite, join
from portal.people.models import Invitation, Membership, User
from portal.people.tokens import ResetTokenGenerator
from tests.factories import Role, make_person, make_team

PASSWORD = "three quiet unrelated words"


@pytest.fixture
def ada(team):
    make_person("Second", team=team, role=Role.ADMINISTRATOR)
    return make_person("Ada", team=team, role=Role.ADMINISTRATOR)


@pytest.fixture
def root(db):
    return make_person("Root", is_staff=True, is_superuser=True)


def of(person, team):
    return Membership.objects.get(person=person, team=team)


TAKEN_AWAY = {
    "removal": lambda person, team: verbs.remove(of(person, team)),
    "demotion": lambda person, team: verbs.change_role(of(person, team), Role.REVIEWER),
    "closing": lambda person, team: verbs.set_active(person, False),
}


@pytest.mark.django_db
@pytest.mark.parametrize("how", TAKEN_AWAY)
@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.VIEWER])
def test_open_invitations_are_withdrawn_with_the_right_to_invite(client, ada, team, how, role):
    made, token = invite(team, role, "", by=ada)

    TAKEN_AWAY[how](ada, team)

    made.refresh_from_db()
    assert made.withdrawn_at is not None
    assert Entry.objects.filter(action="invitation_withdrawn", subject_id=str(made.pk), team=team).count() == 1
    client.force_login(make_person("Dora"))
    assert client.get(reverse("invitation", args=[token])).status_code == 404
    assert client.post(reverse("invitation", args=[token])).status_code == 404
    assert not Membership.objects.filter(person__name="Dora").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["removal", "demotion"])
def test_removed_administrator_does_not_come_back_by_an_own_link(client, ada, team, how):
    client.force_login(ada)
    page = client.post(reverse("invite", args=[team.pk]), {"role": Role.ADMINISTRATOR})
    link = page.context["link"].removeprefix("http://testserver")

    TAKEN_AWAY[how](ada, team)
    client.post(link)

    assert not Membership.objects.filter(person=ada, team=team, role=Role.ADMINISTRATOR).exists()


@pytest.mark.django_db
def test_invitations_that_are_still_backed_stay_open(ada, root, team):
    elsewhere = make_team("Elsewhere")
    Membership.objects.create(person=ada, team=elsewhere, role=Role.ADMINISTRATOR)
    _made, kept = invite(elsewhere, Role.VIEWER, "", by=ada)
    _made, of_root = invite(team, Role.VIEWER, "", by=root)

    verbs.remove(of(ada, team))

    assert find(kept) is not None
    assert find(of_root) is not None


@pytest.mark.django_db
def test_invitation_is_checked_again_when_it_is_used(ada, team):
    """Whatever took the right away without these verbs: a shell, a script, a restored table."""
    made, token = invite(team, Role.ADMINISTRATOR, "", by=ada)
    found = find(token)
    Membership.objects.filter(person=ada).update(role=Role.UPLOADER)

    assert find(token) is None
    with pytest.raises(InvitationClosed):
        join(found, make_person("Dora"))
    Membership.objects.filter(person=ada).update(role=Role.ADMINISTRATOR)
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert find(token) is None
    Invitation.objects.filter(pk=made.pk).update(invited_by=None)
    assert find(token) is None


@pytest.mark.django_db
def test_demoted_administrator_makes_no_invitation_in_the_last_moment(ada, team):
    Membership.objects.filter(person=ada).update(role=Role.UPLOADER)

    with pytest.raises(MayNotInvite):
        invite(team, Role.VIEWER, "", by=ada)


@pytest.mark.django_db
def test_withdrawal_that_fails_keeps_the_person(ada, team, monkeypatch):
    """One transaction: the link is never left behind by somebody who is gone."""
    made, _token = invite(team, Role.VIEWER, "", by=ada)
    monkeypatch.setattr(Invitation, "withdraw", lambda self: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        verbs.remove(of(ada, team))

    assert of(ada, team).role == Role.ADMINISTRATOR
    assert Invitation.objects.open().get() == made


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", TAKEN_AWAY)
def test_removing_and_joining_at_the_same_time_is_one_after_the_other(how):
    """The acceptance waits for the removal that began first, and then opens nothing; nobody waits for ever."""
    team = make_team("Bookkeeping")
    make_person("Second", team=team, role=Role.ADMINISTRATOR)
    ada, dora = make_person("Ada", team=team, role=Role.ADMINISTRATOR), make_person("Dora")
    _made, token = invite(team, Role.ADMINISTRATOR, "", by=ada)
    found, ended = find(token), []

    def accept():
        try:
            join(found, dora)
            ended.append("joined")
        except InvitationClosed:
            ended.append("not open")
        finally:
            connections.close_all()

    thread = threading.Thread(target=accept)
    with transaction.atomic():
        TAKEN_AWAY[how](ada, team)
        thread.start()
        thread.join(0.5)
        assert thread.is_alive(), "it did not wait"
    thread.join(60)

    assert ended == ["not open"]
    assert not Membership.objects.filter(person=dora).exists()


@pytest.mark.django_db(transaction=True)
def test_many_removals_and_acceptances_never_deadlock():
    team = make_team("Bookkeeping")
    make_person("Second", team=team, role=Role.ADMINISTRATOR)
    makers = [make_person(f"Maker {number}", team=team, role=Role.ADMINISTRATOR) for number in range(6)]
    guests = [make_person(f"Guest {number}") for number in range(6)]
    found = [find(invite(team, Role.ADMINISTRATOR, "", by=maker)[1]) for maker in makers]
    failures = []

    def run(verb, *arguments):
        try:
            verb(*arguments)
        except InvitationClosed:
            pass
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(join, *pair)) for pair in zip(found, guests, strict=True)]
    threads += [threading.Thread(target=run, args=(verbs.remove, of(maker, team))) for maker in makers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert failures == []
    assert not any(thread.is_alive() for thread in threads)
    assert not Membership.objects.filter(person__in=makers).exists()
    assert not Invitation.objects.open().exists()


@pytest.mark.django_db
def test_removing_somebody_twice_is_once(ada, team):
    first, second = of(ada, team), of(ada, team)

    assert verbs.remove(first)
    assert not verbs.remove(second)
    assert not verbs.change_role(second, Role.VIEWER)
    assert Entry.objects.filter(action="removed").count() == 1


@pytest.mark.django_db
def test_links_for_a_new_password_end_with_the_account(client, alice):
    alice.set_password(PASSWORD)
    alice.save()
    token = ResetTokenGenerator().make_token(alice)

    verbs.set_active(alice, False)
    verbs.set_active(alice, True)

    alice.refresh_from_db()
    assert not ResetTokenGenerator().check_token(alice, token)
    assert ResetTokenGenerator().check_token(alice, ResetTokenGenerator().make_token(alice))


@pytest.mark.django_db
def test_link_of_a_reset_mail_opens_nothing_once_the_account_was_closed(client, alice, root, mailoutbox):
    alice.set_password(PASSWORD)
    alice.save()
    client.post(reverse("account_reset_password"), {"email": alice.email})
    link = next(word for word in mailoutbox[0].body.split() if word.startswith("http"))

    verbs.set_active(alice, False)
    verbs.set_active(alice, True)
    page = client.get(link, follow=True)
    client.post(page.request["PATH_INFO"], {"password1": "another set of words", "password2": "another set of words"})

    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


@pytest.mark.django_db
def test_closed_account_s_addresses_are_not_confirmed_later(client, alice):
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    pending = EmailAddress.objects.create(user=alice, email="alice@elsewhere.example", verified=False)
    key = EmailConfirmationHMAC(pending).key

    verbs.set_active(alice, False)
    client.post(reverse("account_confirm_email", args=[key]))

    assert [address.email for address in EmailAddress.objects.filter(user=alice)] == [alice.email]


@pytest.mark.django_db
def test_closed_account_s_old_sessions_stay_closed_after_it_is_opened_again(client, alice):
    client.force_login(alice)

    verbs.set_active(alice, False)
    verbs.set_active(alice, True)

    assert client.get(reverse("extractions:dashboard")).status_code == 302


@pytest.mark.django_db
def test_upgrade_keeps_everybody_signed_in(alice):
    """The number that ends sessions changes nothing while it is 0: Django's own hash stands in old sessions."""
    assert alice.get_session_auth_hash() == AbstractBaseUser._get_session_auth_hash(alice)
    alice.end_all_sessions()
    assert alice.get_session_auth_hash() != AbstractBaseUser._get_session_auth_hash(alice)
