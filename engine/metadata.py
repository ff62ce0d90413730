"""The caller's own keys and values: checked when they come, and found again as text."""

from __future__ import annotations

import json
from typing import Any

MAX_DEPTH = 20
MAX_CHARACTERS = 64 * 1024


def as_text(value: Any) -> str:
    """How a value is compared: a text as it is, anything else as its JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def complaint(value: Any) -> str:
    """What is wrong with it, or nothing."""
    if not isinstance(value, dict):
        return "Must be a JSON object."
    if _depth(value) > MAX_DEPTH:
        return f"Must not be nested deeper than {MAX_DEPTH} levels."
    if len(as_text(value)) > MAX_CHARACTERS:
        return f"Must not be longer than {MAX_CHARACTERS} characters."
    return "" if storable(value) else "Must be valid JSON in valid UTF-8."


def storable(value: Any) -> bool:
    """Python reads NaN and lone surrogates as JSON, but neither can be stored or sent again."""
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:
        return False
    return True


def cleaned(value: Any) -> Any:
    """The value with what cannot be sent (lone surrogates, which broken documents contain) replaced."""
    return json.loads(json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace"))


def _depth(value: Any) -> int:
    """Without recursion, for that is what a hostile value would use up."""
    depth, level = 0, [value]
    while level:
        depth += 1
        children: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                children += item.values()
            elif isinstance(item, list):
                children += item
        level = children
    return depth
