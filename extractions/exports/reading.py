"""Reads the documents of an export in chunks, so that memory use does not grow with their number."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Case, CharField, When
from django.db.models import Value as Literal
from django.db.models.expressions import RawSQL
from django.http import QueryDict
from django.utils import timezone

from extractions.models import Extraction, Value
from extractions.result.rows import RowEdits, row_numbers
from extractions.search.query import SearchQuery
from portal.people.models import User

CHUNK = 500
FACTS = (
    "key", "document", "team", "state", "review", "schema", "classifier", "classified_as", "server", "from",
    "received", "finished", "pages", "seconds", "credits", "metadata",
)  # fmt: skip
_COLUMNS = (
    "key", "name", "team__name", "state", "review_state", "schema__name", "classifier__name", "classifier_result",
    "server", "owner__email", "received_at", "finished_at", "page_count", "extraction_time", "credit_used", "metadata",
)  # fmt: skip
NUMBER, DAY, TEXT = "n", "d", ""
Read = tuple[str, str, str]
"""Path, text and kind of a value. Row numbers in the path are those of the current data."""


@dataclass(slots=True)
class Document:
    pk: int
    schema: int | None
    facts: tuple[Any, ...]
    row_edits: Any
    values: list[Read]


def document_ids(
    person: User, query: str, chosen: Sequence[int] = (), *, teams: Sequence[int] | None = None
) -> array[int]:
    """Ids of the chosen documents, or of all that match the query; an array, at eight bytes each.

    With `teams`, of these only.
    """
    if chosen:
        rows = Extraction.objects.visible_to(person).filter(pk__in=chosen)
    else:
        rows = SearchQuery(person, QueryDict(query), teams).search.every()
    if teams is not None:
        rows = rows.filter(team__in=teams)
    return array("q", rows.newest_first().values_list("pk", flat=True).iterator(chunk_size=10_000))


def listed(numbers: Sequence[int]) -> RawSQL:
    """Ids for an `__in` lookup as a single parameter: compiling hundreds of them takes longer than the lookup."""
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::bigint[])", [list(numbers)])
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(list(numbers))])


def documents(numbers: Sequence[int], *, with_values: bool = True) -> Iterator[list[Document]]:
    """Chunks of documents in the order of the ids, without those deleted meanwhile."""
    for begin in range(0, len(numbers), CHUNK):
        chunk = list(numbers[begin : begin + CHUNK])
        shown = Extraction.objects.filter(pk__in=listed(chunk), delete_requested_at__isnull=True)
        rows = {row[0]: row for row in shown.values_list("pk", "schema_id", "row_edits", *_COLUMNS)}
        values = _values(chunk) if with_values else {}
        yield [
            Document(pk, rows[pk][1], rows[pk][3:], rows[pk][2], _renumbered(values.get(pk, []), rows[pk][2]))
            for pk in chunk
            if pk in rows
        ]


def _values(numbers: Sequence[int]) -> dict[int, list[Read]]:
    kind = Case(
        When(number__isnull=False, then=Literal(NUMBER)),
        When(date__isnull=False, then=Literal(DAY)),
        default=Literal(TEXT),
        output_field=CharField(),
    )
    rows = Value.objects.filter(extraction__in=listed(numbers), removed=False).order_by("extraction", "position")
    found: dict[int, list[Read]] = {}
    for pk, path, text, of in rows.values_list("extraction_id", "path", "text", kind):
        found.setdefault(pk, []).append((path, text, of))
    return found


def _renumbered(values: list[Read], row_edits: object) -> list[Read]:
    """Paths renumbered to the current data, and sorted by their rows."""
    edits = RowEdits.read(row_edits)
    if edits.removed:
        values = [(edits.current(path), text, kind) for path, text, kind in values]
    return sorted(values, key=lambda value: row_numbers(value[0]))


def plain(fact: object) -> Any:
    """A fact in machine-readable form."""
    if isinstance(fact, datetime):
        return timezone.localtime(fact).isoformat(timespec="seconds")
    return "" if fact is None else fact
