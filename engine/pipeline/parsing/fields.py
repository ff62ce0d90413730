"""The schema as a tree of fields: what is asked for, with all the dialects of the schema language read alike."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Type(StrEnum):
    STRING = "string"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    OBJECT = "object"
    ARRAY = "array"


@dataclass(frozen=True, slots=True)
class Option:
    """One value that an enumeration allows, and what the schema says about it."""

    value: Any
    description: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One place of the schema. Two places are never the same, however alike; so the values of an enumeration, which
    may be lists, are not hashed, nor is a whole tree at every look-up."""

    name: str
    type: Type
    description: str = ""
    title: str = ""
    format: str = ""
    options: tuple[Option, ...] = ()
    children: tuple[Field, ...] = ()
    items: Field | None = None

    @property
    def quoted(self) -> list[str]:
        """Labels that the description quotes: they are what is printed beside the value."""
        said = _EXAMPLE.sub("", _SECTION.sub("", self.description))
        return [next(filter(None, found)) for found in _QUOTED.findall(said)]

    @property
    def is_date(self) -> bool:
        return self.format in ("date", "date-time")

    @property
    def gist(self) -> str:
        """What the description says before its first full stop or bracket."""
        return self.description.split(".")[0].split("(")[0]

    @property
    def as_printed(self) -> bool:
        """Whether the words are wanted as they stand, not in a normal form."""
        return self.format != "date" and bool(_PRINTED.search(self.description))


_QUOTED = re.compile(
    r"\"([^\"]{2,80})\"|“([^”]{2,80})”|«\s?([^»]{2,80}?)\s?»|„([^“”]{2,80})[“”]|(?<!\w)'([^']{2,80})'(?!\w)"
)
_SECTION = re.compile(
    r"\(?\b(?:section|abschnitt|rubrique|bereich|sektion)\b:? [\"“«„'][^\"“”»']*[\"“”»']\)?", re.IGNORECASE
)
"""Where on the page the label stands: no label of the value."""
_ONE = r"(?:\"[^\"]{1,80}\"|“[^”]{1,80}”|«[^»]{1,80}»|„[^“”]{1,80}[“”]|'[^']{1,80}'(?!\w))"
_EXAMPLE = re.compile(
    r"\b(?:e\.\s?g\.|for example|such as|like|not|z\.\s?b\.|par exemple|zum beispiel|ex\.)[:,]?\s*"
    rf"{_ONE}(?:(?:\s*,)?\s*(?:or|and|oder|und|ou|et)?\s*{_ONE})*",
    re.IGNORECASE,
)
"""What a value may look like, or what is meant by no means."""
_PRINTED = re.compile(
    r"\b(printed|as written|verbatim|as shown|as is|tel qu|imprim|wörtlich|wie gedruckt|afgedrukt)", re.IGNORECASE
)


_CLAUSE = re.compile(r"[.,;:()\[\]–—/]| - ")


def clauses(description: str) -> list[str]:
    """The parts of a description between stops, each of which may name what is asked for."""
    return _CLAUSE.split(description)


def read_schema(schema: Mapping[str, Any]) -> Field:
    """The root of the tree. What the language does not know is taken as a string, never refused here."""
    return _field("", schema)


def _field(name: str, node: object) -> Field:
    node = node if isinstance(node, Mapping) else {}
    kind = _type(node)
    properties = node.get("properties") if kind is Type.OBJECT else None
    children = properties.items() if isinstance(properties, Mapping) else ()
    items = node.get("items", {}) if kind is Type.ARRAY else None
    return Field(
        name=name,
        type=kind,
        description=str(node.get("description") or ""),
        title=str(node.get("title") or ""),
        format=str(node.get("format") or ""),
        options=_options(node),
        children=tuple(_field(str(key), child) for key, child in children),
        items=None if items is None else _field(name, items),
    )


def _type(node: Mapping[str, Any]) -> Type:
    given = node.get("type")
    if isinstance(given, Sequence) and not isinstance(given, str):
        given = next((kind for kind in given if kind != "null"), None)
    if given in set(Type):
        return Type(given)
    if "properties" in node:
        return Type.OBJECT
    return Type.ARRAY if "items" in node else Type.STRING


def _options(node: Mapping[str, object]) -> tuple[Option, ...]:
    values = node.get("enum")
    if not isinstance(values, Sequence) or isinstance(values, str):
        return ()
    texts = node.get("context:descriptions")
    texts = list(texts) if isinstance(texts, Sequence) and not isinstance(texts, str) else []
    texts += [""] * (len(values) - len(texts))
    return tuple(
        Option(value, str(text or "")) for value, text in zip(values, texts, strict=False) if value is not None
    )
