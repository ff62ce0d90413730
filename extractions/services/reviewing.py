"""The queue: who has which document, which comes next, and how a review ends. One function, one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from extractions.assessing import assess
from extractions.models import Comment, Extraction, ExtractionQuerySet, Presence, ReviewHabits
from portal.audit.recording import Action, record
from portal.people.models import Membership, User

Review = Extraction.Review
LEASE = timedelta(minutes=15)
UNCLAIMED: dict[str, Any] = {"claimed_by": None, "claimed_at": None, "claimed_until": None}
LONGEST_REASON = 500
REVIEWERS = (Membership.Role.REVIEWER, Membership.Role.ADMINISTRATOR)


class Refused(Exception):
    """What was asked cannot be done now. `code` says why, for the page to say it in words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Hold:
    """In whose hands a document is. `person` is None when nobody holds it."""

    person: User | None
    since: datetime | None = None
    until: datetime | None = None


def reviewable_by(person: User) -> ExtractionQuerySet:
    """Documents of the teams in which this person may review."""
    teams = Membership.objects.filter(person=person.pk, role__in=REVIEWERS).values("team")
    return Extraction.objects.visible_to(person).filter(team__in=teams)


def queue_of(person: User, now: datetime | None = None) -> ExtractionQuerySet:
    """What waits for this person: not in other hands, not assigned to others, not first approved by the same.

    Everything but the team and the state of review is said so that no index finds it: with all finished documents, or
    all that nobody has, a database would read far more than what waits.
    """
    now = now or timezone.now()
    rows = reviewable_by(person).finished().filter(review_state=Review.WAITING, evidence_due_at__isnull=True)
    rows = rows.alias(
        holder=Case(When(claimed_until__gt=now, then=F("claimed_by")), default=Value(person.pk)),
        reviewer=Coalesce("assigned_to", Value(person.pk)),
    )
    mine = {"holder": person.pk, "reviewer": person.pk}
    return rows.filter(**mine).exclude(first_approved_by=person)


def in_order(rows: ExtractionQuerySet, person: User, order: str = "") -> ExtractionQuerySet:
    """One's own first; then what is due within three days; then as the person likes it."""
    soon = timezone.localdate() + timedelta(days=3)
    own = Case(When(assigned_to=person, then=Value(0)), default=Value(1), output_field=IntegerField())
    late = Case(When(due_on__lte=soon, then=Value(0)), default=Value(1), output_field=IntegerField())
    orders: dict[str, tuple[Any, ...]] = {
        "age": (F("received_at").asc(),),
        "due": (F("due_on").asc(nulls_last=True),),
        "amount": (F("amount").desc(nulls_last=True),),
        "evidence": (F("needs").desc(), F("broken_count").desc()),
    }
    by_need = (F("broken_count").desc(), F("needs").desc())
    chosen = orders.get(order, by_need)
    urgent = () if order in orders else (late,)
    return rows.order_by(own, *urgent, *chosen, "received_at", "pk")


def next_for(person: User, *, beside: Extraction | None = None) -> Extraction | None:
    rows = queue_of(person)
    if beside is not None:
        rows = rows.exclude(pk=beside.pk)
    return in_order(rows, person, order_of(person)).select_related("schema").first()


def order_of(person: User) -> str:
    return ReviewHabits.objects.filter(person=person).values_list("order", flat=True).first() or ""


def claim(extraction: Extraction, person: User) -> bool:
    """Take the document by opening it, or keep it; of two who try at once, one gets it."""
    now = timezone.now()
    free = Q(claimed_by=person) | Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
    rows = Extraction.objects.filter(free, pk=extraction.pk, review_state__in=(Review.WAITING, Review.POSTPONED))
    until = now + LEASE
    mine = extraction.claimed_by_id == person.pk and extraction.claimed_at
    since = extraction.claimed_at if mine else now
    if not rows.update(claimed_by=person, claimed_at=since, claimed_until=until):
        return False
    extraction.claimed_by, extraction.claimed_at, extraction.claimed_until = person, since, until
    return True


def holder(extraction: Extraction) -> Hold:
    until = extraction.claimed_until
    if extraction.claimed_by is None or until is None or until <= timezone.now():
        return Hold(None)
    return Hold(extraction.claimed_by, extraction.claimed_at, until)


def give_back(extraction: Extraction, person: User) -> bool:
    """The next one may have it; everything typed stays."""
    Presence.objects.filter(extraction=extraction, person=person).delete()
    return bool(Extraction.objects.filter(pk=extraction.pk, claimed_by=person).update(**UNCLAIMED))


@transaction.atomic
def postpone(extraction: Extraction, person: User) -> bool:
    done = _end(extraction, person, (Review.WAITING,), Review.POSTPONED)
    if done:
        record(Action.POSTPONED, extraction)
    return done


@transaction.atomic
def take_up(extraction: Extraction) -> bool:
    """A postponed document waits again."""
    rows = Extraction.objects.filter(pk=extraction.pk, review_state=Review.POSTPONED)
    return bool(rows.update(review_state=Review.WAITING, **UNCLAIMED))


@transaction.atomic
def reject(extraction: Extraction, person: User, reason: str) -> bool:
    reason = reason.strip()[:LONGEST_REASON]
    if not reason:
        raise Refused("no_reason")
    now = timezone.now()
    done = _end(
        extraction, person, (Review.WAITING, Review.POSTPONED), Review.REJECTED,
        reject_reason=reason, reviewed_by=person, reviewed_at=now,
    )  # fmt: skip
    if done:
        record(Action.REJECTED, extraction, after={"reason": reason})
    return done


@transaction.atomic
def approve(extraction: Extraction, person: User, *, override: str = "", second: User | None = None) -> str:
    """`approved`, or `second` when another person has to approve, too: that one, or whoever comes first.

    Red values block unless a reason is given.
    """
    row = Extraction.objects.select_for_update(of=("self",)).get(pk=extraction.pk)
    if row.review_state not in (Review.WAITING, Review.POSTPONED):
        raise Refused("ended")
    if row.evidence_due_at is not None:
        raise Refused("being_checked")
    if row.first_approved_by_id == person.pk:
        raise Refused("same_person")
    override = override.strip()[:LONGEST_REASON]
    if (row.needs or row.broken_count) and not override:
        raise Refused("red")
    now = timezone.now()
    if row.second_wanted and row.first_approved_by_id is None:
        _check_second(row, person, second)
        fields = {"first_approved_by": person, "override_reason": override, "assigned_to": second}
        if not _end(extraction, person, (row.review_state,), Review.WAITING, **fields):
            raise Refused("ended")
        _record_approval(extraction, "second", override, row)
        return "second"
    done = {"approved_by": person, "approved_at": now, "reviewed_by": person, "reviewed_at": now}
    reason = override or row.override_reason
    if not _end(extraction, person, (row.review_state,), Review.APPROVED, override_reason=reason, **done):
        raise Refused("ended")
    _record_approval(extraction, "approved", override, row)
    return "approved"


@transaction.atomic
def reopen(extraction: Extraction, person: User) -> bool:
    """Review it once more: everything that people said about its values stays."""
    before = extraction.review_state
    fields = {
        "approved_by": None, "approved_at": None, "first_approved_by": None, "reviewed_by": None, "reviewed_at": None,
        "override_reason": "", "reject_reason": "",
    }  # fmt: skip
    done = _end(extraction, person, (Review.APPROVED, Review.REJECTED), Review.WAITING, **fields)
    if done:
        record(Action.REOPENED, extraction, before={"review": before})
    return done


@transaction.atomic
def assign(extraction: Extraction, to: User | None) -> bool:
    """Give it to one person, or to whoever comes first. Only people who may review it can have it."""
    if to is not None and not reviewable_by(to).filter(pk=extraction.pk).exists():
        raise Refused("not_theirs")
    before = extraction.assigned_to_id
    done = bool(Extraction.objects.filter(pk=extraction.pk).update(assigned_to=to))
    if done:
        after = {"assigned_to": to.pk if to else None}
        record(Action.ASSIGNED, extraction, before={"assigned_to": before}, after=after)
    return done


def reviewers_of(extraction: Extraction) -> list[User]:
    """Whom it can be given to."""
    rows = Membership.objects.filter(team=extraction.team_id, role__in=REVIEWERS, person__is_active=True)
    return sorted((row.person for row in rows.select_related("person")), key=lambda person: person.get_short_name())


def newer_than(extraction: Extraction) -> UUID | None:
    """The same file, read again since; what people did to this one stays where it is."""
    rows = Extraction.objects.filter(
        team=extraction.team_id, sha256=extraction.sha256, state=Extraction.State.EXTRACTED,
        received_at__gt=extraction.received_at, delete_requested_at__isnull=True,
    ).exclude(pk=extraction.pk)  # fmt: skip
    return rows.order_by("-received_at").values_list("key", flat=True).first()


def comment(extraction: Extraction, person: User, text: str) -> Comment | None:
    """A remark on the document, for whoever opens it; empty ones are none."""
    text = text.strip()[: Comment.LONGEST]
    return Comment.objects.create(extraction=extraction, author=person, text=text) if text else None


def be_here(extraction: Extraction, person: User, path: str) -> list[Presence]:
    """Say where one is, and hear who else is here."""
    here = {"path": path[:1000], "seen_at": timezone.now()}
    Presence.objects.update_or_create(extraction=extraction, person=person, defaults=here)
    return others_here(extraction, person)


def others_here(extraction: Extraction, person: User) -> list[Presence]:
    rows = Presence.objects.now().filter(extraction=extraction).exclude(person=person)
    return list(rows.select_related("person"))


def prepare(extraction: Extraction) -> None:
    """Documents that came before they could be reviewed are worked out when somebody opens them."""
    if extraction.review_state == Review.NONE and extraction.state == Extraction.State.EXTRACTED:
        assess(extraction)


def _end(extraction: Extraction, person: User, from_: tuple[str, ...], to: str, **fields: Any) -> bool:
    """Move it out of this person's hands. What another person holds at this moment is left alone."""
    now = timezone.now()
    free = Q(claimed_by=person) | Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
    rows = Extraction.objects.filter(free, pk=extraction.pk, review_state__in=from_)
    changes: dict[str, Any] = {"review_state": to} | UNCLAIMED | fields
    if not rows.update(**changes):
        return False
    for name, value in changes.items():
        setattr(extraction, name, value)
    return True


def _check_second(row: Extraction, first: User, second: User | None) -> None:
    if second is None:
        return
    if second == first:
        raise Refused("same_person")
    if not reviewable_by(second).filter(pk=row.pk).exists():
        raise Refused("not_theirs")


def _record_approval(extraction: Extraction, word: str, override: str, row: Extraction) -> None:
    after: dict[str, Any] = {"review": word}
    if override:
        after |= {"override": override, "needs": row.needs, "broken": row.broken_count}
    record(Action.APPROVED, extraction, before={"review": row.review_state}, after=after)
