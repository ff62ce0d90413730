"""Invitations by link: whoever opens it joins the team, once."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from portal.audit.recording import Action, record
from portal.people.models import Invitation, Membership, Team, User

GOOD_FOR = timedelta(days=7)


class NotOpen(Exception):
    """The link was used, withdrawn, is too old, or never was one."""


@transaction.atomic
def invite(team: Team, role: str, note: str, *, by: User) -> tuple[Invitation, str]:
    """A new invitation, and the word of its link, which is told only now."""
    token = secrets.token_urlsafe(24)
    invitation = Invitation.objects.create(
        team=team, role=role, note=note, invited_by=by, token_hash=_hash(token), expires_at=timezone.now() + GOOD_FOR
    )
    record(Action.INVITED, invitation, team=team.pk, after={"role": role})
    return invitation, token


def find(token: str) -> Invitation | None:
    """The open invitation behind a link's word."""
    return Invitation.objects.open().select_related("team", "invited_by").filter(token_hash=_hash(token)).first()


@transaction.atomic
def join(invitation: Invitation, person: User) -> Membership:
    """Make the person a member. Who is one already keeps the role, if it is the higher one."""
    if not invitation.accept(person):
        raise NotOpen
    membership, new = Membership.objects.get_or_create(
        person=person, team=invitation.team, defaults={"role": invitation.role}
    )
    if not new and membership.rank < Membership(role=invitation.role).rank:
        membership.role = invitation.role
        membership.save(update_fields=["role"])
    record(Action.JOINED, person, team=invitation.team_id, person=person, after={"role": membership.role})
    return membership


@transaction.atomic
def join_as_new_person(invitation: Invitation, *, email: str, name: str, password: str) -> User:
    """An account for somebody who has none, and the membership."""
    person = User.objects.create_user(email, password, name=name)
    join(invitation, person)
    return person


@transaction.atomic
def withdraw(invitation: Invitation) -> bool:
    if not invitation.withdraw():
        return False
    record(Action.INVITATION_WITHDRAWN, invitation)
    return True


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
