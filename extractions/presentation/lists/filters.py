"""The filter form, and completions for the search box."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from django.utils.functional import Promise

from extractions.presentation.lists.columns import COLUMNS as LIST_COLUMNS
from extractions.presentation.lists.columns import Column as ListColumn
from extractions.presentation.lists.listing import Listing
from extractions.search.query import COLUMNS, FIELDS, SearchQuery

SUGGESTIONS = 12


@dataclass(frozen=True, slots=True)
class Filter:
    """A select of the form."""

    name: str
    label: str | Promise
    options: list[tuple[str, str]]
    chosen: list[str]

    @property
    def several(self) -> bool:
        return len(self.chosen) > 1


def filters_of(query: SearchQuery) -> list[Filter]:
    """Filters with more than one option, or in use."""
    found = []
    for column in COLUMNS:
        options = [(raw, words) for raw, (_value, words) in column.choices(query).items()]
        if len(options) > 1 or column.parameter in query.parameters:
            found.append(Filter(column.parameter, column.label, options, query.parameters.getlist(column.parameter)))
    return found


def column_choices(listing: Listing) -> list[tuple[ListColumn, bool]]:
    shown = {column.name for column in listing.columns}
    return [(column, column.name in shown) for column in LIST_COLUMNS]


def fields_shown(listing: Listing) -> str:
    return ", ".join(column.field for column in listing.columns if column.field)


def suggestions(query: SearchQuery, typed: str) -> list[str]:
    """Completions of the last word, each with the text before it."""
    start, space, last = typed.rpartition(" ")
    return [f"{start}{space}{item}" for item in islice(_endings(query, last), SUGGESTIONS)] if last else []


def _endings(query: SearchQuery, last: str) -> Iterator[str]:
    name, colon, begun = last.partition(":")
    if not colon:
        names = [f"{field}:" for field in FIELDS] + [f"{field}:" for field in _field_names(query)]
        yield from (known for known in dict.fromkeys(names) if known.startswith(last.lower()) and known != last)
        return
    column = next(
        (item for item in COLUMNS if item.parameter == {"by": "person", "from": "person"}.get(name, name)), None
    )
    for _raw, (_value, words) in column.choices(query).items() if column else ():
        if words.casefold().startswith(begun.strip('"').casefold()):
            yield f'{name}:"{words}"' if " " in words else f"{name}:{words}"
    if name == "received":
        yield from (f"received:{word}" for word in ("today", "yesterday") if word.startswith(begun))


def _field_names(query: SearchQuery) -> list[str]:
    """Lower-case names of the fields of all schemas."""
    found: dict[str, None] = {}
    for schema in query.person_schemas:
        _collect(schema, found)
    return list(found)


def _collect(schema: object, found: dict[str, None]) -> None:
    properties = schema.get("properties") if isinstance(schema, dict) else None
    for name, of in (properties if isinstance(properties, dict) else {}).items():
        found[str(name).lower()] = None
        if isinstance(of, dict):
            _collect(of, found)
            _collect(of.get("items"), found)
