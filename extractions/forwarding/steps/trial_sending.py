"""The documents of a trial: each is handed over to the service once at most.

WAITING and SENDING are harmless to repeat. What passed the gate (SENT) goes back only after a clear refusal; without an
answer it is searched for, and given up if it is not found.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from django.db import DataError
from django.db.models import F, Q, QuerySet

from extractions import clock
from extractions.forwarding.api.answers import Answer
from extractions.forwarding.api.client import Client
from extractions.forwarding.api.errors import ApiRejected, ApiUnavailable, ApiUnclear
from extractions.forwarding.api.multipart import OriginalChanged, UploadRequest
from extractions.forwarding.serialized import serialized_atomic
from extractions.forwarding.steps import clone_guard, connection_state, send
from extractions.forwarding.steps.send_attempt import SendAborted
from extractions.forwarding.steps.service_search import find_by_key
from extractions.forwarding.time_scale import search_gap, settling, span
from extractions.models import Connection, Extraction, Spending, Trial, TrialDocument
from extractions.models.error_codes import ErrorCode

State = TrialDocument.State

LEASE, LEASE_AFTER_GATE = 300.0, 150.0
RETRY_SECONDS = 15.0
POLL_SECONDS, POLL_EMBEDDED_SECONDS = 3.0, 0.5
SEARCH_GAPS = (5.0, 10.0, 15.0, 30.0, 60.0)
MAX_NOT_FOUND = 5

log = logging.getLogger(__name__)


def run_documents(client: Client, connection: Connection) -> None:
    """One step for each that is due. What the service has comes first: it is paid for."""
    for document in _due(connection, State.LOOKING):
        _look(document, client, connection)
    for document in _due(connection, State.RUNNING):
        _follow(document, client, connection)
    for document in left_behind(connection).filter(_is_due()):
        _remove(document, client)
    for document in _due(connection, State.WAITING).filter(trial__state=Trial.State.RUNNING):
        connection.refresh_from_db()
        if not connection.paused:
            _send(document, client, connection)


def left_behind(connection: Connection) -> QuerySet[TrialDocument]:
    """Ended here, and still to be deleted at the service."""
    rows = TrialDocument.objects.filter(removed_at__isnull=True, trial__connection=connection)
    return rows.exclude(remote_id="").exclude(state__in=TrialDocument.UNDERWAY)


def expire_leases(connection: Connection) -> None:
    """A worker was lost: before the gate nothing happened, after it the document may have arrived."""
    lost = TrialDocument.objects.filter(trial__connection=connection, lease_until__lt=clock.now())
    for before, after in ((State.SENDING, State.WAITING), (State.SENT, State.LOOKING)):
        for number in lost.filter(state=before).values_list("pk", flat=True):
            rows = TrialDocument.objects.filter(pk=number, state=before, lease_until__lt=clock.now())
            rows.update(state=after, lease=F("lease") + 1, lease_until=None, next_try_at=clock.now(), search_misses=0)


def _is_due() -> Q:
    return Q(next_try_at=None) | Q(next_try_at__lte=clock.now())


def _due(connection: Connection, state: str) -> QuerySet[TrialDocument]:
    rows = TrialDocument.objects.filter(_is_due(), trial__connection=connection, state=state)
    return rows.select_related("trial__schema", "extraction").order_by("pk")


def _send(document: TrialDocument, client: Client, connection: Connection) -> None:
    lease = _claim(document)
    schema = document.trial.schema
    if not lease or schema is None:
        return
    held = TrialDocument.objects.filter(pk=document.pk, lease=lease)
    request = _request(document, schema.remote_id)
    try:
        if not _is_fresh(document) and (hits := find_by_key(connection, client, str(document.key))):
            _arrived(held, hits[0])
            return
        _status, answer = client.create(request, checkpoint=lambda: None, gate=_gate(document, lease))
    except SendAborted as reason:
        log.info("Trial document %s is not sent: %s", document.key, reason)
        held.filter(state=State.SENDING).update(
            state=State.WAITING, lease_until=None, next_try_at=clock.now() + span(RETRY_SECONDS)
        )
    except OriginalChanged as error:
        _fail(held, ErrorCode.ORIGINAL_MISSING, str(error))
    except ApiRejected as error:
        _fail(held, error.code, error.detail)
    except ApiUnavailable as error:
        connection_state.record_error(connection, error)
        next_try = clock.now() + span(max(RETRY_SECONDS, error.retry_after or 0.0))
        held.update(
            state=State.WAITING, lease_until=None, handed_over_at=None, next_try_at=next_try,
            error_code=error.detailed_code, error_detail=error.detail[:500],
        )  # fmt: skip
    except ApiUnclear as error:
        log.warning("It is not known whether trial document %s arrived: %s", document.key, error.detail)
        next_look = clock.now() + search_gap(SEARCH_GAPS[0])
        unclear = {"next_try_at": next_look, "search_misses": 0, "error_code": error.detailed_code}
        held.update(state=State.LOOKING, lease_until=None, **unclear)
    else:
        # A fact, whoever holds the lease now.
        _arrived(TrialDocument.objects.filter(pk=document.pk), answer)
        connection_state.record_success(connection)


def _claim(document: TrialDocument) -> int:
    """The lease under which to send it; 0 if another worker was faster, or it is not to be sent any more."""
    rows = TrialDocument.objects.filter(pk=document.pk, state=State.WAITING, lease=document.lease)
    if document.extraction.delete_requested_at is not None or not document.extraction.document:
        rows.update(state=State.CANCELLED, ended_at=clock.now(), next_try_at=None)
        return 0
    until = clock.now() + span(LEASE)
    claimed = rows.update(state=State.SENDING, lease=F("lease") + 1, lease_until=until, next_try_at=None)
    return document.lease + 1 if claimed else 0


def _request(document: TrialDocument, schema: str) -> UploadRequest:
    extraction = document.extraction
    return UploadRequest(
        path=Path(extraction.document.path),
        name=extraction.name,
        mime=extraction.mime,
        size=extraction.size,
        sha256=extraction.sha256,
        key=str(document.key),
        server=document.server,
        schema=schema,
        page_start=extraction.pdf_page_start,
        page_end=extraction.pdf_page_end,
    )


def _is_fresh(document: TrialDocument) -> bool:
    """Whether no other copy of this row can have sent it; a restored backup looks before it sends."""
    started, now = document.trial.started_at, clock.now()
    if started is None or document.handed_over_at is not None:
        return False
    return started >= send.STARTED_AT and now - started < span(send.FRESH_SECONDS)


def _gate(document: TrialDocument, lease: int) -> Callable[[], None]:
    """SENDING -> SENT, committed before the last bytes leave."""

    def open_gate() -> None:
        if not clone_guard.is_recognised():
            raise SendAborted("database and folder do not belong together")
        now = clock.now()
        rows = TrialDocument.objects.filter(pk=document.pk, state=State.SENDING, lease=lease)
        # No joins: PostgreSQL does not evaluate subqueries again after waiting for a concurrent update.
        if Trial.objects.filter(pk=document.trial_id).exclude(state=Trial.State.RUNNING).exists():
            raise SendAborted("the trial was cancelled")
        if Extraction.objects.filter(pk=document.extraction_id, delete_requested_at__isnull=False).exists():
            raise SendAborted("the document was deleted")
        if not rows.update(state=State.SENT, handed_over_at=now, lease_until=now + span(LEASE_AFTER_GATE)):
            raise SendAborted("cancelled or taken over")

    return open_gate


def _arrived(rows: QuerySet[TrialDocument], answer: Answer) -> None:
    from_ = (State.SENDING, State.SENT, State.LOOKING)
    facts = {"lease_until": None, "next_try_at": clock.now(), "search_misses": 0, "error_code": "", "error_detail": ""}
    rows.filter(state__in=from_).update(state=State.RUNNING, remote_id=answer.id, **facts)


def _fail(rows: QuerySet[TrialDocument], code: str, detail: str) -> None:
    facts = {"error_code": code, "error_detail": detail[:500], "ended_at": clock.now()}
    rows.update(state=State.FAILED, lease_until=None, next_try_at=None, **facts)


def _look(document: TrialDocument, client: Client, connection: Connection) -> None:
    """A search that fails is made again and does not count. What is not found is not sent again: it may be there."""
    mine = TrialDocument.objects.filter(pk=document.pk, state=State.LOOKING, lease=document.lease)
    begun = clock.now()
    try:
        hits = find_by_key(connection, client, str(document.key))
    except ApiUnavailable as error:
        mine.update(next_try_at=clock.now() + span(max(RETRY_SECONDS, error.retry_after or 0.0)))
        return
    search_misses = document.search_misses + 1
    settled = (document.handed_over_at or begun) + settling()
    if hits:
        _arrived(mine, hits[0])
    elif search_misses >= len(SEARCH_GAPS) and begun >= settled:
        mine.update(state=State.LOST, next_try_at=None, search_misses=search_misses, ended_at=clock.now())
    else:
        gap = SEARCH_GAPS[min(search_misses, len(SEARCH_GAPS) - 1)]
        mine.update(search_misses=search_misses, next_try_at=clock.now() + search_gap(gap))


def _follow(document: TrialDocument, client: Client, connection: Connection) -> None:
    mine = TrialDocument.objects.filter(pk=document.pk, state=State.RUNNING)
    wait = POLL_EMBEDDED_SECONDS if connection.embedded else POLL_SECONDS
    try:
        answer = client.retrieve(document.remote_id)
    except ApiRejected as error:
        if document.search_misses + 1 >= MAX_NOT_FOUND:
            _fail(mine, ErrorCode.GONE, error.detail)
        else:
            mine.update(search_misses=F("search_misses") + 1, next_try_at=clock.now() + span(RETRY_SECONDS))
    except ApiUnavailable as error:
        if error.code in connection_state.PAUSING_CODES:
            connection_state.pause_for_error(connection, error)
        mine.update(next_try_at=clock.now() + span(max(RETRY_SECONDS, error.retry_after or 0.0)))
    else:
        if answer.status not in (Extraction.Status.FINISHED, Extraction.Status.ERROR):
            mine.update(next_try_at=clock.now() + span(wait), search_misses=0)
            return
        try:
            _end(document, answer, charged=not connection.embedded)
        except (DataError, ValueError, RecursionError) as error:
            _fail(mine, ErrorCode.CORRUPT, str(error))


@serialized_atomic()
def _end(document: TrialDocument, answer: Answer, *, charged: bool) -> None:
    now = clock.now()
    read = answer.status == Extraction.Status.FINISHED
    facts: dict[str, object] = {"credit_used": answer.credit_used, "ended_at": now, "next_try_at": None}
    # Of what was cancelled or deleted meanwhile, only the cost is kept.
    wanted = Trial.objects.filter(pk=document.trial_id).exclude(state=Trial.State.CANCELLED).exists()
    there = Extraction.objects.filter(pk=document.extraction_id, delete_requested_at__isnull=True).exists()
    if read and wanted and there:
        facts["extracted_data"] = answer.extracted_data
    if not read:
        facts["error_code"] = ErrorCode.SERVICE_ERROR
    ended = TrialDocument.objects.filter(pk=document.pk, state=State.RUNNING)
    if ended.update(state=State.DONE if read else State.FAILED, **facts) and charged and answer.credit_used:
        Spending.objects.add(document, answer.credit_used, now)


def _remove(document: TrialDocument, client: Client) -> None:
    """Nobody needs it at the service any more."""
    rows = TrialDocument.objects.filter(pk=document.pk)
    try:
        client.delete(document.remote_id)
    except ApiUnavailable as error:
        log.info("Trial document %s cannot be deleted at the service now: %s", document.key, error.detail)
        rows.update(next_try_at=clock.now() + span(RETRY_SECONDS))
    else:
        rows.update(removed_at=clock.now(), next_try_at=None)
