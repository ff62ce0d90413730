"""A webhook is a doorbell: believe only the id in it, and ask the service."""

from __future__ import annotations

import json
import logging

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from extractions import bell
from extractions.forwarding import connections, rings
from extractions.forwarding.answers import READABLE_ID
from extractions.forwarding.errors import ApiRejected, ApiUnavailable
from extractions.forwarding.facts import arrived
from extractions.forwarding.surely import surely
from extractions.models import Connection, Extraction

State = Extraction.State
LARGEST_BODY = 16 * 1024 * 1024

log = logging.getLogger(__name__)


def secret() -> str:
    """The word in the webhook's address; the service signs nothing, so it is all that keeps strangers out."""
    return salted_hmac("extractions.doorbell", "webhook", algorithm="sha256").hexdigest()[:40]


def opens(word: str) -> bool:
    return constant_time_compare(word, secret())


def ring(body: bytes) -> bool:
    """Pass the id on to the worker. Whether there was one; nothing is lost if not, for the worker asks anyhow."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return False
    data = message.get("data") if isinstance(message, dict) else None
    remote_id = data.get("id") if isinstance(data, dict) else None
    if not isinstance(remote_id, str) or not READABLE_ID.fullmatch(remote_id):
        return False
    bell.ring(remote_id)
    return True


def answer(remote_id: str) -> None:
    """Ask about it now; an id that we do not know yet may be told before our own upload was answered."""
    known = Extraction.objects.filter(remote_id=remote_id)
    if connections_of := list(known.values_list("connection", flat=True)):
        for connection in connections_of:
            rings.heard(connection)
        if known.filter(state=Extraction.State.RUNNING).update(next_try_at=timezone.now()):
            bell.ring()  # the worker may have fallen asleep before this was written
        return
    for service in (Connection.current(), *_waiting_for_an_answer()):
        if _told_by(service, remote_id):
            return


def _waiting_for_an_answer() -> QuerySet[Connection]:
    """Of teams and the site: only those by which something was handed over whose id is not known yet."""
    unknown = Extraction.objects.filter(state__in=(State.SENT, State.CHECKING, State.UNDECIDED), remote_id="")
    return Connection.objects.own().filter(pk__in=unknown.values("connection"))


def _told_by(connection: Connection, remote_id: str) -> bool:
    """Whether this service knows the id, as that of a document which was sent there and not elsewhere."""
    client = connections.client_for(connection)
    if client is None:
        return False
    try:
        extract = client.retrieve(remote_id)
    except (ApiUnavailable, ApiRejected) as error:
        log.info("A webhook told of %s, which cannot be read: %s", remote_id, error.detail or error.code)
        return False
    row = _row(extract.portal_key)
    if row is None or not row.connection.is_like(connection):
        return False
    surely(arrived, row, extract)
    return True


def _row(key: str) -> Extraction | None:
    try:
        return Extraction.objects.select_related("connection").get(key=key)
    except (Extraction.DoesNotExist, ValueError, ValidationError):
        return None
