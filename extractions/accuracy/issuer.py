"""Who issued a document: the field that a schema has for it, and its value. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from extractions.evidence.fields import Field, Fields
from extractions.evidence.lexicon import concepts, meant
from extractions.result.schema import leaf_paths
from reading.normalization import words_of
from reading.vocabulary import names


@lru_cache(maxsize=1)
def _seller_words() -> frozenset[str]:
    phrases = (*names("parties")["seller"].phrases, *names("parties")["seller"].common)
    said = (word for phrase in concepts("labels")["seller"] for word in phrase)
    return frozenset(said) | {phrase for phrase in phrases if " " not in phrase}


@lru_cache(maxsize=1)
def _name_words() -> frozenset[str]:
    said = (word for phrase in concepts("labels")["name"] for word in phrase)
    return frozenset(said) | {word for phrase in names("attributes")["name"].phrases for word in phrase.split()}


def issuer_paths(schema: object) -> list[str]:
    """Fields that name the issuer, the likeliest first: `supplier.name`, `vendor`, `merchant_name`."""
    fields = Fields(schema)
    ranked = [
        (rank, path) for path in leaf_paths(schema) if "[" not in path and (rank := _rank(fields.at(path))) is not None
    ]
    return [path for _rank_of, path in sorted(ranked, key=lambda item: item[0])]


def _rank(field: Field) -> int | None:
    if field.kinds and "string" not in field.kinds:
        return None
    if meant(field.of, "labels") == "seller" and _is_name(field.words):
        return 0
    return next((rank for rank, words in ((1, field.words), (2, _titled(field))) if _names_seller(words)), None)


def _titled(field: Field) -> tuple[str, ...]:
    return words_of(str(field.schema.get("title") or ""))


def _is_name(words: tuple[str, ...]) -> bool:
    return bool(words) and set(words) <= _name_words() | _seller_words()


def _names_seller(words: tuple[str, ...]) -> bool:
    """ "Supplier" and "supplier name", but not "supplier address"."""
    return meant(words, "labels") == "seller" and _is_name(words)


def issuer_of(paths: Iterable[str], texts: dict[str, str]) -> str:
    """The issuer's name as the values have it; empty if none of the fields has one."""
    for path in paths:
        name = " ".join(texts.get(path, "").split())
        if name:
            return name
    return ""
