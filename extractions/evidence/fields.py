"""What a schema says of a value: its type, its choices, and the words that name it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from extractions.evidence.lexicon import GROUPS, NOT_WORDS, Group, Phrase, Phrases, meant, printed
from extractions.result.paths import general_path, names_of
from extractions.result.rows import is_row, split_row
from extractions.result.schema import as_schema, kinds_of, schema_at
from reading.normalization import words_of

WRAPPED = frozenset({"value", "amount"})
MOST_WORDS = 12


@dataclass(frozen=True, slots=True)
class Field:
    """A path with what is known of it. `words` name it; `phrases` are what may stand beside it on paper."""

    path: str
    name: str
    parent: str
    schema: Mapping[str, object] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    phrases: Phrases = field(default_factory=Phrases)
    hints: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    """The words that name the object it belongs to, such as the buyer."""

    @property
    def in_row(self) -> bool:
        return is_row(self.parent)

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(kinds_of(self.schema))

    @property
    def choices(self) -> list[object]:
        offered = self.schema.get("enum")
        return offered if isinstance(offered, list) else []

    def means(self, group: Group) -> str | None:
        return meant(self.words, group) or meant(words_of(str(self.schema.get("title") or "")), group)


class Fields:
    """The fields of one schema, each looked up once however many rows there are."""

    def __init__(self, schema: object) -> None:
        self._schema = as_schema(schema)
        self._known: dict[str, Field] = {}

    def at(self, path: str) -> Field:
        general = general_path(path)
        shared = self._known.get(general)
        if shared is None:
            shared = self._known[general] = self._look(path)
        parent = split_row(path)[0] if is_row(path) else path.rpartition(".")[0]
        return Field(path, shared.name, parent, shared.schema, shared.words, shared.phrases, shared.hints, shared.of)

    def _look(self, path: str) -> Field:
        node = schema_at(self._schema, path)
        names = names_of(path)
        name = names[-1] if names else ""
        if name in WRAPPED and len(names) > 1 and not path.rpartition(".")[0].endswith("]"):
            names.pop()  # {"amount": 5, "currency": "EUR"} is called like what holds it
        words = words_of(names[-1]) if names else ()
        title, description = str(node.get("title") or ""), str(node.get("description") or "")
        described = words_of(f"{title} {description.partition('(')[0]}")
        hints = [word for word in dict.fromkeys([*words, *described]) if word not in NOT_WORDS and len(word) > 1]
        above = tuple(word for name in names[:-1] for word in words_of(name))
        return Field(path, name, "", node, words, _phrases(words, title), tuple(hints[:MOST_WORDS]), above)


@lru_cache(maxsize=4096)
def _phrases(words: tuple[str, ...], title: str) -> Phrases:
    """What may be printed beside the value: its own name, and what else the like is called."""
    found: list[Phrase] = [words] if words else []
    if title and (said := words_of(title)):
        found.append(said)
    for group in GROUPS:
        if name := meant(words, group):
            found.extend(printed(group, name))
    return Phrases(found)


@lru_cache(maxsize=4096)
def object_phrases(words: tuple[str, ...]) -> Phrases:
    """What may head the block of an object, such as "Bill to" for the buyer."""
    name = meant(words, "labels")
    return Phrases([words, *(printed("labels", name) if name else ())]) if words else Phrases()
