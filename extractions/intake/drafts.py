"""Drafts: uploaded files that are stored and inspected, can have their own options, and are then submitted."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction

from extractions.forwarding.steps import file_removals
from extractions.intake import inspection, receiving, submitting
from extractions.intake.receiving import Refused, StoredFile
from extractions.intake.single_upload import MAX_EARLIER, AlreadySubmitted, Sender, has_options
from extractions.intake.submitting import Options
from extractions.models import Classifier, Connection, Draft, Extraction, Schema
from portal.people.models import User

THUMBNAIL_WIDTH = 84
THUMBNAIL_PAGES = 20
"""Thumbnails rendered per request."""


@dataclass(frozen=True, slots=True)
class Place:
    """A file's owner, upload page view (`batch`) and key."""

    owner: User
    batch: uuid.UUID
    key: uuid.UUID


def keep(upload: UploadedFile[Any], place: Place, *, password: str = "") -> Draft:
    """Receive and inspect a file; raises `Refused`, and then nothing is kept."""
    _check_quota(place.owner, upload.size or 0)
    return _register(receiving.receive(upload, password=password), place)


def keep_photos(uploads: Sequence[UploadedFile[Any]], name: str, place: Place) -> Draft:
    """Receive several images as one document; raises `Refused`."""
    _check_quota(place.owner, sum(upload.size or 0 for upload in uploads))
    return _register(receiving.receive_photos(uploads, name), place)


def remove(draft: Draft) -> None:
    Draft.objects.filter(pk=draft.pk).delete()
    receiving.discard(_stored(draft))


def change(draft: Draft, chosen: Mapping[str, Any]) -> None:
    """Override options; None restores the page's. Raises `Refused` for an invalid page range."""
    wanted = {name: value for name, value in (draft.chosen | chosen).items() if value is not None}
    if draft.is_pdf:
        receiving.check_range(wanted.get("pdf_page_start"), wanted.get("pdf_page_end"), draft.page_count)
    draft.chosen = wanted
    draft.save(update_fields=["chosen"])


def send(key: uuid.UUID, options: Options, sender: Sender, *, again: bool = False) -> Extraction:
    """Submit the draft. Idempotent: a double click or a retry after a lost response yields the same document.

    Raises `AlreadySubmitted` for an identical earlier submission unless `again`, and `Refused`.
    """
    token = f"{sender.batch}.{key.hex}"
    draft = Draft.objects.in_batch(sender.person, sender.batch).filter(key=key).first()
    if draft is None:
        sent = Extraction.objects.visible_to(sender.person).filter(form_token=f"{sender.person.pk}:{token}").first()
        if sent is None:
            raise Refused("expired")
        return sent
    options = options_of(draft, options, Connection.for_team(sender.team).pk)
    receiving.check_range(options.pdf_page_start, options.pdf_page_end, draft.page_count)
    if not again and (earlier := already_submitted([draft], {draft.pk: options}, sender.person)):
        raise AlreadySubmitted(earlier[draft.pk])
    with transaction.atomic():
        sent = submitting.submit(_stored(draft), options, owner=sender.person, team=sender.team, form_token=token)
        Draft.objects.filter(pk=draft.pk).delete()
    return sent


def options_of(draft: Draft, of_page: Options, connection_id: int) -> Options:
    """The page's options with the draft's overrides. Page ranges apply to PDFs only."""
    chosen = dict(draft.chosen)
    if "schema" in chosen:
        chosen["schema"] = _offered(Schema.objects.filter(connection=connection_id), chosen["schema"])
    if "classifier" in chosen:
        chosen["classifier"] = _offered(Classifier.objects.filter(connection=connection_id), chosen["classifier"])
    options = replace(of_page, **chosen)
    return options if draft.is_pdf else replace(options, pdf_page_start=None, pdf_page_end=None)


def already_submitted(drafts: Sequence[Draft], options: Mapping[int, Options], person: User) -> dict[int, Extraction]:
    """By draft: the newest document with identical content and options, be it in the trash."""
    shas = {draft.sha256 for draft in drafts}
    alike: dict[str, list[Extraction]] = {}
    rows = Extraction.objects.known_to(person).of_same_files(shas).for_lists().newest_first()
    for row in rows[: MAX_EARLIER * max(1, len(shas))]:
        alike.setdefault(row.sha256, []).append(row)
    found = {}
    for draft in drafts:
        earlier = (row for row in alike.get(draft.sha256, ()) if has_options(row, options[draft.pk]))
        if first := next(earlier, None):
            found[draft.pk] = first
    return found


def thumbnails(draft: Draft, first: int) -> list[tuple[int, bytes]]:
    """Page numbers and JPEGs from `first` on, rendered in a child process; raises `reading.errors.CannotRead`."""
    numbers = range(first, min(draft.page_count, first + THUMBNAIL_PAGES - 1) + 1)
    path = Path(settings.MEDIA_ROOT) / draft.document
    return list(zip(numbers, inspection.strip(path, numbers, THUMBNAIL_WIDTH), strict=True))


def _check_quota(owner: User, size: int) -> None:
    """Limit files and bytes per person, so that unsubmitted files cannot fill the disk."""
    files, taken = Draft.objects.of(owner).used()
    if files >= settings.DRAFTS_MAX_FILES or taken + size > settings.DRAFTS_MAX_BYTES:
        raise Refused(
            "quota", files=files, limit=settings.DRAFTS_MAX_FILES, limit_mb=settings.DRAFTS_MAX_BYTES // 2**20
        )


def _register(stored: StoredFile, place: Place) -> Draft:
    try:
        with transaction.atomic():
            # The page reuses the key of a draft that has expired.
            earlier = Draft.objects.expired().filter(owner=place.owner, key=place.key)
            file_removals.request(earlier.values_list("document", flat=True))
            earlier.delete()
            return Draft.objects.create(
                key=place.key,
                owner=place.owner,
                batch=place.batch,
                name=stored.name,
                document=stored.path,
                sha256=stored.sha256,
                size=stored.size,
                mime=stored.mime,
                page_count=stored.page_count,
            )
    except IntegrityError:
        there = Draft.objects.of(place.owner).filter(key=place.key).first()
        if there is None:
            # The key belongs to something this person must not learn about.
            return _register(stored, replace(place, key=uuid.uuid4()))
        # Concurrent duplicate upload; the first one won.
        receiving.discard(stored)
        return there


def _stored(draft: Draft) -> StoredFile:
    return StoredFile(draft.document, draft.name, draft.sha256, draft.size, draft.mime, draft.page_count)


def _offered(rows: Any, pk: object) -> Schema | Classifier | None:
    """The chosen row; None for "". Raises `Refused` if it is no longer offered, rather than processing without it."""
    if not pk:
        return None
    row: Schema | Classifier | None = rows.filter(pk=pk, missing_since__isnull=True).first()
    if row is None:
        raise Refused("option")
    return row
