"""Deletion and cancellation: first at the service, then here."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db.models import F

from extractions import clock
from extractions.forwarding.api.client import Client
from extractions.forwarding.api.errors import ApiUnavailable
from extractions.forwarding.steps import connection_state, erase_rows
from extractions.forwarding.steps.receipts import Deleted
from extractions.forwarding.steps.service_facts import record_arrival
from extractions.forwarding.steps.service_search import find_by_key
from extractions.forwarding.time_scale import hours, span
from extractions.forwarding.worker_name import worker_name
from extractions.models import Extraction
from extractions.models.error_codes import ErrorCode
from extractions.models.lifecycle import IN_FLIGHT
from portal.database_retry import retry_on_database_error

State = Extraction.State

LEASE = 300.0
FIRST_WAIT, MAX_WAIT = 5.0, 3600.0
HELD_WAIT_HOURS = 1.0

log = logging.getLogger(__name__)


def erase(extraction: Extraction) -> None:
    """Delete at the service, then set the row at rest (cancelled), or erase its content (deleted) or its original."""
    lease = _claim(extraction)
    if lease is None:
        return
    goes = extraction.must_be_erased or extraction.must_lose_original
    if goes and extraction.holds.filter(released_at__isnull=True).exists():
        retry_on_database_error(_wait_for_release, extraction, lease)
        return
    client = connection_state.client_for(extraction.connection)
    try:
        deleted = _delete_there(client, extraction)
    except ApiUnavailable as error:
        retry_on_database_error(_retry_later, extraction, lease, error)
        return
    if extraction.must_be_erased:
        retry_on_database_error(erase_rows.erase_document, extraction, lease, deleted)
    elif extraction.must_lose_original:
        retry_on_database_error(erase_rows.erase_original, extraction, lease, deleted)
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


def _delete_there(client: Client | None, extraction: Extraction) -> list[Deleted] | None:
    """None where nothing could be asked."""
    if client is None and extraction.connection.sealed_key:
        raise ApiUnavailable(ErrorCode.KEY_LOST, "the stored key cannot be read")
    if client is None:
        return None  # without a key nothing can be deleted there; erase here all the same
    if not extraction.remote_id and extraction.handed_over_at is not None:
        for hit in find_by_key(extraction.connection, client, str(extraction.key)):
            retry_on_database_error(record_arrival, extraction, hit)
        extraction.refresh_from_db(fields=["remote_id", "other_remote_ids"])
    known = [remote_id for remote_id in (extraction.remote_id, *extraction.other_remote_ids) if remote_id]
    return [Deleted(remote_id, client.delete(remote_id), clock.now()) for remote_id in known]


def _set_at_rest(extraction: Extraction, lease: int) -> None:
    cancelled = {State.RUNNING, State.CANCELLED}
    extraction.transition(cancelled, State.CANCELLED, lease=lease, error_code="", **Extraction.RESTING)


def _retry_later(extraction: Extraction, lease: int, error: ApiUnavailable) -> None:
    if error.code in connection_state.PAUSING_CODES:
        connection_state.pause_for_error(extraction.connection, error)
    requested = (
        extraction.delete_requested_at, extraction.original_erasure_requested_at, extraction.cancel_requested_at
    )  # fmt: skip
    requested_at = next((moment for moment in requested if moment), extraction.state_changed_at)
    age = max(clock.now() - requested_at, timedelta(0))
    wait = min(max(span(FIRST_WAIT), age / 4), span(MAX_WAIT))
    log.warning("%s cannot be deleted at the service now: %s", extraction.key, error.detail)
    rows = Extraction.objects.filter(pk=extraction.pk, lease=lease)
    rows.update(next_try_at=clock.now() + wait, lease_until=None)
