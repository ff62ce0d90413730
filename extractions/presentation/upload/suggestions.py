"""Suggestions on the upload page: presets, metadata used before, and the last options."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass

from extractions.intake.routing import AUTOMATIC
from extractions.intake.unattended import ONCE
from extractions.models import Connection, Extraction, Preset, Schema
from extractions.models.provenance import comparable_metadata
from portal.people.models import User

LOOKED_AT = 200  # documents
KEYS, VALUES = 20, 12


@dataclass(frozen=True, slots=True)
class Offer:
    """A preset with its options as JSON, for static/upload/presets.js."""

    preset: Preset
    mine: bool

    @property
    def options(self) -> str:
        preset = self.preset
        return json.dumps(
            {
                "schema": preset.schema_id or "",
                "classifier": preset.classifier_id or "",
                "server": preset.server,
                "pdf_page_start": preset.pdf_page_start or "",
                "pdf_page_end": preset.pdf_page_end or "",
                "metadata": preset.metadata,
            }
        )


def presets_for(person: User, *connections: Connection) -> list[Offer]:
    """Usable presets, one's own first; those with withdrawn schemas or classifiers are left out."""
    rows = Preset.objects.visible_to(person).filter(connection__in=connections)
    usable = rows.exclude(schema__missing_since__isnull=False).exclude(classifier__missing_since__isnull=False)
    return sorted((Offer(row, row.team_id is None) for row in usable), key=lambda item: not item.mine)


def metadata_used(person: User) -> list[tuple[str, list[str]]]:
    """Metadata keys with their values, by frequency, from the latest visible documents."""
    rows = Extraction.objects.visible_to(person).exclude(metadata={}).newest_first()
    names: Counter[str] = Counter()
    values: dict[str, Counter[str]] = {}
    for metadata in rows.values_list("metadata", flat=True)[:LOOKED_AT]:
        for name, value in (metadata or {}).items():
            names[name] += 1
            values.setdefault(name, Counter())[str(value)] += 1
    return [
        (name, [value for value, _count in values[name].most_common(VALUES)]) for name, _ in names.most_common(KEYS)
    ]


def newest_version(schema: object) -> object:
    """The schema by primary key, or the one that took its place."""
    if not isinstance(schema, int):
        return schema
    newer = Schema.objects.filter(pk=schema, superseded_by__isnull=False).values_list("superseded_by", flat=True)
    return newer.first() or schema


def last_options(person: User) -> dict[str, object]:
    """The options of the last document that the person sent from a page; what their programs send is no choice of
    theirs. Empty if there is none among their latest documents."""
    latest = Extraction.objects.visible_to(person).filter(owner=person).newest_first().values("pk")[:LOOKED_AT]
    sent = Extraction.objects.filter(pk__in=latest).exclude(form_token__startswith=f"{person.pk}:{ONCE}")
    last = sent.for_lists().newest_first().first()
    if last is None:
        return {}
    own = comparable_metadata(last.metadata, last.folder)
    return {
        "team": last.team_id,
        "schema": last.schema_id,
        "classifier": last.classifier_id,
        "server": AUTOMATIC if last.routing else last.server,
        "metadata": own,
        "folder_as_metadata": own != last.metadata,
    }
