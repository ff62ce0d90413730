"""Flattens an extraction schema to readable lines, one per field, indented by depth. Pure: no Django models.

The schema is untrusted; unknown types are shown by their raw names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from extractions.presentation.document.wording import description_of
from extractions.result.paths import names_of
from extractions.result.schema import kinds_of, properties_of, walk

MAX_LINES = 500


@dataclass(frozen=True, slots=True)
class SchemaLine:
    depth: int
    name: str
    kind: str
    required: bool = False
    description: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    """The values of an enumeration, each with its description or an empty one."""


def lines_of(schema: object) -> list[SchemaLine]:
    """The fields in the schema's own order; at most MAX_LINES."""
    lines: list[SchemaLine] = []
    for line in _fields(schema):
        lines.append(line)
        if len(lines) == MAX_LINES:
            break
    return lines


def field_count(schema: object) -> int:
    """Number of top-level fields."""
    return len(properties_of(schema))


def _fields(schema: object) -> Iterator[SchemaLine]:
    for node in walk(schema):
        if not node.path.endswith("]"):
            depth = len(names_of(node.path)) - 1
            description = description_of(node.schema)
            yield SchemaLine(
                depth, node.name, _kind(node.schema), node.demanded, description, tuple(_choices(node.schema))
            )


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
    kinds = kinds_of(field)
    if "enum" in field:
        return words["enum"]
    if kinds == ["array"] and isinstance(field.get("items"), Mapping):
        return _("list of %(kind)s") % {"kind": _plural(field["items"])}
    if kinds == ["string"] and field.get("format") in ("date", "date-time"):
        return _("date")
    return ", ".join(words.get(kind, kind) for kind in kinds) or "—"


def _plural(items: Mapping[str, object]) -> str:
    words = {"string": _("texts"), "number": _("numbers"), "integer": _("whole numbers"), "object": _("groups")}
    kinds = kinds_of(items)
    return words.get(kinds[0], _kind(items)) if kinds else "—"


def _choices(field: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    values = field.get("enum")
    if not isinstance(values, list):
        return
    raw = field.get("context:descriptions")
    descriptions: Sequence[object] = raw if isinstance(raw, list) else ()
    for at, value in enumerate(values):
        yield str(value), str(descriptions[at] or "") if at < len(descriptions) else ""
