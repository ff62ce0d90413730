"""The caller's own keys and values: validated on upload, and searched as text."""

from __future__ import annotations

import json

MAX_DEPTH = 20
MAX_CHARACTERS = 64 * 1024


def as_text(value: object) -> str:
    """The form in which values are compared: strings unchanged, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def validation_error(value: object) -> str:
    """The error message; empty for a valid value."""
    if not isinstance(value, dict):
        return "Must be a JSON object."
    if _depth(value) > MAX_DEPTH:
        return f"Must not be nested deeper than {MAX_DEPTH} levels."
    if len(as_text(value)) > MAX_CHARACTERS:
        return f"Must not be longer than {MAX_CHARACTERS} characters."
    return "" if is_storable(value) else "Must be valid JSON in valid UTF-8."


def is_storable(value: object) -> bool:
    """Python's JSON parser accepts NaN and lone surrogates, but neither can be stored or sent."""
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:
        return False
    return True


def replace_surrogates(value: object) -> object:
    """The value with lone surrogates replaced: broken documents contain them, and UTF-8 cannot encode them."""
    return json.loads(json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace"))


def _depth(value: object) -> int:
    """Iterative, since a hostile value would exhaust the recursion limit."""
    depth, level = 0, [value]
    while level:
        depth += 1
        children: list[object] = []
        for item in level:
            if isinstance(item, dict):
                children += item.values()
            elif isinstance(item, list):
                children += item
        level = children
    return depth
