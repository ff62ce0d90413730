"""In whose name, and with which options, a document comes in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from django.conf import settings

from extractions.forms.upload import KEY_LENGTH, METADATA_ROWS, VALUE_LENGTH, teams_to_send_for
from extractions.intake.submitting import Options
from extractions.intake.unattended import Arrival
from extractions.models import Classifier, Connection, Schema
from extractions.models.incoming import IncomingOptions, IncomingSource

Choice = TypeVar("Choice", Schema, Classifier)


class Stopped(Exception):
    """Nothing more can be taken now. What was not taken stays where it is, and the run is repeated later.

    `code` is one of: person, option, budget, disk, store, and those of the doors.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail


def arrival_of(source: IncomingSource) -> Arrival:
    """Raises `Stopped` if the person may no longer send documents of this team."""
    person = source.person
    if person is None or not person.is_active or not teams_to_send_for(person).filter(pk=source.team_id).exists():
        raise Stopped("person", str(person or ""))
    return Arrival(person, source.team)


def options_of(source: IncomingSource, rule: IncomingOptions | None, found: Mapping[str, str]) -> Options:
    """The rule's options, else those of the source, with the metadata of both and what was `found`.

    Raises `Stopped` if a schema or classifier is no longer offered, rather than processing without it.
    """
    connection = Connection.for_team(source.team_id)
    chosen = rule or source
    metadata = source.metadata | (rule.metadata if rule else {}) | found
    kept = {key[:KEY_LENGTH]: text[:VALUE_LENGTH] for key, text in metadata.items() if key}
    return Options(
        schema=_offered(Schema, connection, chosen.schema, chosen.schema_name),
        classifier=_offered(Classifier, connection, chosen.classifier, chosen.classifier_name),
        server=chosen.server or source.server or connection.default_server or settings.ANESYA_SERVER,
        metadata=dict(list(kept.items())[:METADATA_ROWS]),
    )


def _offered(kind: type[Choice], connection: Connection, chosen: Choice | None, name: str) -> Choice | None:
    """The chosen row, or its only equivalent at the connection that the team uses now."""
    if not name:
        return None
    rows = kind._default_manager.filter(connection=connection, missing_since__isnull=True)
    if chosen is not None:
        same = rows.filter(pk=chosen.pk).first() or rows.filter(remote_id=chosen.remote_id).first()
        if same is not None:
            return same
    named = list(rows.filter(name=name)[:2])
    if len(named) != 1:
        raise Stopped("option", name)
    return named[0]
