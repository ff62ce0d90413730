"""Has the embedded engine read examples for a schema, and keeps what it found.

The copies that it reads are deleted there at once and appear in no list. Only a service of our own takes part, where
nothing costs anything, so that every call can be repeated.
"""

from __future__ import annotations

import logging
from pathlib import Path

from extractions import clock
from extractions.forwarding.api.client import Client
from extractions.forwarding.api.errors import ApiRejected, ApiUnavailable, ApiUnclear
from extractions.forwarding.api.multipart import OriginalChanged, UploadRequest
from extractions.forwarding.steps import connection_state
from extractions.forwarding.time_scale import span
from extractions.models import Connection, Extraction, ProposalDocument, Server

CLAIM_SECONDS, RETRY_SECONDS, POLL_SECONDS = 120.0, 30.0, 1.0
AT_ONCE = 5
MOST_ATTEMPTS = 5
State = ProposalDocument.State

log = logging.getLogger(__name__)


def work(connection: Connection) -> None:
    """What is due for the teams that use this connection."""
    due = _due(connection)
    if not due:
        return
    client = connection_state.client_for(connection) if connection.embedded else None
    for document in due:
        if client is not None:
            _advance(document, client)
        elif not connection.embedded:  # the team has changed its service meanwhile
            _keep(document, state=State.FAILED, next_try_at=None)


def _due(connection: Connection) -> list[ProposalDocument]:
    rows = ProposalDocument.objects.filter(next_try_at__lte=clock.now()).select_related("proposal", "extraction")
    rows = rows.defer("extraction__content", "extraction__extracted_data", "extraction__raw")
    mine = (row for row in rows.order_by("next_try_at", "pk")[:200] if _connection_of(row) == connection)
    return [row for row, _place in zip(mine, range(AT_ONCE), strict=False)]


def _connection_of(document: ProposalDocument) -> Connection:
    return Connection.for_team(document.proposal.team_id)


def _advance(document: ProposalDocument, client: Client) -> None:
    """Send the example, or see what has become of it."""
    now = clock.now()
    claimed = ProposalDocument.objects.filter(pk=document.pk, state=document.state, next_try_at=document.next_try_at)
    if not claimed.update(next_try_at=now + span(CLAIM_SECONDS)):
        return
    try:
        changes = _sent(document, client) if document.state == State.WAITING else _seen(document, client)
    except ApiRejected as error:
        changes = {"state": State.FAILED, "next_try_at": None, "error_detail": error.detail[:500]}
    except OriginalChanged as error:
        changes = {"state": State.FAILED, "next_try_at": None, "error_detail": str(error)[:500]}
    except (ApiUnavailable, ApiUnclear):
        changes = _again(document)
    _keep(document, **changes)


def _keep(document: ProposalDocument, **changes: object) -> None:
    ProposalDocument.objects.filter(pk=document.pk, state=document.state).update(**changes)


def _sent(document: ProposalDocument, client: Client) -> dict[str, object]:
    extraction = document.extraction
    if extraction.delete_requested_at is not None or not extraction.document:
        return {"state": State.FAILED, "next_try_at": None}
    _status, answer = client.create(_upload_of(document), checkpoint=lambda: None, gate=lambda: None)
    return {"state": State.READING, "remote_id": answer.id, "next_try_at": clock.now() + span(POLL_SECONDS)}


def _upload_of(document: ProposalDocument) -> UploadRequest:
    extraction = document.extraction
    return UploadRequest(
        path=Path(extraction.document.path),
        name=extraction.name,
        mime=extraction.mime,
        size=extraction.size,
        sha256=extraction.sha256,
        key=f"example-{document.pk}",
        server=extraction.server or Server.FR_1,
        page_start=extraction.pdf_page_start,
        page_end=extraction.pdf_page_end,
        propose=True,
    )


def _seen(document: ProposalDocument, client: Client) -> dict[str, object]:
    answer = client.retrieve(document.remote_id)
    if answer.status not in (Extraction.Status.FINISHED, Extraction.Status.ERROR):
        return {"next_try_at": clock.now() + span(POLL_SECONDS)}
    client.delete(document.remote_id)
    found = answer.raw.get("x_proposal")
    if answer.status == Extraction.Status.ERROR or not isinstance(found, dict):
        detail = str(answer.raw.get("x_error") or "")[:500]
        return {"state": State.FAILED, "next_try_at": None, "error_detail": detail}
    return {"state": State.DONE, "found": found, "next_try_at": None}


def _again(document: ProposalDocument) -> dict[str, object]:
    attempts = document.attempts + 1
    if attempts >= MOST_ATTEMPTS:
        return {"state": State.FAILED, "attempts": attempts, "next_try_at": None}
    return {"attempts": attempts, "next_try_at": clock.now() + span(RETRY_SECONDS)}
