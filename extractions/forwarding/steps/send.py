"""Sends one document: claim, search first unless it is fresh, upload through the gate, interpret the response."""

from __future__ import annotations

import logging
import threading
from datetime import datetime

from django.utils import timezone

from extractions import clock
from extractions.forwarding.api.client import Client
from extractions.forwarding.api.errors import ApiRejected, ApiUnavailable, ApiUnclear
from extractions.forwarding.api.multipart import OriginalChanged
from extractions.forwarding.steps import connection_state
from extractions.forwarding.steps.reconcile import record_hits
from extractions.forwarding.steps.send_attempt import SendAborted, SendAttempt, claim
from extractions.forwarding.steps.service_search import find_by_key
from extractions.forwarding.time_scale import span
from extractions.models import Attempt, Extraction
from extractions.storage import file_store
from portal.database_retry import retry_on_database_error

FRESH_SECONDS = 600.0
STARTED_AT = timezone.now()

log = logging.getLogger(__name__)


def mark_process_start() -> None:
    """Call when the process starts working and the database clock is available."""
    global STARTED_AT
    STARTED_AT = clock.now()


def send_document(extraction: Extraction, stop: threading.Event, *, isolated: bool = False) -> None:
    """One attempt to send the document."""
    client = connection_state.client_for(extraction.connection)
    if client is None or not file_store.is_reachable():
        return
    attempt = claim(extraction, stop, isolated=isolated)
    if attempt is None:
        return
    try:
        if client.lists_extracts and not is_fresh(extraction) and _is_at_service(client, attempt):
            return
        http_status, answer = client.create(attempt.upload_request(), checkpoint=attempt.checkpoint, gate=attempt.gate)
    except SendAborted as reason:
        log.info("Aborted before the gate: %s: %s", extraction.key, reason)
        retry_on_database_error(attempt.abort, str(reason))
    except OriginalChanged as error:
        log.warning("%s cannot be sent now: %s", extraction.key, error)
        retry_on_database_error(attempt.record_unreadable_original, str(error))
    except ApiRejected as error:
        retry_on_database_error(attempt.record_refusal, error.code, error)
        retry_on_database_error(connection_state.record_success, extraction.connection, extraction)
    except ApiUnavailable as error:
        retry_on_database_error(connection_state.record_error, extraction.connection, error)
        retry_on_database_error(attempt.requeue, error)
    except ApiUnclear as error:
        log.warning("%s: unknown whether it arrived (HTTP %s, %s)", extraction.key, error.http_status, error.detail)
        retry_on_database_error(attempt.record_unclear, error)
        retry_on_database_error(
            connection_state.record_failure, extraction.connection, error.detail or f"HTTP {error.http_status}"
        )
    else:
        retry_on_database_error(attempt.record_acceptance, http_status, answer)
        retry_on_database_error(connection_state.record_success, extraction.connection, extraction)


def is_fresh(extraction: Extraction, started_at: datetime | None = None) -> bool:
    """Whether it cannot be at the service yet: received recently, since this process started, and never attempted."""
    now = clock.now()
    young = now - span(FRESH_SECONDS) < extraction.received_at <= now + span(FRESH_SECONDS)
    untried = extraction.attempts <= 1 and extraction.handed_over_at is None
    return young and untried and extraction.received_at >= (started_at or STARTED_AT)


def _is_at_service(client: Client, attempt: SendAttempt) -> bool:
    """Search before sending. This also keeps a restored backup from paying for everything again."""
    hits = find_by_key(attempt.extraction.connection, client, str(attempt.extraction.key))
    if not hits:
        return False
    log.info("%s is already at the service", attempt.extraction.key)
    retry_on_database_error(record_hits, attempt.extraction, hits)
    retry_on_database_error(attempt.end, Attempt.Outcome.NOT_SENT)
    return True
