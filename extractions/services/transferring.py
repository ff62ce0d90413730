"""Documents of one person that become another's, as when somebody leaves the team."""

from __future__ import annotations

from django.db import transaction

from extractions.models import Extraction
from portal.audit.recording import Action, record
from portal.people.models import Membership, Team, User


class NotAMember(Exception):
    """Documents go to somebody who is on the team."""


def transferable(team: Team, giver: User) -> int:
    return Extraction.objects.filter(team=team, owner=giver, delete_requested_at__isnull=True).count()


@transaction.atomic
def transfer(team: Team, giver: User, taker: User) -> int:
    """Everything that the one sent for this team is from the other now; how many documents that was."""
    if not Membership.objects.filter(team=team, person=taker, person__is_active=True).exists():
        raise NotAMember
    moved = Extraction.objects.filter(team=team, owner=giver).update(owner=taker)
    if moved:
        told = {"from": str(giver), "to": str(taker), "documents": moved}
        record(Action.TRANSFERRED, giver, team=team.pk, after=told)
    return moved
