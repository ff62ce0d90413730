"""What a reader of a result can do next: review or approve it, or go on to another document."""

from __future__ import annotations

from dataclasses import dataclass

from extractions.models import Extraction
from extractions.review import review_queue
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


def next_step_of(extraction: Extraction, person: User, *, role: str, waiting: int, blocked: bool) -> NextStep:
    """`role` is the person's in the document's team; `waiting` is how many documents their queue has.

    `blocked` tells that it looks like an invoice that is there already.
    """
    if extraction.state != Extraction.State.EXTRACTED:
        return NextStep()
    if role not in review_queue.REVIEWERS or extraction.review_state not in review_queue.CLAIMABLE:
        return NextStep(others_wait=waiting > 0)
    holder = review_queue.holder(extraction).person
    held_by = holder.get_short_name() if holder is not None and holder != person else ""
    approvable = not held_by and review_queue.cannot_be_second(extraction, person) is None
    checked = extraction.evidence_due_at is None
    queued = extraction.review_state == Extraction.Review.WAITING and checked and approvable
    queued = queued and extraction.assigned_to_id in (None, person.pk)
    return NextStep(
        reviews=True,
        approves=approvable and checked and not (extraction.needs or extraction.broken_count or blocked),
        others_wait=waiting > queued,
        held_by=held_by,
    )
