"""The documents of an export, a few hundred at a time, so that memory does not grow with their number."""

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
from extractions.search.asked import Asked
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
"""Path, text and kind of one value."""


@dataclass(slots=True)
class Document:
    pk: int
    schema: int | None
    facts: tuple[Any, ...]
    values: list[Read]


def numbers_of(person: User, query: str, chosen: Sequence[int] = ()) -> array[int]:
    """Which documents: those that were ticked, or all that match. Eight bytes each, however many."""
    if chosen:
        rows = Extraction.objects.visible_to(person).filter(pk__in=chosen)
    else:
        rows = Asked(person, QueryDict(query)).search.every()
    return array("q", rows.newest_first().values_list("pk", flat=True).iterator(chunk_size=10_000))


def listed(numbers: Sequence[int]) -> RawSQL:
    """These numbers for a lookup `__in`, as one parameter: a list of hundreds takes longer to write than to look up."""
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::bigint[])", [list(numbers)])
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(list(numbers))])


def documents(numbers: Sequence[int], *, with_values: bool = True) -> Iterator[list[Document]]:
    """In the order of the numbers. What was deleted meanwhile is left out."""
    for begin in range(0, len(numbers), CHUNK):
        chunk = list(numbers[begin : begin + CHUNK])
        shown = Extraction.objects.filter(pk__in=listed(chunk), delete_requested_at__isnull=True)
        rows = {row[0]: row for row in shown.values_list("pk", "schema_id", *_COLUMNS)}
        values = _values(chunk) if with_values else {}
        yield [
            Document(pk, rows[pk][1], rows[pk][2:], values.get(pk, [])) for pk in chunk if pk in rows
        ]  # fmt: skip


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


def plain(fact: Any) -> Any:
    """A fact of a document as other programs read it."""
    if isinstance(fact, datetime):
        return timezone.localtime(fact).isoformat(timespec="seconds")
    return "" if fact is None else fact
