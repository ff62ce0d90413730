"""The review queue: who may review, claims, ordering, and how a review ends. Each function is one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from extractions import clock
from extractions.accuracy import counting
from extractions.models import (
    Event,
    Extraction,
    ExtractionQuerySet,
    NoticeKind,
    Presence,
    ReviewHabits,
    notify,
    publish,
)
from extractions.models.reviewable import FOUND
from extractions.review import distinct_invoices
from extractions.verification import duplicate_invoices, second_person
from extractions.verification.grounding import request_grounding
from extractions.verification.review_status import publish_review, refresh_status
from portal.audit.recording import Action, record
from portal.people.models import Membership, User

Review = Extraction.Review
CLAIMABLE = (Review.WAITING, Review.POSTPONED)
LEASE = timedelta(minutes=15)
MAX_CONTENDERS = 50
UNCLAIMED: dict[str, object] = {"claimed_by": None, "claimed_at": None, "claimed_until": None}
EVENTS: dict[str, Event] = {Review.APPROVED: Event.APPROVED, Review.REJECTED: Event.REJECTED}
LONGEST_REASON = 500
REVIEWERS = (Membership.Role.REVIEWER, Membership.Role.ADMINISTRATOR)


class Refusal(StrEnum):
    """Why an action on the queue is not possible now."""

    ENDED = "ended"
    BEING_GROUNDED = "being_checked"
    NEEDS_ATTENTION = "red"
    SAME_INVOICE = "same_invoice"
    NO_REASON = "no_reason"
    SAME_PERSON = "same_person"
    CHANGED_LAST = "changed_last"
    SECOND_CHANGED_LAST = "second_changed_last"
    NOT_THEIRS = "not_theirs"
    SERVICE = "service"


class Refused(Exception):
    """The action is not possible now. The page turns `code` into a sentence."""

    def __init__(self, code: Refusal) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Hold:
    """Who holds a document under a claim; `person` is None if nobody does."""

    person: User | None
    since: datetime | None = None
    until: datetime | None = None


def reviewable_by(person: User) -> ExtractionQuerySet:
    """Documents of the teams in which this person may review."""
    teams = Membership.objects.filter(person=person.pk, role__in=REVIEWERS).values("team")
    return Extraction.objects.visible_to(person).filter(team__in=teams)


def queue_of(person: User, now: datetime | None = None) -> ExtractionQuerySet:
    """What waits for this person: not claimed by or assigned to others, and not first approved by the person.

    All conditions but team and review state are expressions that no index matches: by an index on finished or unclaimed
    documents, the database would read far more rows than are waiting.
    """
    now = now or clock.now()
    rows = reviewable_by(person).finished().filter(review_state=Review.WAITING, evidence_due_at__isnull=True)
    rows = rows.alias(
        holder=Case(When(claimed_until__gt=now, then=F("claimed_by")), default=Value(person.pk)),
        reviewer=Coalesce("assigned_to", Value(person.pk)),
    )
    mine = {"holder": person.pk, "reviewer": person.pk}
    return (
        rows.filter(**mine)
        .exclude(first_approved_by=person)
        .exclude(first_approved_by__isnull=False, last_changed_by=person)
    )


def in_order(rows: ExtractionQuerySet, person: User, order: str = "") -> ExtractionQuerySet:
    """Assigned to the person first, then by the chosen order; without one, what is due within three days first."""
    soon = timezone.localdate() + timedelta(days=3)
    own = Case(When(assigned_to=person, then=Value(0)), default=Value(1), output_field=IntegerField())
    late = Case(When(due_on__lte=soon, then=Value(0)), default=Value(1), output_field=IntegerField())
    most_open = (F("needs") + F("broken_count")).desc()
    orders: dict[str, tuple[Any, ...]] = {
        "needs": (most_open,),
        "age": (F("received_at").asc(),),
        "due": (F("due_on").asc(nulls_last=True),),
        "amount": (F("amount").desc(nulls_last=True),),
        "evidence": (F("needs").desc(), F("broken_count").desc()),
    }
    chosen = orders.get(order, (late, most_open))
    return rows.order_by(own, *chosen, "received_at", "pk")


def next_for(person: User, *, beside: Extraction | None = None) -> Extraction | None:
    rows = queue_of(person)
    if beside is not None:
        rows = rows.exclude(pk=beside.pk)
    return in_order(rows, person, order_of(person)).select_related("schema").first()


def claim_next(person: User, *, beside: Extraction | None = None) -> Extraction | None:
    """Claim the first document of the queue, skipping those that somebody else claims at the same moment."""
    for _attempt in range(MAX_CONTENDERS):
        extraction = next_for(person, beside=beside)
        if extraction is None or claim(extraction, person, (Review.WAITING,)):
            return extraction
    return None


def order_of(person: User) -> str:
    return ReviewHabits.objects.filter(person=person).values_list("order", flat=True).first() or ""


def claim(extraction: Extraction, person: User, states: tuple[str, ...] = CLAIMABLE) -> bool:
    """Take or renew the lease on the document; of two concurrent claims one succeeds."""
    now = clock.now()
    free = Q(claimed_by=person) | Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
    rows = Extraction.objects.filter(free, pk=extraction.pk, review_state__in=states, delete_requested_at__isnull=True)
    until = now + LEASE
    mine = extraction.claimed_by_id == person.pk and extraction.claimed_at
    since = extraction.claimed_at if mine else now
    if not rows.update(claimed_by=person, claimed_at=since, claimed_until=until):
        return False
    extraction.claimed_by, extraction.claimed_at, extraction.claimed_until = person, since, until
    return True


def holder(extraction: Extraction) -> Hold:
    until = extraction.claimed_until
    if extraction.claimed_by is None or until is None or until <= clock.now():
        return Hold(None)
    return Hold(extraction.claimed_by, extraction.claimed_at, until)


def give_back(extraction: Extraction, person: User) -> bool:
    """Release the claim; all edits stay."""
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
    """Put a postponed document back into the queue."""
    rows = Extraction.objects.filter(pk=extraction.pk, review_state=Review.POSTPONED)
    return bool(rows.update(review_state=Review.WAITING, **UNCLAIMED))


@transaction.atomic
def reject(extraction: Extraction, person: User, reason: str) -> bool:
    reason = reason.strip()[:LONGEST_REASON]
    if not reason:
        raise Refused(Refusal.NO_REASON)
    now = clock.now()
    done = _end(
        extraction, person, (Review.WAITING, Review.POSTPONED), Review.REJECTED,
        reject_reason=reason, reviewed_by=person, reviewed_at=now,
    )  # fmt: skip
    if done:
        record(Action.REJECTED, extraction, after={"reason": reason})
    return done


@transaction.atomic
def approve(extraction: Extraction, person: User, *, override: str = "", second: User | None = None) -> str:
    """`approved`, or `second` if another person has to approve, too: `second`, or anybody when that is None.

    Values that need attention, and a document that looks like the same invoice, block the approval unless a reason to
    override is given. Raises `Refused`.
    """
    row = Extraction.objects.select_for_update(of=("self",)).get(pk=extraction.pk)
    if row.review_state not in (Review.WAITING, Review.POSTPONED) or row.delete_requested_at is not None:
        raise Refused(Refusal.ENDED)
    if row.evidence_due_at is not None:
        raise Refused(Refusal.BEING_GROUNDED)
    if code := cannot_be_second(row, person):
        raise Refused(code)
    override = override.strip()[:LONGEST_REASON]
    same = duplicate_invoices.blocking(row)
    # First, for a reason overrides both, and programs see from the document itself how many values are open.
    if same and not override:
        raise Refused(Refusal.SAME_INVOICE)
    if (row.needs or row.broken_count) and not override:
        raise Refused(Refusal.NEEDS_ATTENTION)
    distinct_invoices.store(row, same, person, override)
    now = clock.now()
    wanted = row.second_wanted or second_person.is_wanted(row, row.amount)
    if wanted and row.first_approved_by_id is None:
        _check_second(row, person, second)
        fields = {"first_approved_by": person, "override_reason": override, "assigned_to": second}
        if not _end(extraction, person, (row.review_state,), Review.WAITING, **fields):
            raise Refused(Refusal.ENDED)
        _record_approval(extraction, "second", override, row)
        _ask_for_second(extraction, row, person, second)
        return "second"
    done = {"approved_by": person, "approved_at": now, "reviewed_by": person, "reviewed_at": now}
    reason = override or row.override_reason
    if not _end(extraction, person, (row.review_state,), Review.APPROVED, override_reason=reason, **done):
        raise Refused(Refusal.ENDED)
    counting.count_approval(row, now, seconds=_seconds_held(row, person, now))
    _record_approval(extraction, "approved", override, row)
    return "approved"


def _ask_for_second(extraction: Extraction, row: Extraction, first: User, second: User | None) -> None:
    """Notices to the one who was chosen, else to everybody who may give the second approval."""
    others = (person for person in reviewers_of(extraction) if person.pk != row.last_changed_by_id)
    able = [second] if second else list(others)
    notify(extraction, NoticeKind.SECOND, [person.pk for person in able], by=first)


def cannot_be_second(extraction: Extraction, person: User) -> Refusal | None:
    """Why this person cannot give the second approval; None as well if nobody has given the first."""
    if extraction.first_approved_by_id is not None and person.is_service:
        return Refusal.SERVICE
    if extraction.first_approved_by_id == person.pk:
        return Refusal.SAME_PERSON
    if extraction.first_approved_by_id is not None and extraction.last_changed_by_id == person.pk:
        return Refusal.CHANGED_LAST
    return None


@transaction.atomic
def reopen(extraction: Extraction, person: User) -> bool:
    """Put an ended review back into the queue; edits and confirmations stay."""
    before = extraction.review_state
    fields = {
        "approved_by": None, "approved_at": None, "first_approved_by": None, "reviewed_by": None, "reviewed_at": None,
        "override_reason": "", "reject_reason": "",
    }  # fmt: skip
    done = _end(extraction, person, (Review.APPROVED, Review.REJECTED), Review.WAITING, **fields)
    if done:
        counting.withdraw_approval(extraction)
        _judge_again(extraction)
        record(Action.REOPENED, extraction, before={"review": before})
        publish_review(extraction)
    return done


def _judge_again(extraction: Extraction) -> None:
    """By the team's present choice; values from before there was a confidence are grounded again first."""
    unweighed = extraction.values.filter(confidence__isnull=True, corrected=False, removed=False)
    if unweighed.filter(evidence__in=FOUND).exists():
        request_grounding(extraction)
    else:
        refresh_status(extraction)


@transaction.atomic
def assign(extraction: Extraction, to: User | None, by: User | None = None) -> bool:
    """Assign to a person who may review the document, or to nobody; they get a notice. Raises `Refused`."""
    if to is not None and not reviewable_by(to).filter(pk=extraction.pk).exists():
        raise Refused(Refusal.NOT_THEIRS)
    before = extraction.assigned_to
    done = bool(Extraction.objects.filter(pk=extraction.pk).update(assigned_to=to))
    if done:
        names = ({"assigned_to": str(person) if person else ""} for person in (before, to))
        record(Action.ASSIGNED, extraction, before=next(names), after=next(names))
        if to is not None and to != before:
            notify(extraction, NoticeKind.ASSIGNED, [to.pk], by=by)
    return done


def reviewers_of(extraction: Extraction) -> list[User]:
    """People to whom the document can be assigned, by name."""
    rows = Membership.objects.filter(team=extraction.team_id, role__in=REVIEWERS, person__is_active=True)
    return sorted((row.person for row in rows.select_related("person")), key=lambda person: person.get_short_name())


def newer_than(extraction: Extraction) -> UUID | None:
    """Key of the latest newer extraction of the same file; edits are not carried over to it."""
    rows = Extraction.objects.filter(
        team=extraction.team_id, sha256=extraction.sha256, state=Extraction.State.EXTRACTED,
        received_at__gt=extraction.received_at, delete_requested_at__isnull=True,
    ).exclude(pk=extraction.pk)  # fmt: skip
    return rows.order_by("-received_at").values_list("key", flat=True).first()


def be_here(extraction: Extraction, person: User, path: str) -> list[Presence]:
    """Record where the person is on the screen (a heartbeat), and return who else is there."""
    here = {"path": path[:1000], "seen_at": timezone.now()}
    Presence.objects.update_or_create(extraction=extraction, person=person, defaults=here)
    return others_here(extraction, person)


def others_here(extraction: Extraction, person: User) -> list[Presence]:
    rows = Presence.objects.now().filter(extraction=extraction).exclude(person=person)
    return list(rows.select_related("person"))


def prepare(extraction: Extraction) -> None:
    """Documents extracted before there were reviews get their status when first opened."""
    if extraction.review_state == Review.NONE and extraction.state == Extraction.State.EXTRACTED:
        refresh_status(extraction)


def _end(extraction: Extraction, person: User, from_: tuple[str, ...], to: str, **fields: object) -> bool:
    """Change the review state and release the claim, unless somebody else holds it."""
    now = clock.now()
    free = Q(claimed_by=person) | Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
    rows = Extraction.objects.filter(free, pk=extraction.pk, review_state__in=from_, delete_requested_at__isnull=True)
    changes: dict[str, object] = {"review_state": to} | UNCLAIMED | fields
    if not rows.update(**changes):
        return False
    for name, value in changes.items():
        setattr(extraction, name, value)
    if to in EVENTS:
        publish(extraction, EVENTS[to])
    return True


def _seconds_held(row: Extraction, person: User, now: datetime) -> float | None:
    """How long the person has held the document; None if they do not, or left it alone for longer than a lease."""
    held = row.claimed_by_id == person.pk and row.claimed_until is not None and row.claimed_until > now
    return (now - row.claimed_at).total_seconds() if held and row.claimed_at else None


def _check_second(row: Extraction, first: User, second: User | None) -> None:
    if first.is_service:
        raise Refused(Refusal.SERVICE)
    if second is None:
        return
    if second == first:
        raise Refused(Refusal.SAME_PERSON)
    if second.pk == row.last_changed_by_id:
        raise Refused(Refusal.SECOND_CHANGED_LAST)
    if not reviewable_by(second).filter(pk=row.pk).exists():
        raise Refused(Refusal.NOT_THEIRS)


def _record_approval(extraction: Extraction, word: str, override: str, row: Extraction) -> None:
    after: dict[str, object] = {"review": word}
    if override:
        after |= {"override": override, "needs": row.needs, "broken": row.broken_count}
    record(Action.APPROVED, extraction, before={"review": row.review_state}, after=after)
