"""What a schema says of a value: its type, its choices, and the words that name it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from extractions.evidence.lexicon import NOT_WORDS, Phrase, concepts, meant
from extractions.evidence.spelling import words_of

STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
ROW = re.compile(r"\[\d+\]$")
WRAPPED = frozenset({"value", "amount"})
MOST_WORDS = 12


@dataclass(frozen=True, slots=True)
class Field:
    """A path with what is known of it. `words` name it; `phrases` are what may stand beside it on paper."""

    path: str
    name: str
    parent: str
    schema: Mapping[str, Any] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    hints: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    """The words that name the object it belongs to, such as the buyer."""

    @property
    def in_row(self) -> bool:
        return bool(ROW.search(self.parent))

    @property
    def kinds(self) -> tuple[str, ...]:
        said = self.schema.get("type")
        return tuple(str(one) for one in (said if isinstance(said, list) else [said]) if one)

    @property
    def choices(self) -> list[Any]:
        offered = self.schema.get("enum")
        return offered if isinstance(offered, list) else []

    def means(self, group: str) -> str | None:
        return meant(self.words, group) or meant(words_of(str(self.schema.get("title") or "")), group)


def steps(path: str) -> list[str | int]:
    """`lines[0].amount` is "lines", 0, "amount"."""
    return [int(number) if number else name for number, name in STEP.findall(path)]


def pattern(path: str) -> str:
    """The path of all rows: `lines[].amount`."""
    return re.sub(r"\[\d+\]", "[]", path)


class Fields:
    """The fields of one schema, each looked up once however many rows there are."""

    def __init__(self, schema: Any) -> None:
        self._schema = schema if isinstance(schema, Mapping) else {}
        self._known: dict[str, Field] = {}

    def at(self, path: str) -> Field:
        general = pattern(path) if "[" in path else path
        shared = self._known.get(general)
        if shared is None:
            shared = self._known[general] = self._look(path)
        parent = path.rpartition(".")[0] if not path.endswith("]") else ROW.sub("", path)
        return Field(path, shared.name, parent, shared.schema, shared.words, shared.phrases, shared.hints, shared.of)

    def _look(self, path: str) -> Field:
        schema: Any = self._schema
        names: list[str] = []
        for step in steps(path):
            schema = _inner(schema, step)
            if isinstance(step, str):
                names.append(step)
        node = schema if isinstance(schema, Mapping) else {}
        name = names[-1] if names else ""
        if name in WRAPPED and len(names) > 1 and not path.rpartition(".")[0].endswith("]"):
            names.pop()  # {"amount": 5, "currency": "EUR"} is called like what holds it
        words = words_of(names[-1]) if names else ()
        title, description = str(node.get("title") or ""), str(node.get("description") or "")
        described = words_of(f"{title} {description.partition('(')[0]}")
        hints = [word for word in dict.fromkeys([*words, *described]) if word not in NOT_WORDS and len(word) > 1]
        above = tuple(word for one in names[:-1] for word in words_of(one))
        return Field(path, name, "", node, words, _phrases(words, title), tuple(hints[:MOST_WORDS]), above)


def _inner(schema: Any, step: str | int) -> Any:
    if not isinstance(schema, Mapping):
        return {}
    if isinstance(step, int):
        items = schema.get("items")
        return items if isinstance(items, Mapping) else {}
    properties = schema.get("properties")
    inner = properties.get(step) if isinstance(properties, Mapping) else None
    return inner if isinstance(inner, Mapping) else {}


@lru_cache(maxsize=4096)
def _phrases(words: tuple[str, ...], title: str) -> tuple[Phrase, ...]:
    """What may be printed beside the value: its own name, and what else the like is called."""
    found: list[Phrase] = [words] if words else []
    if title and (said := words_of(title)):
        found.append(said)
    for group in ("amounts", "dates", "codes", "labels"):
        if name := meant(words, group):
            found.extend(concepts()[group][name])
    return tuple(dict.fromkeys(found))


def object_phrases(words: tuple[str, ...]) -> tuple[Phrase, ...]:
    """What may head the block of an object, such as "Bill to" for the buyer."""
    name = meant(words, "labels")
    return (words, *(concepts()["labels"][name] if name else ())) if words else ()
