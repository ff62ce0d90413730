"""Records facts about a document at the service, whatever the row's state and whoever holds its lease."""

from __future__ import annotations

import logging

from django.db.models import F

from extractions import clock
from extractions.forwarding.api.answers import Answer
from extractions.forwarding.serialized import serialized_atomic
from extractions.forwarding.time_scale import span
from extractions.models import KEPT, DoublePayment, Extraction
from extractions.models.error_codes import ErrorCode
from portal.audit.recording import Action, record

FIRST_POLL, FIRST_POLL_EMBEDDED = 2.0, 0.3
DELETION_DELAY = 600.0

State = Extraction.State
BEFORE_ARRIVAL = (State.QUEUED, State.SENDING, State.SENT, State.CHECKING, State.UNDECIDED, State.REJECTED)

log = logging.getLogger(__name__)


@serialized_atomic()
def record_arrival(extraction: Extraction, answer: Answer) -> None:
    """The service has the document under this id. The first id is kept; any other is a duplicate that was charged."""
    rows = Extraction.objects.filter(pk=extraction.pk)
    if not rows.filter(remote_id="").update(remote_id=answer.id, created_at=answer.created_at):
        _record_duplicate(extraction, answer)
    now = clock.now()
    soon = now + span(FIRST_POLL_EMBEDDED if extraction.connection.embedded else FIRST_POLL)
    extraction.transition(
        BEFORE_ARRIVAL,
        State.RUNNING,
        raise_lease=True,
        lease_until=None,
        next_try_at=soon,
        error_code="",
        error_detail="",
        search_misses=0,
        retrying_since=None,
        handed_over_at=extraction.handed_over_at or now,
    )
    # Cancelled meanwhile: the worker deletes it at the service.
    rows.filter(state=State.CANCELLED).update(next_try_at=now)
    _mark_paid_twice(extraction)
    extraction.refresh_from_db(fields=["state", "remote_id", "other_remote_ids", "lease", "next_try_at", "error_code"])


def _record_duplicate(extraction: Extraction, answer: Answer) -> None:
    columns = ("key", "remote_id", "other_remote_ids", "team", "name", "delete_requested_at")
    row = Extraction.objects.select_for_update().only(*columns).get(pk=extraction.pk)
    if answer.id == row.remote_id or answer.id in row.other_remote_ids:
        return
    log.error("Paid twice: %s is %s and also %s at the service", row.key, row.remote_id, answer.id)
    now = clock.now()
    Extraction.objects.filter(pk=row.pk).update(other_remote_ids=[*row.other_remote_ids, answer.id])
    DoublePayment.objects.create(
        extraction=row, remote_id=answer.id, accepted_at=answer.created_at, noticed_at=now, credits_due_at=now
    )
    record(Action.CHARGED_TWICE, row, after={"remote_ids": [row.remote_id, *row.other_remote_ids, answer.id]})
    # Deleted meanwhile: delete the duplicate there too, once its price is known.
    deleted = Extraction.objects.filter(~KEPT, pk=row.pk, next_try_at__isnull=True)
    deleted.update(next_try_at=now + span(DELETION_DELAY))


def _mark_paid_twice(extraction: Extraction) -> None:
    row = Extraction.objects.only("other_remote_ids").get(pk=extraction.pk)
    if row.other_remote_ids:
        detail = ", ".join(row.other_remote_ids)
        Extraction.objects.filter(pk=row.pk).update(
            error_code=ErrorCode.PAID_TWICE, error_detail=detail, lease=F("lease")
        )
