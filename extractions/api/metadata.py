"""What programs may keep in a document's metadata: any JSON object that can be stored and sent on."""

from __future__ import annotations

import json
from collections.abc import Iterator

from portal.request_encoding import is_valid_text

MAX_DEPTH = 20
MAX_CHARACTERS = 64 * 1024


def validation_error(value: object) -> str:
    """The error message; empty for a valid value."""
    if not isinstance(value, dict):
        return "Must be a JSON object."
    if any(depth > MAX_DEPTH for depth, _node in _nodes(value)):
        return f"Must not be nested deeper than {MAX_DEPTH} levels."
    if not all(is_valid_text(node) for _depth, node in _nodes(value) if isinstance(node, str)):
        return "Must be valid Unicode without the NUL character."
    try:
        length = len(json.dumps(value, ensure_ascii=False, allow_nan=False))
    except ValueError:  # NaN and Infinity, which Python's JSON takes
        return "Must be valid JSON."
    return "" if length <= MAX_CHARACTERS else f"Must not be longer than {MAX_CHARACTERS} characters."


def _nodes(value: object) -> Iterator[tuple[int, object]]:
    """Everything within, with its depth. Iterative, since a hostile value would exhaust the recursion limit."""
    waiting = [(1, value)]
    while waiting:
        depth, node = waiting.pop()
        yield depth, node
        if isinstance(node, dict):
            waiting += [(depth + 1, inner) for pair in node.items() for inner in pair]
        elif isinstance(node, list):
            waiting += [(depth + 1, inner) for inner in node]
