"""Verifies that the service's search works at all, before "not found" may mean "not there"."""

from __future__ import annotations

import logging
import uuid
from datetime import datetime

from extractions import clock
from extractions.forwarding.api.errors import ApiUnavailable
from extractions.forwarding.steps import connection_state
from extractions.forwarding.steps.service_search import find_by_key
from extractions.forwarding.time_scale import hours, settling
from extractions.models import Connection, Extraction
from extractions.models.error_codes import ErrorCode

REVERIFY_HOURS = 24.0  # hours

log = logging.getLogger(__name__)


def is_wanted(connection: Connection, started_at: datetime) -> bool:
    """After the first acceptance since startup, daily, and when a document being reconciled depends on it."""
    proved = connection.search_trusted_at
    if proved is not None and proved >= started_at:
        return clock.now() - proved > hours(REVERIFY_HOURS)
    if _accepted(connection, started_at) is not None:
        return True
    in_doubt = Extraction.objects.filter(connection=connection, state=Extraction.State.CHECKING)
    return not connection.search_is_trusted() and in_doubt.exists() and _accepted(connection, None) is not None


def verify_search(connection: Connection, started_at: datetime) -> bool:
    """A known key must be found, and a random one must not."""
    client = connection_state.client_for(connection)
    known = _accepted(connection, started_at) or _accepted(connection, None)
    if client is None or known is None:
        return False
    try:
        ours = {hit.id for hit in find_by_key(connection, client, str(known.key))}
        nobodys = find_by_key(connection, client, str(uuid.uuid4()))
    except ApiUnavailable as error:
        log.info("The search of %s cannot be verified now: %s", connection.base_url, error.detail or error.code)
        return False
    proved = known.remote_id in ours and not nobodys
    rows = Connection.objects.filter(pk=connection.pk)
    if proved:
        log.info("The search of %s is verified", connection.base_url)
        rows.update(search_trusted_at=clock.now())
    else:
        log.error(
            "The search of %s does not find %s; ambiguous sends wait for a person", connection.base_url, known.key
        )
        rows.update(search_trusted_at=None)
    return proved


def _accepted(connection: Connection, since: datetime | None) -> Extraction | None:
    """The latest accepted document that should be indexed by now; else the latest."""
    accepted = Extraction.objects.filter(
        connection=connection,
        state__in=(Extraction.State.RUNNING, Extraction.State.EXTRACTED, Extraction.State.FAILED),
        delete_requested_at__isnull=True,
    ).exclude(remote_id="")
    if since is not None:
        accepted = accepted.filter(handed_over_at__gte=since)
    accepted = accepted.exclude(error_code=ErrorCode.GONE).only("key", "remote_id").order_by("-received_at", "-pk")
    return accepted.filter(handed_over_at__lte=clock.now() - settling()).first() or accepted.first()
