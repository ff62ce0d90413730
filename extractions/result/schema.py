"""Walks an extraction schema. It is untrusted: invalid parts declare nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from extractions.result.paths import MAX_DEPTH, FieldPath, join

SCALARS = frozenset({"string", "number", "integer", "boolean", "enum"})
WRAPPED = "value"
"""Key of a wrapped scalar, such as `{"value": 5, "page": 1}` where the schema declares a plain value."""

Schema = Mapping[str, Any]
NOTHING: Schema = {}


@dataclass(frozen=True, slots=True)
class Announced:
    """A node that the schema declares, with its general path: a scalar, an object or a list."""

    path: str
    name: str
    """The last name of the path; empty for the rows of a list."""
    schema: Schema
    demanded: bool
    """Whether its parent lists it as required."""
    required: bool
    """Whether it must not be empty: it and all of its ancestors are listed as required and not nullable."""

    @property
    def is_leaf(self) -> bool:
        return not properties_of(self.schema) and not is_list(self.schema)

    @property
    def in_list(self) -> bool:
        return "[]" in self.path


def walk(schema: object) -> Iterator[Announced]:
    """All declared nodes in the schema's order, parents first."""
    yield from _below(as_schema(schema), "", 0, required=True)


def _below(node: Schema, path: str, depth: int, *, required: bool) -> Iterator[Announced]:
    if depth >= MAX_DEPTH:
        return
    if properties := properties_of(node):
        must, raw = required_of(node), node["properties"]
        for name, of in properties.items():
            below, needed = join(path, name), required and name in must and not may_be_null(raw.get(name))
            yield Announced(below, name, of, name in must, needed)
            yield from _below(of, below, depth + 1, required=needed)
    elif is_list(node) and (items := items_of(node)):
        yield Announced(f"{path}[]", "", items, demanded=False, required=False)
        yield from _below(items, f"{path}[]", depth + 1, required=False)


def leaf_paths(schema: object) -> Iterator[str]:
    """General paths of all declared scalars: `total`, `seller.name`, `lines[].amount`."""
    for node in walk(schema):
        if node.is_leaf or (is_list(node.schema) and not items_of(node.schema)):
            yield node.path


def single_values(schema: object) -> Iterator[tuple[str, bool]]:
    """Paths of scalars outside of lists, and whether they are required."""
    for node in walk(schema):
        if node.is_leaf and not node.in_list:
            yield node.path, node.required


def schema_at(schema: object, path: str | FieldPath) -> Schema:
    """The schema of the field at this path; empty if undeclared."""
    return _at(as_schema(schema), path if isinstance(path, str) else str(path))


def _at(node: Schema, rest: str) -> Schema:
    """Matches text rather than steps: names may contain dots, and the schema knows its names."""
    if not rest or (rest == f".{WRAPPED}" and kind_of(node) in SCALARS):
        return node
    if rest.startswith("["):
        _index, bracket, after = rest.partition("]")
        return _at(items_of(node), after) if bracket else NOTHING
    rest = rest.removeprefix(".")
    for name, of in properties_of(node).items():
        if rest.startswith(name) and rest[len(name) : len(name) + 1] in {"", ".", "["}:
            found = _at(of, rest[len(name) :])
            if found or rest == name:
                return found
    return NOTHING


def as_schema(node: object) -> Schema:
    """A node as a mapping; unwraps a union of one type with null."""
    if not isinstance(node, Mapping):
        return NOTHING
    if "type" in node or "properties" in node or "enum" in node:
        return node
    for word in ("anyOf", "oneOf"):
        options = node.get(word)
        if isinstance(options, list):
            real = [option for option in options if isinstance(option, Mapping) and option.get("type") != "null"]
            if len(real) == 1:
                return {**real[0], **{name: of for name, of in node.items() if name != word}}
    return node


def may_be_null(node: object) -> bool:
    if not isinstance(node, Mapping):
        return False
    options = [option for word in ("anyOf", "oneOf") for option in _listed(node.get(word))]
    return "null" in _listed(node.get("type")) or any(may_be_null(option) for option in options)


def kinds_of(node: object) -> list[str]:
    """The declared types without null; `type` may be a string or a list."""
    of = as_schema(node)
    kinds = [str(kind) for kind in _listed(of.get("type")) if kind not in {None, "null"}]
    if kinds:
        return kinds
    options = [option for word in ("anyOf", "oneOf") for option in _listed(of.get(word))]
    found = [kind for option in options if isinstance(option, Mapping) for kind in kinds_of(option)]
    return found or (["object"] if isinstance(of.get("properties"), Mapping) else [])


def kind_of(node: object) -> str:
    """The first declared type; empty if there is none."""
    return next(iter(kinds_of(node)), "")


def is_list(node: object) -> bool:
    of = as_schema(node)
    return "array" in kinds_of(of) or ("type" not in of and isinstance(of.get("items"), Mapping))


def properties_of(node: object) -> dict[str, Schema]:
    found = as_schema(node).get("properties")
    return {str(name): as_schema(of) for name, of in found.items()} if isinstance(found, Mapping) else {}


def items_of(node: object) -> Schema:
    return as_schema(as_schema(node).get("items"))


def required_of(node: object) -> frozenset[str]:
    named = as_schema(node).get("required")
    return frozenset(map(str, named)) if isinstance(named, list) else frozenset()


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
