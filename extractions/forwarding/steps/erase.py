"""Deletion and cancellation: first at the service, then here."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.db.models import F

from extractions import clock
from extractions.accuracy import counting
from extractions.forwarding.api.client import Client
from extractions.forwarding.api.errors import ApiUnavailable
from extractions.forwarding.serialized import serialized_atomic
from extractions.forwarding.steps import connection_state, file_removals
from extractions.forwarding.steps.erased_traces import note_erasure
from extractions.forwarding.steps.service_facts import record_arrival
from extractions.forwarding.steps.service_search import find_by_key
from extractions.forwarding.time_scale import hours, span
from extractions.forwarding.worker_name import worker_name
from extractions.models import (
    Event,
    Extraction,
    IncomingAttachment,
    IncomingFile,
    IncomingMail,
    InvoiceKeys,
    TestDocument,
    held,
    publish,
)
from extractions.models.error_codes import ErrorCode
from extractions.models.lifecycle import IN_FLIGHT
from portal.database_retry import retry_on_database_error

State = Extraction.State

LEASE = 300.0
FIRST_WAIT, MAX_WAIT = 5.0, 3600.0
HELD_WAIT_HOURS = 1.0

# Related rows with content of the document or remarks about it.
PARTS = (
    "values", "pages", "page_words", "content_images", "changes", "comments", "taggings", "presences", "notices",
    "distinct_from", "distinct_of", "classifier_examples", "classifier_tests",
)  # fmt: skip
NOT_REVIEWED: dict[str, Any] = {
    "review_state": "", "needs": 0, "broken_count": 0, "amount": None, "due_on": None, "override_reason": "",
    "reject_reason": "", "assigned_to": None, "claimed_by": None, "first_approved_by": None, "last_changed_by": None,
    "approved_by": None, "reviewed_by": None, "unjudged_rules": None, "printed_adjustments": [], "row_edits": {},
    "second_wanted": False,
}  # fmt: skip

log = logging.getLogger(__name__)


def erase(extraction: Extraction) -> None:
    """Delete at the service, then set the row at rest (cancelled) or erase its content (deleted)."""
    lease = _claim(extraction)
    if lease is None:
        return
    if extraction.must_be_erased and extraction.holds.filter(released_at__isnull=True).exists():
        retry_on_database_error(_wait_for_release, extraction, lease)
        return
    client = connection_state.client_for(extraction.connection)
    try:
        _delete_there(client, extraction)
    except ApiUnavailable as error:
        retry_on_database_error(_retry_later, extraction, lease, error)
        return
    if extraction.must_be_erased:
        retry_on_database_error(_erase_content, extraction, lease)
    else:
        retry_on_database_error(_set_at_rest, extraction, lease)


def _wait_for_release(extraction: Extraction, lease: int) -> None:
    """A hold came after the erasure had begun; its release sets the due time."""
    rows = Extraction.objects.filter(pk=extraction.pk, lease=lease)
    rows.update(next_try_at=clock.now() + hours(HELD_WAIT_HOURS), lease_until=None)


def _claim(extraction: Extraction) -> int | None:
    rows = Extraction.objects.filter(pk=extraction.pk, lease=extraction.lease).exclude(state__in=IN_FLIGHT)
    taken = rows.update(lease=F("lease") + 1, lease_until=clock.now() + span(LEASE), held_by=worker_name())
    return extraction.lease + 1 if taken else None


def _delete_there(client: Client | None, extraction: Extraction) -> None:
    if client is None and extraction.connection.sealed_key:
        raise ApiUnavailable(ErrorCode.KEY_LOST, "the stored key cannot be read")
    if client is None:
        return  # without a key nothing can be deleted there; erase here all the same
    if not extraction.remote_id and extraction.handed_over_at is not None:
        for hit in find_by_key(extraction.connection, client, str(extraction.key)):
            retry_on_database_error(record_arrival, extraction, hit)
        extraction.refresh_from_db(fields=["remote_id", "other_remote_ids"])
    for remote_id in (extraction.remote_id, *extraction.other_remote_ids):
        if remote_id:
            client.delete(remote_id)


def _set_at_rest(extraction: Extraction, lease: int) -> None:
    cancelled = {State.RUNNING, State.CANCELLED}
    extraction.transition(cancelled, State.CANCELLED, lease=lease, error_code="", **Extraction.RESTING)


def _erase_content(extraction: Extraction, lease: int) -> None:
    """Erase all but key, remote ids, dates and credits; files are deleted after the commit."""
    files = _files(extraction)
    with serialized_atomic():
        rows = Extraction.objects.filter(~held(), pk=extraction.pk, lease=lease).exclude(state__in=IN_FLIGHT)
        state = State.CANCELLED if extraction.state in Extraction.UNDERWAY else extraction.state
        emptied = rows.update(
            state=state, deleted_at=clock.now(), name="", document="", sha256="", form_token=None, metadata={},
            owner=None, schema=None, schema_version=None, classifier=None, error_code="", error_detail="",
            document_name=None, document_url="", classifier_result=None, content=None, extracted_data=None, raw=None,
            folder="", origin=None, origin_name="", origin_pages=[], unknown_fields=[], steps_seen={},
            pages_due_at=None, evidence_due_at=None, next_try_at=None,
            lease_until=None, **NOT_REVIEWED,
        )  # fmt: skip
        if not emptied:
            return
        counting.forget_values(extraction)
        for name in PARTS:
            getattr(extraction, name).all().delete()
        InvoiceKeys.objects.filter(extraction=extraction).delete()
        extraction.tries.update(detail="")
        IncomingMail.objects.filter(attachments__extraction=extraction).update(sender="", subject="")
        IncomingAttachment.objects.filter(extraction=extraction).update(name="", facts={})
        IncomingFile.objects.filter(extraction=extraction).update(path="", moved_to="", sha256="", facts={})
        extraction.webhook_messages.all().forget_bodies()
        extraction.trial_documents.update(extracted_data=None, error_detail="")
        TestDocument.objects.filter(extraction=extraction).delete()
        publish(extraction, Event.DELETED)
        note_erasure()
        file_removals.request(files)
    file_removals.carry_out()


def _files(extraction: Extraction) -> list[str]:
    pictures = extraction.content_images.exclude(file="").values_list("file", flat=True)
    pages = [name for names in extraction.pages.values_list("file", "small", "sharp") for name in names]
    return [str(extraction.document.name or ""), *pictures, *pages]


def _retry_later(extraction: Extraction, lease: int, error: ApiUnavailable) -> None:
    if error.code in connection_state.PAUSING_CODES:
        connection_state.pause_for_error(extraction.connection, error)
    requested_at = extraction.delete_requested_at or extraction.cancel_requested_at or extraction.state_changed_at
    age = max(clock.now() - requested_at, timedelta(0))
    wait = min(max(span(FIRST_WAIT), age / 4), span(MAX_WAIT))
    log.warning("%s cannot be deleted at the service now: %s", extraction.key, error.detail)
    rows = Extraction.objects.filter(pk=extraction.pk, lease=lease)
    rows.update(next_try_at=clock.now() + wait, lease_until=None)
