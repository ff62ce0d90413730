"""The form of filters beside the box, and what may be suggested while somebody types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.utils.functional import Promise

from extractions.presentation.columns import COLUMNS as LIST_COLUMNS
from extractions.presentation.columns import Column as ListColumn
from extractions.presentation.listing import Listing
from extractions.search.asked import COLUMNS, FIELDS, Asked

SUGGESTIONS = 12


@dataclass(frozen=True, slots=True)
class Filter:
    """One choice of the form."""

    name: str
    label: str | Promise
    options: list[tuple[str, str]]
    chosen: list[str]

    @property
    def several(self) -> bool:
        return len(self.chosen) > 1


def filters_of(asked: Asked) -> list[Filter]:
    """Only those that have something to choose from."""
    found = []
    for column in COLUMNS:
        options = [(raw, words) for raw, (_value, words) in column.choices(asked).items()]
        if len(options) > 1 or column.parameter in asked.parameters:
            found.append(Filter(column.parameter, column.label, options, asked.parameters.getlist(column.parameter)))
    return found


def column_choices(listing: Listing) -> list[tuple[ListColumn, bool]]:
    shown = {column.name for column in listing.columns}
    return [(column, column.name in shown) for column in LIST_COLUMNS]


def fields_shown(listing: Listing) -> str:
    return ", ".join(column.field for column in listing.columns if column.field)


def suggestions(asked: Asked, typed: str) -> list[str]:
    """The whole text with its last word finished, in a few ways."""
    start, space, last = typed.rpartition(" ")
    return [f"{start}{space}{one}" for one in islice(_endings(asked, last), SUGGESTIONS)] if last else []


def _endings(asked: Asked, last: str) -> Iterator[str]:
    name, colon, begun = last.partition(":")
    if not colon:
        names = [f"{field}:" for field in FIELDS] + [f"{field}:" for field in _field_names(asked)]
        yield from (one for one in dict.fromkeys(names) if one.startswith(last.lower()) and one != last)
        return
    column = next((one for one in COLUMNS if one.parameter == {"by": "person", "from": "person"}.get(name, name)), None)
    for _raw, (_value, words) in column.choices(asked).items() if column else ():
        if words.casefold().startswith(begun.strip('"').casefold()):
            yield f'{name}:"{words}"' if " " in words else f"{name}:{words}"
    if name == "received":
        yield from (f"received:{word}" for word in ("today", "yesterday") if word.startswith(begun))


def _field_names(asked: Asked) -> list[str]:
    """Names of the fields of all schemas."""
    found: dict[str, None] = {}
    for schema in asked.person_schemas:
        _collect(schema, found)
    return list(found)


def _collect(schema: Any, found: dict[str, None]) -> None:
    properties = schema.get("properties") if isinstance(schema, dict) else None
    for name, of in (properties if isinstance(properties, dict) else {}).items():
        found[str(name).lower()] = None
        if isinstance(of, dict):
            _collect(of, found)
            _collect(of.get("items"), found)
