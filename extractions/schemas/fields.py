"""A schema as a tree of form fields, and back to JSON without loss.

Each field keeps the JSON that it was read from. Only what was changed in the form is written over it, so unknown keys,
the order of keys and both forms of enumeration survive.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from extractions.result.field_labels import HELP, TITLES
from extractions.schemas.json_types import JsonMapping, JsonObject

MAX_DEPTH = 12
MAX_FIELDS = 500
DESCRIPTIONS = "context:descriptions"
STRUCTURE = frozenset(
    {"type", "format", "enum", DESCRIPTIONS, "items", "properties", "required", "anyOf", "oneOf", "$ref"}
)


class Kind(StrEnum):
    """What a field holds; with `Field.many`, a list of it."""

    TEXT = "text"
    DATE = "date"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    GROUP = "group"
    OTHER = "other"
    """Anything that the form does not know; kept as it is written."""


TYPES: dict[Kind, JsonObject] = {
    Kind.TEXT: {"type": "string"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.NUMBER: {"type": "number"},
    Kind.INTEGER: {"type": "integer"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.CHOICE: {"type": "string", "enum": []},
    Kind.GROUP: {"type": "object", "properties": {}},
}
PLAIN = {"string": Kind.TEXT, "number": Kind.NUMBER, "integer": Kind.INTEGER, "boolean": Kind.BOOLEAN}


@dataclass(frozen=True, slots=True)
class Choice:
    value: Any
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A field; the schema itself is a group without a name."""

    name: str
    kind: Kind = Kind.TEXT
    many: bool = False
    title: str = ""
    titles: tuple[tuple[str, str], ...] = ()
    description: str = ""
    helps: tuple[tuple[str, str], ...] = ()
    """Descriptions by language, as `titles`."""
    required: bool = False
    choices: tuple[Choice, ...] = ()
    fields: tuple[Field, ...] = ()
    dangling: tuple[str, ...] = ()
    """Names that the group requires without having them."""
    node: Any = field(default_factory=dict, compare=False)
    """The JSON that it was read from, without the fields of a group."""
    was: str | None = field(default=None, compare=False)
    """The name under which it was read; None for a new field."""

    def walk(self, at: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Field]]:
        """All fields below with their positions, parents first."""
        for index, child in enumerate(self.fields):
            yield (*at, index), child
            yield from child.walk((*at, index))


def form_of(schema: JsonMapping) -> Field:
    """The form of a schema whose root is a group."""
    return _read("", schema, required=False, depth=1)


def json_of(root: Field) -> JsonObject:
    """The schema of a form, as a copy. Of two fields with the same name the last one remains."""
    written: JsonObject = _write(root)
    return written


def kind_of(node: object) -> tuple[Kind, bool]:
    """The kind of a node, and whether it is a list of it."""
    if isinstance(node, Mapping) and node.get("type") == "array" and "enum" not in node:
        inner = _kind(node.get("items"))
        return (inner, True) if inner is not Kind.OTHER else (Kind.OTHER, False)
    return _kind(node), False


def choices_of(node: JsonMapping) -> tuple[Choice, ...]:
    values, meanings = node.get("enum"), node.get(DESCRIPTIONS)
    texts = [text if isinstance(text, str) else "" for text in meanings] if isinstance(meanings, list) else []
    texts += [""] * len(values if isinstance(values, list) else ())
    return tuple(Choice(value, text) for value, text in zip(values or (), texts, strict=False))


def _kind(node: object) -> Kind:
    if not isinstance(node, Mapping):
        return Kind.OTHER
    kind = node.get("type")
    if not isinstance(kind, str):
        return Kind.OTHER
    if kind == "object":
        return Kind.GROUP if isinstance(node.get("properties"), Mapping) and "enum" not in node else Kind.OTHER
    if kind == "enum" or ("enum" in node and kind in PLAIN):
        usable = isinstance(node.get("enum"), list) and isinstance(node.get(DESCRIPTIONS, []), list)
        return Kind.CHOICE if usable else Kind.OTHER
    if kind == "string" and node.get("format") == "date":
        return Kind.DATE
    return PLAIN.get(kind, Kind.OTHER)


def _read(name: str, node: Any, *, required: bool, depth: int) -> Field:
    kind, many = kind_of(node)
    if depth + many > MAX_DEPTH and kind is Kind.GROUP:
        kind, many = Kind.OTHER, False
    inner = node["items"] if many else node
    about = node if isinstance(node, Mapping) else {}
    return Field(
        name,
        kind,
        many,
        title=_text(about.get("title")),
        titles=_by_language(about.get(TITLES)),
        description=_text(about.get("description")),
        helps=_by_language(about.get(HELP)),
        required=required,
        choices=choices_of(inner) if kind is Kind.CHOICE else (),
        fields=_children(inner, depth + many) if kind is Kind.GROUP else (),
        dangling=tuple(item for item in required_names(inner) if item not in inner["properties"])
        if kind is Kind.GROUP
        else (),
        node=_without_fields(node, many) if kind is Kind.GROUP else node,
        was=name,
    )


def _children(node: JsonMapping, depth: int) -> tuple[Field, ...]:
    must = set(required_names(node))
    return tuple(
        _read(name, child, required=name in must, depth=depth + 1) for name, child in node["properties"].items()
    )


def required_names(node: JsonMapping) -> list[str]:
    """The names in `required`; none if it is not a list of names."""
    names = node.get("required")
    return names if isinstance(names, list) and all(isinstance(name, str) for name in names) else []


def _without_fields(node: JsonMapping, many: bool) -> JsonObject:
    if many:
        return {**node, "items": {**node["items"], "properties": {}}}
    return {**node, "properties": {}}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _by_language(value: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, Mapping):
        return ()
    return tuple((language, text) for language, text in value.items() if isinstance(text, str))


def _write(of: Field) -> Any:
    if of.kind is Kind.OTHER:
        return _with_texts(of.node, of) if isinstance(of.node, Mapping) else of.node
    node = dict(of.node) if isinstance(of.node, Mapping) else {}
    if kind_of(node) != (of.kind, of.many):
        node = _retyped(node, of)
    node = _with_texts(node, of)
    inner = dict(node["items"]) if of.many else node
    if of.kind is Kind.CHOICE and choices_of(inner) != of.choices:
        inner = _with_choices(inner, of.choices)
    if of.kind is Kind.GROUP:
        inner = _with_fields(inner, of)
    return {**node, "items": inner} if of.many else inner


def _retyped(node: JsonMapping, of: Field) -> JsonObject:
    kept = {key: value for key, value in node.items() if key not in STRUCTURE}
    type_, *_rest = TYPES[of.kind].items()
    head = {"type": "array"} if of.many else dict([type_])
    inner = TYPES[of.kind]
    rest = {"items": dict(inner)} if of.many else {key: value for key, value in inner.items() if key != "type"}
    return {**head, **kept, **rest}


def _with_texts(node: JsonMapping, of: Field) -> JsonObject:
    changed = dict(node)
    if _by_language(node.get(HELP)) != of.helps:
        changed = _put(changed, HELP, dict(of.helps) or None, after=("type", "title", TITLES, "description"))
    if _by_language(node.get(TITLES)) != of.titles:
        changed = _put(changed, TITLES, dict(of.titles) or None, after=("type", "title"))
    if _text(node.get("description")) != of.description:
        changed = _put(changed, "description", of.description or None, after=("type", "title", TITLES))
    if _text(node.get("title")) != of.title:
        changed = _put(changed, "title", of.title or None, after=("type",))
    return changed


def _put(node: JsonObject, key: str, value: Any, after: tuple[str, ...]) -> JsonObject:
    """Set the key in place, or behind the last of `after`; None removes it."""
    if value is None or key in node:
        return {name: value if name == key else old for name, old in node.items() if name != key or value is not None}
    at = max((index for index, name in enumerate(node, 1) if name in after), default=0)
    items = list(node.items())
    return dict([*items[:at], (key, value), *items[at:]])


def _with_choices(node: JsonObject, choices: tuple[Choice, ...]) -> JsonObject:
    meanings = [choice.meaning for choice in choices]
    changed = _put(node, "enum", [choice.value for choice in choices], after=tuple(node))
    return _put(changed, DESCRIPTIONS, meanings if any(meanings) else None, after=("enum",))


def _with_fields(node: JsonObject, of: Field) -> JsonObject:
    required = _required(node, of)
    if required != required_names(node):
        before = list(node)[: list(node).index("properties")]
        node = _put(node, "required", required, after=tuple(before))
    return {**node, "properties": {child.name: _write(child) for child in of.fields}}


def _required(node: JsonMapping, of: Field) -> list[str]:
    """In their former order, under their present names; new ones at the end, in the order of the fields."""
    by_former = {child.was: child for child in of.fields if child.was is not None}
    names: list[str] = []
    for name in required_names(node):
        child = by_former.get(name)
        if child is not None and child.required:
            names.append(child.name)
        elif child is None and name in of.dangling:
            names.append(name)
    names += [name for name in of.dangling if name not in names]
    return [*names, *dict.fromkeys(child.name for child in of.fields if child.required and child.name not in names)]
