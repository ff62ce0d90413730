"""Invitation links: each lets one person join a team."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from portal.audit.recording import Action, record
from portal.people.mail_queue import mail_queue
from portal.people.models import Invitation, Membership, Team, User

LIFETIME = timedelta(days=7)


class InvitationClosed(Exception):
    """The invitation was used or withdrawn, has expired, or its maker may no longer invite."""


class MayNotInvite(Exception):
    """This person may not, or no longer, invite into this team."""


@transaction.atomic
def invite(team: Team, role: str, note: str, *, by: User) -> tuple[Invitation, str]:
    """Create an invitation; returns it with the token of its link, which is stored as a hash only."""
    if not may_invite(by.pk, team.pk, lock=True):
        raise MayNotInvite
    token = secrets.token_urlsafe(24)
    invitation = Invitation.objects.create(
        team=team, role=role, note=note, invited_by=by, token_hash=_hash(token), expires_at=timezone.now() + LIFETIME
    )
    record(Action.INVITED, invitation, team=team.pk, after={"role": role})
    return invitation, token


def path_of(token: str) -> str:
    return reverse("invitation", args=[token])


def send_by_mail(invitation: Invitation, link: str, email: str) -> None:
    """In the background; the link is shown in the page as well."""
    context = {"invitation": invitation, "link": link}
    subject = " ".join(render_to_string("people/email/invitation_subject.txt", context).split())
    body = render_to_string("people/email/invitation_message.txt", context)
    mail_queue.enqueue(lambda: EmailMessage(subject, body, to=[email]).send())


def find(token: str) -> Invitation | None:
    """The open invitation for a token, unless its maker may no longer invite."""
    invitation = Invitation.objects.open().select_related("team", "invited_by").filter(token_hash=_hash(token)).first()
    return invitation if invitation is not None and may_invite(invitation.invited_by_id, invitation.team_id) else None


@transaction.atomic
def join(invitation: Invitation, person: User) -> Membership:
    """Make the person a member; existing members keep their role if it is the higher one. Raises `InvitationClosed`.

    The maker's rights are locked before the invitation, in the same order as in removals: the person joins either
    before the maker loses the right to invite, or not at all.
    """
    if not may_invite(invitation.invited_by_id, invitation.team_id, lock=True) or not invitation.accept(person):
        raise InvitationClosed
    membership, created = Membership.objects.get_or_create(
        person=person, team=invitation.team, defaults={"role": invitation.role}
    )
    if not created and membership.rank < Membership(role=invitation.role).rank:
        membership.role = invitation.role
        membership.save(update_fields=["role"])
    record(Action.JOINED, person, team=invitation.team_id, person=person, after={"role": membership.role})
    return membership


@transaction.atomic
def join_as_new_person(invitation: Invitation, *, email: str, name: str, password: str) -> User:
    """Create the account and the membership."""
    person = User.objects.create_user(email, password, name=name)
    join(invitation, person)
    return person


@transaction.atomic
def withdraw(invitation: Invitation) -> bool:
    if not invitation.withdraw():
        return False
    record(Action.INVITATION_WITHDRAWN, invitation)
    return True


def may_invite(maker: int | None, team: int, *, lock: bool = False) -> bool:
    """Whether this person may invite into the team; that includes granting any role. `lock` holds the rows."""
    if maker is None:
        return False
    people, memberships = User.objects.filter(pk=maker, is_active=True), Membership.objects.filter(person=maker)
    if lock:
        people = people.select_for_update(of=("self",), no_key=True)
        memberships = memberships.select_for_update(of=("self",), no_key=True)
    person = people.first()
    administers = memberships.filter(team=team, role=Membership.Role.ADMINISTRATOR).first()
    return person is not None and (person.is_superuser or administers is not None)


def withdraw_unauthorized(maker: User) -> int:
    """Withdraw the open invitations of a person who may no longer invite; returns their number.

    Call it in the transaction that takes the right away.
    """
    open_invitations = Invitation.objects.pending().filter(invited_by=maker).select_related("team")
    unauthorized = [invitation for invitation in open_invitations if not may_invite(maker.pk, invitation.team_id)]
    return sum(withdraw(invitation) for invitation in unauthorized)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
