"""The provider's groups decide over membership in the teams that OIDC_GROUPS names, at every sign-in."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction

from portal.people import membership
from portal.people.company.identity_token import Claims
from portal.people.company.mapping import GroupRole, mapping
from portal.people.company.refusals import SignInRefused
from portal.people.models import Membership, Team, User

logger = logging.getLogger(__name__)


def groups_in(claims: Claims) -> set[str]:
    value = claims.get(settings.OIDC_GROUPS_CLAIM, [])
    return {str(item) for item in value} if isinstance(value, list) else {str(value)}


def admits(claims: Claims) -> bool:
    """Whether a group gives access to some team; without a mapping, groups do not matter."""
    rules = mapping()
    return not rules or not groups_in(claims).isdisjoint(rule.group for rule in rules)


@transaction.atomic
def synchronize(person: User, claims: Claims) -> None:
    """Bring the memberships in the teams of the mapping in line with the groups. Other teams are left alone."""
    rules, groups = mapping(), groups_in(claims)
    names = {rule.team for rule in rules}
    # Of several teams with one name, the first: whoever gives a team the name of another governs nothing by it.
    teams = {team.name: team for team in Team.objects.filter(name__in=names).order_by("-pk")}
    for name in sorted(names - teams.keys()):
        logger.error("OIDC_GROUPS names the team %r, which does not exist.", name)
    for name, team in sorted(teams.items()):
        _set_role(person, team, _role_in(name, groups, rules))


def withdraw_all(person: User) -> None:
    """No group gives access any more: leave the teams of the mapping, and end all sessions.

    Each team by itself: the last administrator of one stays its member, but gets in no more either.
    """
    for row in Membership.objects.filter(person=person, team__name__in={rule.team for rule in mapping()}):
        try:
            membership.remove(row)
        except membership.LastAdministrator:
            logger.warning("%s stays in a team, as its last administrator, and cannot sign in.", person.email)
    person.end_all_sessions()


def _role_in(team: str, groups: Iterable[str], rules: Iterable[GroupRole]) -> str:
    """The highest role that the groups give; empty for none."""
    found = [rule for rule in rules if rule.team == team and rule.group in groups]
    return max(found, key=lambda rule: rule.rank).role if found else ""


def _set_role(person: User, team: Team, role: str) -> None:
    row = Membership.objects.filter(person=person, team=team).first()
    try:
        if row is None and role:
            membership.add(person, team, role)
        elif row is not None and role:
            membership.change_role(row, role)
        elif row is not None:
            membership.remove(row)
    except membership.LastAdministrator as error:
        raise SignInRefused("last_administrator", team.name) from error
