"""Schemas to start from, in several languages. Their texts are vocabularies: the engine proposes by them as well."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from extractions.schemas.fields import Choice, Field, Kind, json_of
from extractions.schemas.json_types import JsonMapping
from extractions.schemas.schema_files import SchemaFile
from reading.vocabulary import read_table

LANGUAGES = ("en", "fr", "de")


@dataclass(frozen=True, slots=True)
class StartingPoint:
    slug: str
    language: str
    name: str
    description: str
    additional_informations: str
    root: Field

    @property
    def file(self) -> SchemaFile:
        return SchemaFile(self.name, self.description, self.additional_informations, json_of(self.root))


@lru_cache
def starting_points(language: str) -> dict[str, StartingPoint]:
    """All by slug, in this language or in English."""
    known = language if language in LANGUAGES else LANGUAGES[0]
    fields, documents = read_table("schema_fields"), read_table("schema_starts")
    found = {}
    for slug, document in documents.items():
        name, description, more = document[known]
        root = Field("", Kind.GROUP, fields=_fields(document["fields"], fields, known))
        found[slug] = StartingPoint(slug, known, name, description, more, root)
    return found


def _fields(names: list[str], table: JsonMapping, language: str) -> tuple[Field, ...]:
    return tuple(_field(table[name.removesuffix("!")], name.endswith("!"), table, language) for name in names)


def _field(entry: JsonMapping, required: bool, table: JsonMapping, language: str) -> Field:
    name, title, description = entry[language]
    return Field(
        name,
        Kind(entry["kind"]),
        entry.get("many", False),
        title=title,
        description=description,
        required=required,
        choices=tuple(Choice(choice["value"], choice[language]) for choice in entry.get("choices", ())),
        fields=_fields(entry.get("fields", []), table, language),
    )
