"""Sending one document: claim, look first where it is not fresh, stream, gate, and what the answer means."""

from __future__ import annotations

import logging
import threading
from datetime import datetime

from django.utils import timezone

from extractions.forwarding import connections
from extractions.forwarding.client import Client
from extractions.forwarding.errors import ApiError, ApiRejected, ApiUnavailable, ApiUnclear
from extractions.forwarding.form import OriginalChanged
from extractions.forwarding.look import find, found
from extractions.forwarding.sending import Dropped, Sending, claim
from extractions.forwarding.surely import surely
from extractions.forwarding.times import span
from extractions.models import Attempt, Extraction

FRESH = 600.0
STARTED_AT = timezone.now()

log = logging.getLogger(__name__)


def send(extraction: Extraction, stop: threading.Event) -> None:
    """Try to get one document across, once."""
    client = connections.client_for(extraction.connection)
    if client is None:
        return
    sending = claim(extraction, stop)
    if sending is None:
        return
    try:
        if not is_fresh(extraction) and _is_there(client, sending):
            return
        http_status, answer = client.create(sending.outgoing(), checkpoint=sending.checkpoint, gate=sending.gate)
    except Dropped as reason:
        log.info("%s was not released: %s", extraction.key, reason)
        surely(sending.drop, str(reason))
    except OriginalChanged as error:
        log.exception("%s cannot be sent", extraction.key)
        surely(sending.refused, "original_missing", ApiError("original_missing", str(error)))
    except ApiRejected as error:
        surely(sending.refused, error.code, error)
        surely(connections.worked, extraction.connection, extraction)
    except ApiUnavailable as error:
        surely(connections.trouble, extraction.connection, error)
        surely(sending.put_back, error)
    except ApiUnclear as error:
        log.warning("%s: not known whether it arrived (HTTP %s, %s)", extraction.key, error.http_status, error.detail)
        surely(sending.doubtful, error)
        surely(connections.failed, extraction.connection, error.detail or f"HTTP {error.http_status}")
    else:
        surely(sending.accepted, http_status, answer)
        surely(connections.worked, extraction.connection, extraction)


def is_fresh(extraction: Extraction, started_at: datetime | None = None) -> bool:
    """Whether the service surely has not got it: received a moment ago, by this process's life, and not tried yet."""
    now = timezone.now()
    young = now - span(FRESH) < extraction.received_at <= now + span(FRESH)
    untried = extraction.attempts <= 1 and extraction.handed_over_at is None
    return young and untried and extraction.received_at >= (started_at or STARTED_AT)


def _is_there(client: Client, sending: Sending) -> bool:
    """Look before sending. Protects, too, a restored backup from paying for everything again."""
    hits = find(client, str(sending.extraction.key))
    if not hits:
        return False
    log.info("%s is at the service already", sending.extraction.key)
    surely(found, sending.extraction, hits)
    surely(sending._end, Attempt.Outcome.NOT_SENT)
    return True
