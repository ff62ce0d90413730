"""Grounds each value of a result in the document: after extraction, and again on request."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db.models import QuerySet

from extractions import clock, wakeup
from extractions.forwarding.fairness import Party
from extractions.forwarding.serialized import serialized_atomic
from extractions.forwarding.steps import page_words
from extractions.forwarding.time_scale import span
from extractions.models import Event, Extraction, ExtractionQuerySet, PageWords
from extractions.storage import file_store
from extractions.verification.grounding import find_values
from extractions.verification.review_status import publish_review
from reading.errors import CannotRead, ChildDied

# Seconds until another worker may take over.
LEASE = 300.0
STORE_RETRY = 5.0

# Delay per page in the queue order: short documents overtake long ones, which still age and get their turn.
DELAY_PER_PAGE = timedelta(seconds=2)
CANDIDATES = 50

log = logging.getLogger(__name__)


def due(now: datetime) -> ExtractionQuerySet:
    return Extraction.objects.filter(evidence_due_at__lte=now, delete_requested_at__isnull=True)


def next_due(now: datetime, party: Party) -> Extraction | None:
    """The party's next document: due time plus a delay per page, so that short documents go first."""
    rows = party.of(due(now))
    facts = rows.values_list("pk", "evidence_due_at", "page_count")
    looked_at = [*facts.order_by("evidence_due_at", "pk")[:CANDIDATES]]
    if len(looked_at) == CANDIDATES:
        # In a long queue, consider the shortest documents as well.
        looked_at += facts.order_by("page_count", "evidence_due_at", "pk")[:CANDIDATES]
    turns = [(at + DELAY_PER_PAGE * pages, pk) for pk, at, pages in looked_at if at is not None]
    return rows.defer("content").filter(pk=min(turns)[1]).first() if turns else None


def find_evidence(extraction: Extraction) -> None:
    """Read the words of the pages and, once there are values, ground them.

    OCR is done in batches of pages, so that a long scan does not block other documents.
    """
    rows = Extraction.objects.filter(pk=extraction.pk, evidence_due_at=extraction.evidence_due_at)
    until = clock.now() + span(LEASE)
    if not rows.update(evidence_due_at=until):
        return
    mine = Extraction.objects.filter(pk=extraction.pk, evidence_due_at=until)
    if extraction.original_erased_at:
        mine.update(evidence_due_at=None)  # what was found before stands; there is nothing left to look at
        return
    wanted = extraction.state == Extraction.State.EXTRACTED and extraction.values.exists()
    try:
        complete = page_words.read_words(extraction, recognise=wanted)
    except (CannotRead, OSError) as error:
        if isinstance(error, ChildDied) and page_words.is_closed():
            mine.update(evidence_due_at=clock.now())
            return
        if not file_store.is_reachable():
            mine.update(evidence_due_at=clock.now() + span(STORE_RETRY))
            return
        log.warning("The words of %s cannot be read: %r", extraction.key, error)
        complete = True
    if not complete:
        mine.update(evidence_due_at=clock.now())
        wakeup.notify_workers()
    elif wanted:
        _store_evidence(extraction, mine)
    else:
        mine.update(evidence_due_at=None)
    if not Extraction.objects.filter(pk=extraction.pk).with_original().exists():
        PageWords.objects.filter(extraction=extraction.pk).delete()


def _store_evidence(extraction: Extraction, mine: QuerySet[Extraction]) -> None:
    """Search outside the transaction: it may take seconds, during which SQLite would block all writers."""
    grounding = find_values(extraction)
    first = any(value.evidence == "" for value in grounding.values)
    with serialized_atomic():
        if not mine.filter(delete_requested_at__isnull=True).update(evidence_due_at=None):
            return
        if not grounding.keep():
            # A value was edited meanwhile: ground its new text next time.
            Extraction.objects.filter(pk=extraction.pk).update(evidence_due_at=clock.now())
            wakeup.notify_workers()
        elif first and _is_news(extraction):
            publish_review(extraction)


def _is_news(extraction: Extraction) -> bool:
    """Whether it waits for review and nobody was told. Values of unreadable pages look as if never grounded."""
    waiting = Extraction.objects.filter(pk=extraction.pk, review_state=Extraction.Review.WAITING)
    return waiting.exclude(webhook_messages__event=Event.NEEDS_REVIEW).exists()
