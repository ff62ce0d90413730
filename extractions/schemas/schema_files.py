"""Schemas as JSON text and as files, with the place of what is wrong."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass

from extractions.result.json_text import storable
from extractions.result.numbers import parse_json
from extractions.schemas.json_types import JsonMapping, JsonObject

MAX_BYTES = 1024 * 1024
MAX_NESTING = 48
"""Levels of JSON; a schema of the most levels has about three for each of its own."""


MAX_OBJECTS, MAX_VALUES = 2500, 20_000
"""Of the JSON. A form with a row for each of the shortest in a megabyte would keep a process busy for minutes."""


class Unreadable(Exception):
    """`code` is stable; `line` and `column` count from 1, `name` is that of a field that is there twice."""

    def __init__(self, code: str, *, line: int = 0, column: int = 0, name: str = "") -> None:
        super().__init__(code, line, column, name)
        self.code, self.line, self.column, self.name = code, line, column, name


@dataclass(frozen=True, slots=True)
class SchemaFile:
    """What a service stores of a schema, with the API's names."""

    name: str
    description: str
    additional_informations: str
    schema: JsonMapping


def read_schema(text: str) -> JsonObject:
    """The schema of a JSON text, with a group at its root; raises `Unreadable`."""
    return _as_schema(_parse(text))


def read_file(content: bytes) -> SchemaFile:
    """A file in the API's form, or a bare schema, whose title is its name; raises `Unreadable`."""
    if len(content) > MAX_BYTES:
        raise Unreadable("large")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("encoding") from error
    value = _parse(text)
    if isinstance(value, dict) and "schema" in value and value.get("type") != "object":
        name, description, more = (_text(value.get(key)) for key in ("name", "description", "additional_informations"))
        return SchemaFile(name, description, more, _as_schema(value["schema"]))
    schema = _as_schema(value)
    return SchemaFile(_text(schema.get("title")), _text(schema.get("description")), "", schema)


def write_schema(schema: JsonMapping) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False)


def write_file(file: SchemaFile) -> str:
    """In the API's form, as `POST /schema/` takes it."""
    body = {
        "name": file.name,
        "description": file.description,
        "additional_informations": file.additional_informations or None,
        "schema": file.schema,
    }
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


def canonical(schema: object) -> str:
    """The same text for schemas that mean the same: services may reorder keys."""
    return json.dumps(schema, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _parse(text: str) -> object:
    if len(text) > MAX_BYTES:
        raise Unreadable("large")
    if not text.strip():
        raise Unreadable("empty")
    try:
        value = storable(parse_json(text))
        # A second reading: a parser keeps the last of two equal names and says nothing of the first.
        json.loads(text, object_pairs_hook=_without_repetition)
    except json.JSONDecodeError as error:
        raise Unreadable("syntax", line=error.lineno, column=error.colno) from error
    except RecursionError as error:
        raise Unreadable("deep") from error
    except ValueError as error:
        raise Unreadable("syntax", line=1, column=1) from error
    levels, objects, values = _extent(value)
    if levels > MAX_NESTING:
        raise Unreadable("deep")
    if objects > MAX_OBJECTS or values > MAX_VALUES:
        raise Unreadable("many")
    return value


def _without_repetition(pairs: list[tuple[str, object]]) -> JsonObject:
    found = dict(pairs)
    if len(found) < len(pairs):
        times = Counter(name for name, _value in pairs)
        raise Unreadable("repeated", name=next(name for name in times if times[name] > 1))
    return found


def _as_schema(value: object) -> JsonObject:
    if not isinstance(value, dict):
        raise Unreadable("no_object")
    if value.get("type") != "object":
        raise Unreadable("root")
    if not isinstance(value.get("properties"), dict):
        raise Unreadable("properties")
    return value


def _extent(value: object) -> tuple[int, int, int]:
    """How many levels, objects and values it has."""
    levels, objects, values, layer = 0, 0, 0, [value]
    while layer:
        levels += 1
        values += len(layer)
        objects += sum(isinstance(item, dict) for item in layer)
        layer = [
            child
            for item in layer
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
    return levels, objects, values


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
