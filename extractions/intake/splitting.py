"""Files made from the pages of a draft: turned, in another order, without some, or as several documents.

The draft is kept as it came until the last of its parts is submitted or removed, so that it can be arranged anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from extractions.forwarding.steps import file_removals
from extractions.intake.arrangement import (
    Arrangement,
    InvalidArrangement,
    Part,
    arrangement_from,
    pages_of,
    untouched,
)
from extractions.intake.drafts import check_quota
from extractions.intake.file_names import MAX_LENGTH
from extractions.intake.receiving import Refused, StoredFile, discard, store_parts
from extractions.models import Draft, Extraction
from extractions.models.provenance import Provenance, ranges_of
from portal.people.models import User

OF_PAGES = ("pdf_page_start", "pdf_page_end")
LONGEST_RANGES = 40
"""Characters of the pages in a file's name."""


def whole_of(draft: Draft) -> Draft:
    """The file whose pages are arranged: for a part, the one that it was made from. Raises `Refused`."""
    if not draft.is_pdf:
        raise Refused("type")
    if draft.origin is None:
        return draft
    whole = Draft.objects.filter(owner=draft.owner_id, key=draft.origin).first()
    if whole is None:
        raise Refused("expired")
    return whole


def arrangement_of(draft: Draft) -> Arrangement:
    """As it was left; at first all pages of the chosen range."""
    try:
        return arrangement_from(draft.arrangement, draft.page_count)
    except InvalidArrangement:
        return untouched(draft.page_count, draft.first_page, draft.last_page)


def arrange(draft: Draft, arrangement: Arrangement) -> None:
    """Remember the arrangement; no file is made yet."""
    draft.arrangement = arrangement.as_json()
    draft.save(update_fields=["arrangement"])


def split(draft: Draft, person: User) -> list[Draft]:
    """Make the files that the draft's arrangement asks for, as drafts in its place.

    Idempotent: parts that are there already are kept, with the options of their own. Raises `Refused`.
    """
    arrangement = arrangement_of(draft)
    wanted = arrangement.kept
    if not wanted:
        raise Refused("no_pages")
    _refuse_if_submitted(draft, person)
    if arrangement.changes_nothing:
        return [_made_whole(draft, person)]
    there = {str(row.arrangement) for row in Draft.objects.parts_of(draft)}
    missing = [part for part in wanted if _mark(part) not in there]
    if missing:
        check_quota(draft.owner, files=len(missing))
    stored = dict(zip(map(_mark, missing), _store(draft, missing, len(wanted)), strict=True))
    try:
        unused = _replace(draft, wanted, stored, person)
    except BaseException:
        for file in stored.values():
            discard(file)
        raise
    for file in unused:
        discard(file)
    return list(Draft.objects.parts_of(draft).order_by("position"))


def _store(draft: Draft, parts: Sequence[Part], of: int) -> list[StoredFile]:
    names = [_name_of(draft, part) if of > 1 else draft.name for part in parts]
    provenances = [Provenance(draft.folder, draft.key, draft.name, tuple(pages_of(part))) for part in parts]
    turned = [[(sheet.page, sheet.turn) for sheet in part] for part in parts]
    return store_parts(Path(settings.MEDIA_ROOT) / draft.document, turned, names, provenances) if parts else []


def _replace(draft: Draft, wanted: Sequence[Part], stored: Mapping[str, StoredFile], person: User) -> list[StoredFile]:
    """Put the wanted parts in the place of the draft and of its earlier parts; returns files that are not needed."""
    base = draft.position or float(draft.pk)
    positions = {_mark(part): base + number / (len(wanted) + 1) for number, part in enumerate(wanted)}
    unused = []
    with transaction.atomic():
        Draft.objects.select_for_update().get(pk=draft.pk)
        there = {str(row.arrangement): row for row in Draft.objects.parts_of(draft).select_for_update()}
        _refuse_if_submitted(draft, person)
        _delete([row for mark, row in there.items() if mark not in positions])
        for part in wanted:
            mark = _mark(part)
            if mark in there:
                Draft.objects.filter(pk=there[mark].pk).update(position=positions[mark])
                unused += [stored[mark]] if mark in stored else []
            elif mark not in stored:
                raise Refused("later")  # removed while the others were made
            else:
                _create(draft, part, stored[mark], positions[mark])
        Draft.objects.filter(pk=draft.pk).update(split_at=timezone.now())
    file_removals.carry_out()
    return unused


def _create(draft: Draft, part: Part, stored: StoredFile, position: float) -> None:
    chosen = {name: value for name, value in draft.chosen.items() if name not in OF_PAGES}
    Draft.objects.create(
        owner=draft.owner,
        batch=draft.batch,
        name=stored.name,
        document=stored.path,
        sha256=stored.sha256,
        size=stored.size,
        mime=stored.mime,
        page_count=stored.page_count,
        chosen=chosen,
        arrangement=_as_json(part),
        position=position,
        **stored.provenance.columns(),
    )


def _made_whole(draft: Draft, person: User) -> Draft:
    """The file itself again, instead of its parts."""
    with transaction.atomic():
        parts = list(Draft.objects.parts_of(draft).select_for_update())
        _refuse_if_submitted(draft, person)
        _delete(parts)
        draft.split_at, draft.arrangement = None, []
        draft.chosen = {name: value for name, value in draft.chosen.items() if name not in OF_PAGES}
        draft.save(update_fields=["split_at", "arrangement", "chosen"])
    file_removals.carry_out()
    return draft


def _refuse_if_submitted(draft: Draft, person: User) -> None:
    """A part of it is a document already: arranged anew, its pages could be paid for twice."""
    if Extraction.objects.known_to(person).filter(origin=draft.key).exists():
        raise Refused("parts_sent")


def _delete(parts: Sequence[Draft]) -> None:
    file_removals.request([part.document for part in parts])
    Draft.objects.filter(pk__in=[part.pk for part in parts]).delete()


def _name_of(draft: Draft, part: Part) -> str:
    """ "scan 3-5.pdf" """
    stem, ranges = Path(draft.name).stem, ranges_of(pages_of(part)).replace("–", "-")
    if len(ranges) > LONGEST_RANGES:
        ranges = ranges[:LONGEST_RANGES].rpartition(",")[0] + "…"
    return f"{stem[: MAX_LENGTH - LONGEST_RANGES - 10]} {ranges}.pdf"


def _as_json(part: Part) -> list[list[int]]:
    return [[sheet.page, sheet.turn, 1] for sheet in part]


def _mark(part: Part) -> str:
    """Equal for parts that make the same file."""
    return str(_as_json(part))
