"""The written contract of the API, and how to hold an answer against it."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from extractions.forwarding.api.contract import FILE

URI = "urn:contract"


@cache
def contract() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    return document


def operation(method: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = contract()["paths"][path][method]
    return found


def response(method: str, path: str, status: int) -> dict[str, Any]:
    """The description of one answer, wherever it stands."""
    responses = operation(method, path)["responses"]
    assert str(status) in responses, f"{method} {path} never answers {status}"
    return resolved(responses[str(status)])


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in part:
        found: Any = contract()
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        part = found
    return part


def complaints(schema: dict[str, Any], value: Any) -> list[str]:
    """What the value lacks of a schema of the contract (JSON Schema 2020-12)."""
    registry: Registry[Any] = Registry().with_resource(URI, Resource(contract(), DRAFT202012))
    validator = Draft202012Validator(absolute(schema), registry=registry, format_checker=FormatChecker())
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in validator.iter_errors(value)]


def absolute(part: Any) -> Any:
    """The schema with references that say of which document they are."""
    if isinstance(part, dict):
        return {key: URI + value if key == "$ref" else absolute(value) for key, value in part.items()}
    return [absolute(item) for item in part] if isinstance(part, list) else part
