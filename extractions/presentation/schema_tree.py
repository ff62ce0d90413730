"""An extraction schema as lines that a person can read: one a field, deeper ones further in. Pure: no Django models.

The schema comes from the service and may be anything; what is not understood is shown by its raw word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

DEEPEST = 12
MOST_LINES = 500


@dataclass(frozen=True, slots=True)
class Line:
    depth: int
    name: str
    kind: str
    required: bool = False
    description: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    """The values of an enumeration, each with its description or an empty one."""


def lines_of(schema: object) -> list[Line]:
    """The fields in the schema's own order; at most MOST_LINES."""
    lines: list[Line] = []
    for line in _fields(schema, 0):
        lines.append(line)
        if len(lines) == MOST_LINES:
            break
    return lines


def field_count(schema: object) -> int:
    """How many fields stand on the first level."""
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    return len(properties) if isinstance(properties, Mapping) else 0


def _fields(schema: object, depth: int) -> Iterator[Line]:
    if not isinstance(schema, Mapping) or depth > DEEPEST:
        return
    properties = schema.get("properties")
    if not isinstance(properties, Mapping):
        return
    required = schema.get("required")
    needed = set(map(str, required)) if isinstance(required, list) else set()
    for name, field in properties.items():
        of = field if isinstance(field, Mapping) else {}
        yield Line(
            depth, str(name), _kind(of), str(name) in needed, str(of.get("description") or ""), tuple(_choices(of))
        )
        yield from _fields(_inside(of), depth + 1)


def _inside(field: Mapping[str, Any]) -> object:
    """What a field holds: itself for an object, its items for a list, of lists as well."""
    items = field.get("items")
    return _inside(items) if isinstance(items, Mapping) else field


def _kind(field: Mapping[str, Any]) -> str:
    words = {
        "string": _("text"),
        "number": pgettext("kind of field", "number"),
        "integer": _("whole number"),
        "boolean": _("yes or no"),
        "enum": _("one of"),
        "object": _("group"),
        "array": _("list"),
    }
    kinds = [kind for kind in _types(field) if kind != "null"]
    if "enum" in field:
        return words["enum"]
    if kinds == ["array"] and isinstance(field.get("items"), Mapping):
        return _("list of %(kind)s") % {"kind": _plural(field["items"])}
    if kinds == ["string"] and field.get("format") in ("date", "date-time"):
        return _("date")
    return ", ".join(words.get(kind, kind) for kind in kinds) or "—"


def _plural(items: Mapping[str, Any]) -> str:
    words = {"string": _("texts"), "number": _("numbers"), "integer": _("whole numbers"), "object": _("groups")}
    kinds = [kind for kind in _types(items) if kind != "null"]
    return words.get(kinds[0], _kind(items)) if kinds else "—"


def _types(field: Mapping[str, Any]) -> list[str]:
    kind = field.get("type")
    if kind is None and isinstance(field.get("anyOf"), list):
        return [word for option in field["anyOf"] if isinstance(option, Mapping) for word in _types(option)]
    if kind is None and "properties" in field:
        return ["object"]
    return [str(word) for word in kind] if isinstance(kind, list) else [str(kind)] if kind else []


def _choices(field: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    values = field.get("enum")
    if not isinstance(values, list):
        return
    told = field.get("context:descriptions")
    descriptions: Sequence[object] = told if isinstance(told, list) else ()
    for at, value in enumerate(values):
        yield str(value), str(descriptions[at] or "") if at < len(descriptions) else ""
