"""Schemas to start from, in several languages. The texts are in the TOML files beside this one."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from extractions.schemas.fields import Choice, Field, Kind, json_of
from extractions.schemas.json_types import JsonObject
from extractions.schemas.schema_files import SchemaFile

FOLDER = Path(__file__).parent
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
    fields, documents = _table("fields"), _table("documents")
    found = {}
    for slug, document in documents.items():
        name, description, more = document[known]
        root = Field("", Kind.GROUP, fields=_fields(document["fields"], fields, known))
        found[slug] = StartingPoint(slug, known, name, description, more, root)
    return found


def _fields(names: list[str], table: JsonObject, language: str) -> tuple[Field, ...]:
    return tuple(_field(table[name.removesuffix("!")], name.endswith("!"), table, language) for name in names)


def _field(entry: JsonObject, required: bool, table: JsonObject, language: str) -> Field:
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


def _table(name: str) -> JsonObject:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
