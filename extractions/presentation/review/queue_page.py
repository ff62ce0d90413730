"""Context of the queue page: what waits for this person, what others have claimed, what was done today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min
from django.utils import timezone
from django.utils.formats import number_format

from extractions.models import Extraction, ReviewHabits
from extractions.presentation.counts import Counts
from extractions.review import review_queue
from extractions.search.executor import COUNTED
from portal.people.models import User

SHOWN = 100
Review = Extraction.Review


@dataclass(frozen=True, slots=True)
class Held:
    """The claims of one colleague."""

    name: str
    count: int
    until: datetime


def queue_page(person: User, counts: Counts) -> dict[str, object]:
    order = review_queue.order_of(person) or str(ReviewHabits.Order.URGENT)
    rows = review_queue.in_order(review_queue.queue_of(person), person, order).for_lists()
    mine = review_queue.reviewable_by(person)
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    done = mine.filter(reviewed_by=person, reviewed_at__gte=midnight)
    today = done.aggregate(count=Count("pk"), first=Min("reviewed_at"), last=Max("reviewed_at"))
    postponed = mine.filter(review_state=Review.POSTPONED).for_lists().select_related("schema", "claimed_by")
    waiting = list(rows.select_related("schema", "claimed_by", "assigned_to", "owner")[:SHOWN])
    # Under a hundred, the rows themselves: a claim may have ended since they were counted.
    count = str(len(waiting)) if len(waiting) < SHOWN else _text(counts.to_review)
    return {
        "waiting": waiting,
        "count": count,
        "more": count != str(len(waiting)),
        "postponed": list(postponed.order_by("received_at")[:SHOWN]),
        "held": held_by_others(person),
        "running": counts.running,
        "today": today["count"],
        "minutes": _minutes(today["first"], today["last"]),
        "order": order,
        "orders": ReviewHabits.Order.choices,
        "may_review": any(role in review_queue.REVIEWERS for role in counts.roles.values()),
    }


def _text(count: int) -> str:
    """Such as "1,000+"."""
    text = number_format(min(count, COUNTED), force_grouping=True)
    return f"{text}+" if count > COUNTED else text


def held_by_others(person: User) -> list[Held]:
    now = timezone.now()
    rows = review_queue.reviewable_by(person).filter(review_state=Review.WAITING, claimed_until__gt=now)
    rows = rows.exclude(claimed_by=person).select_related("claimed_by").only("claimed_by", "claimed_until")
    by_person: dict[User, list[datetime]] = {}
    for row in rows:
        if row.claimed_by and row.claimed_until:
            by_person.setdefault(row.claimed_by, []).append(row.claimed_until)
    return [Held(who.get_short_name(), len(until), max(until)) for who, until in by_person.items()]


def _minutes(first: datetime | None, last: datetime | None) -> int:
    return max(1, round((last - first) / timedelta(minutes=1))) if first and last else 0
