"""OIDC_GROUPS: which groups of the provider give which roles in which teams, by the teams' names."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from portal.people.models import Membership


@dataclass(frozen=True, slots=True)
class GroupRole:
    """Members of `group` have `role` in `team`."""

    group: str
    team: str
    role: str

    @property
    def rank(self) -> int:
        return Membership(role=self.role).rank


def mapping() -> list[GroupRole]:
    """OIDC_GROUPS, parsed; raises `ImproperlyConfigured`."""
    return [_parse(line) for line in settings.OIDC_GROUPS]


def governs(*names: str) -> bool:
    """Whether groups decide over the members of a team with one of these names."""
    return any(rule.team in names for rule in mapping())


def _parse(line: str) -> GroupRole:
    group, _equals, place = line.strip().rpartition("=")
    team, _colon, role = place.rpartition(":")
    if not group or not team or role not in Membership.Role.values:
        roles = ", ".join(Membership.Role.values)
        raise ImproperlyConfigured(f"OIDC_GROUPS has {line!r}. It looks like GROUP=TEAM:ROLE, with a role of {roles}.")
    return GroupRole(group.strip(), team.strip(), role)
