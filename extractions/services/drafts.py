"""Files between their drop and the button: received, looked into, with options of their own, then sent."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction

from extractions.models import Classifier, Connection, Draft, Extraction, Schema
from extractions.services import inspection, receiving, submitting
from extractions.services.intake import LOOKED_AT, AskedBefore, Sender, asks_for
from extractions.services.receiving import Refused, StoredFile
from extractions.services.submitting import Options
from portal.people.models import User

STRIP_WIDTH = 84
STRIP_PAGES = 20
"""Pages of a document that are drawn at once."""


@dataclass(frozen=True, slots=True)
class Place:
    """Whose file it is, on which showing of the page, and under which key."""

    owner: User
    batch: uuid.UUID
    key: uuid.UUID


def keep(upload: UploadedFile[Any], place: Place, *, password: str = "") -> Draft:
    """Receive a file and look into it; raises `Refused`, and then nothing is kept."""
    return _register(receiving.receive(upload, password=password), place)


def keep_photos(uploads: Sequence[UploadedFile[Any]], name: str, place: Place) -> Draft:
    """Receive several pictures as one document; raises `Refused`."""
    return _register(receiving.receive_photos(uploads, name), place)


def remove(draft: Draft) -> None:
    Draft.objects.filter(pk=draft.pk).delete()
    receiving.discard(_stored(draft))


def change(draft: Draft, chosen: Mapping[str, Any]) -> None:
    """Give it options of its own; None goes back to those of the page. Raises `Refused` for pages it does not have."""
    wanted = {name: value for name, value in (draft.chosen | chosen).items() if value is not None}
    if draft.is_pdf:
        receiving.check_range(wanted.get("pdf_page_start"), wanted.get("pdf_page_end"), draft.page_count)
    draft.chosen = wanted
    draft.save(update_fields=["chosen"])


def send(key: uuid.UUID, options: Options, sender: Sender, *, again: bool = False) -> Extraction:
    """Make it a document. Sent twice, by a double click or after a lost answer, it is one document.

    Raises `AskedBefore` where the same was asked before and `again` was not said, and `Refused`.
    """
    token = f"{sender.batch}.{key.hex}"
    draft = Draft.objects.of_page(sender.person, sender.batch).filter(key=key).first()
    if draft is None:
        sent = Extraction.objects.visible_to(sender.person).filter(form_token=f"{sender.person.pk}:{token}").first()
        if sent is None:
            raise Refused("expired")
        return sent
    options = options_of(draft, options, Connection.of_team(sender.team).pk)
    receiving.check_range(options.pdf_page_start, options.pdf_page_end, draft.page_count)
    if not again and (earlier := asked_before([draft], {draft.pk: options}, sender.person)):
        raise AskedBefore(earlier[draft.pk])
    with transaction.atomic():
        sent = submitting.submit(_stored(draft), options, owner=sender.person, team=sender.team, form_token=token)
        Draft.objects.filter(pk=draft.pk).delete()
    return sent


def options_of(draft: Draft, of_page: Options, connection_id: int) -> Options:
    """The page's options, with what this file has of its own. A page range means something for a PDF only."""
    chosen = dict(draft.chosen)
    if "schema" in chosen:
        chosen["schema"] = _offered(Schema.objects.filter(connection=connection_id), chosen["schema"])
    if "classifier" in chosen:
        chosen["classifier"] = _offered(Classifier.objects.filter(connection=connection_id), chosen["classifier"])
    options = replace(of_page, **chosen)
    return options if draft.is_pdf else replace(options, pdf_page_start=None, pdf_page_end=None)


def asked_before(drafts: Sequence[Draft], options: Mapping[int, Options], person: User) -> dict[int, Extraction]:
    """By draft: the newest document that this person may see with the same bytes and the same options."""
    shas = {draft.sha256 for draft in drafts}
    alike: dict[str, list[Extraction]] = {}
    rows = Extraction.objects.visible_to(person).of_same_files(shas).for_lists().newest_first()
    for row in rows[: LOOKED_AT * max(1, len(shas))]:
        alike.setdefault(row.sha256, []).append(row)
    found = {}
    for draft in drafts:
        earlier = (row for row in alike.get(draft.sha256, ()) if asks_for(row, options[draft.pk]))
        if first := next(earlier, None):
            found[draft.pk] = first
    return found


def strip_of(draft: Draft, first: int) -> list[tuple[int, bytes]]:
    """Numbers and small pictures of some pages, drawn in a child process; raises `reading.errors.CannotRead`."""
    numbers = range(first, min(draft.page_count, first + STRIP_PAGES - 1) + 1)
    path = Path(settings.MEDIA_ROOT) / draft.document
    return list(zip(numbers, inspection.strip(path, numbers, STRIP_WIDTH), strict=True))


def _register(stored: StoredFile, place: Place) -> Draft:
    # Their files go with all files that no row names (forwarding/sweep.py).
    Draft.objects.over().delete()
    try:
        with transaction.atomic():
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
        # Sent twice at the same time; the first one is there now.
        receiving.discard(stored)
        return Draft.objects.of(place.owner).get(key=place.key)


def _stored(draft: Draft) -> StoredFile:
    return StoredFile(draft.document, draft.name, draft.sha256, draft.size, draft.mime, draft.page_count)


def _offered(rows: Any, pk: object) -> Schema | Classifier | None:
    """The chosen one, "" meaning none. One that went away meanwhile is no reason to read without any: it is refused."""
    if not pk:
        return None
    row: Schema | Classifier | None = rows.filter(pk=pk, missing_since__isnull=True).first()
    if row is None:
        raise Refused("option")
    return row
