"""Looks for each value of a result in the document. Done when the result is there, and whenever somebody asks again."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.utils import timezone

from extractions import bell
from extractions.checking import prove
from extractions.forwarding import words
from extractions.forwarding.times import span
from extractions.forwarding.turns import written_at_once
from extractions.models import Extraction, PageWords
from reading.errors import CannotRead, ChildDied

# How long somebody else leaves it alone when we do not come back.
LEASE = 300.0

# How far a document steps back, for each of its pages, behind those that came after it: it waits, but not for ever.
A_PAGE = timedelta(seconds=2)
LOOKED_AT = 50

log = logging.getLogger(__name__)


def next_due(now: datetime) -> Extraction | None:
    """The document whose turn it is: short ones do not wait behind long ones that came a little earlier."""
    due = Extraction.objects.filter(evidence_due_at__lte=now, delete_requested_at__isnull=True)
    facts = due.values_list("pk", "evidence_due_at", "page_count")
    looked_at = [*facts.order_by("evidence_due_at", "pk")[:LOOKED_AT]]
    if len(looked_at) == LOOKED_AT:
        # Among very many, the newest are looked at as well.
        looked_at += facts.order_by("page_count", "evidence_due_at", "pk")[:LOOKED_AT]
    turns = [(at + A_PAGE * pages, pk) for pk, at, pages in looked_at if at is not None]
    return due.defer("content").filter(pk=min(turns)[1]).first() if turns else None


def find_evidence(extraction: Extraction) -> None:
    """Read the words of the pages; once the values are there, say of each how it stands in them.

    A document that has to be recognised takes turns, so that it does not keep others waiting.
    """
    rows = Extraction.objects.filter(pk=extraction.pk, evidence_due_at=extraction.evidence_due_at)
    until = timezone.now() + span(LEASE)
    if not rows.update(evidence_due_at=until):
        return
    mine = Extraction.objects.filter(pk=extraction.pk, evidence_due_at=until)
    wanted = extraction.state == Extraction.State.EXTRACTED and extraction.values.exists()
    try:
        complete = words.read_words(extraction, recognise=wanted)
    except ChildDied:
        if words.is_closed():
            mine.update(evidence_due_at=timezone.now())
            return
        log.warning("The words of %s cannot be read", extraction.key, exc_info=True)
        complete = True
    except (CannotRead, FileNotFoundError) as error:
        log.warning("The words of %s cannot be read: %r", extraction.key, error)
        complete = True
    if not complete:
        mine.update(evidence_due_at=timezone.now())
        bell.ring()
    elif wanted:
        with written_at_once():
            if mine.filter(delete_requested_at__isnull=True).update(evidence_due_at=None):
                prove(extraction)
    else:
        mine.update(evidence_due_at=None)
    if not Extraction.objects.filter(pk=extraction.pk, deleted_at__isnull=True).exists():
        PageWords.objects.filter(extraction=extraction.pk).delete()
