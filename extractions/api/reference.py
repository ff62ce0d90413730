"""The OpenAPI description as rows of a page: groups, operations, parameters, fields, answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any

from extractions.api.curl import curl
from extractions.api.openapi import SCOPE, openapi_document

Node = Mapping[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
GROUPS = ("Extracts", "Schemas", "Files", "Ours", "Teams", "Options", "Classifiers", "Review", "Exports", "Events")
"""In the order of the page; groups that are not named here come last."""
PLACES = ("path", "query", "header", "cookie")
DEPTH = 3
MAX_CHOICES = 12


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of a body; `depth` is how far it is inside others."""

    name: str
    kind: str
    note: str
    required: bool = False
    place: str = ""
    depth: int = 0
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    code: str
    words: str
    kinds: str
    """The media types."""
    fields: tuple[Field, ...]

    @property
    def good(self) -> bool:
        return self.code < "300"


@dataclass(frozen=True, slots=True)
class Operation:
    id: str
    method: str
    path: str
    summary: str
    notes: tuple[str, ...]
    scope: str
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    body_kind: str
    answers: tuple[Answer, ...]
    example: str

    @property
    def short_path(self) -> str:
        """Without the prefix, as the list of operations shows it."""
        return "/" + self.path.split("/", 3)[3]

    @property
    def searched(self) -> str:
        """What the page's search looks at."""
        names = " ".join(field.name for field in (*self.parameters, *self.body))
        return f"{self.method} {self.path} {self.summary} {self.scope} {names}".lower()


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    operations: tuple[Operation, ...]

    @property
    def anchor(self) -> str:
        return f"group-{self.name.lower()}"


class Reference:
    """The page's rows, with examples for this address."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._document = openapi_document()

    @cached_property
    def groups(self) -> list[Group]:
        found: dict[str, list[Operation]] = {name: [] for name in GROUPS}
        for path, item in self._document["paths"].items():
            for method in METHODS:
                if method in item:
                    tag = next(iter(item[method].get("tags", ())), "")
                    found.setdefault(tag, []).append(self._operation(method, path, item[method]))
        return [Group(name, tuple(operations)) for name, operations in found.items() if operations]

    def _operation(self, method: str, path: str, node: Node) -> Operation:
        kind, body = self._body(node)
        return Operation(
            id=node["operationId"],
            method=method.upper(),
            path=path,
            summary=node.get("summary", ""),
            notes=tuple(part for part in node.get("description", "").split("\n\n") if part),
            scope=node.get(SCOPE, ""),
            parameters=tuple(sorted(map(self._parameter, node.get("parameters", ())), key=_place_order)),
            body=tuple(self._fields(body)),
            body_kind=kind,
            answers=tuple(sorted(self._answers(node["responses"]), key=lambda answer: answer.code)),
            example=curl(method, f"{self.address}{path}", node, self.resolved(body), self.resolved),
        )

    def _body(self, node: Node) -> tuple[str, Node]:
        for kind, media in node.get("requestBody", {}).get("content", {}).items():
            return kind, media.get("schema", {})
        return "", {}

    def _parameter(self, node: Node) -> Field:
        schema = self.resolved(node.get("schema", {}))
        return Field(
            node["name"],
            self._kind(schema),
            node.get("description", ""),
            node.get("required", False),
            node["in"],
            choices=_choices(schema),
        )

    def _answers(self, responses: Node) -> Iterator[Answer]:
        for code, node in responses.items():
            content = node.get("content", {})
            schemas = [media["schema"] for kind, media in content.items() if "json" in kind and "schema" in media]
            shown = tuple(self._fields(schemas[0])) if schemas and code < "300" else ()
            words = node.get("description", "") or HTTPStatus(int(code)).phrase
            yield Answer(code, words, ", ".join(content), shown)

    def _fields(self, schema: Node, depth: int = 0) -> Iterator[Field]:
        """Those of an object, and of objects within it, as far as DEPTH."""
        schema = self.resolved(schema)
        required = schema.get("required", ())
        for name, node in schema.get("properties", {}).items():
            inner = self.resolved(node)
            note = inner.get("description") or inner.get("title") or ""
            choices = _choices(inner)
            yield Field(
                name, self._kind(inner), "" if choices else note, name in required, depth=depth, choices=choices
            )
            below = self.resolved(inner.get("items", inner))
            if depth < DEPTH and below.get("properties"):
                yield from self._fields(below, depth + 1)

    def _kind(self, schema: Node) -> str:
        """The type in a word or two: "array of uuid", "string or null"."""
        kinds = schema.get("type", "any")
        names = [kinds] if isinstance(kinds, str) else list(kinds)
        if "array" in names and (items := self.resolved(schema.get("items", {}))):
            names[names.index("array")] = f"array of {self._kind(items)}"
        if "string" in names and "format" in schema:
            names[names.index("string")] = schema["format"]
        return " or ".join(names)

    def resolved(self, schema: Node) -> Node:
        """Without references; of several alternatives those that say something, with null as a type."""
        if "$ref" in schema:
            return self.resolved(self._document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
        for word in ("oneOf", "anyOf", "allOf"):
            if word in schema:
                parts = [self.resolved(part) for part in schema[word]]
                real = [part for part in parts if part.get("type") != "null" and part.get("enum") != [""]]
                main = dict(real[0]) if real else {}
                if len(real) < len(parts) and isinstance(main.get("type"), str) and {"type": "null"} in parts:
                    main["type"] = [main["type"], "null"]
                return {**{key: value for key, value in schema.items() if key != word}, **main}
        return schema


def _place_order(parameter: Field) -> int:
    return PLACES.index(parameter.place)


def _choices(schema: Node) -> tuple[str, ...]:
    """Written as in JSON where they are no texts; null is one of the types already."""
    named = [choice for choice in schema.get("enum", ()) if choice is not None]
    shown = [choice if isinstance(choice, str) and choice else json.dumps(choice) for choice in named]
    return (*shown[:MAX_CHOICES], "…") if len(shown) > MAX_CHOICES else tuple(shown)
