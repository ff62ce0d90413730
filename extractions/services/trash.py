"""The trash: what a person's teams have deleted, and what the person may do with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from extractions.models import Extraction, ExtractionQuerySet, TrashPolicy, held, trash_days
from extractions.models.extraction_queryset import LARGE_COLUMNS
from portal.audit.recording import Action, record
from portal.people.models import Membership, Team, User

__all__ = ["LARGE_COLUMNS", "Done", "changeable_trash", "days_by_team", "erase", "keep_for", "restore", "trash_of"]


@dataclass(frozen=True, slots=True)
class Done:
    """How many documents an action was for, and how many it left as they were."""

    done: int
    left: int


def changeable_trash(person: User) -> ExtractionQuerySet:
    """Deleted documents that the person may restore or erase: those of teams in which they may delete."""
    teams = Membership.objects.filter(person=person.pk).exclude(role=Membership.Role.VIEWER).values("team")
    return Extraction.objects.in_trash_of(person).filter(team__in=teams)


def trash_of(person: User) -> ExtractionQuerySet:
    """Newest first, with `held` and what the list shows."""
    rows = Extraction.objects.in_trash_of(person).defer(*LARGE_COLUMNS).select_related("owner", "team")
    return rows.annotate(held=held()).order_by("-delete_requested_at", "-pk")


def days_by_team(teams: Iterable[int]) -> list[tuple[Team, int]]:
    """How long the trash of each team keeps documents."""
    own = dict(TrashPolicy.objects.filter(team__in=teams).values_list("team", "days"))
    return [
        (team, own.get(team.pk, settings.TRASH_DAYS)) for team in Team.objects.filter(pk__in=teams).order_by("name")
    ]


def restore(rows: Iterable[Extraction]) -> Done:
    return _count(row.restore() for row in rows)


def erase(rows: Iterable[Extraction]) -> Done:
    """For good. Documents under a legal hold stay."""
    return _count(row.erase_now() for row in rows)


def _count(outcomes: Iterable[bool]) -> Done:
    happened = list(outcomes)
    return Done(sum(happened), len(happened) - sum(happened))


@transaction.atomic
def keep_for(team: Team, days: int) -> bool:
    """Set how long the team's trash keeps documents. What is in it already keeps its day."""
    before = trash_days(team.pk)
    if before == days:
        return False
    policy, _made = TrashPolicy.objects.update_or_create(team=team, defaults={"days": days})
    record(Action.SETTING, policy, before={"days in the trash": before}, after={"days in the trash": days})
    return True
