"""Uploads by programs, which repeat a request when the answer is lost: one document and one payment all the same."""

from __future__ import annotations

import hashlib
import uuid
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from extractions.intake import receiving
from extractions.intake.receiving import StoredFile
from extractions.intake.single_upload import AlreadySubmitted, idempotency_token, looks_like_pdf
from extractions.intake.submitting import Options
from extractions.intake.unattended import Arrival, submit_once
from extractions.models import Extraction, IdempotencyKey
from portal.people.models import Team, User

KEYS_KEPT = timedelta(days=30)


class KeyReused(Exception):
    """This idempotency key came with another file or other options before."""


class DocumentDeleted(Exception):
    """The document that this idempotency key stands for has been deleted."""


@dataclass(frozen=True, slots=True)
class Program:
    """Who sends, for which team; `key` is the request's Idempotency-Key, if any."""

    person: User
    team: Team
    key: str = ""
    refuses_repeats: bool = False


@dataclass(frozen=True, slots=True)
class Submission:
    extraction: Extraction
    repeats: Literal["", "key", "file"] = ""
    """Why an existing document is returned: the same key, or the same file and options."""


def submit(upload: UploadedFile[Any], options: Options, program: Program) -> Submission:
    """Receive and register the upload, or return what it repeats.

    Raises `Refused`, `AlreadySubmitted`, `KeyReused` and `DocumentDeleted`; then nothing is kept.
    """
    if not looks_like_pdf(upload):
        options = replace(options, pdf_page_start=None, pdf_page_end=None)
    stored = receiving.receive(upload, first=options.pdf_page_start, last=options.pdf_page_end)
    try:
        submission = _submit_once(stored, options, program)
    except Exception:
        receiving.discard(stored)
        raise
    if submission.extraction.document.name != stored.path:
        receiving.discard(stored)
    return submission


def _submit_once(stored: StoredFile, options: Options, program: Program) -> Submission:
    base = idempotency_token(uuid.UUID(int=program.team.pk), stored, options)
    try:
        return _earlier_by_key(base, program) or _register(stored, options, program, base)
    except IntegrityError:  # the same key came twice at a time, and the other request was faster
        earlier = _earlier_by_key(base, program)
        if earlier is None:
            raise
        return earlier


def _earlier_by_key(base: str, program: Program) -> Submission | None:
    if not program.key:
        return None
    rows = IdempotencyKey.objects.filter(person=program.person, team=program.team, key_hash=_digest(program.key))
    row = rows.first()
    if row is None:
        return None
    if row.fingerprint != _digest(base):
        raise KeyReused
    visible = Extraction.objects.visible_to(program.person).filter(team=program.team, pk=row.extraction_id).first()
    if visible is None:
        raise DocumentDeleted
    return Submission(visible, "key")


def _register(stored: StoredFile, options: Options, program: Program, base: str) -> Submission:
    """In one transaction if there is more to it than the document: it would hold the write lock for longer."""
    together = program.key or program.refuses_repeats
    with transaction.atomic() if together else nullcontext():
        taken = submit_once(stored, options, Arrival(program.person, program.team))
        if program.refuses_repeats and not taken.is_new:
            raise AlreadySubmitted(taken.extraction)
        if program.key:
            _remember(program, base, taken.extraction)
    return Submission(taken.extraction, "" if taken.is_new else "file")


def _remember(program: Program, base: str, extraction: Extraction) -> None:
    keys = IdempotencyKey.objects.filter(person=program.person, team=program.team)
    keys.filter(created_at__lt=timezone.now() - KEYS_KEPT).delete()
    IdempotencyKey.objects.create(
        person=program.person,
        team=program.team,
        key_hash=_digest(program.key),
        fingerprint=_digest(base),
        extraction=extraction,
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
