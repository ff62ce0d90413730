"""`POST /schema/`: a schema of the team, written by a program and published by the worker while the program waits."""

from __future__ import annotations

import threading
import time
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from extractions.api.errors import Later
from extractions.models import Connection, Schema, SchemaPublication, SchemaVersion
from extractions.presentation.schemas.findings import problem_sentence, remarks
from extractions.schemas.fields import form_of
from extractions.schemas.lint import blocking, lint
from extractions.schemas.schema_files import SchemaFile, Unreadable, read_schema, write_schema
from extractions.services import studio
from portal.people.models import Team, User

State = SchemaPublication.State
WAIT_SECONDS, POLL_SECONDS = 25.0, 0.2
RETRY_AFTER = 10
AT_ONCE = 2
"""How many programs may wait in a process; each holds one of its threads."""
_waiting = threading.BoundedSemaphore(AT_ONCE)


class SchemaRequestSerializer(serializers.Serializer[Any]):
    """What a service stores of a schema. `schema` is in the language of extraction schemas."""

    name = serializers.CharField(max_length=150)
    description = serializers.CharField(max_length=10_000)
    additional_informations = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=10_000
    )
    schema = serializers.JSONField()

    def validate_schema(self, value: Any) -> Any:
        try:
            schema = read_schema(write_schema(value))
        except Unreadable as error:
            raise serializers.ValidationError(problem_sentence(error)) from error
        found = remarks(blocking(lint(form_of(schema), schema)))
        if found:
            raise serializers.ValidationError(
                [f"{remark.place}: {remark.sentence}" if remark.place else remark.sentence for remark in found]
            )
        return schema

    def file(self) -> SchemaFile:
        given = self.validated_data
        return SchemaFile(
            given["name"], given["description"], given.get("additional_informations") or "", given["schema"]
        )


def publish(team: Team, file: SchemaFile, author: User) -> Schema:
    """The schema at the service. The same one again is not made a second time, so a program may repeat what it did not
    get an answer to. Raises `Later` and `ValidationError`."""
    version = studio.same_in(team, file) or studio.create(team, studio.Edit(file, author))
    if not any(row.state in SchemaPublication.OPEN or row.offered for row in _publications(version)):
        studio.publish(version, author)
    if not _waiting.acquire(blocking=False):
        raise Later(_being_published(), wait=RETRY_AFTER)
    try:
        return _awaited(version)
    finally:
        _waiting.release()


def _awaited(version: SchemaVersion) -> Schema:
    until = time.monotonic() + WAIT_SECONDS
    while True:
        newest, *_older = publications = _publications(version)
        offered = next((row.schema for row in publications if row.offered), None)
        if offered is not None:
            return offered
        if newest.state == State.REFUSED:
            words = _("The service refused it: %(words)s") % {"words": newest.error_detail[:500]}
            raise ValidationError({"schema": [words]})
        if newest.state in (State.BY_HAND, State.UNDECIDED):
            raise Later(_("It waits for an administrator of the team, on the page of the schema."), wait=60)
        if time.monotonic() >= until:
            raise Later(_being_published(), wait=RETRY_AFTER)
        time.sleep(POLL_SECONDS)


def _publications(version: SchemaVersion) -> list[SchemaPublication]:
    """Newest first; those at a service that the team has left do not count."""
    rows = version.publications.select_related("schema")
    current = Connection.for_team(version.studio.team_id)
    return [row for row in rows if row.schema is None or row.schema.connection_id == current.pk]


def _being_published() -> str:
    return _("The schema is kept and being published. Send the same again to learn its id.")
