"""Publishes versions of schemas: each is created at the service once.

Creating a schema costs nothing, but two of one name would confuse everybody. So what may have arrived is searched for
in the list of schemas before it is sent again, as documents are.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from extractions import clock
from extractions.forwarding.api.answers import SchemaAnswer
from extractions.forwarding.api.client import Client
from extractions.forwarding.api.errors import ApiRejected, ApiUnavailable, ApiUnclear
from extractions.forwarding.steps import connection_state, schema_succession
from extractions.forwarding.time_scale import search_gap, settling, span
from extractions.models import Connection, Schema, SchemaPublication, SchemaVersion
from extractions.models.error_codes import ErrorCode
from extractions.schemas.json_types import JsonObject
from extractions.schemas.schema_files import canonical
from portal.audit.recording import Action, record

State = SchemaPublication.State

LEASE_SECONDS = 180.0
RETRY_SECONDS = 30.0
SEARCH_GAPS = (5.0, 15.0, 30.0, 60.0, 120.0)  # seconds
MAX_ATTEMPTS = 3

log = logging.getLogger(__name__)


def publish_due(connection: Connection) -> None:
    """Take every due publication of this connection one step further. Safe to run twice, and in several workers."""
    _expire_leases()
    now = clock.now()
    due = SchemaPublication.objects.filter(Q(next_try_at=None) | Q(next_try_at__lte=now))
    waiting = due.filter(state=State.WAITING).select_related("version__studio")
    unclear = due.filter(state=State.UNCLEAR, connection=connection).select_related("version__studio")
    jobs = [row for row in waiting if Connection.for_team(row.version.studio.team_id) == connection]
    if not (jobs or unclear.exists()):
        return
    client = connection_state.client_for(connection)
    if client is None:
        return
    for row in unclear:
        _search(row, client, connection)
    for row in jobs:
        if not connection.paused and (lease := _claim(row, connection)):
            _send(row, lease, client, connection)


def recognise(connection: Connection) -> None:
    """Find open publications among the schemas of this connection, which were just refreshed."""
    rows = SchemaPublication.objects.filter(state__in=(State.UNCLEAR, State.BY_HAND, State.UNDECIDED))
    for row in rows.filter(connection=connection).select_related("version__studio"):
        if found := _at_the_service(row, connection):
            _published(row, found)


def _expire_leases() -> None:
    """A worker was lost while sending: the schema may have arrived."""
    lost = SchemaPublication.objects.filter(state=State.SENDING, lease_until__lt=clock.now())
    if lost.exists():  # an UPDATE waits for the write lock on SQLite, even for no rows
        lost.update(state=State.UNCLEAR, lease=F("lease") + 1, lease_until=None, next_try_at=clock.now(), searches=0)


def _claim(row: SchemaPublication, connection: Connection) -> int:
    """The lease under which to send it; 0 if another worker was faster."""
    now = clock.now()
    rows = SchemaPublication.objects.filter(pk=row.pk, state=State.WAITING, lease=row.lease)
    claimed = rows.update(
        state=State.SENDING,
        connection=connection,
        lease=row.lease + 1,
        lease_until=now + span(LEASE_SECONDS),
        next_try_at=None,
        sent_at=now,
        searches=0,
        attempts=F("attempts") + 1,
    )
    return row.lease + 1 if claimed else 0


def _send(row: SchemaPublication, lease: int, client: Client, connection: Connection) -> None:
    held = SchemaPublication.objects.filter(pk=row.pk, state=State.SENDING, lease=lease)
    try:
        answer = client.create_schema(body_of(row.version))
    except ApiUnclear as error:
        log.warning("It is not known whether the schema %s arrived: %s", row.version, error.detail)
        next_try = clock.now() + search_gap(SEARCH_GAPS[0])
        _end(held, State.UNCLEAR, error.detailed_code, error.detail, next_try_at=next_try)
    except ApiRejected as error:
        _refused(held, error, client)
    except ApiUnavailable as error:
        _end(held, State.WAITING, error.code, error.detail, next_try_at=clock.now() + span(RETRY_SECONDS))
        connection_state.record_error(connection, error)
    else:
        # A fact, whoever holds the lease now.
        with transaction.atomic():
            _published(row, _stored(connection, answer, row.version))


def body_of(version: SchemaVersion) -> JsonObject:
    """The body of `POST /schema/`."""
    return {
        "name": version.published_name,
        "description": version.description or version.name,
        "additional_informations": version.additional_informations or None,
        "schema": version.schema,
    }


def _refused(held: QuerySet[SchemaPublication], error: ApiRejected, client: Client) -> None:
    """Without the endpoint, a person enters it at the service; but a wrong address has no list of schemas either."""
    if error.code != ErrorCode.WRONG_ADDRESS:
        _end(held, State.REFUSED, error.code, error.detail, ended_at=clock.now())
        return
    try:
        client.schemas()
    except ApiUnavailable as unavailable:
        next_try = clock.now() + span(RETRY_SECONDS)
        _end(held, State.WAITING, unavailable.code, unavailable.detail, next_try_at=next_try)
    else:
        _end(held, State.BY_HAND, error.code, error.detail)


def _search(row: SchemaPublication, client: Client, connection: Connection) -> None:
    """Search for it in the service's list; a search that fails is made again and does not count."""
    begun = clock.now()
    mine = SchemaPublication.objects.filter(pk=row.pk, state=State.UNCLEAR, lease=row.lease)
    try:
        listed = client.schemas()
    except ApiUnavailable as error:
        mine.update(
            next_try_at=clock.now() + span(RETRY_SECONDS), error_code=error.code, error_detail=error.detail[:500]
        )
        return
    known = _taken(connection)
    for answer in listed:
        if answer.id not in known and _matches(row.version, answer.name, answer.schema):
            with transaction.atomic():
                _published(row, _stored(connection, answer, row.version))
            return
    searches = row.searches + 1
    if row.sent_at is not None and searches >= len(SEARCH_GAPS) and begun - row.sent_at >= settling():
        _surely_not_there(mine, row)
    else:
        gap = SEARCH_GAPS[min(searches, len(SEARCH_GAPS) - 1)]
        mine.update(searches=searches, next_try_at=clock.now() + search_gap(gap))


def _surely_not_there(mine: QuerySet[SchemaPublication], row: SchemaPublication) -> None:
    if row.attempts < MAX_ATTEMPTS:
        mine.update(state=State.WAITING, next_try_at=None)
    else:
        mine.update(state=State.UNDECIDED, next_try_at=None)


def _at_the_service(row: SchemaPublication, connection: Connection) -> Schema | None:
    listed = Schema.objects.filter(connection=connection, missing_since__isnull=True)
    free = listed.exclude(remote_id__in=_taken(connection)).order_by("-created_at", "-pk")
    by_hand = row.state == State.BY_HAND
    return next((item for item in free if _matches(row.version, item.name, item.schema, any_name=by_hand)), None)


def _taken(connection: Connection) -> set[str]:
    """Ids of schemas that belong to a publication already."""
    rows = SchemaPublication.objects.filter(schema__connection=connection)
    return set(rows.values_list("schema__remote_id", flat=True))


def _matches(version: SchemaVersion, name: str, schema: object, *, any_name: bool = False) -> bool:
    return (any_name or name == version.published_name) and canonical(schema) == canonical(version.schema)


def _stored(connection: Connection, answer: SchemaAnswer, version: SchemaVersion) -> Schema:
    """The service's schema as a row, at once; the next refresh finds it there."""
    row, _created = Schema.objects.update_or_create(
        connection=connection,
        remote_id=answer.id,
        defaults={
            "name": answer.name if answer.name != answer.id else version.published_name,
            "description": answer.description or version.description,
            "additional_informations": answer.additional_informations or version.additional_informations,
            "schema": version.schema if answer.schema is None else answer.schema,
            "created_at": answer.created_at,
            "updated_at": answer.updated_at,
            "refreshed_at": clock.now(),
            "missing_since": None,
        },
    )
    return row


@transaction.atomic
def _published(row: SchemaPublication, schema: Schema) -> None:
    """Once: its documents' rules and presets follow it, and the versions before it are offered no more."""
    open_rows = SchemaPublication.objects.filter(pk=row.pk).exclude(state=State.PUBLISHED)
    ended = {"ended_at": clock.now(), "lease_until": None, "next_try_at": None, "error_code": "", "error_detail": ""}
    if not open_rows.update(state=State.PUBLISHED, schema=schema, connection=schema.connection, **ended):
        return
    schema_succession.succeed(row.version, schema)
    record(
        Action.SETTING,
        row.version.studio,
        person=row.person,
        after={"published": row.version.number, "schema": schema.name},
    )
    log.info("The schema %s is at the service as %s", row.version, schema.remote_id)


def _end(
    held: QuerySet[SchemaPublication],
    state: str,
    code: str,
    detail: str,
    *,
    next_try_at: datetime | None = None,
    ended_at: datetime | None = None,
) -> None:
    held.update(
        state=state,
        error_code=code,
        error_detail=detail[:500],
        lease_until=None,
        next_try_at=next_try_at,
        ended_at=ended_at,
    )
