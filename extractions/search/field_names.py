"""Which field of the schemas a person means: by its name, a title in any language, or a beginning that no other has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from django.utils.translation import get_language

from extractions.folding import plain_words, written_words
from extractions.result.field_labels import title_of, titles_of
from extractions.result.schema import leaf_paths, schema_at

MAX_CANDIDATES = 6
TYPED = re.compile(r"[^\W\d]\w*")


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
            for called in (_plain(name), *map(_plain, titles_of(schema_at(schema, path)))):
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
    language = get_language() or ""
    for schema in schemas:
        for path in leaf_paths(schema):
            is_meant = path.rpartition(".")[2].partition("[")[0].lower() == name
            if is_meant and (title := title_of(schema_at(schema, path), language)):
                return title
    return name.replace("_", " ").capitalize()


def typed_name(name: str, schemas: Iterable[object]) -> str:
    """What to type for a field in the reader's language, such as `total_ttc`; its name if the title is ambiguous."""
    schemas = list(schemas)
    title = "_".join(written_words(field_label(name, schemas))).lower()
    return title if TYPED.fullmatch(title) and fields_meant(title, schemas) == [name] else name
