"""With which version of its schema a document was read."""

from __future__ import annotations

from dataclasses import dataclass

from extractions.models import Extraction, SchemaPublication, StudioSchema
from extractions.models.studio import version_of
from portal.people.models import User


@dataclass(frozen=True, slots=True)
class ReadWith:
    studio: int | None = None
    """The schema in the studio, if the reader may see it and the document was read with a version of it."""
    changed_since: bool = False
    """The service's own schema says something else now."""
    newer: str = ""
    """The name of the version that is offered instead."""


def read_with(extraction: Extraction, person: User) -> ReadWith:
    schema, version = extraction.schema, extraction.schema_version or ""
    if schema is None:
        return ReadWith()
    newer = schema.superseded_by.name if schema.superseded_by else ""
    if not version.isdecimal():
        return ReadWith(changed_since=bool(version) and version != version_of(schema), newer=newer)
    rows = SchemaPublication.objects.filter(schema=schema, version__number=int(version))
    seen = rows.filter(version__studio__in=StudioSchema.objects.visible_to(person))
    return ReadWith(studio=seen.values_list("version__studio", flat=True).first(), newer=newer)
