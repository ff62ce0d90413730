"""The fields that documents of a kind usually have, as a schema to read with, and what was read so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from reading.vocabulary import read_table

from ..parsing import Parsed
from ..parsing.concepts import meaning_of
from ..parsing.fields import Field, Type
from ..parsing.schema_extractor import SchemaExtractor
from ..parsing.text_grid import Span
from .found import Found

_ANYWHERE = ("iban", "bic", "email", "phone", "website", "currency")
"""What may stand on any document, and is recognised by its shape."""
_JSON_TYPES = {"date": "string", "text": "string", "choice": "string"}
_ENOUGH = 0.35
"""How likely a value must be right for its field to be proposed."""
_SHOWN_ROWS = 3

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A field of the vocabulary at its place in the schema; `below` has the fields of a group by their names."""

    key: str
    facts: Mapping[str, Any]
    aside: bool
    below: Mapping[str, _Entry]

    @property
    def many(self) -> bool:
        return bool(self.facts.get("many"))


class KnownFields:
    """The usual fields of one starting point, or those that may stand anywhere."""

    def __init__(self, start: str) -> None:
        table = read_table("schema_fields")
        facts = read_table("schema_starts").get(start)
        keys = [*facts["fields"], *facts.get("more", ())] if facts else list(_ANYWHERE)
        self._entries = _entries(keys, [], table)
        self.schema: Node = _schema_of(self._entries)

    @staticmethod
    def start_of(kind: str) -> str:
        return _starts().get(kind, "")

    @staticmethod
    def named(label: str, *, amounts: bool) -> str:
        """The field of the vocabulary that a printed label plainly means; empty if it is none, or somebody's own.

        What amounts are called is plain on documents of trade only: a deposit may be one on rooms.
        """
        meaning = meaning_of(Field(label, Type.STRING))
        if meaning.confidence < _PLAIN or meaning.party:
            return ""
        key = _by_concept().get(meaning.concept, "")
        return key if amounts or not key or read_table("schema_fields")[key]["kind"] != "number" else ""

    def found(self, parsed: Parsed, extractor: SchemaExtractor) -> list[Found]:
        data = parsed.data if isinstance(parsed.data, dict) else {}
        return list(_found(self._entries, data, _Read(parsed, extractor), "", ""))


_PLAIN = 0.9


@cache
def known_fields(start: str) -> KnownFields:
    return KnownFields(start)


@cache
def _starts() -> dict[str, str]:
    """The starting point by which documents of each kind are read."""
    starts = read_table("schema_starts")
    return {kind: slug for slug, start in starts.items() for kind in start["kinds"]}


@cache
def _by_concept() -> dict[str, str]:
    found: dict[str, str] = {}
    for key, facts in read_table("schema_fields").items():
        if facts["kind"] == "group":
            continue
        name, title, _description = facts["en"]
        meaning = meaning_of(Field(name, Type.STRING, title=title))
        if meaning.confidence >= _PLAIN and not meaning.party:
            found.setdefault(meaning.concept, key)
    return found


def _entries(keys: list[str], aside: list[str], table: Mapping[str, Any]) -> dict[str, _Entry]:
    found: dict[str, _Entry] = {}
    for key in (*keys, *aside):
        facts = table[key.removesuffix("!")]
        below = _entries([*facts.get("fields", ()), *facts.get("more", ())], facts.get("aside", []), table)
        found.setdefault(facts["en"][0], _Entry(key.removesuffix("!"), facts, key in aside, below))
    return found


def _schema_of(entries: Mapping[str, _Entry]) -> Node:
    return {"type": "object", "properties": {name: _node(entry) for name, entry in entries.items()}}


def _node(entry: _Entry) -> Node:
    facts = entry.facts
    _name, title, description = facts["en"]
    kind = facts["kind"]
    node = _schema_of(entry.below) if kind == "group" else {"type": _JSON_TYPES.get(kind, kind)}
    if kind == "date":
        node["format"] = "date"
    if kind == "choice":
        node["enum"] = [choice["value"] for choice in facts["choices"]]
        node["context:descriptions"] = [choice["en"] for choice in facts["choices"]]
    if entry.many:
        return {"type": "array", "title": title, "description": description, "items": node}
    return node | {"title": title, "description": description}


@dataclass(frozen=True, slots=True)
class _Read:
    parsed: Parsed
    extractor: SchemaExtractor

    def single(self, entry: _Entry, value: object, path: str, known: str) -> Found | None:
        spans = tuple(self.parsed.places.get(path, ()))
        likely = self.parsed.confidence.get(path, 0.0)
        if value is None or value == "" or not spans or likely < _ENOUGH:
            return None
        kind = entry.facts["kind"]
        options = tuple(choice["value"] for choice in entry.facts.get("choices", ()))
        shown = _printed(spans) if kind != "choice" else str(value)
        return Found(kind, shown, spans, known, options=options, score=likely, aside=entry.aside)


def _found(
    entries: Mapping[str, _Entry], data: Mapping[str, Any], read: _Read, path: str, above: str
) -> Iterator[Found]:
    for name, entry in entries.items():
        own = f"{path}.{name}" if path else name
        known = f"{above}.{entry.key}" if above else entry.key
        value = data.get(name)
        if entry.facts["kind"] != "group":
            if single := read.single(entry, value, own, known):
                yield single
        elif entry.many:
            yield from _table(entry, value, read, own, known)
        elif isinstance(value, dict):
            below = tuple(_found(entry.below, value, read, own, known))
            if any(not item.aside for item in below):
                yield Found("group", "", (), known, columns=below, score=max(item.score for item in below))


def _table(entry: _Entry, value: object, read: _Read, path: str, known: str) -> Iterator[Found]:
    """The columns that are filled in some row, each with its first cell; all cells count as places of the table."""
    rows = [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
    columns = []
    for name, below in entry.below.items():
        cells = [(row[name], f"{path}[{at}].{name}") for at, row in enumerate(rows) if row.get(name) is not None]
        places = [tuple(read.parsed.places.get(cell, ())) for _value, cell in cells]
        once = len(places) > 1 and len(set(places)) == 1  # said beside the table, for all rows of it
        if not any(places) or len(cells) * 3 < len(rows) or once:
            continue
        first = next(spans for spans in places if spans)
        others = tuple(span for spans in places if spans is not first for span in spans)
        columns.append(Found(below.facts["kind"], _printed(first), first, f"{known}.{below.key}", others=others))
    if len(columns) > 1:
        yield Found("group", "", (), known, many=True, columns=tuple(columns))


def _printed(spans: tuple[Span, ...]) -> str:
    return re.sub(r"\s+", " ", " ".join(span.text for span in spans)).strip()
