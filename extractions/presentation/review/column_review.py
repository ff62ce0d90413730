"""Column review: one field across many documents, with a crop and a value per row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from extractions.models import Extraction, PageImage, ReviewStatus, Schema, Value
from extractions.models.extraction_queryset import LARGE_COLUMNS
from extractions.presentation.document.crops import Crop, crop_of
from extractions.presentation.document.wording import label_of
from extractions.presentation.review.review_fields import Entry, entry_of
from extractions.result.schema import Schema as SchemaNode
from extractions.result.schema import schema_at, single_values
from extractions.review import review_queue
from portal.people.models import User

MOST = 100
ANSWERED = (ReviewStatus.BY_PERSON, ReviewStatus.CORRECTED)


@dataclass(frozen=True, slots=True)
class Choice:
    """A schema or field to review, and how many documents or values wait."""

    key: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class ColumnRow:
    extraction: Extraction
    entry: Entry
    crop: Crop | None

    @property
    def crop_url(self) -> str:
        place = reverse("extractions:crop", args=[self.extraction.key, self.entry.value.position])
        return f"{place}?v={self.crop.version}" if self.crop else ""


def schemas_waiting(person: User) -> list[Choice]:
    waiting = review_queue.queue_of(person).filter(schema__isnull=False)
    counted = waiting.order_by().values("schema", "schema__name").annotate(count=Count("pk"))
    return sorted(
        (Choice(str(row["schema"]), row["schema__name"], row["count"]) for row in counted), key=lambda item: item.label
    )


def fields_of(schema: Schema, person: User) -> list[Choice]:
    """The scalar fields of a schema, with the number of values that nobody has confirmed or corrected."""
    paths = [path for path, _required in single_values(schema.schema)]
    counted = _open(person, schema).filter(path__in=paths).order_by().values_list("path").annotate(count=Count("pk"))
    counts = dict(counted)
    return [Choice(path, label(schema.schema, path), counts.get(path, 0)) for path in paths]


def rows_of(schema: Schema, path: str, person: User) -> tuple[list[ColumnRow], int]:
    """Rows, oldest documents first, and the total number of rows."""
    found = _open(person, schema).filter(path=path)
    values = list(
        found.select_related("extraction__schema", "confirmed_by")
        .defer(*(f"extraction__{name}" for name in LARGE_COLUMNS))
        .order_by("extraction__received_at", "extraction_id")[:MOST]
    )
    total = len(values) if len(values) < MOST else found.count()
    images = _images(values)
    name = label(schema.schema, path)
    return [
        ColumnRow(value.extraction, entry_of(value.extraction, value, name), _crop(value, images)) for value in values
    ], total


def label(schema: object, path: str) -> str:
    """ "Total" by itself, "Supplier · Name" within a group."""
    names = path.split(".")
    paths = [".".join(names[: number + 1]) for number in range(len(names))]
    nodes: list[tuple[str, SchemaNode]] = [(names[n], schema_at(schema, below)) for n, below in enumerate(paths)]
    return " · ".join(label_of(name, of) for name, of in nodes)


def _open(person: User, schema: Schema) -> Any:
    documents = review_queue.queue_of(person).filter(schema=schema)
    return Value.objects.filter(extraction__in=documents, removed=False).exclude(standing__in=ANSWERED)


def _images(values: list[Value]) -> dict[tuple[int, int], PageImage]:
    wanted = Q()
    for value in values:
        if value.page:
            wanted |= Q(extraction=value.extraction_id, number=value.page)
    found = PageImage.objects.filter(wanted) if wanted else PageImage.objects.none()
    return {(image.extraction_id, image.number): image for image in found}


def _crop(value: Value, images: Mapping[tuple[int, int], PageImage]) -> Crop | None:
    image = images.get((value.extraction_id, value.page or 0))
    return crop_of(image, value.boxes) if image else None
