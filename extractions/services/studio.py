"""Verbs on the schemas of a team: saved as versions, restored, published, removed."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, transaction

from extractions import clock, wakeup
from extractions.models import Schema, SchemaPublication, SchemaVersion, StudioSchema
from extractions.schemas.schema_files import SchemaFile, write_schema
from extractions.services.trials import Gate, Standing, gate_of
from extractions.services.written import Conflict, add_version, bring_back, remove
from portal.audit.recording import Action, record
from portal.people.models import Team, User

__all__ = ["Conflict", "bring_back", "remove"]

State = SchemaPublication.State


class GateClosed(Exception):
    """It has to run on the test set first, or fields got worse there and no reason was given."""

    def __init__(self, gate: Gate) -> None:
        super().__init__(gate)
        self.gate = gate


class IdTaken(Exception):
    """Another schema has this id at the service."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Who saves what, and why."""

    file: SchemaFile
    author: User
    reason: str = ""


@transaction.atomic
def create(team: Team, edit: Edit, *, origin: Schema | None = None) -> SchemaVersion:
    """A new schema of the team. With an `origin`, what the service has of it becomes the first version."""
    studio = StudioSchema.objects.create(team=team, name=edit.file.name, author=edit.author)
    if origin is not None:
        first = _adopt(studio, origin)
        if _same(first, edit.file):
            return first
    return _add(studio, edit)


def same_in(team: Team, file: SchemaFile) -> SchemaVersion | None:
    """A schema of the team that says the same already, in its newest version."""
    rows = StudioSchema.objects.filter(team=team, name=file.name, removed_at=None)
    return next((studio.newest for studio in rows if _same(studio.newest, file)), None)


@transaction.atomic
def save(studio: StudioSchema, edit: Edit, *, base: int) -> SchemaVersion:
    """A new version on top of version `base`; the newest one if nothing changed. Raises `Conflict`."""
    newest = studio.newest
    if newest.number != base:
        raise Conflict(newest)
    return newest if _same(newest, edit.file) else _add(studio, edit)


@transaction.atomic
def restore(version: SchemaVersion, author: User, reason: str) -> SchemaVersion:
    """A new version that says what this one said."""
    studio = version.studio
    newest = studio.newest
    old = file_of(version)
    return newest if _same(newest, old) else _add(studio, Edit(old, author, reason))


@transaction.atomic
def publish(version: SchemaVersion, person: User, *, reason: str = "") -> bool:
    """Ask the worker to create it at the service; also again after a refusal. False if that is under way already.

    Raises `GateClosed` if it did not run on the test set, or a field got worse there and no reason is given.
    """
    gate = gate_of(version)
    reason = reason[:300]
    if not gate.is_open and not (gate.standing == Standing.WORSE and reason):
        raise GateClosed(gate)
    worse = [line.name for line in gate.worse]
    facts = {"person": person, "gate_reason": reason if worse else "", "gate_fields": worse}
    rows = version.publications.all()
    taken_back = {"state": State.WAITING, "next_try_at": None, "attempts": 0, "searches": 0, "error_code": ""}
    # What a person wants to be sent again is in no state in which the worker touches it.
    resumed = rows.filter(state__in=(State.UNDECIDED, State.BY_HAND)).update(**taken_back, **facts)
    if not resumed:
        if rows.filter(state__in=SchemaPublication.UNDERWAY).exists():
            return False
        try:
            with transaction.atomic():
                SchemaPublication.objects.create(version=version, **facts)
        except IntegrityError:  # pressed twice at the same moment
            return False
    entry = {"version": version.number, "publishing": True} | ({"worse": worse, "reason": reason} if worse else {})
    record(Action.SETTING, version.studio, after=entry)
    transaction.on_commit(wakeup.notify_workers, robust=True)
    return True


@transaction.atomic
def enter_by_hand(version: SchemaVersion, remote_id: str, person: User) -> bool:
    """A person created it at a service that lists no schemas; this is its id there. False if it waits for none.

    The worker then recognises it, as it does those that a service lists. Raises `IdTaken`.
    """
    row = version.publications.filter(state=State.BY_HAND).select_related("connection").first()
    if row is None or row.connection is None:
        return False
    facts = {"name": version.published_name, "description": version.description, "schema": version.schema}
    facts |= {"additional_informations": version.additional_informations, "created_at": clock.now()}
    _schema, created = Schema.objects.get_or_create(connection=row.connection, remote_id=remote_id, defaults=facts)
    if not created:
        raise IdTaken
    record(Action.SETTING, version.studio, person=person, after={"version": version.number, "id": remote_id})
    row.connection.request_refresh()
    transaction.on_commit(wakeup.notify_workers, robust=True)
    return True


@transaction.atomic
def withdraw(version: SchemaVersion) -> bool:
    """Only while nothing of it is on its way."""
    gone, _rows = version.publications.filter(state__in=(State.WAITING, State.BY_HAND, State.UNDECIDED)).delete()
    if gone:
        record(Action.SETTING, version.studio, after={"version": version.number, "publishing": False})
    return bool(gone)


def file_of(version: SchemaVersion) -> SchemaFile:
    return SchemaFile(version.name, version.description, version.additional_informations, version.schema)


def _add(studio: StudioSchema, edit: Edit) -> SchemaVersion:
    def create(number: int) -> SchemaVersion:
        return _create(studio, number, edit.file, author=edit.author, reason=edit.reason)

    return add_version(studio, create, name=edit.file.name, reason=edit.reason)


def _create(studio: StudioSchema, number: int, file: SchemaFile, **facts: object) -> SchemaVersion:
    facts |= {"schema": dict(file.schema), "additional_informations": file.additional_informations}
    return SchemaVersion.objects.create(
        studio=studio, number=number, name=file.name, description=file.description, **facts
    )


def _adopt(studio: StudioSchema, origin: Schema) -> SchemaVersion:
    """The service's schema as the first version, which is published already."""
    file = SchemaFile(origin.name[:150], origin.description, origin.additional_informations, origin.schema)
    version = _create(studio, 1, file, created_at=origin.created_at or clock.now())
    SchemaPublication.objects.create(
        version=version,
        state=State.PUBLISHED,
        schema=origin,
        connection=origin.connection,
        adopted=True,
        ended_at=origin.created_at,
    )
    return version


def _same(version: SchemaVersion, file: SchemaFile) -> bool:
    """The order of fields counts: it is the order in which people see them."""
    texts = (version.name, version.description, version.additional_informations)
    if texts != (file.name, file.description, file.additional_informations):
        return False
    return write_schema(version.schema) == write_schema(file.schema)
