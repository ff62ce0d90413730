"""Trying schemas on documents that are there already, and the gate before publishing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from django.db import transaction
from django.db.models import F, Q

from extractions import clock, wakeup
from extractions.accuracy.trial_results import FieldResult, result_of
from extractions.intake.budget import expected_trial_credits, reserve_credits
from extractions.intake.routing import AUTOMATIC, assign
from extractions.models import (
    Connection,
    Extraction,
    SchemaVersion,
    StudioSchema,
    Trial,
    TrialDocument,
)
from extractions.models.extraction_queryset import LARGE_COLUMNS, ExtractionQuerySet
from extractions.schemas.schema_files import SchemaFile
from portal.audit.recording import Action, record
from portal.people.models import Team, User

MAX_DOCUMENTS = 10
MAX_TEST_DOCUMENTS = 200
OFFERED = 50
State = Trial.State


@dataclass(frozen=True, slots=True)
class Costs:
    """What documents would cost in a trial, by their number; `free` with the embedded engine."""

    free: bool
    credits: dict[int, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.credits.values())


class NotAsShown(Exception):
    """It would cost more than what was agreed to, or documents are gone."""


def draft(team: Team, file: SchemaFile, person: User, *, studio: StudioSchema | None = None, base: int = 0) -> Trial:
    """What is in the editor, kept so that it can be tried. Nothing is sent yet."""
    return Trial.objects.create(team=team, studio=studio, base=base, person=person, **_facts(file))


def of_version(version: SchemaVersion, person: User, *, of_test_set: bool = False) -> Trial:
    """The trial of a saved version. Nothing is sent yet."""
    file = SchemaFile(version.name, version.description, version.additional_informations, version.schema)
    studio = version.studio
    more = {"studio": studio, "version": version, "base": version.number, "of_test_set": of_test_set}
    return Trial.objects.create(team=studio.team, person=person, **more, **_facts(file))


def file_of(trial: Trial) -> SchemaFile:
    return SchemaFile(trial.name, trial.description, trial.additional_informations, trial.definition)


def candidates(trial: Trial, person: User) -> list[Extraction]:
    """Documents to try it on: all of the test set, or the newest of the team, those of the same schema first."""
    rows = readable(trial.team_id, person)
    if trial.of_test_set and trial.studio is not None:
        return list(documents_to_test(trial.studio, person)[:MAX_TEST_DOCUMENTS])
    newest = rows.defer(*LARGE_COLUMNS).select_related("schema").newest_first()
    same: list[Extraction] = []
    if trial.studio_id:
        of_schema = Q(schema__publications__version__studio=trial.studio_id)
        same = list(newest.filter(of_schema).distinct()[:OFFERED])
    known = {row.pk for row in same}
    others = [row for row in newest[:OFFERED] if row.pk not in known]
    return [*same, *others][:OFFERED]


def readable(team: int, person: User) -> ExtractionQuerySet:
    rows = Extraction.objects.visible_to(person).filter(team=team, state=Extraction.State.EXTRACTED)
    return rows.exclude(document="")


def documents_to_test(studio: StudioSchema, person: User | None = None) -> ExtractionQuerySet:
    """The approved documents of this schema, in whichever version, that somebody chose for tests."""
    rows = Extraction.objects.filter(delete_requested_at__isnull=True)
    if person is not None:
        rows = Extraction.objects.visible_to(person)
    of_schema = {"schema__publications__version__studio": studio.pk, "test_document__isnull": False}
    chosen = rows.filter(team=studio.team_id, review_state=Extraction.Review.APPROVED, **of_schema).exclude(document="")
    return chosen.defer(*LARGE_COLUMNS).select_related("schema").order_by("-test_document__added_at", "-pk").distinct()


def costs_of(trial: Trial, documents: Sequence[Extraction]) -> Costs:
    connection = Connection.for_team(trial.team_id)
    if connection.embedded:
        return Costs(free=True)
    return Costs(False, {row.pk: expected_trial_credits(row, connection) for row in documents})


@transaction.atomic
def start(trial: Trial, documents: Sequence[Extraction], person: User, *, agreed: int) -> bool:
    """Ask the worker to run it, for at most the credits that were agreed to. False if it was started before.

    Raises `NotAsShown`, `OverBudget` and `OutsideRegion`.
    """
    connection = Connection.for_team(trial.team_id)
    costs = costs_of(trial, documents)
    if not documents or costs.total > agreed:
        raise NotAsShown
    now = clock.now()
    started = Trial.objects.filter(pk=trial.pk, state=State.CHOOSING).update(
        state=State.WAITING, connection=connection, started_at=now, next_try_at=now, person=person
    )
    if not started:
        return False
    reserve_credits(trial.team_id, costs.total)
    TrialDocument.objects.bulk_create(
        TrialDocument(
            trial=trial, extraction=row, position=position, credits_expected=costs.credits.get(row.pk, 0),
            server=assign(connection, row.team_id, row.schema_id, AUTOMATIC if row.routing else row.server).server,
        )
        for position, row in enumerate(documents)
    )  # fmt: skip
    subject = trial.studio or trial.team
    record(Action.SETTING, subject, after={"trial": trial.name, "documents": len(documents), "credits": costs.total})
    transaction.on_commit(wakeup.notify_workers, robust=True)
    return True


@transaction.atomic
def cancel(trial: Trial) -> bool:
    """What is not sent is not sent any more. What is at the service is counted when it ends, and deleted there."""
    rows = Trial.objects.filter(pk=trial.pk, state__in=(State.CHOOSING, *Trial.UNDERWAY))
    if not rows.update(state=State.CANCELLED, ended_at=clock.now(), next_try_at=None):
        return False
    before_the_gate = trial.documents.filter(state__in=(TrialDocument.State.WAITING, TrialDocument.State.SENDING))
    before_the_gate.update(
        state=TrialDocument.State.CANCELLED, lease=F("lease") + 1, lease_until=None, next_try_at=None
    )
    trial.documents.update(extracted_data=None)
    return True


class Standing(StrEnum):
    """What stands between a version and its publishing."""

    OPEN = "open"
    TO_RUN = "to_run"
    RUNNING = "running"
    WORSE = "worse"


@dataclass(frozen=True, slots=True)
class Gate:
    standing: Standing
    documents: int = 0
    """In the test set."""
    trial: Trial | None = None
    worse: tuple[FieldResult, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.standing == Standing.OPEN


def gate_of(version: SchemaVersion) -> Gate:
    """A version is published after it ran on the whole test set; a field that got worse takes a reason.

    Where the service takes no schemas from outside, nothing can be run, and a person enters it there anyway.
    """
    chosen = set(documents_to_test(version.studio).values_list("pk", flat=True)[:MAX_TEST_DOCUMENTS])
    if not chosen:
        return Gate(Standing.OPEN)
    trials = version.trials.filter(of_test_set=True).exclude(state__in=(State.CHOOSING, State.CANCELLED))
    trial = trials.order_by("-pk").first()
    if trial is None:
        return Gate(Standing.TO_RUN, len(chosen))
    if trial.underway:
        return Gate(Standing.RUNNING, len(chosen), trial)
    if trial.state == State.IMPOSSIBLE:
        open_ = trial.error_code == "wrong_address"
        return Gate(Standing.OPEN if open_ else Standing.TO_RUN, len(chosen), trial)
    documents = list(trial.documents.select_related("extraction__schema"))
    # What the service could not read is shown, but does not make it run for ever.
    ran = {row.extraction_id for row in documents}
    if not chosen <= ran or not any(row.state == TrialDocument.State.DONE for row in documents):
        return Gate(Standing.TO_RUN, len(chosen), trial)
    worse = result_of(trial, [row for row in documents if row.extraction_id in chosen]).worse
    return Gate(Standing.WORSE if worse else Standing.OPEN, len(chosen), trial, tuple(worse))


def _facts(file: SchemaFile) -> dict[str, object]:
    return {
        "name": file.name,
        "description": file.description,
        "additional_informations": file.additional_informations,
        "definition": dict(file.schema),
    }
