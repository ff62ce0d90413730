"""Registering a received document. The row is its own wake-up call for the worker."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from extractions import bell
from extractions.models import Classifier, Connection, Extraction, Schema
from extractions.services import durable
from extractions.services.budget import OverBudget, reserve
from extractions.services.receiving import Refused, StoredFile, discard
from portal.audit.recording import Action, record
from portal.people.models import Team, User

Choice = TypeVar("Choice", Schema, Classifier)


class OriginalMissing(Exception):
    """The document's file is not there any more, so it cannot be sent again."""


class NotOffered(Refused):
    """What was chosen for a document is not known to the service that its team uses now."""

    def __init__(self) -> None:
        super().__init__("option")


@dataclass(frozen=True, slots=True)
class Options:
    """What a person chose for a document."""

    schema: Schema | None = None
    classifier: Classifier | None = None
    server: str = ""
    pdf_page_start: int | None = None
    pdf_page_end: int | None = None
    metadata: dict[str, str] = field(default_factory=dict)


def submit(document: StoredFile, options: Options, *, owner: User, team: Team, form_token: str) -> Extraction:
    """Register a stored document. The same form sent twice finds the first row, and its second file is dropped.

    Raises `OverBudget` when the team's cap would be passed; then nothing is registered, and the file stays.
    """
    token = f"{owner.pk}:{form_token}"[:100] if form_token else None
    if token and (first := Extraction.objects.filter(form_token=token).first()):
        return _instead_of(document, first)
    try:
        with transaction.atomic():
            extraction = _create(document, options, owner=owner, team=team, form_token=token)
            record(Action.RECEIVED, extraction, person=owner)
    except IntegrityError:
        first = Extraction.objects.filter(form_token=token).first() if token else None
        if first is None:
            raise
        return _instead_of(document, first)
    transaction.on_commit(bell.ring, robust=True)
    return extraction


def try_again(extraction: Extraction, owner: User) -> Extraction | None:
    """Send a document that did not make it once more: the same row if it was never taken, else a new one.

    Raises `OriginalMissing`, `OverBudget` when the team's cap would be passed, and `NotOffered`.
    """
    with transaction.atomic():
        reserve(extraction)
        if extraction.try_again():
            return extraction
    if extraction.state in (Extraction.State.FAILED, Extraction.State.CANCELLED):
        return extract_again(extraction, owner)
    return None


def extract_again(extraction: Extraction, owner: User, options: Options | None = None) -> Extraction:
    """A new row for the same bytes, which is paid for; asked twice for the same options, there is one new row.

    Raises `OriginalMissing`, `OverBudget` when the team's cap would be passed, and `NotOffered`.
    """
    connection = Connection.of_team(extraction.team_id)
    options = options or _options_of(extraction)
    options = replace(
        options,
        schema=_offered_by(connection, options.schema),
        classifier=_offered_by(connection, options.classifier),
    )
    if not extraction.document or not Path(extraction.document.path).is_file():
        raise OriginalMissing
    stored = StoredFile(
        path=durable.keep_copy(str(extraction.document.name)),
        name=extraction.name,
        sha256=extraction.sha256,
        size=extraction.size,
        mime=extraction.mime,
        page_count=extraction.page_count,
    )
    token = _again_token(extraction, options)
    try:
        return submit(stored, options, owner=owner, team=extraction.team, form_token=token)
    except OverBudget:
        discard(stored)
        raise


def _create(document: StoredFile, options: Options, *, owner: User, team: Team, form_token: str | None) -> Extraction:
    is_pdf = document.mime == "application/pdf"
    now = timezone.now()
    connection = Connection.of_team(team)
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
        server=options.server or connection.default_server or settings.ANESYA_SERVER,
        # The API knows page ranges for PDF only.
        pdf_page_start=options.pdf_page_start if is_pdf else None,
        pdf_page_end=options.pdf_page_end if is_pdf else None,
        metadata=dict(options.metadata),
        next_try_at=now,
        pages_due_at=now,
        evidence_due_at=now,
    )
    reserve(extraction)
    extraction.save(force_insert=True)
    return extraction


def _offered_by(connection: Connection, choice: Choice | None) -> Choice | None:
    """The same one, as the service behind this connection knows it: by its id there, or by its name."""
    if choice is None or choice.connection.is_like(connection):
        return choice
    offered = type(choice)._default_manager.filter(connection=connection, missing_since__isnull=True)
    found = offered.filter(remote_id=choice.remote_id).first() or offered.filter(name=choice.name).first()
    if found is None:
        raise NotOffered
    return found


def _instead_of(document: StoredFile, first: Extraction) -> Extraction:
    if first.document.name != document.path:
        discard(document)
    return first


def _options_of(extraction: Extraction) -> Options:
    return Options(
        schema=extraction.schema,
        classifier=extraction.classifier,
        server=extraction.server,
        pdf_page_start=extraction.pdf_page_start,
        pdf_page_end=extraction.pdf_page_end,
        metadata=extraction.metadata,
    )


def _again_token(extraction: Extraction, options: Options) -> str:
    """The same for a double click, another one for other options."""
    chosen = (
        options.schema and options.schema.pk,
        options.classifier and options.classifier.pk,
        options.server,
        options.pdf_page_start,
        options.pdf_page_end,
        tuple(sorted(options.metadata.items())),
    )
    return f"again:{extraction.key}:{hashlib.sha256(repr(chosen).encode()).hexdigest()[:16]}"
