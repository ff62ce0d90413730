"""Runs trials of schemas: gives the service the schema, sends the documents, fetches what was read, and clears away.

A trial's documents are no documents of the portal, and so have rows and steps of their own. The promise is the same:
none is paid twice. It is kept by a simpler rule, since nobody is harmed by a trial that ends without a result: what may
have arrived is searched for and never sent again (`trial_sending`).
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q

from extractions import clock
from extractions.forwarding.api.answers import SchemaAnswer
from extractions.forwarding.api.client import Client
from extractions.forwarding.api.errors import ApiRejected, ApiUnavailable, ApiUnclear
from extractions.forwarding.steps import connection_state, trial_sending
from extractions.forwarding.time_scale import span
from extractions.models import Connection, Schema, Trial, TrialDocument
from extractions.schemas.json_types import JsonObject
from extractions.schemas.schema_files import canonical

State = Trial.State

LEASE_SECONDS = 120.0
UNCLEAR_SECONDS, RETRY_SECONDS = 5.0, 30.0

log = logging.getLogger(__name__)


def run_due(connection: Connection) -> None:
    """Take every trial of this connection one step further. Safe to run twice, and in several workers."""
    open_trials = Trial.objects.filter(connection=connection, state__in=Trial.UNDERWAY)
    documents = TrialDocument.objects.filter(trial__connection=connection)
    underway = documents.filter(state__in=TrialDocument.UNDERWAY)
    if not (open_trials.exists() or underway.exists() or trial_sending.left_behind(connection).exists()):
        return
    trial_sending.expire_leases(connection)
    client = connection_state.client_for(connection)
    if client is None:
        return
    for trial in _due(Trial, connection).filter(state=State.WAITING):
        if not connection.paused:
            _prepare(trial, client, connection)
    trial_sending.run_documents(client, connection)
    _finish(connection)


def recognise(connection: Connection) -> None:
    """Schemas that trials created, of which the answer was lost, are never offered for documents."""
    tried = Trial.objects.filter(connection=connection).values("name", "key")
    unmarked = Schema.objects.filter(connection=connection, for_trials=False, name__contains=" · trial ")
    if unmarked.exists():
        names = {Trial(**row).remote_name for row in tried}
        unmarked.filter(name__in=names).update(for_trials=True)


def body_of(trial: Trial) -> JsonObject:
    """The body of `POST /schema/`."""
    return {
        "name": trial.remote_name,
        "description": trial.description or trial.name,
        "additional_informations": trial.additional_informations or None,
        "schema": trial.definition,
    }


def _due(model: type[Trial], connection: Connection):  # type: ignore[no-untyped-def]
    return model.objects.filter(Q(next_try_at=None) | Q(next_try_at__lte=clock.now()), connection=connection)


def _prepare(trial: Trial, client: Client, connection: Connection) -> None:
    """Give the service the schema, unless it has the same from a publication or an earlier trial."""
    mine = Trial.objects.filter(pk=trial.pk, state=State.WAITING)
    if not mine.filter(next_try_at=trial.next_try_at).update(next_try_at=clock.now() + span(LEASE_SECONDS)):
        return
    if known := _known(trial, connection):
        _begin(trial, known)
        return
    try:
        # The answer to an earlier attempt may be lost.
        there = next((item for item in client.schemas() if item.name == trial.remote_name), None)
        answer = there or client.create_schema(body_of(trial))
    except ApiUnclear as error:
        _later(trial, span(UNCLEAR_SECONDS), error)
    except ApiRejected as error:
        facts = {"error_code": error.code, "error_detail": error.detail[:500], "ended_at": clock.now()}
        mine.update(state=State.IMPOSSIBLE, next_try_at=None, **facts)
        trial.documents.filter(state=TrialDocument.State.WAITING).update(state=TrialDocument.State.CANCELLED)
    except ApiUnavailable as error:
        _later(trial, span(RETRY_SECONDS), error)
        connection_state.record_error(connection, error)
    else:
        _begin(trial, _stored(trial, answer, connection))


def _later(trial: Trial, wait: timedelta, error: ApiUnavailable | ApiUnclear) -> None:
    rows = Trial.objects.filter(pk=trial.pk, state=State.WAITING)
    rows.update(next_try_at=clock.now() + wait, error_code=error.code, error_detail=error.detail[:500])


def _known(trial: Trial, connection: Connection) -> Schema | None:
    """A schema of the service that says the same."""
    wanted = body_of(trial)
    for row in Schema.objects.filter(connection=connection, missing_since__isnull=True).order_by("-pk"):
        texts = (row.description, row.additional_informations or None)
        if texts == (wanted["description"], wanted["additional_informations"]) and (
            canonical(row.schema) == canonical(trial.definition)
        ):
            return row
    return None


def _stored(trial: Trial, answer: SchemaAnswer, connection: Connection) -> Schema:
    row, _created = Schema.objects.update_or_create(
        connection=connection,
        remote_id=answer.id,
        defaults={
            "name": trial.remote_name,
            "description": trial.description or trial.name,
            "additional_informations": trial.additional_informations,
            "schema": trial.definition,
            "created_at": answer.created_at,
            "updated_at": answer.updated_at,
            "refreshed_at": clock.now(),
            "missing_since": None,
            "for_trials": True,
        },
    )
    return row


def _begin(trial: Trial, schema: Schema) -> None:
    rows = Trial.objects.filter(pk=trial.pk, state=State.WAITING)
    rows.update(state=State.RUNNING, schema=schema, next_try_at=None, error_code="", error_detail="")


def _finish(connection: Connection) -> None:
    """Trials of which no document is underway any more."""
    running = Trial.objects.filter(connection=connection, state=State.RUNNING)
    left = TrialDocument.objects.filter(trial=OuterRef("pk"), state__in=TrialDocument.UNDERWAY)
    for number in running.filter(~Exists(left)).values_list("pk", flat=True):
        running.filter(pk=number).update(state=State.DONE, ended_at=clock.now())
