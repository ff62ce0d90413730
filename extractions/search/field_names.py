"""Which field of the schemas a person means: by its name, its title, or a beginning that only one field has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from extractions.folding import plain_words
from extractions.result.schema import leaf_paths, schema_at

MAX_CANDIDATES = 6


def fields_meant(typed: str, schemas: Iterable[object]) -> Sequence[str]:
    """The names of the fields that `typed` may mean, as their values are stored; several if it is ambiguous.

    A name or title that is equal goes before one that only begins so. Empty if no field fits.
    """
    wanted, equal, longer = _plain(typed), dict[str, None](), dict[str, None]()
    if not wanted:
        return []
    for schema in schemas:
        for path in leaf_paths(schema):
            name = path.rpartition(".")[2].partition("[")[0].lower()
            title = schema_at(schema, path).get("title")
            for called in (_plain(name), _plain(title) if isinstance(title, str) else ""):
                if called == wanted:
                    equal[name] = None
                elif called.startswith(wanted):
                    longer[name] = None
    if typed.lower() in equal:
        return [typed.lower()]
    return [*(equal or longer)][:MAX_CANDIDATES]


def _plain(name: str) -> str:
    """Without case, accents and what stands between words."""
    return " ".join(plain_words(name))


def field_label(name: str, schemas: Iterable[object]) -> str:
    """The title of the field in the first schema that gives it one, else its name as words."""
    for schema in schemas:
        for path in leaf_paths(schema):
            if path.rpartition(".")[2].partition("[")[0].lower() == name:
                title = schema_at(schema, path).get("title")
                if isinstance(title, str) and title.strip():
                    return title.strip()
    return name.replace("_", " ").capitalize()
