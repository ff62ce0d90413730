"""One condition on documents, in the forms that the database needs: to look its documents up, and to check one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.db import connection
from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, When
from django.db.models import Value as Literal
from django.utils import timezone

from extractions.models import Extraction, ExtractionQuerySet, MetadataPair, Tagging, Value
from extractions.models.pieces import Beginning
from extractions.search.language import Span

VALUES_OF_ONE = 4  # of the same name; where documents have more, they count as more documents
RELATIONS = {":": "exact", "=": "exact", ">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}


@dataclass(frozen=True)
class Condition:
    """Narrows a query, and finds the numbers of its documents by an index of its own where it has one. By itself, it
    asks for nothing."""

    along: ClassVar[str] = ""
    """The order of which it cuts out a stretch."""
    common: ClassVar[bool] = False
    """Whether most documents fit."""

    def narrow(self, rows: ExtractionQuerySet) -> ExtractionQuerySet:
        """For the one index that is walked."""
        return rows

    def loosely(self, rows: ExtractionQuerySet) -> ExtractionQuerySet:
        """The same, so that no database thinks of walking another index for it."""
        return self.narrow(rows)

    def numbers(self, teams: Sequence[int], most: int) -> list[int] | None:
        """At most so many of its documents; None if only looking at each document tells."""
        return None

    def walks(self, order: str) -> tuple[Condition, ...]:
        """Conditions that together are this one, where an index has the documents of each in this order."""
        return ()


@dataclass(frozen=True)
class ColumnIs(Condition):
    """A column of the document has one of these values."""

    column: str
    values: tuple[Any, ...]
    indexed: bool = True

    def narrow(self, rows: ExtractionQuerySet) -> ExtractionQuerySet:
        return rows.filter(self._q)

    def loosely(self, rows: ExtractionQuerySet) -> ExtractionQuerySet:
        # PostgreSQL takes a comparison that it knows nothing of for one that hardly any row passes, and sorts them all;
        # of a CASE it thinks that half of them do, and walks.
        return rows.filter(Case(When(self._q, then=Literal(True)), default=Literal(False), output_field=BooleanField()))

    def numbers(self, teams: Sequence[int], most: int) -> list[int] | None:
        if not self.indexed:
            return None
        rows = Extraction.objects.filter(self._q, team__in=teams, delete_requested_at__isnull=True)
        return list(rows.order_by().values_list("pk", flat=True)[:most])

    def walks(self, order: str) -> tuple[Condition, ...]:
        there_is = order == "received_at" or (order == "finished_at" and self.column == "state")
        return tuple(replace(self, values=(one,)) for one in self.values) if self.indexed and there_is else ()

    @property
    def common(self) -> bool:  # type: ignore[override]
        return self.values == (Extraction.State.EXTRACTED,)

    @property
    def _q(self) -> Q:
        given = [one for one in self.values if one is not None]
        q = Q(**{self.column: given[0]}) if len(given) == 1 else Q(**{f"{self.column}__in": given})
        missing = Q(**{f"{self.column}__isnull": True})
        if len(given) == len(self.values):
            return q
        return q | missing if given else missing


@dataclass(frozen=True)
class ReceivedIn(Condition):
    """Received within these days of the reader; either end may be open."""

    first: date | None = None
    last: date | None = None
    along: ClassVar[str] = "received_at"

    def narrow(self, rows: ExtractionQuerySet) -> ExtractionQuerySet:
        if self.first:
            rows = rows.filter(received_at__gte=beginning(self.first))
        if self.last:
            rows = rows.filter(received_at__lt=beginning(self.last + timedelta(days=1)))
        return rows

    def numbers(self, teams: Sequence[int], most: int) -> list[int]:
        rows = Extraction.objects.filter(team__in=teams, delete_requested_at__isnull=True)
        return list(self.narrow(rows).order_by().values_list("pk", flat=True)[:most])


@dataclass(frozen=True)
class Ended(Condition):
    """Came to its end at this moment or later; without a moment, ever."""

    since: datetime | None = None
    along: ClassVar[str] = "finished_at"

    def narrow(self, rows: ExtractionQuerySet) -> ExtractionQuerySet:
        return rows.filter(finished_at__gte=self.since) if self.since else rows.filter(finished_at__isnull=False)


@dataclass(frozen=True)
class HasValue(Condition):
    """A field that was read has this value, in any of its rows. Looked up by number, day or the text's beginning."""

    name: str
    relation: str
    given: Decimal | Span | str
    begins: bool = False

    def narrow(self, rows: ExtractionQuerySet) -> ExtractionQuerySet:
        # Without the team, so that each document's few values are read and not all values of that name.
        return rows.filter(Exists(self._values().filter(extraction=OuterRef("pk"))))

    def numbers(self, teams: Sequence[int], most: int) -> list[int]:
        # A document has few values of one name. To ask for each only once, a database would read them all first.
        rows = self._values().filter(team_number__in=teams).order_by()
        found = list(rows.values_list("extraction_id", flat=True)[: most * VALUES_OF_ONE])
        return found[:most] if len(found) == most * VALUES_OF_ONE else list(dict.fromkeys(found))[:most]

    def _values(self) -> QuerySet[Value]:
        rows = Value.objects.filter(name=self.name, removed=False)
        match self.given:
            case Decimal():
                return rows.filter(**{f"number__{RELATIONS[self.relation]}": self.given, "number__isnull": False})
            case Span():
                return rows.filter(_within(self.given, self.relation), date__isnull=False)
            case text:
                return _with_text(rows, str(text), self.begins)


@dataclass(frozen=True)
class HasMetadata(Condition):
    key: str
    value: str

    def narrow(self, rows: ExtractionQuerySet) -> ExtractionQuerySet:
        return rows.filter(Exists(self._pairs().filter(extraction=OuterRef("pk"))))

    def numbers(self, teams: Sequence[int], most: int) -> list[int]:
        found = self._pairs().filter(team_number__in=teams).order_by()
        return list(found.values_list("extraction_id", flat=True)[:most])

    def _pairs(self) -> QuerySet[MetadataPair]:
        pairs = MetadataPair.objects.filter(key=self.key)
        return pairs.filter(value=self.value) if self.value else pairs


@dataclass(frozen=True)
class HasTag(Condition):
    tags: tuple[int, ...]

    def narrow(self, rows: ExtractionQuerySet) -> ExtractionQuerySet:
        return rows.filter(Exists(Tagging.objects.filter(extraction=OuterRef("pk"), tag__in=self.tags)))

    def numbers(self, teams: Sequence[int], most: int) -> list[int]:
        found = Tagging.objects.filter(tag__in=self.tags, tag__team__in=teams).order_by()
        return list(found.values_list("extraction_id", flat=True)[:most])


@dataclass(frozen=True)
class Nothing(Condition):
    """What was typed can fit no document."""

    def narrow(self, rows: ExtractionQuerySet) -> ExtractionQuerySet:
        return rows.filter(pk__lt=0)

    def numbers(self, teams: Sequence[int], most: int) -> list[int]:
        return []


def beginning(day: date) -> datetime:
    """The first moment of a day in the reader's time zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


def _within(span: Span, relation: str) -> Q:
    match relation:
        case ">":
            return Q(date__gt=span.last)
        case ">=":
            return Q(date__gte=span.first)
        case "<":
            return Q(date__lt=span.first)
        case "<=":
            return Q(date__lte=span.last)
    return Q(date__gte=span.first, date__lte=span.last)


def _with_text(rows: QuerySet[Value], text: str, begins: bool) -> QuerySet[Value]:
    start = text[: Beginning.LENGTH].upper()
    rows = rows.alias(beginning=Beginning("text"))
    if not begins:
        return rows.filter(beginning=start)
    if connection.vendor == "postgresql":
        return rows.filter(beginning__startswith=start)
    return rows.filter(beginning__gte=start, beginning__lt=start + "\U0010ffff")
