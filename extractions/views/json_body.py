"""Validates JSON request bodies against the shapes that a view declares; 400 if they do not match."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import HttpRequest

from portal.request_encoding import is_valid_text

Shape = Callable[[object], object]
"""Returns the validated value, or raises BadRequest."""
LARGEST = 2**53
"""Beyond it JavaScript's numbers are not exact."""


def text(value: object) -> str:
    if not isinstance(value, str) or not is_valid_text(value):
        raise BadRequest("JSON: text")
    return value


def uuid(value: object) -> UUID:
    try:
        return UUID(text(value))
    except ValueError as error:
        raise BadRequest("JSON: uuid") from error


def integer(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > LARGEST:
        raise BadRequest("JSON: integer")
    return value


def number(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or abs(value) > LARGEST or math.isnan(value):
        raise BadRequest("JSON: number")
    return float(value)


def flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise BadRequest("JSON: flag")
    return value


def list_of(shape: Shape, most: int) -> Shape:
    def read(value: object) -> list[object]:
        if not isinstance(value, list) or len(value) > most:
            raise BadRequest("JSON: list")
        return [shape(item) for item in value]

    return read


def object_of(required: Mapping[str, Shape]) -> Shape:
    def read(value: object) -> dict[str, object]:
        if not isinstance(value, dict) or not required.keys() <= value.keys():
            raise BadRequest("JSON: object")
        return {name: shape(value[name]) for name, shape in required.items()}

    return read


def body_of(request: HttpRequest, shapes: Mapping[str, Shape], *, empty: bytes = b"") -> dict[str, object]:
    """The declared, non-null members of the object in the body. `empty` is parsed in place of an empty body."""
    try:
        decoded = json.loads(request.body or empty)
    except (ValueError, RecursionError) as error:
        raise BadRequest("JSON") from error
    if not isinstance(decoded, dict):
        raise BadRequest("JSON")
    return {name: shape(decoded[name]) for name, shape in shapes.items() if decoded.get(name) is not None}
