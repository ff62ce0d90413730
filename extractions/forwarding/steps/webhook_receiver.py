"""Webhooks are unsigned: trust nothing but the id in them, and retrieve the extract from the service."""

from __future__ import annotations

import json
import logging

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from extractions import clock, wakeup
from extractions.forwarding.api.answers import VALID_ID
from extractions.forwarding.api.errors import ApiRejected, ApiUnavailable
from extractions.forwarding.steps import connection_state, webhook_health
from extractions.forwarding.steps.service_facts import record_arrival
from extractions.models import Connection, Extraction
from portal.database_retry import retry_on_database_error

State = Extraction.State
MAX_BODY_BYTES = 16 * 1024 * 1024

log = logging.getLogger(__name__)


def secret() -> str:
    """The secret part of the webhook URL, the only authentication, since the service does not sign webhooks."""
    return salted_hmac("extractions.doorbell", "webhook", algorithm="sha256").hexdigest()[:40]


def is_valid_secret(word: str) -> bool:
    return constant_time_compare(word, secret())


def receive(body: bytes) -> bool:
    """Forward the id to the worker; False without a valid id. Losing it is harmless, since the worker polls."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return False
    data = message.get("data") if isinstance(message, dict) else None
    remote_id = data.get("id") if isinstance(data, dict) else None
    if not isinstance(remote_id, str) or not VALID_ID.fullmatch(remote_id):
        return False
    wakeup.notify_workers(remote_id)
    return True


def handle(remote_id: str) -> None:
    """Poll the document now. An unknown id may belong to an upload whose response has not arrived yet."""
    known = Extraction.objects.filter(remote_id=remote_id)
    if connections_of := list(known.values_list("connection", flat=True)):
        for connection in connections_of:
            webhook_health.record_webhook(connection)
        if known.filter(state=Extraction.State.RUNNING).update(next_try_at=clock.now()):
            wakeup.notify_workers()  # the worker may have gone to sleep before the update
        return
    for service in (Connection.current(), *_waiting_for_an_answer()):
        if _record_if_known(service, remote_id):
            return


def _waiting_for_an_answer() -> QuerySet[Connection]:
    """Own connections with a hand-over whose remote id is still unknown."""
    unknown = Extraction.objects.filter(state__in=(State.SENT, State.CHECKING, State.UNDECIDED), remote_id="")
    return Connection.objects.own().filter(pk__in=unknown.values("connection"))


def _record_if_known(connection: Connection, remote_id: str) -> bool:
    """Record the arrival if this connection's service has the id, for a document that was sent there."""
    client = connection_state.client_for(connection)
    if client is None:
        return False
    try:
        extract = client.retrieve(remote_id)
    except (ApiUnavailable, ApiRejected) as error:
        log.info("Webhook for %s, which cannot be retrieved: %s", remote_id, error.detail or error.code)
        return False
    row = _row(extract.portal_key)
    if row is None or not row.connection.is_equivalent_to(connection):
        return False
    retry_on_database_error(record_arrival, row, extract)
    return True


def _row(key: str) -> Extraction | None:
    try:
        return Extraction.objects.select_related("connection").get(key=key)
    except (Extraction.DoesNotExist, ValueError, ValidationError):
        return None
