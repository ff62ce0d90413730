"""Blind second looks: whose turn it is, what their result counts for, and a team's rate."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from extractions import clock
from extractions.accuracy import counting
from extractions.accuracy.facts import Outcome, is_empty, judged_parts
from extractions.models import AccuracyPolicy, Extraction, SecondLook, Value
from extractions.review import edits, review_queue
from extractions.review.review_queue import REVIEWERS, reviewable_by
from extractions.verification.evidence_policy import Threshold
from extractions.verification.review_status import current
from portal.audit.recording import Action, record
from portal.people.models import Membership, Team, User

MOST_VALUES = 200
"""Of a long table, the first cells are looked at."""
Judgement = tuple[object, str]
"""What a person reads: a typed value, and an answer such as `illegible` in place of one."""


class Over(Exception):
    """Somebody else did this look, or the document was reopened or deleted."""


def open_for(person: User) -> QuerySet[SecondLook]:
    """Looks for this person, oldest first. Whoever approved the document comes in only where nobody else can."""
    documents = reviewable_by(person).filter(review_state=Extraction.Review.APPROVED)
    others = Membership.objects.filter(
        team=OuterRef("extraction__team"), role__in=REVIEWERS, person__is_active=True
    ).exclude(person=person)
    rows = SecondLook.objects.filter(done_at__isnull=True, extraction__in=documents)
    return rows.filter(~Q(extraction__approved_by=person) | ~Exists(others)).order_by("drawn_at", "pk")


def look_at(person: User, key: UUID) -> SecondLook | None:
    return open_for(person).select_related("extraction__schema").filter(extraction__key=key).first()


def values_to_judge(extraction: Extraction) -> list[Value]:
    values = [value for value in extraction.values.all() if not value.removed and not is_empty(value.extracted)]
    return values[:MOST_VALUES]


@transaction.atomic
def finish(look: SecondLook, person: User, judgements: Mapping[str, Judgement]) -> int:
    """Count what the person read; how many values were wrong. If any was, the document is reopened with the right ones.

    Raises `Over`. Values without a judgement are not counted.
    """
    now = clock.now()
    if not SecondLook.objects.filter(pk=look.pk, done_at__isnull=True).update(done_at=now, done_by=person):
        raise Over
    extraction = Extraction.objects.select_for_update(of=("self",)).select_related("schema").get(pk=look.extraction_id)
    if extraction.review_state != Extraction.Review.APPROVED or extraction.delete_requested_at is not None:
        raise Over
    judged = [value for value in values_to_judge(extraction) if value.path in judgements]
    outcomes = {value.path: _outcome(value, judgements[value.path]) for value in judged}
    counting.count_look(extraction, now, judged_parts(judged, outcomes, Threshold(extraction)))
    wrong = [value.path for value in judged if outcomes[value.path] == Outcome.CHANGED]
    if wrong:
        if not review_queue.reopen(extraction, person):
            raise Over
        for path in wrong:
            typed, answer = judgements[path]
            if answer:
                edits.answer(extraction, path, answer, person)
            else:
                edits.set_value(extraction, path, typed, person)
    return len(wrong)


@transaction.atomic
def save_share(team: Team, share: int) -> bool:
    """Save how many of a hundred untouched documents are drawn from now on; False if nothing changed."""
    before = AccuracyPolicy.objects.filter(team=team).values_list("blind_share", flat=True).first() or 0
    if before == share:
        return False
    policy, _made = AccuracyPolicy.objects.update_or_create(team=team, defaults={"blind_share": share})
    record(
        Action.SETTING, policy,
        before={"drawn for a second look, in %": str(before)}, after={"drawn for a second look, in %": str(share)},
    )  # fmt: skip
    return True


def _outcome(value: Value, judgement: Judgement) -> Outcome | None:
    typed, answer = judgement
    if answer == Value.Answer.ILLEGIBLE:
        return None
    if answer:
        return Outcome.CHANGED
    return Outcome.KEPT if edits.is_same(typed, current(value)) else Outcome.CHANGED
