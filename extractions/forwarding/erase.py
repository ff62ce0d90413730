"""Deleting: first at the service, then here."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from extractions.forwarding import connections
from extractions.forwarding.client import Client
from extractions.forwarding.errors import ApiUnavailable
from extractions.forwarding.facts import arrived
from extractions.forwarding.heartbeat import worker_name
from extractions.forwarding.look import find
from extractions.forwarding.surely import surely
from extractions.forwarding.times import span
from extractions.forwarding.turns import written_at_once
from extractions.models import Extraction

State = Extraction.State

LEASE = 300.0
FIRST_WAIT, LONGEST_WAIT = 5.0, 3600.0
PAUSING = frozenset({"key_refused", "rate"})
ON_THE_WAY = (State.SENDING, State.SENT, State.CHECKING)

# All that has words of the document, or of people about it.
PIECES = (
    "values", "pages", "page_words", "content_images", "changes", "comments", "taggings", "presences",
)  # fmt: skip
NOT_REVIEWED: dict[str, Any] = {
    "review_state": "", "needs": 0, "broken_count": 0, "amount": None, "due_on": None, "override_reason": "",
    "reject_reason": "", "assigned_to": None, "claimed_by": None, "first_approved_by": None, "approved_by": None,
    "reviewed_by": None,
}  # fmt: skip

log = logging.getLogger(__name__)


def erase(extraction: Extraction) -> None:
    """Do what a person asked for: delete there, then set the row at rest (cancelled) or empty it (deleted)."""
    lease = _claim(extraction)
    if lease is None:
        return
    client = connections.client_for(extraction.connection)
    try:
        _delete_there(client, extraction)
    except ApiUnavailable as error:
        surely(_later, extraction, lease, error)
        return
    if extraction.delete_requested_at is not None:
        surely(_empty, extraction, lease)
    else:
        surely(_rest, extraction, lease)


def _claim(extraction: Extraction) -> int | None:
    rows = Extraction.objects.filter(pk=extraction.pk, lease=extraction.lease).exclude(state__in=ON_THE_WAY)
    taken = rows.update(lease=F("lease") + 1, lease_until=timezone.now() + span(LEASE), held_by=worker_name())
    return extraction.lease + 1 if taken else None


def _delete_there(client: Client | None, extraction: Extraction) -> None:
    if client is None and extraction.connection.sealed_key:
        raise ApiUnavailable("key_lost", "the stored key cannot be read")
    if client is None:
        return  # An API whose key is gone cannot be asked; what is here goes all the same.
    if not extraction.remote_id and extraction.handed_over_at is not None:
        for hit in find(client, str(extraction.key)):
            surely(arrived, extraction, hit)
        extraction.refresh_from_db(fields=["remote_id", "other_remote_ids"])
    for remote_id in (extraction.remote_id, *extraction.other_remote_ids):
        if remote_id:
            client.delete(remote_id)


def _rest(extraction: Extraction, lease: int) -> None:
    cancelled = {State.RUNNING, State.CANCELLED}
    extraction._move(cancelled, State.CANCELLED, lease=lease, trouble="", **Extraction.RESTING)


def _empty(extraction: Extraction, lease: int) -> None:
    """Nothing of the document stays but key, remote id, dates and credits; the files go after the commit."""
    files = _files(extraction)
    with written_at_once():
        rows = Extraction.objects.filter(pk=extraction.pk, lease=lease).exclude(state__in=ON_THE_WAY)
        state = State.CANCELLED if extraction.state in Extraction.UNDERWAY else extraction.state
        emptied = rows.update(
            state=state, deleted_at=timezone.now(), name="", document="", sha256="", form_token=None, metadata={},
            owner=None, schema=None, classifier=None, trouble="", trouble_detail="", document_name=None,
            document_url="", classifier_result=None, content=None, extracted_data=None, raw=None, unknown_fields=[],
            steps_seen={}, pages_due_at=None, evidence_due_at=None, next_try_at=None, lease_until=None, **NOT_REVIEWED,
        )  # fmt: skip
        if not emptied:
            return
        for name in PIECES:
            getattr(extraction, name).all().delete()
        extraction.tries.update(detail="")
    for file in files:
        file.unlink(missing_ok=True)


def _files(extraction: Extraction) -> list[Path]:
    pictures = extraction.content_images.exclude(file="").values_list("file", flat=True)
    pages = [name for names in extraction.pages.values_list("file", "small", "sharp") for name in names]
    names = [str(extraction.document.name or ""), *pictures, *pages]
    return [Path(settings.MEDIA_ROOT) / name for name in names if name]


def _later(extraction: Extraction, lease: int, error: ApiUnavailable) -> None:
    if error.code in PAUSING:
        connections.pause_by(extraction.connection, error)
    asked = extraction.delete_requested_at or extraction.cancel_requested_at or extraction.state_changed_at
    age = max(timezone.now() - asked, timedelta(0))
    wait = min(max(span(FIRST_WAIT), age / 4), span(LONGEST_WAIT))
    log.warning("%s cannot be deleted at the service now: %s", extraction.key, error.detail)
    rows = Extraction.objects.filter(pk=extraction.pk, lease=lease)
    rows.update(next_try_at=timezone.now() + wait, lease_until=None)
