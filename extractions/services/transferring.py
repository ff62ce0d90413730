"""Transfers a person's documents to another member, as when somebody leaves the team."""

from __future__ import annotations

from django.db import transaction

from extractions.models import Extraction
from portal.audit.recording import Action, record
from portal.people.models import Membership, Team, User


class NotAMember(Exception):
    """The recipient is not an active member of the team."""


def transferable(team: Team, sender: User) -> int:
    return Extraction.objects.filter(team=team, owner=sender, delete_requested_at__isnull=True).count()


@transaction.atomic
def transfer(team: Team, sender: User, recipient: User) -> int:
    """Make `recipient` the owner of everything that `sender` sent for the team; how many documents."""
    if not Membership.objects.filter(team=team, person=recipient, person__is_active=True).exists():
        raise NotAMember
    moved = Extraction.objects.filter(team=team, owner=sender).update(owner=recipient)
    if moved:
        facts = {"from": str(sender), "to": str(recipient), "documents": moved}
        record(Action.TRANSFERRED, sender, team=team.pk, after=facts)
    return moved
