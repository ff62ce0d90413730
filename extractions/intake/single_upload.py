"""Upload without a draft: receive, check for an identical submission, submit."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.uploadedfile import UploadedFile

from extractions.intake import receiving, submitting
from extractions.intake.receiving import StoredFile
from extractions.intake.routing import AUTOMATIC
from extractions.intake.submitting import Options
from extractions.models import Extraction
from extractions.models.extraction_queryset import ExtractionQuerySet
from extractions.models.provenance import comparable_metadata
from portal.people.models import Team, User

MAX_EARLIER = 50  # earlier documents with identical content to compare


class AlreadySubmitted(Exception):
    """Identical content was sent with identical options; sending it again would be charged again."""

    def __init__(self, earlier: Extraction) -> None:
        super().__init__(str(earlier.key))
        self.earlier = earlier


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends, for which team, and from which upload page view (`batch`)."""

    person: User
    team: Team
    batch: uuid.UUID


def submit_upload(upload: UploadedFile[Any], options: Options, sender: Sender, *, password: str = "") -> Extraction:
    """Raises `receiving.Refused` or `AlreadySubmitted`; then nothing is kept.

    Idempotent per page view: a double click or a reload with the same file and options returns the first row.
    """
    if not looks_like_pdf(upload):
        options = replace(options, pdf_page_start=None, pdf_page_end=None)
    stored = receiving.receive(upload, password=password, first=options.pdf_page_start, last=options.pdf_page_end)
    token = idempotency_token(sender.batch, stored, options)
    same = Extraction.objects.known_to(sender.person).of_same_file(stored.sha256).newest_first()
    alike = [row for row in loaded(same[:MAX_EARLIER]) if has_options(row, options)]
    if alike and not any((row.form_token or "").endswith(token) for row in alike):
        receiving.discard(stored)
        raise AlreadySubmitted(alike[0])
    try:
        return submitting.submit(stored, options, owner=sender.person, team=sender.team, form_token=token)
    except receiving.Refused:
        receiving.discard(stored)
        raise


def submit_images(pictures: Sequence[UploadedFile[Any]], name: str, options: Options, sender: Sender) -> Extraction:
    """Several images as one document; otherwise as `submit_upload`."""
    stored = receiving.receive_photos(pictures, name)
    try:
        with (Path(settings.MEDIA_ROOT) / stored.path).open("rb") as bound:
            return submit_upload(UploadedFile(File(bound), name=stored.name, size=stored.size), options, sender)
    finally:
        receiving.discard(stored)


def idempotency_token(batch: uuid.UUID, stored: StoredFile, options: Options) -> str:
    chosen = [
        options.schema and options.schema.pk,
        options.classifier and options.classifier.pk,
        options.server,
        options.pdf_page_start,
        options.pdf_page_end,
        sorted(options.metadata.items()),
    ]
    digest = hashlib.sha256(f"{stored.sha256} {json.dumps(chosen)}".encode()).hexdigest()
    return f"{batch}.{digest[:40]}"


def has_options(extraction: Extraction, options: Options, folder: str = "") -> bool:
    """Whether it was submitted with these options; `folder` is that of the file that would have them."""
    return (
        extraction.schema_id == (options.schema.pk if options.schema else None)
        and extraction.classifier_id == (options.classifier.pk if options.classifier else None)
        and options.server in (extraction.server, AUTOMATIC)
        and extraction.pdf_page_start == options.pdf_page_start
        and extraction.pdf_page_end == options.pdf_page_end
        and comparable_metadata(extraction.metadata, extraction.folder) == comparable_metadata(options.metadata, folder)
    )


def loaded(rows: ExtractionQuerySet) -> list[Extraction]:
    """The rows. To ask for all their columns costs more than to see that there are none, as nearly always."""
    return list(rows) if rows.exists() else []


def looks_like_pdf(upload: UploadedFile[Any]) -> bool:
    """Page ranges apply to PDFs only, but may be submitted with images."""
    upload.seek(0)
    start = upload.read(1024)
    upload.seek(0)
    return b"%PDF-" in start
