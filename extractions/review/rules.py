"""A team's own rules for a schema: adding, trying out on recent documents, removing."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from extractions import clock, wakeup
from extractions.evidence.rules.budget import Budget
from extractions.evidence.rules.language import parsed, paths_in
from extractions.evidence.rules.own import OwnRule, Verdict, verdict
from extractions.models import Extraction, Rule, Schema
from extractions.models.parts import name_of_path
from extractions.verification.review_status import current
from portal.audit.recording import Action, record
from portal.people.models import Membership, Team, User

LAST = 20
VALUES_TO_TRY = 20_000
SECONDS_TO_TRY = 3.0
READ = ("extraction", "path", "extracted", "typed", "corrected", "answer", "removed")
OPEN = (Extraction.Review.WAITING, Extraction.Review.POSTPONED)
WRITERS = (Membership.Role.REVIEWER, Membership.Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class Tried:
    """The verdict of a rule on one document."""

    extraction: Extraction
    verdict: Verdict


def teams_writable_by(person: User) -> Iterable[Team]:
    """Teams in which the person may approve, and so may write rules."""
    return Team.objects.filter(memberships__person=person, memberships__role__in=WRITERS).order_by("name", "pk")


@transaction.atomic
def add(schema: Schema, team: Team, text: str, message: str, author: User) -> Rule:
    """Add the rule and have waiting documents evaluated again. Idempotent: the same text is stored once."""
    rule, made = Rule.objects.get_or_create(
        schema=schema, team=team, text=text, defaults={"message": message, "author": author}
    )
    if not made and rule.message != message:
        rule.message = message
        rule.save(update_fields=["message"])
    reevaluate_waiting(rule.schema_id, rule.team_id)
    record(Action.SETTING, rule, after={"rule": text, "schema": schema.name})
    return rule


@transaction.atomic
def remove(rule: Rule) -> None:
    reevaluate_waiting(rule.schema_id, rule.team_id)
    record(Action.SETTING, rule, before={"rule": rule.text, "schema": rule.schema.name})
    rule.delete()


def tried(schema: Schema, text: str, person: User, today: date | None = None) -> list[Tried]:
    """Dry run of a rule on the newest documents of the schema that this person may see.

    They share one budget of steps, values and seconds; documents beyond it come back as UNJUDGED.
    """
    rows = Extraction.objects.visible_to(person).filter(schema=schema, state=Extraction.State.EXTRACTED)
    newest = list(rows.defer("content", "raw", "extracted_data").newest_first()[:LAST])
    names = {name_of_path(path) for path in paths_in(parsed(text))}
    rule, day, budget = OwnRule(text), today or timezone.localdate(), Budget()
    until, room, found = time.monotonic() + SECONDS_TO_TRY, VALUES_TO_TRY, []
    for row in newest:
        values = list(row.values.filter(name__in=names, removed=False).only(*READ)[: room + 1]) if room >= 0 else []
        room -= len(values)
        if room < 0 or budget.left <= 0 or time.monotonic() > until:
            found.append(Tried(row, Verdict.UNJUDGED))
        else:
            found.append(Tried(row, verdict(rule, {value.path: current(value) for value in values}, day, budget)))
    return found


def reevaluate_waiting(schema: int, team: int) -> None:
    """Have the worker evaluate all waiting documents again; there may be too many for a request."""
    rows = Extraction.objects.filter(schema=schema, team=team, review_state__in=OPEN)
    rows.filter(deleted_at__isnull=True).update(evidence_due_at=clock.now())
    transaction.on_commit(wakeup.notify_workers, robust=True)
