"""A document that goes to another team, by somebody who is in both."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from extractions import bell
from extractions.models import Extraction, Tag, Tagging
from portal.audit.recording import Action, record
from portal.people.models import Membership, Team, User

State = Extraction.State
SETTLED = (State.EXTRACTED, State.FAILED, State.REJECTED, State.CANCELLED)
REVIEWERS = (Membership.Role.REVIEWER, Membership.Role.ADMINISTRATOR)


class Busy(Exception):
    """It is on its way or being looked into: what comes of that belongs to the team that sent it."""


def teams_to_move_to(extraction: Extraction, person: User) -> QuerySet[Team]:
    """The other teams in which this person may do more than look."""
    roles = Membership.objects.filter(person=person).exclude(role=Membership.Role.VIEWER)
    return Team.objects.filter(pk__in=roles.values("team")).exclude(pk=extraction.team_id).order_by("name", "pk")


@transaction.atomic
def move(extraction: Extraction, team: Team, person: User) -> None:
    """With its file, result, history and tags. What it cost stays with the team that paid. Raises `Busy`.

    Both teams find it in their log: the one that it left, and the one that it came to.
    """
    before = extraction.team
    mine = Membership.objects.filter(person=person, team=team).exists()
    members = Membership.objects.filter(team=team)
    owner = extraction.owner_id if members.filter(person=extraction.owner_id).exists() else person.pk if mine else None
    reviewer = members.filter(person=extraction.assigned_to_id, role__in=REVIEWERS).exists()
    open_ = extraction.review_state in (Extraction.Review.WAITING, Extraction.Review.POSTPONED)
    rows = Extraction.objects.filter(
        pk=extraction.pk, team=before, state__in=SETTLED, evidence_due_at__isnull=True, delete_requested_at__isnull=True
    )
    moved = rows.update(
        team=team,
        owner=owner,
        assigned_to=extraction.assigned_to_id if reviewer else None,
        claimed_by=None,
        claimed_at=None,
        claimed_until=None,
        # Its new team may demand other things of it.
        evidence_due_at=timezone.now() if open_ else None,
    )
    if not moved:
        raise Busy
    extraction.values.update(team_number=team.pk)
    extraction.presences.all().delete()
    _take_tags_along(extraction, team)
    for one in (before, team):
        record(Action.TRANSFERRED, extraction, team=one.pk, before={"team": before.name}, after={"team": team.name})
    extraction.team = team
    transaction.on_commit(bell.ring, robust=True)


def _take_tags_along(extraction: Extraction, team: Team) -> None:
    names = list(extraction.taggings.values_list("tag__name", flat=True))
    extraction.taggings.all().delete()
    for name in names:
        tag, _new = Tag.objects.get_or_create(team=team, name=name)
        Tagging.objects.create(tag=tag, extraction=extraction)
