"""The written contract of API 0.8.1, what is known of v0, and how an answer differs from it.

Only what the contract describes is looked into: contents, such as extracted data, metadata and the members of unknown
fields, never are. What is said of a value is its type, never the value; unknown words of an enumeration are the
exception, as far as they look like words of a program.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import cast

import yaml

from extractions.schemas.json_types import JsonObject

FILE = Path(__file__).with_name("openapi-0.8.1.yaml")
FILE_V0 = Path(__file__).with_name("known-v0.yaml")
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_:.-]{0,59}")
OWN_PREFIX = "x_"
"""Of the embedded engine's extensions."""
MAX_ITEMS = 50
"""Of a list that are looked at: one of another form among the first is enough."""
MAX_OUTLINE = 60


class Kind(StrEnum):
    NEW_FIELD = "new_field"
    MISSING_FIELD = "missing_field"
    OTHER_TYPE = "other_type"
    UNKNOWN_VALUE = "unknown_value"


@dataclass(frozen=True, slots=True)
class Difference:
    """`path` names the field, with `[]` for the items of a list; `found` is a type, or the unknown word."""

    kind: Kind
    path: str
    expected: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """What the contract says of a value. Without types, anything goes."""

    types: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    members: dict[str, Form] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    items: Form | None = None
    alternatives: tuple[Form, ...] = ()

    @property
    def expected(self) -> str:
        if self.alternatives:
            return " or ".join(dict.fromkeys(form.expected for form in self.alternatives))
        return " or ".join(sorted(self.types, key=lambda name: (name == "null", name)))

    def takes(self, value: object) -> bool:
        if self.alternatives:
            return any(form.takes(value) for form in self.alternatives)
        return not self.types or not self.types.isdisjoint(_types_of(value))


@cache
def form_named(name: str) -> Form:
    """A form among the components of the contract, such as "Extract"."""
    return _form({"$ref": f"#/components/schemas/{name}"})


def differences(name: str, value: object) -> list[Difference]:
    """How the answer differs from the form of this name, each difference once."""
    return list(dict.fromkeys(_differences(form_named(name), value, "")))


def outline(value: object, path: str) -> dict[str, str]:
    """The fields of the object that holds the field at `path`, with their types: an example without contents."""
    holder = value
    for name in path.split(".")[:-1]:
        holder = holder.get(name.removesuffix("[]")) if isinstance(holder, dict) else None
        if name.endswith("[]"):
            holder = next((item for item in holder if isinstance(item, dict)), None) if isinstance(holder, list) else {}
    if not isinstance(holder, dict):
        return {}
    return {printable(name): type_of(item) for name, item in list(holder.items())[:MAX_OUTLINE]}


def type_of(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case str():
            return "string"
        case list():
            return "array"
        case dict():
            return "object"
    return "number"


def printable(word: str) -> str:
    """The word, if it looks like one of a program; of others only that they are text."""
    return word if IDENTIFIER.fullmatch(word) else f"string({len(word)})"


def _types_of(value: object) -> set[str]:
    found = type_of(value)
    if found == "integer" or (isinstance(value, float) and value.is_integer()):
        return {"integer", "number"}
    return {found}


def _differences(form: Form, value: object, path: str) -> Iterator[Difference]:
    if not form.takes(value):
        yield Difference(Kind.OTHER_TYPE, path, form.expected, type_of(value))
        return
    chosen = next((item for item in form.alternatives if item.takes(value)), form)
    if chosen.words and isinstance(value, str) and value not in chosen.words:
        yield Difference(Kind.UNKNOWN_VALUE, path, ", ".join(sorted(chosen.words)), printable(value))
    elif isinstance(value, dict) and chosen.members:
        yield from _differences_of_members(chosen, value, path)
    elif isinstance(value, list) and chosen.items is not None:
        for item in value[:MAX_ITEMS]:
            yield from _differences(chosen.items, item, f"{path}[]")


def _differences_of_members(form: Form, value: JsonObject, path: str) -> Iterator[Difference]:
    before = f"{path}." if path else ""
    for name in sorted(form.required - value.keys()):
        yield Difference(Kind.MISSING_FIELD, before + name, form.members[name].expected)
    for name, item in value.items():
        known = form.members.get(name)
        if known is not None:
            yield from _differences(known, item, before + name)
        elif not name.startswith(OWN_PREFIX):
            yield Difference(Kind.NEW_FIELD, before + printable(name), found=type_of(item))


@cache
def _document() -> JsonObject:
    """The description of 0.8.1, with what is known of v0 beside it."""
    document = cast(JsonObject, yaml.safe_load(FILE.read_text("utf-8")))
    known = cast(JsonObject, yaml.safe_load(FILE_V0.read_text("utf-8")))
    document["components"]["schemas"] |= known["components"]["schemas"]
    return document


def _form(part: JsonObject) -> Form:
    part = _resolved(part)
    if "allOf" in part:
        return _merged([_form(item) for item in part["allOf"]])
    if "anyOf" in part:
        return Form(alternatives=tuple(_form(item) for item in part["anyOf"]))
    types = part.get("type", [])
    members = {name: _form(item) for name, item in part.get("properties", {}).items()}
    return Form(
        types=frozenset([types] if isinstance(types, str) else types),
        words=frozenset(part.get("enum", ())),
        members={} if part.get("additionalProperties") else members,
        required=frozenset(part.get("required", ())),
        items=_form(part["items"]) if "items" in part else None,
    )


def _resolved(part: JsonObject) -> JsonObject:
    while "$ref" in part:
        found = _document()
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        part = found
    return part


def _merged(forms: list[Form]) -> Form:
    """Of several descriptions of one object; the later say more of a member."""
    return Form(
        types=frozenset.union(*(form.types for form in forms)),
        members={name: member for form in forms for name, member in form.members.items()},
        required=frozenset.union(*(form.required for form in forms)),
    )
