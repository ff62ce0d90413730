"""Changes to teams and roles, each recorded in the audit log."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db import transaction

from portal.audit.recording import Action, record
from portal.people.api_tokens import revoke_unbacked
from portal.people.company.mapping import governs
from portal.people.invitations import withdraw_unauthorized
from portal.people.models import Membership, Team, User
from portal.people.rights import rights_reduced

Role = Membership.Role


class LastAdministrator(Exception):
    """The change would leave a team without an administrator."""


class GovernedName(Exception):
    """OIDC_GROUPS names the team by its present or its new name."""


class LastSiteAdministrator(Exception):
    """The change would leave the portal without an administrator."""


def administers(person: User, team: Team | int) -> bool:
    """Whether this person administers the team, as its administrator or as a site administrator."""
    key = team.pk if isinstance(team, Team) else team
    if person.is_superuser:
        return True
    return Membership.objects.filter(person=person, team=key, role=Role.ADMINISTRATOR).exists()


@transaction.atomic
def add(person: User, team: Team, role: str) -> bool:
    """Add a member directly, without an invitation."""
    _membership, created = Membership.objects.get_or_create(person=person, team=team, defaults={"role": role})
    if created:
        record(Action.JOINED, person, team=team.pk, after={"role": role})
    return created


@transaction.atomic
def change_role(membership: Membership, role: str) -> bool:
    """Change the role, and withdraw invitations that the person may no longer make."""
    if not _lock(membership) or role == membership.role:
        return False
    before = membership.role
    _require_another_administrator(membership)
    membership.role = role
    membership.save(update_fields=["role"])
    record(
        Action.ROLE_CHANGED, membership.person, team=membership.team_id, before={"role": before}, after={"role": role}
    )
    withdraw_unauthorized(membership.person)
    rights_reduced.send(Membership, person=membership.person)
    return True


@transaction.atomic
def remove(membership: Membership) -> bool:
    """Remove the member, withdraw the invitations that the person made, and revoke the tokens for this team; documents
    stay with the team."""
    if not _lock(membership):
        return False
    _require_another_administrator(membership)
    record(Action.REMOVED, membership.person, team=membership.team_id, before={"role": membership.role})
    membership.delete()
    withdraw_unauthorized(membership.person)
    revoke_unbacked(membership.person)
    rights_reduced.send(Membership, person=membership.person)
    return True


@transaction.atomic
def set_active(person: User, active: bool) -> bool:
    """Deactivate or reactivate an account. Deactivation ends all sessions and permanently invalidates every token, and
    every link that was made for or by the account."""
    if person.is_superuser and not active:
        require_another_site_administrator(leaving=person)
    people = User.objects.filter(pk=person.pk, is_active=not active, is_service=False, erased_at=None)
    changed = bool(people.update(is_active=active))
    if changed:
        record(Action.REACTIVATED if active else Action.DEACTIVATED, person)
        if not active:
            person.end_all_sessions()
            EmailAddress.objects.filter(user=person, primary=False, verified=False).delete()
            withdraw_unauthorized(person)
            person.is_active = False
            revoke_unbacked(person)
            rights_reduced.send(User, person=person)
    return changed


@transaction.atomic
def rename(team: Team, name: str, *, by: User) -> bool:
    """Administrators of the portal alone may give or take a name by which groups govern a team. Raises `GovernedName`.

    Others would escape the groups with their team, or draw the people of another team into theirs.
    """
    if name != team.name and governs(team.name, name) and not by.is_superuser:
        raise GovernedName
    before, team.name = team.name, name
    if before == name:
        return False
    team.save(update_fields=["name"])
    record(Action.SETTING, team, before={"name": before}, after={"name": name})
    return True


@transaction.atomic
def delete_team(team: Team) -> None:
    """Delete the team with its memberships, invitations and settings; fails for a team that has documents."""
    members = sorted(str(person) for person in team.members.all())
    record(Action.TEAM_DELETED, team, before={"name": team.name, "members": members})
    team.delete()


@transaction.atomic
def make_team(name: str, by: User) -> Team:
    team = Team.objects.create(name=name)
    Membership.objects.create(person=by, team=team, role=Role.ADMINISTRATOR)
    record(Action.SETTING, team, after={"name": name})
    return team


def require_another_site_administrator(*, leaving: User) -> None:
    """Raises `LastSiteAdministrator`. Locks the rows, so that concurrent departures are serialized."""
    administrators = User.objects.select_for_update(of=("self",), no_key=True).filter(is_superuser=True, is_active=True)
    if all(person.pk == leaving.pk for person in administrators.order_by("pk")):
        raise LastSiteAdministrator


def _lock(membership: Membership) -> bool:
    """Lock and reload the row; False if it is gone. The team's administrators are locked first, in one order, so that
    concurrent removals are serialized without deadlock."""
    administrators = Membership.objects.select_for_update(of=("self",)).filter(
        team=membership.team_id, role=Role.ADMINISTRATOR
    )
    list(administrators.order_by("pk"))
    try:
        membership.refresh_from_db(from_queryset=Membership.objects.select_for_update(of=("self",)))
    except Membership.DoesNotExist:
        return False
    return True


def _require_another_administrator(membership: Membership) -> None:
    """Raises `LastAdministrator`. The membership must be locked by `_lock`, with the team's administrators."""
    if membership.role != Role.ADMINISTRATOR:
        return
    administrators = Membership.objects.filter(team=membership.team_id, role=Role.ADMINISTRATOR)
    if not administrators.filter(person__is_active=True).exclude(pk=membership.pk).exists():
        raise LastAdministrator
