"""Rules of a team for a schema: written, tried on documents that are there, taken away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from extractions import bell
from extractions.assessing import current
from extractions.evidence.rules.own import OwnRule, Verdict, verdict
from extractions.models import Extraction, Rule, Schema
from portal.audit.recording import Action, record
from portal.people.models import Membership, Team, User

LAST = 20
OPEN = (Extraction.Review.WAITING, Extraction.Review.POSTPONED)
WRITERS = (Membership.Role.REVIEWER, Membership.Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class Tried:
    """What a rule says of one document."""

    extraction: Extraction
    verdict: Verdict


def teams_to_rule_for(person: User) -> Iterable[Team]:
    """Whoever may approve may also say what is to be demanded."""
    return Team.objects.filter(memberships__person=person, memberships__role__in=WRITERS).order_by("name", "pk")


@transaction.atomic
def add(schema: Schema, team: Team, text: str, message: str, author: User) -> Rule:
    """Keep the rule, and judge what waits for a review once more; the same rule twice is one."""
    rule, made = Rule.objects.get_or_create(
        schema=schema, team=team, text=text, defaults={"message": message, "author": author}
    )
    if not made and rule.message != message:
        rule.message = message
        rule.save(update_fields=["message"])
    _judge_again(rule)
    record(Action.SETTING, rule, after={"rule": text, "schema": schema.name})
    return rule


@transaction.atomic
def remove(rule: Rule) -> None:
    _judge_again(rule)
    record(Action.SETTING, rule, before={"rule": rule.text, "schema": rule.schema.name})
    rule.delete()


def tried(schema: Schema, text: str, person: User, today: date | None = None) -> list[Tried]:
    """What the rule would say of the newest documents of the schema that this person may see."""
    rows = Extraction.objects.visible_to(person).filter(schema=schema, state=Extraction.State.EXTRACTED)
    newest = list(rows.defer("content", "raw", "extracted_data").newest_first().prefetch_related("values")[:LAST])
    rule = OwnRule(text)
    day = today or timezone.localdate()
    return [Tried(row, verdict(rule, {one.path: current(one) for one in row.values.all()}, day)) for row in newest]


def _judge_again(rule: Rule) -> None:
    """The worker does it: there may be many."""
    rows = Extraction.objects.filter(schema=rule.schema_id, team=rule.team_id, review_state__in=OPEN)
    rows.filter(deleted_at__isnull=True).update(evidence_due_at=timezone.now())
    transaction.on_commit(bell.ring, robust=True)
