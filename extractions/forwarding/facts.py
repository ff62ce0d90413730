"""Facts about a document at the service. They are written down whatever the row's state and whoever holds it."""

from __future__ import annotations

import logging

from django.db.models import F
from django.utils import timezone

from extractions.forwarding.answers import Answer
from extractions.forwarding.times import span
from extractions.forwarding.turns import written_at_once
from extractions.models import Extraction

FIRST_ASK, FIRST_ASK_EMBEDDED = 2.0, 0.3

State = Extraction.State
BEFORE_ARRIVAL = (State.QUEUED, State.SENDING, State.SENT, State.CHECKING, State.UNDECIDED, State.REJECTED)

log = logging.getLogger(__name__)


@written_at_once()
def arrived(extraction: Extraction, answer: Answer) -> None:
    """The service has the document under this id. The first id that is known stays; another one was paid as well."""
    rows = Extraction.objects.filter(pk=extraction.pk)
    if not rows.filter(remote_id="").update(remote_id=answer.id, created_at=answer.created_at):
        _note_other(extraction, answer.id)
    now = timezone.now()
    soon = now + span(FIRST_ASK_EMBEDDED if extraction.connection.embedded else FIRST_ASK)
    extraction._move(
        BEFORE_ARRIVAL,
        State.RUNNING,
        raise_lease=True,
        lease_until=None,
        next_try_at=soon,
        trouble="",
        trouble_detail="",
        looks=0,
        later_since=None,
        handed_over_at=extraction.handed_over_at or now,
    )
    # Cancelled or deleted in the meantime: the worker deletes it there.
    rows.filter(state=State.CANCELLED).update(next_try_at=now)
    _mark_paid_twice(extraction)
    extraction.refresh_from_db(fields=["state", "remote_id", "other_remote_ids", "lease", "next_try_at", "trouble"])


def _note_other(extraction: Extraction, remote_id: str) -> None:
    row = Extraction.objects.select_for_update().only("remote_id", "other_remote_ids").get(pk=extraction.pk)
    if remote_id == row.remote_id or remote_id in row.other_remote_ids:
        return
    log.error("Paid twice: %s is %s and also %s at the service", extraction.key, row.remote_id, remote_id)
    Extraction.objects.filter(pk=row.pk).update(other_remote_ids=[*row.other_remote_ids, remote_id])


def _mark_paid_twice(extraction: Extraction) -> None:
    row = Extraction.objects.only("other_remote_ids").get(pk=extraction.pk)
    if row.other_remote_ids:
        detail = ", ".join(row.other_remote_ids)
        Extraction.objects.filter(pk=row.pk).update(trouble="paid_twice", trouble_detail=detail, lease=F("lease"))
