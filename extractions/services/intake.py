"""One uploaded file, from the form to its row: received, not asked before, submitted."""

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

from extractions.models import Extraction
from extractions.services import receiving, submitting
from extractions.services.receiving import StoredFile
from extractions.services.submitting import Options
from portal.people.models import Team, User

LOOKED_AT = 50  # earlier readings of the same bytes, whatever their options


class AskedBefore(Exception):
    """The same bytes were sent with the same options; sending them again would be paid again."""

    def __init__(self, earlier: Extraction) -> None:
        super().__init__(str(earlier.key))
        self.earlier = earlier


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends, for which team, and from which showing of the upload page."""

    person: User
    team: Team
    batch: uuid.UUID


def take(upload: UploadedFile[Any], options: Options, sender: Sender, *, password: str = "") -> Extraction:
    """Raises receiving.Refused or AskedBefore; then nothing is kept.

    The same file with the same options from the same page is one intention: a double click or a reload of the answer
    finds the first row.
    """
    if not looks_like_pdf(upload):
        options = replace(options, pdf_page_start=None, pdf_page_end=None)
    stored = receiving.receive(upload, password=password, first=options.pdf_page_start, last=options.pdf_page_end)
    token = intention(sender.batch, stored, options)
    same = Extraction.objects.visible_to(sender.person).of_same_file(stored.sha256).newest_first()
    alike = [row for row in same[:LOOKED_AT] if asks_for(row, options)]
    if alike and not any((row.form_token or "").endswith(token) for row in alike):
        receiving.discard(stored)
        raise AskedBefore(alike[0])
    try:
        return submitting.submit(stored, options, owner=sender.person, team=sender.team, form_token=token)
    except receiving.Refused:
        receiving.discard(stored)
        raise


def take_bound(pictures: Sequence[UploadedFile[Any]], name: str, options: Options, sender: Sender) -> Extraction:
    """Several pictures as one document; otherwise as `take`."""
    stored = receiving.receive_photos(pictures, name)
    try:
        with (Path(settings.MEDIA_ROOT) / stored.path).open("rb") as bound:
            return take(UploadedFile(File(bound), name=stored.name, size=stored.size), options, sender)
    finally:
        receiving.discard(stored)


def intention(batch: uuid.UUID, stored: StoredFile, options: Options) -> str:
    asked = [
        options.schema and options.schema.pk,
        options.classifier and options.classifier.pk,
        options.server,
        options.pdf_page_start,
        options.pdf_page_end,
        sorted(options.metadata.items()),
    ]
    digest = hashlib.sha256(f"{stored.sha256} {json.dumps(asked)}".encode()).hexdigest()
    return f"{batch}.{digest[:40]}"


def asks_for(extraction: Extraction, options: Options) -> bool:
    return (
        extraction.schema_id == (options.schema.pk if options.schema else None)
        and extraction.classifier_id == (options.classifier.pk if options.classifier else None)
        and extraction.server == options.server
        and extraction.pdf_page_start == options.pdf_page_start
        and extraction.pdf_page_end == options.pdf_page_end
        and extraction.metadata == options.metadata
    )


def looks_like_pdf(upload: UploadedFile[Any]) -> bool:
    """A page range means something for a PDF only; a file full of pictures may come along with one."""
    upload.seek(0)
    start = upload.read(1024)
    upload.seek(0)
    return b"%PDF-" in start
