"""A shared document as guests see it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from extractions.exports.text import BOM, safe
from extractions.intake.file_names import clean_name
from extractions.models import Extraction, GuestLink, GuestLinkDocument, PageImage, PageWords
from extractions.presentation.document.fields import Field, Group, Outline, Table, full_label, outline
from extractions.presentation.guest.masking import Masking
from extractions.presentation.guest.page_pictures import NoPicture, picture_of
from extractions.result.paths import general_path
from extractions.result.rows import RowEdits
from extractions.verification.review_status import current_data_of

HIDDEN = "hidden"
"""The kind of a field whose value guests may not see."""
FORMS = ("csv", "json", "original")


@dataclass(frozen=True, slots=True)
class GuestPage:
    """`image` is missing where the page cannot be shown, or not without showing what is masked."""

    number: int
    image: PageImage | None


class GuestDocument:
    """What one document of a link shows. Hidden values never leave this object."""

    def __init__(self, shared: GuestLinkDocument, link: GuestLink) -> None:
        self.shared, self.link = shared, link
        self.extraction: Extraction = shared.extraction
        self.number = shared.number
        self._values = list(self.extraction.values.all())
        self._edits = RowEdits.read(self.extraction.row_edits)
        self._words = self._read_words()
        self._masking = Masking(self._values, tuple(link.masked), self._edits, list(self._words.values()))

    @cached_property
    def name(self) -> str:
        """Its file name, unless that tells what is masked."""
        name = self.extraction.name
        return _("Document %(number)d") % {"number": self.number} if self._masking.reveals(name) else name

    @property
    def approved(self) -> bool:
        return self.extraction.review_state == Extraction.Review.APPROVED

    @cached_property
    def outline(self) -> Outline:
        schema = self.extraction.schema.schema if self.extraction.schema else None
        whole = outline(self._data, schema, self._values, edits=self._edits)
        return Outline(tuple(self._masked(section) for section in whole.sections))

    @cached_property
    def _data(self) -> Any:
        return current_data_of(self.extraction, self._values)

    @cached_property
    def has_hidden(self) -> bool:
        return any(field.kind == HIDDEN for field in self.outline.fields)

    def _masked(self, section: Group | Table) -> Group | Table:
        if isinstance(section, Group):
            return Group(section.title, [self._shown(field) for field in section.fields])
        return replace(section, rows=tuple(tuple(self._shown(field) for field in row) for row in section.rows))

    def _shown(self, field: Field) -> Field:
        if self._masking.hides(field.path) or self._masking.reveals(f"{field.text} {field.unit}"):
            return replace(field, text="", kind=HIDDEN, unit="", page=None, boxes=(), value=None)
        return replace(field, value=None, boxes=())

    # Pages

    @cached_property
    def pages(self) -> list[GuestPage]:
        if not self.link.pages_shown:
            return []
        images = {image.number: image for image in self.extraction.pages.all()}
        first, last = self.extraction.pdf_page_start or 1, self.extraction.pdf_page_end or self.extraction.page_count
        numbers = sorted({*range(first, last + 1), *images})
        return [
            GuestPage(number, images.get(number) if self._masking.can_mask(self._words.get(number)) else None)
            for number in numbers
        ]

    @cached_property
    def left_out(self) -> int:
        """How many pages are not shown because what is masked could not be covered for certain."""
        images = {image.number for image in self.extraction.pages.all()}
        return sum(page.image is None and page.number in images for page in self.pages)

    def _read_words(self) -> dict[int, PageWords]:
        """By page; only where something is masked."""
        return {page.number: page for page in self.extraction.page_words.all()} if self.link.masked else {}

    def picture(self, number: int) -> bytes:
        """The page as a JPEG; raises `NoPicture` if it may not be shown."""
        image = next((page.image for page in self.pages if page.number == number), None)
        if image is None:
            raise NoPicture
        words = self._words.get(number)
        boxes = self._masking.boxes_on(words) if words is not None else []
        return picture_of(image, boxes, hides_codes=bool(self.link.masked), watermark=self._watermark)

    @property
    def _watermark(self) -> str:
        if not self.link.watermark:
            return ""
        day = date_format(localtime(self.link.created_at), "SHORT_DATE_FORMAT")
        return _("for %(name)s, %(date)s") % {"name": self.link.name, "date": day}

    # Files

    @property
    def forms(self) -> list[str]:
        """The files that are offered."""
        if not self.link.files_offered:
            return []
        original = self.link.original_offered and bool(self.extraction.document)
        return [*(("csv", "json") if self.outline.filled else ()), *(("original",) if original else ())]

    def file_name(self, form: str) -> str:
        stem = Path(self.name).stem or _("Document %(number)d") % {"number": self.number}
        return clean_name(self.name if form == "original" else f"{stem}.{form}")

    def as_json(self) -> bytes:
        names = sorted({general_path(field.path) for field in self.outline.fields if field.kind == HIDDEN})
        data = {"document": self.name, "hidden": names, "data": self._masking.without_hidden(self._data)}
        return json.dumps(data, ensure_ascii=False, indent=2, default=str).encode("utf-8", "replace")

    def as_csv(self) -> bytes:
        """A line for each value: field, row, value, unit."""
        text = io.StringIO()
        writer = csv.writer(text, delimiter="," if get_language() == "en" else ";")
        writer.writerow([_("Field"), _("Row"), _("Value"), _("Unit")])
        writer.writerows([safe(cell) for cell in line] for line in self._lines())
        return BOM.encode() + text.getvalue().encode("utf-8", "replace")

    def _lines(self) -> Iterator[tuple[str, str, str, str]]:
        for section in self.outline.sections:
            rows = [section.fields] if isinstance(section, Group) else section.rows
            for number, row in enumerate(rows, 1):
                for field in row:
                    text = _("hidden") if field.kind == HIDDEN else field.text
                    yield (
                        full_label(section, field),
                        "" if isinstance(section, Group) else str(number),
                        text,
                        field.unit,
                    )


def field_choices(documents: list[Extraction]) -> list[tuple[str, str]]:
    """The fields that can be masked: general path and label, in the order of the first document that has them."""
    found: dict[str, str] = {}
    for extraction in documents:
        values = list(extraction.values.all())
        edits = RowEdits.read(extraction.row_edits)
        schema = extraction.schema.schema if extraction.schema else None
        laid_out = outline(current_data_of(extraction, values), schema, values, edits=edits)
        for section in laid_out.sections:
            for item in section.fields:
                found.setdefault(general_path(item.path), full_label(section, item))
    return [(path, label) for path, label in found.items() if path]
