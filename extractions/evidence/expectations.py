"""Which fields a document of a kind always has, by the vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from extractions.evidence.fields import Fields
from extractions.evidence.labels import SYLLABLES
from extractions.evidence.lexicon import GROUPS
from extractions.result.schema import single_values
from reading.normalization import words_of
from reading.vocabulary import read_table

Words = tuple[str, ...]
ENDING = 2  # letters of a plural


def kinds_named(text: str) -> list[str]:
    """The kinds of document that a class or the name of a schema names, the most telling first."""
    words = words_of(text)
    found: dict[str, int] = {}
    for kind, entry in read_table("document_kinds").items():
        names = [words_of(kind), *map(words_of, entry["names"])]
        if length := max((len(name) for name in names if _within(name, words)), default=0):
            found[kind] = length
    return sorted(found, key=lambda kind: -found[kind])


def expected_paths(schema: object, names: Iterable[str]) -> frozenset[str]:
    """Single fields of the schema that no document of the kind lacks; `names` tell the kind, the surest first."""
    expected = read_table("expected_fields")
    kind = next((kind for name in names for kind in kinds_named(name)[:1] if kind in expected), None)
    if kind is None:
        return frozenset()
    fields, wanted = Fields(schema), set(expected[kind])
    return frozenset(path for path, meanings in _meanings(schema, fields) if meanings & wanted)


def _meanings(schema: object, fields: Fields) -> Iterator[tuple[str, set[str | None]]]:
    for path, _required in single_values(schema):
        of = fields.at(path)
        if not of.of:  # the number of a nested object is not the document's
            yield path, {of.means(group) for group in GROUPS}


def _within(name: Words, words: Words) -> bool:
    starts = range(len(words) - len(name) + 1) if name else ()
    return any(all(map(_same, name, words[at : at + len(name)])) for at in starts)


def _same(word: str, other: str) -> bool:
    """Also in the plural: invoices, Rechnungen."""
    return word == other or (len(word) > SYLLABLES and other.startswith(word) and len(other) - len(word) <= ENDING)
