"""Syncs the service's schemas and the embedded engine's classifiers into our tables."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from extractions import clock
from extractions.forwarding.api.answers import SchemaAnswer
from extractions.forwarding.steps import connection_state, schema_publishing, trials
from extractions.forwarding.time_scale import hours
from extractions.models import Classifier, ClassifierTest, Connection, Schema

REFRESH_HOURS = 1.0  # hours

log = logging.getLogger(__name__)


def is_wanted(connection: Connection, started_at: datetime) -> bool:
    """At startup, every `REFRESH_HOURS`, and on request."""
    done = connection.schemas_refreshed_at
    return (
        done is None
        or done < started_at
        or clock.now() - done > hours(REFRESH_HOURS)
        or (connection.refresh_wanted_at is not None and connection.refresh_wanted_at > done)
    )


def refresh(connection: Connection) -> bool:
    """Fetch all; raises `ApiUnavailable`. Rows that are no longer listed are kept and marked as missing."""
    client = connection_state.client_for(connection)
    if client is None:
        return False
    begun = clock.now()
    schemas = client.schemas()
    classifiers = client.classifiers() if connection.embedded else None
    with transaction.atomic():
        if client.lists_schemas:
            _store_schemas(connection, schemas, begun)
        if classifiers is not None:
            _store_classifiers(connection, classifiers, begun)
        # `begun`: a request made during the fetch triggers another one.
        Connection.objects.filter(pk=connection.pk).update(schemas_refreshed_at=begun)
        Connection.objects.filter(pk=connection.pk, refresh_wanted_at__lte=begun).update(refresh_wanted_at=None)
    trials.recognise(connection)
    schema_publishing.recognise(connection)
    log.info("Refreshed %d schemas of %s", len(schemas), connection.base_url)
    return True


def _store_schemas(connection: Connection, schemas: list[SchemaAnswer], now: datetime) -> None:
    for schema in schemas:
        Schema.objects.update_or_create(
            connection=connection,
            remote_id=schema.id,
            defaults={
                "name": schema.name,
                "description": schema.description,
                "additional_informations": schema.additional_informations,
                "schema": schema.schema,
                "created_at": schema.created_at,
                "updated_at": schema.updated_at,
                "refreshed_at": now,
                "missing_since": None,
            },
        )
    listed = [schema.id for schema in schemas]
    gone = Schema.objects.filter(connection=connection, missing_since__isnull=True).exclude(remote_id__in=listed)
    gone.update(missing_since=now)


def _store_classifiers(connection: Connection, classifiers: list[dict[str, object]], now: datetime) -> None:
    listed = []
    testing = {str(remote_id) for remote_id in ClassifierTest.objects.values_list("remote_id", flat=True)}
    for item in classifiers:
        remote_id = str(item["id"])
        if remote_id in testing:
            continue
        listed.append(remote_id)
        Classifier.objects.update_or_create(
            connection=connection,
            remote_id=remote_id,
            defaults={
                "name": str(item.get("name") or remote_id)[:500],
                "categories": _categories(item.get("categories")),
                "entered_by_hand": False,
                "missing_since": None,
            },
        )
    listed_before = Q(connection=connection, entered_by_hand=False, missing_since__isnull=True)
    Classifier.objects.filter(listed_before).exclude(remote_id__in=listed).update(missing_since=now)


def _categories(value: object) -> list[str]:
    names = [item.get("name") if isinstance(item, dict) else item for item in value] if isinstance(value, list) else []
    return [str(name) for name in names if name]
