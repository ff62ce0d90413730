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
from extractions.intake.arrangement import arrangement_from
from extractions.intake.receiving import Refused, StoredFile
from extractions.intake.single_upload import MAX_EARLIER, AlreadySubmitted, Sender, has_options
from extractions.intake.submitting import Options
from extractions.models import Classifier, Connection, Draft, Extraction, Schema
from extractions.models.provenance import FOLDER_KEY
from portal.people.models import User

THUMBNAIL_WIDTH = 84
THUMBNAIL_PAGES = 20
"""Thumbnails rendered per request."""
SHEET_WIDTH, SHEETS = 160, 10
"""Larger ones, by which pages are arranged (BATCH in static/upload/pages/thumbnails.js)."""


@dataclass(frozen=True, slots=True)
class Place:
    """A file's owner, upload page view (`batch`), key, and the folder in which it lay."""

    owner: User
    batch: uuid.UUID
    key: uuid.UUID
    folder: str = ""


def keep(upload: UploadedFile[Any], place: Place, *, password: str = "") -> Draft:
    """Receive and inspect a file; raises `Refused`, and then nothing is kept."""
    check_quota(place.owner, size=upload.size or 0)
    return _register(receiving.receive(upload, password=password), place)


def keep_photos(uploads: Sequence[UploadedFile[Any]], name: str, place: Place) -> Draft:
    """Receive several images as one document; raises `Refused`."""
    check_quota(place.owner, size=sum(upload.size or 0 for upload in uploads))
    return _register(receiving.receive_photos(uploads, name), place)


def remove(draft: Draft) -> None:
    Draft.objects.filter(pk=draft.pk).delete()
    receiving.discard(stored_file(draft))
    release_whole(draft)


def release_whole(part: Draft) -> None:
    """Remove the file that the draft was made from once no other part of it is left here."""
    if part.origin is None:
        return
    whole = Draft.objects.filter(owner=part.owner_id, key=part.origin, split_at__isnull=False).first()
    if whole is not None and not Draft.objects.parts_of(whole).exists():
        remove(whole)


def change(draft: Draft, chosen: Mapping[str, object]) -> None:
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
    check_arranged(draft)
    options = options_of(draft, options, Connection.for_team(sender.team).pk)
    receiving.check_range(options.pdf_page_start, options.pdf_page_end, draft.page_count)
    if not again and (earlier := already_submitted([draft], {draft.pk: options}, sender.person)):
        raise AlreadySubmitted(earlier[draft.pk])
    with transaction.atomic():
        if draft.origin and not Draft.objects.filter(pk=draft.pk).select_for_update().exists():
            raise Refused("expired")  # its pages were arranged anew meanwhile
        sent = submitting.submit(stored_file(draft), options, owner=sender.person, team=sender.team, form_token=token)
        Draft.objects.filter(pk=draft.pk).delete()
    release_whole(draft)
    return sent


def check_arranged(draft: Draft) -> None:
    """Raises `Refused` if its pages were arranged and the files of it are not made yet."""
    if draft.origin is None and draft.arrangement:
        arrangement = arrangement_from(draft.arrangement, draft.page_count)
        if not arrangement.changes_nothing:
            raise Refused("arranged", files=len(arrangement.kept))


def options_of(draft: Draft, of_page: Options, connection_id: int) -> Options:
    """The page's options with the draft's overrides. Page ranges apply to PDFs only, and not to parts of one."""
    chosen = dict(draft.chosen)
    if draft.origin:
        of_page = replace(of_page, pdf_page_start=None, pdf_page_end=None)
    if "schema" in chosen:
        chosen["schema"] = _offered(Schema.objects.filter(connection=connection_id), chosen["schema"])
    if "classifier" in chosen:
        chosen["classifier"] = _offered(Classifier.objects.filter(connection=connection_id), chosen["classifier"])
    options = replace(of_page, **chosen)
    if options.folder_as_metadata and draft.folder:
        options = replace(options, metadata={FOLDER_KEY: draft.folder} | options.metadata)
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
        earlier = (row for row in alike.get(draft.sha256, ()) if has_options(row, options[draft.pk], draft.folder))
        if first := next(earlier, None):
            found[draft.pk] = first
    return found


def thumbnails(
    draft: Draft, first: int, width: int = THUMBNAIL_WIDTH, most: int = THUMBNAIL_PAGES
) -> list[tuple[int, bytes]]:
    """Page numbers and JPEGs from `first` on, rendered in a child process; raises `reading.errors.CannotRead`."""
    numbers = range(first, min(draft.page_count, first + most - 1) + 1)
    path = Path(settings.MEDIA_ROOT) / draft.document
    return list(zip(numbers, inspection.strip(path, numbers, width), strict=True))


def check_quota(owner: User, *, files: int = 1, size: int = 0) -> None:
    """Limit files and bytes per person, so that unsubmitted files cannot fill the disk. Raises `Refused`."""
    there, taken = Draft.objects.of(owner).used()
    if there + files > settings.DRAFTS_MAX_FILES or taken + size > settings.DRAFTS_MAX_BYTES:
        raise Refused(
            "quota", files=there, limit=settings.DRAFTS_MAX_FILES, limit_mb=settings.DRAFTS_MAX_BYTES // 2**20
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
                folder=place.folder,
            )
    except IntegrityError:
        there = Draft.objects.of(place.owner).filter(key=place.key).first()
        if there is None:
            # The key belongs to something this person must not learn about.
            return _register(stored, replace(place, key=uuid.uuid4()))
        # Concurrent duplicate upload; the first one won.
        receiving.discard(stored)
        return there


def stored_file(draft: Draft) -> StoredFile:
    return StoredFile(
        draft.document, draft.name, draft.sha256, draft.size, draft.mime, draft.page_count, draft.provenance
    )


def _offered(rows: Any, pk: object) -> Schema | Classifier | None:
    """The chosen row; None for "". Raises `Refused` if it is no longer offered, rather than processing without it."""
    if not pk:
        return None
    row: Schema | Classifier | None = rows.filter(pk=pk, missing_since__isnull=True).first()
    if row is None:
        raise Refused("option")
    return row
