"""Every field that a schema asks for, as a path: `total`, `seller.name`, `lines[].amount`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

DEEPEST = 8


def paths_of(schema: Any, path: str = "", depth: int = 0) -> Iterator[str]:
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    if isinstance(properties, Mapping) and depth < DEEPEST:
        for name, of in properties.items():
            yield from paths_of(of, f"{path}.{name}" if path else str(name), depth + 1)
    elif isinstance(schema, Mapping) and isinstance(schema.get("items"), Mapping) and depth < DEEPEST:
        yield from paths_of(schema["items"], f"{path}[]", depth + 1)
    elif path:
        yield path
