"""What is wrong with a schema, or could be better, with the path of each."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from extractions.schemas.fields import DESCRIPTIONS, MAX_DEPTH, MAX_FIELDS, Field, Kind
from extractions.schemas.json_types import JsonMapping

SCALARS = ("string", "number", "integer", "boolean", "enum")
TYPES = (*SCALARS, "object", "array")
EMPTY_WORDS = frozenset(
    # Articles, words for any field, and what stands for nothing, in three languages.
    {"the", "a", "an", "of", "this", "le", "la", "les", "un", "une", "du", "de", "der", "die", "das", "ein", "eine"}
    | {"field", "value", "text", "number", "date", "name", "description", "data", "champ", "valeur", "texte", "nombre"}
    | {"nom", "feld", "wert", "zahl", "todo", "tbd", "xxx"}
)
MAX_NAME = 200  # characters


@dataclass(frozen=True, slots=True)
class Finding:
    """`code` is stable; `path` names the field as people see it, `name` what the sentence is about."""

    code: str
    path: tuple[str, ...] = ()
    name: str = ""
    blocks: bool = True
    """Whether the schema cannot be used as it is."""


def lint(root: Field, schema: JsonMapping) -> list[Finding]:
    """Findings of the form and of its JSON, those that block first."""
    found = [*_names(root, ()), *_object(schema, (), 1)]
    count = sum(1 for _field in root.walk())
    if count > MAX_FIELDS:
        found.append(Finding("many", name=str(count)))
    if not root.fields:
        found.append(Finding("no_fields"))
    unique = list(dict.fromkeys(found))
    return sorted(unique, key=lambda finding: not finding.blocks)


def blocking(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.blocks]


def _names(group: Field, path: tuple[str, ...]) -> Iterator[Finding]:
    """Names within each group; equal ones cannot be seen in JSON."""
    seen: dict[str, str] = {}
    firsts: set[str] = set()
    for child in group.fields:
        own = (*path, child.name)
        alike = _folded(child.name)
        if child.name in firsts:
            yield Finding("same_name", path, child.name)
        elif alike in seen:
            yield Finding("alike", own, seen[alike], blocks=False)
        firsts.add(seen.setdefault(alike, child.name))
        yield from _name(child.name, path)
        if child.kind is Kind.GROUP:
            if not child.fields:
                yield Finding("empty_group", own, blocks=False)
            yield from _names(child, (*own[:-1], f"{child.name}[]") if child.many else own)


def _name(name: str, path: tuple[str, ...]) -> Iterator[Finding]:
    if not name.strip():
        yield Finding("no_name", path)
    elif name != name.strip():
        yield Finding("spaces", path, name)
    elif any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in name):
        yield Finding("control", path, name)
    elif len(name) > MAX_NAME:
        yield Finding("long_name", path, name)
    elif re.search(r"[.\[\]]", name):
        yield Finding("dots", (*path, name), name, blocks=False)


def _field(node: object, path: tuple[str, ...], depth: int) -> Iterator[Finding]:
    if not isinstance(node, Mapping):
        yield Finding("no_object", path)
        return
    kind = node.get("type")
    if not isinstance(kind, str) or kind not in TYPES:
        yield Finding("type", path, _short(kind))
    elif not isinstance(node.get("description", ""), str):
        yield Finding("description", path)
    elif depth > MAX_DEPTH:
        yield Finding("deep", path)
    elif kind == "object":
        yield from _said(node, path)
        yield from _object(node, path, depth)
    elif kind == "array":
        yield from _said(node, path)
        yield from _items(node, path, depth)
    else:
        yield from _said(node, path)
        if kind == "enum" or "enum" in node:
            yield from _enumeration(node, path)


def _items(node: JsonMapping, path: tuple[str, ...], depth: int) -> Iterator[Finding]:
    if "items" not in node:
        yield Finding("no_items", path)
        return
    below = (*path[:-1], f"{path[-1]}[]") if path else path
    items = node["items"]
    # An item needs no description: that of the list says what it holds.
    yield from (found for found in _field(items, below, depth + 1) if found.path != below or found.code != "says_less")


def _object(node: JsonMapping, path: tuple[str, ...], depth: int) -> Iterator[Finding]:
    properties, required = node.get("properties"), node.get("required", [])
    if not isinstance(properties, Mapping):
        yield Finding("properties", path)
        return
    if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
        yield Finding("required_list", path)
    else:
        for name in required:
            if name not in properties:
                yield Finding("required_missing", path, name)
    for name, child in properties.items():
        yield from _field(child, (*path, str(name)), depth + 1)


def _enumeration(node: JsonMapping, path: tuple[str, ...]) -> Iterator[Finding]:
    values, texts = node.get("enum"), node.get(DESCRIPTIONS, [])
    if not isinstance(values, list) or not values:
        yield Finding("no_values", path)
        return
    if not isinstance(texts, list) or len(texts) not in (0, len(values)):
        yield Finding("lengths", path, f"{len(values)}/{len(texts) if isinstance(texts, list) else '–'}")
    times = Counter(map(repr, values))
    for value in values:
        if times[repr(value)] > 1:
            yield Finding("same_value", path, _short(value), blocks=False)
    if any(not str(value).strip() for value in values):
        yield Finding("empty_value", path, blocks=False)


def _said(node: JsonMapping, path: tuple[str, ...]) -> Iterator[Finding]:
    """A description helps only if it says more than the name."""
    if path and not _says_more(str(node.get("description", "")), path[-1], str(node.get("title", ""))):
        yield Finding("says_less", path, blocks=False)


def _says_more(description: str, name: str, title: str) -> bool:
    known = set(_words(name)) | set(_words(title)) | EMPTY_WORDS
    return any(word not in known for word in _words(description))


def _words(text: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return re.findall(r"[^\W_]+", spaced.casefold())


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).casefold()
    return re.sub(r"[\W_]+", "", "".join(letter for letter in plain if not unicodedata.combining(letter))) or name


def _short(value: object) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
