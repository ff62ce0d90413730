"""Parsing JSON from the service into values that the database can store, and data that is JSON within JSON."""

from __future__ import annotations

import json

from extractions.result import numbers

MAX_NESTING = 64
"""Levels of nesting, with those of the response itself; deeper containers are kept as JSON text."""
MAX_ENCODINGS = 3
"""How often data may be encoded as a JSON string within JSON."""


def parse_json(text: str | bytes) -> object:
    """The parsed, storable value. Raises `ValueError` or `RecursionError`."""
    return storable(numbers.parse_json(text))


def storable(value: object, nesting: int = 0) -> object:
    """The value without what databases reject: NUL and lone surrogates in strings, NaN and infinite numbers."""
    match value:
        case str():
            return value.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case int() | float():
            return numbers.storable_number(value)
        case list() | dict() if nesting >= MAX_NESTING:
            return storable(to_text(value))
        case list():
            return [storable(item, nesting + 1) for item in value]
        case dict():
            return {storable(name): storable(item, nesting + 1) for name, item in value.items()}
    return value


def unpacked(data: object) -> object:
    """Extracted data as a tree: strings that encode an object or a list are decoded, up to MAX_ENCODINGS times."""
    found = data
    for _wrapped in range(MAX_ENCODINGS):
        if not isinstance(found, str) or found.lstrip("\ufeff \t\r\n")[:1] not in {"{", "[", '"'}:
            break
        try:
            found = parse_json(found.lstrip("\ufeff"))
        except (ValueError, RecursionError):
            return data
    return found if isinstance(found, dict | list) else data


def to_text(value: object) -> str:
    """A container as JSON text; an ellipsis if it is nested too deep to encode."""
    try:
        return json.dumps(value, ensure_ascii=False)
    except (ValueError, RecursionError):
        return "…"
