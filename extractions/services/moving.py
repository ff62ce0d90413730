"""Moves a document to another team."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from extractions import clock, wakeup
from extractions.accuracy import counting
from extractions.models import Extraction, InvoiceKeys, Tag, Tagging, end_guest_access, held
from extractions.review import approvals
from portal.audit.recording import Action, record
from portal.people.models import Membership, Team, User

State = Extraction.State
MOVABLE = (State.EXTRACTED, State.FAILED, State.REJECTED, State.CANCELLED)
REVIEWERS = (Membership.Role.REVIEWER, Membership.Role.ADMINISTRATOR)


class Held(Exception):
    """It is under a legal hold, which only administrators of its team may release."""


class Busy(Exception):
    """It is underway or being grounded: the result belongs to the team that sent it."""


def teams_to_move_to(extraction: Extraction, person: User) -> QuerySet[Team]:
    """Other teams in which the person is more than a viewer."""
    roles = Membership.objects.filter(person=person).exclude(role=Membership.Role.VIEWER)
    return Team.objects.filter(pk__in=roles.values("team")).exclude(pk=extraction.team_id).order_by("name", "pk")


@transaction.atomic
def move(extraction: Extraction, team: Team, person: User) -> None:
    """Move with file, result, history and tags; the cost stays with the team that paid. Raises `Busy` and `Held`.

    Recorded in the audit log of both teams.
    """
    before = extraction.team
    approvals.withdraw_on_move(extraction, person)
    mine = Membership.objects.filter(person=person, team=team).exists()
    members = Membership.objects.filter(team=team)
    owner = extraction.owner_id if members.filter(person=extraction.owner_id).exists() else person.pk if mine else None
    reviewer = members.filter(person=extraction.assigned_to_id, role__in=REVIEWERS).exists()
    open_ = extraction.review_state in (Extraction.Review.WAITING, Extraction.Review.POSTPONED)
    rows = Extraction.objects.filter(
        pk=extraction.pk, team=before, state__in=MOVABLE, evidence_due_at__isnull=True, delete_requested_at__isnull=True
    )
    if rows.filter(held()).exists():  # the row is locked, and so is placing a hold
        raise Held
    moved = rows.update(
        team=team,
        owner=owner,
        assigned_to=extraction.assigned_to_id if reviewer else None,
        claimed_by=None,
        claimed_at=None,
        claimed_until=None,
        # The new team may have other rules.
        evidence_due_at=clock.now() if open_ else None,
    )
    if not moved:
        raise Busy
    extraction.values.update(team_number=team.pk)
    InvoiceKeys.objects.filter(extraction=extraction).update(team_number=team.pk)
    extraction.presences.all().delete()
    end_guest_access(extraction)
    _take_tags_along(extraction, team)
    for item in (before, team):
        record(Action.TRANSFERRED, extraction, team=item.pk, before={"team": before.name}, after={"team": team.name})
    extraction.team = team
    counting.recount_moved(extraction)
    transaction.on_commit(wakeup.notify_workers, robust=True)


def _take_tags_along(extraction: Extraction, team: Team) -> None:
    names = list(extraction.taggings.values_list("tag__name", flat=True))
    extraction.taggings.all().delete()
    for name in names:
        tag, _new = Tag.objects.get_or_create(team=team, name=name)
        Tagging.objects.create(tag=tag, extraction=extraction)
