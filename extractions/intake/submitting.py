"""Registers received documents. The row itself is the job for the worker."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from django.db import IntegrityError, transaction

from extractions import clock, wakeup
from extractions.intake.budget import OverBudget, reserve
from extractions.intake.receiving import Refused, StoredFile, discard
from extractions.intake.routing import AUTOMATIC, assign
from extractions.models import Classifier, Connection, Event, Extraction, Schema, publish
from extractions.storage import durable_files, file_store
from portal.audit.recording import Action, record
from portal.people.models import Team, User

Choice = TypeVar("Choice", Schema, Classifier)


class OriginalMissing(Exception):
    """The document's file is missing, so it cannot be sent again."""


class NotOffered(Refused):
    """The chosen schema or classifier is unknown to the service that the team uses now."""

    def __init__(self) -> None:
        super().__init__("option")


@dataclass(frozen=True, slots=True)
class Options:
    """Processing options of a document."""

    schema: Schema | None = None
    classifier: Classifier | None = None
    server: str = ""
    pdf_page_start: int | None = None
    pdf_page_end: int | None = None
    metadata: dict[str, object] = field(default_factory=dict)
    """Texts from the forms; programs may send any JSON."""
    folder_as_metadata: bool = False
    """Whether the folder of a file that was dropped with it becomes metadata; `drafts.options_of` does that."""


def submit(document: StoredFile, options: Options, *, owner: User, team: Team, form_token: str) -> Extraction:
    """Register a stored document. Idempotent by form token: a repeat returns the first row and discards its own file.

    Raises `OverBudget` if the team's cap would be exceeded; then nothing is registered, and the file is kept.
    """
    token = f"{owner.pk}:{form_token}"[:100] if form_token else None
    earlier = Extraction.objects.filter(form_token=token)
    if token and earlier.exists() and (first := earlier.first()):
        return _return_existing(document, first)
    try:
        with transaction.atomic():
            extraction = _create(document, options, owner=owner, team=team, form_token=token)
            record(Action.RECEIVED, extraction, person=owner)
            publish(extraction, Event.RECEIVED)
    except IntegrityError:
        first = earlier.first() if token else None
        if first is None:
            raise
        return _return_existing(document, first)
    transaction.on_commit(wakeup.notify_workers, robust=True)
    return extraction


def try_again(extraction: Extraction, owner: User) -> Extraction | None:
    """Retry a failed document: the same row if it was never accepted, else a new one; None if it cannot be retried.

    Raises `OriginalMissing`, `OverBudget` and `NotOffered`.
    """
    with transaction.atomic():
        reserve(extraction)
        if extraction.try_again():
            return extraction
    if extraction.state in (Extraction.State.FAILED, Extraction.State.CANCELLED):
        return extract_again(extraction, owner)
    return None


def extract_again(extraction: Extraction, owner: User, options: Options | None = None) -> Extraction:
    """A new, charged row for the same file. Idempotent per set of options.

    Raises `OriginalMissing`, `OverBudget` and `NotOffered`.
    """
    connection = Connection.for_team(extraction.team_id)
    options = options or options_of(extraction)
    options = replace(
        options,
        schema=_equivalent_at(connection, options.schema),
        classifier=_equivalent_at(connection, options.classifier),
    )
    if not extraction.document or not Path(extraction.document.path).is_file():
        file_store.require()
        raise OriginalMissing
    stored = StoredFile(
        path=durable_files.keep_copy(str(extraction.document.name)),
        name=extraction.name,
        sha256=extraction.sha256,
        size=extraction.size,
        mime=extraction.mime,
        page_count=extraction.page_count,
        provenance=extraction.provenance,
    )
    token = _again_token(extraction, options)
    try:
        return submit(stored, options, owner=owner, team=extraction.team, form_token=token)
    except OverBudget:
        discard(stored)
        raise


def _create(document: StoredFile, options: Options, *, owner: User, team: Team, form_token: str | None) -> Extraction:
    is_pdf = document.mime == "application/pdf"
    now = clock.now()
    connection = Connection.for_team(team)
    assigned = assign(connection, team.pk, options.schema.pk if options.schema else None, options.server)
    extraction = Extraction(
        form_token=form_token,
        team=team,
        owner=owner,
        connection=connection,
        received_at=now,
        name=document.name,
        document=document.path,
        sha256=document.sha256,
        size=document.size,
        mime=document.mime,
        page_count=document.page_count,
        schema=options.schema,
        classifier=options.classifier,
        server=assigned.server,
        routing=assigned.routing,
        # The API accepts page ranges for PDFs only.
        pdf_page_start=options.pdf_page_start if is_pdf else None,
        pdf_page_end=options.pdf_page_end if is_pdf else None,
        metadata=dict(options.metadata),
        **document.provenance.columns(),
        next_try_at=now,
        pages_due_at=now,
        evidence_due_at=now,
    )
    reserve(extraction)
    extraction.save(force_insert=True)
    return extraction


def _equivalent_at(connection: Connection, choice: Choice | None) -> Choice | None:
    """The equivalent row at this connection, by remote id or else by name; raises `NotOffered`."""
    if choice is None or choice.connection.is_equivalent_to(connection):
        return choice
    offered = type(choice)._default_manager.filter(connection=connection, missing_since__isnull=True)
    found = offered.filter(remote_id=choice.remote_id).first() or offered.filter(name=choice.name).first()
    if found is None:
        raise NotOffered
    return found


def _return_existing(document: StoredFile, first: Extraction) -> Extraction:
    if first.document.name != document.path:
        discard(document)
    return first


def options_of(extraction: Extraction) -> Options:
    return Options(
        schema=extraction.schema,
        classifier=extraction.classifier,
        server=AUTOMATIC if extraction.routing else extraction.server,
        pdf_page_start=extraction.pdf_page_start,
        pdf_page_end=extraction.pdf_page_end,
        metadata=extraction.metadata,
    )


def _again_token(extraction: Extraction, options: Options) -> str:
    """Idempotency token: the same for a double click, different for other options."""
    chosen = (
        options.schema and options.schema.pk,
        options.classifier and options.classifier.pk,
        options.server,
        options.pdf_page_start,
        options.pdf_page_end,
        tuple(sorted(options.metadata.items())),
    )
    return f"again:{extraction.key}:{hashlib.sha256(repr(chosen).encode()).hexdigest()[:16]}"
