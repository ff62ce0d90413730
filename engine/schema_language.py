"""The language of extraction schemas: a small dialect of JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

SCALARS = ("string", "number", "integer", "boolean", "enum")
TYPES = (*SCALARS, "object", "array")
MAX_DEPTH = 12
MAX_FIELDS = 500

_FIELDS = {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/ExtractionField"}}
_NAMES = {"type": "array", "items": {"type": "string"}}
_CHOICES = {"type": "array", "minItems": 1, "items": {}}


def _json_schema(kinds: list[str], required: list[str], properties: dict[str, object]) -> dict[str, object]:
    common = {"type": {"type": "string", "enum": kinds}, "description": {"type": "string"}}
    return {"type": "object", "required": ["type", *required], "properties": common | properties}


_OBJECT = _json_schema(["object"], ["properties"], {"required": _NAMES, "properties": _FIELDS})
OPENAPI_COMPONENTS = {
    "ExtractionSchemaRoot": _OBJECT | {"description": "The small JSON Schema dialect of extraction schemas."},
    "ExtractionField": {
        "anyOf": [
            _json_schema(["string", "number", "integer", "boolean"], [], {"enum": _CHOICES}),
            _json_schema(["enum"], ["enum"], {"enum": _CHOICES}),
            _OBJECT,
            _json_schema(["array"], ["items"], {"items": {"$ref": "#/components/schemas/ExtractionField"}}),
        ],
        "description": 'Beside "enum", the list "context:descriptions" may have one text for each value.',
    },
}
"""For /openapi.json, by component name."""


def validation_errors(schema: object) -> list[str]:
    """The errors of a schema, each with the path of the offending field."""
    if not isinstance(schema, Mapping):
        return ["Must be a JSON object."]
    if schema.get("type") != "object":
        return ['The schema itself must have "type": "object".']
    errors = list(_field(schema, "schema", 1))
    count = _count(schema) if not errors else 0
    return errors if count <= MAX_FIELDS else [f"The schema has {count} fields; {MAX_FIELDS} are allowed."]


def _field(field: object, path: str, depth: int) -> Iterator[str]:
    if not isinstance(field, Mapping):
        yield f"{path}: must be a JSON object."
        return
    kind = field.get("type")
    if kind not in TYPES:
        yield f'{path}: "type" must be one of {", ".join(TYPES)}.'
    elif not isinstance(field.get("description", ""), str):
        yield f'{path}: "description" must be a text.'
    elif depth > MAX_DEPTH:
        yield f"{path}: nested deeper than {MAX_DEPTH} levels."
    elif kind == "object":
        yield from _object(field, path, depth)
    elif kind == "array":
        yield from _field(field.get("items"), f"{path}.items", depth + 1)
    elif kind == "enum" or "enum" in field:
        yield from _enum(field, path)


def _object(field: Mapping[str, object], path: str, depth: int) -> Iterator[str]:
    properties, required = field.get("properties"), field.get("required", [])
    if not isinstance(properties, Mapping):
        yield f'{path}: "properties" must be a JSON object.'
        return
    if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
        yield f'{path}: "required" must be a list of names.'
    for name, child in properties.items():
        yield from _field(child, f"{path}.{name}", depth + 1)


def _enum(field: Mapping[str, object], path: str) -> Iterator[str]:
    values, texts = field.get("enum"), field.get("context:descriptions", [])
    if not isinstance(values, list) or not values:
        yield f'{path}: "enum" must be a list of values.'
    elif not isinstance(texts, list) or len(texts) not in (0, len(values)):
        yield f'{path}: "context:descriptions" must have one text for each value.'


def _count(field: Mapping[str, Any]) -> int:
    if field["type"] == "object":
        return sum(1 + _count(child) for child in field["properties"].values())
    return _count(field["items"]) if field["type"] == "array" else 0
