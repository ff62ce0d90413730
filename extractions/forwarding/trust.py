"""Proving that the service's search finds what is there, before "not found" may mean "not there"."""

from __future__ import annotations

import logging
import uuid
from datetime import datetime

from django.utils import timezone

from extractions.forwarding import connections
from extractions.forwarding.errors import ApiUnavailable
from extractions.forwarding.look import find
from extractions.forwarding.times import hours
from extractions.models import Connection, Extraction

AGAIN_AFTER = 24.0  # hours

log = logging.getLogger(__name__)


def is_wanted(connection: Connection, started_at: datetime) -> bool:
    """After the first document that was accepted since start, daily, and where something in doubt depends on it."""
    proved = connection.search_trusted_at
    if proved is not None and proved >= started_at:
        return timezone.now() - proved > hours(AGAIN_AFTER)
    if _accepted(connection, started_at) is not None:
        return True
    in_doubt = Extraction.objects.filter(connection=connection, state=Extraction.State.CHECKING)
    return not connection.search_is_trusted() and in_doubt.exists() and _accepted(connection, None) is not None


def earn(connection: Connection, started_at: datetime) -> bool:
    """A key of ours must be found, and one that nobody has must not."""
    client = connections.client_for(connection)
    known = _accepted(connection, started_at) or _accepted(connection, None)
    if client is None or known is None:
        return False
    try:
        ours = {hit.id for hit in find(client, str(known.key))}
        nobodys = find(client, str(uuid.uuid4()))
    except ApiUnavailable as error:
        log.info("The search of %s could not be proved now: %s", connection.base_url, error.detail or error.code)
        return False
    proved = known.remote_id in ours and not nobodys
    rows = Connection.objects.filter(pk=connection.pk)
    if proved:
        log.info("The search of %s is proved", connection.base_url)
        rows.update(search_trusted_at=timezone.now())
    else:
        log.error(
            "The search of %s does not find %s; what is in doubt waits for a person", connection.base_url, known.key
        )
        rows.update(search_trusted_at=None)
    return proved


def _accepted(connection: Connection, since: datetime | None) -> Extraction | None:
    """The last document that the service surely has."""
    accepted = Extraction.objects.filter(
        connection=connection,
        state__in=(Extraction.State.RUNNING, Extraction.State.EXTRACTED, Extraction.State.FAILED),
        delete_requested_at__isnull=True,
    ).exclude(remote_id="")
    if since is not None:
        accepted = accepted.filter(handed_over_at__gte=since)
    return accepted.exclude(trouble="gone").only("key", "remote_id").order_by("-received_at", "-pk").first()
