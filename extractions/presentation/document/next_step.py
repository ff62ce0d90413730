"""What a reader of a result can do next: review or approve it, or go on to another document."""

from __future__ import annotations

from dataclasses import dataclass

from extractions.models import Extraction
from extractions.review import review_queue
from extractions.search.executor import count_by_team
from portal.people.models import User


@dataclass(frozen=True, slots=True)
class NextStep:
    reviews: bool = False
    """The person may review it, and its review has not ended."""
    approves: bool = False
    """It also asks for nothing, so that one press approves it."""
    others_wait: bool = False
    """Another document waits for this person's review."""
    held_by: str = ""
    """Who has it open for review, if it is somebody else."""


def next_step_of(extraction: Extraction, person: User) -> NextStep:
    if extraction.state != Extraction.State.EXTRACTED:
        return NextStep()
    reviewable = review_queue.reviewable_by(person).filter(pk=extraction.pk).exists()
    others_wait = count_by_team(review_queue.queue_of(person).exclude(pk=extraction.pk), person, 1) > 0
    if not reviewable or extraction.review_state not in review_queue.CLAIMABLE:
        return NextStep(others_wait=others_wait)
    holder = review_queue.holder(extraction).person
    held_by = holder.get_short_name() if holder is not None and holder != person else ""
    asks = extraction.needs or extraction.broken_count or extraction.evidence_due_at
    return NextStep(
        reviews=True,
        approves=not asks and not held_by and review_queue.cannot_be_second(extraction, person) is None,
        others_wait=others_wait,
        held_by=held_by,
    )
