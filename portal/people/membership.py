"""Who is in a team and may do what: every change of that, with its line in the log."""

from __future__ import annotations

from django.db import transaction

from portal.audit.recording import Action, record
from portal.people.models import Membership, Team, User

Role = Membership.Role


class LastAdministrator(Exception):
    """A team must keep somebody who can administer it."""


def administers(person: User, team: Team | int) -> bool:
    """Whether this person may change the team: its administrators and those of the site."""
    number = team.pk if isinstance(team, Team) else team
    if person.is_superuser:
        return True
    return Membership.objects.filter(person=person, team=number, role=Role.ADMINISTRATOR).exists()


@transaction.atomic
def change_role(membership: Membership, role: str) -> bool:
    if role == membership.role:
        return False
    before = membership.role
    _keep_an_administrator(membership)
    membership.role = role
    membership.save(update_fields=["role"])
    record(
        Action.ROLE_CHANGED, membership.person, team=membership.team_id, before={"role": before}, after={"role": role}
    )
    return True


@transaction.atomic
def remove(membership: Membership) -> None:
    """Out of the team. The documents that the person sent stay with the team."""
    _keep_an_administrator(membership)
    record(Action.REMOVED, membership.person, team=membership.team_id, before={"role": membership.role})
    membership.delete()


@transaction.atomic
def set_active(person: User, active: bool) -> bool:
    """Close an account or open it again; a closed one is signed out at once and everywhere."""
    changed = bool(User.objects.filter(pk=person.pk, is_active=not active).update(is_active=active))
    if changed:
        record(Action.REACTIVATED if active else Action.DEACTIVATED, person)
    return changed


@transaction.atomic
def rename(team: Team, name: str) -> bool:
    before, team.name = team.name, name
    if before == name:
        return False
    team.save(update_fields=["name"])
    record(Action.SETTING, team, before={"name": before}, after={"name": name})
    return True


@transaction.atomic
def make_team(name: str, by: User) -> Team:
    team = Team.objects.create(name=name)
    Membership.objects.create(person=by, team=team, role=Role.ADMINISTRATOR)
    record(Action.SETTING, team, after={"name": name})
    return team


def _keep_an_administrator(membership: Membership) -> None:
    """Two who step down at the same time wait for each other: the rows are locked."""
    if membership.role != Role.ADMINISTRATOR:
        return
    locked = Membership.objects.select_for_update(of=("self",))
    others = locked.filter(team=membership.team_id, role=Role.ADMINISTRATOR, person__is_active=True)
    if all(one.pk == membership.pk for one in others):
        raise LastAdministrator
