"""Conditions on documents, in the forms that the executor needs: ids from an index, or a filter on rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import islice, product
from typing import ClassVar

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, When
from django.db.models import Value as Literal

from extractions.folding import umlauts, written_words
from extractions.models import Extraction, ExtractionQuerySet, MetadataPair, Tagging, Value
from extractions.search.language import Span
from portal.parameters import end_of_day, start_of_day

VALUES_OF_ONE = 4  # of the same name in one document; a document with more counts more than once against the limit
SPELLINGS = 16  # of the words of one condition
RELATIONS = {":": "exact", "=": "exact", ">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}


@dataclass(frozen=True)
class Condition:
    """Narrows a query, and finds matching ids by an index of its own if it has one. The base class matches
    everything."""

    range_column: ClassVar[str] = ""
    """The sort column of which it is a range."""
    is_common: ClassVar[bool] = False
    """Whether most documents match."""

    def narrow(self, rows: ExtractionQuerySet) -> ExtractionQuerySet:
        """As a plain filter, which the database may answer by index."""
        return rows

    def narrow_without_index(self, rows: ExtractionQuerySet) -> ExtractionQuerySet:
        """As a filter in a form that keeps the planner from choosing another index for it."""
        return self.narrow(rows)

    def numbers(self, teams: Sequence[int], limit: int) -> list[int] | None:
        """Ids of at most `limit` matching documents; None without an index to find them by."""
        return None

    def index_scans(self, order: str) -> tuple[Condition, ...]:
        """Disjoint conditions equivalent to this one, for each of which an index yields rows in this order."""
        return ()


@dataclass(frozen=True)
class ColumnIs(Condition):
    """A column of the document has one of these values; None stands for NULL."""

    column: str
    values: tuple[object, ...]
    indexed: bool = True

    def narrow(self, rows: ExtractionQuerySet) -> ExtractionQuerySet:
        return rows.filter(self._q)

    def narrow_without_index(self, rows: ExtractionQuerySet) -> ExtractionQuerySet:
        # PostgreSQL estimates that an opaque comparison passes hardly any row, and sorts them all. It estimates that a
        # CASE passes half of the rows, and scans in index order.
        return rows.filter(Case(When(self._q, then=Literal(True)), default=Literal(False), output_field=BooleanField()))

    def numbers(self, teams: Sequence[int], limit: int) -> list[int] | None:
        if not self.indexed:
            return None
        rows = Extraction.objects.filter(self._q, team__in=teams, delete_requested_at__isnull=True)
        return list(rows.order_by().values_list("pk", flat=True)[:limit])

    def index_scans(self, order: str) -> tuple[Condition, ...]:
        has_index = order == "received_at" or (order == "finished_at" and self.column == "state")
        return tuple(replace(self, values=(value,)) for value in self.values) if self.indexed and has_index else ()

    @property
    def is_common(self) -> bool:  # type: ignore[override]
        return self.values == (Extraction.State.EXTRACTED,)

    @property
    def _q(self) -> Q:
        given = [value for value in self.values if value is not None]
        q = Q(**{self.column: given[0]}) if len(given) == 1 else Q(**{f"{self.column}__in": given})
        missing = Q(**{f"{self.column}__isnull": True})
        if len(given) == len(self.values):
            return q
        return q | missing if given else missing


@dataclass(frozen=True)
class Held(Condition):
    """Goes no further while its connection is paused; or, `but`, does go on."""

    but: bool = False

    def narrow(self, rows: ExtractionQuerySet) -> ExtractionQuerySet:
        # No join: Django would have to repeat it for each condition.
        held = Exists(Extraction.objects.filter(pk=OuterRef("pk")).held())
        return rows.filter(~held if self.but else held)


@dataclass(frozen=True)
class Checked(Condition):
    """Its values have been looked for on the pages."""

    def narrow(self, rows: ExtractionQuerySet) -> ExtractionQuerySet:
        return rows.filter(evidence_due_at__isnull=True)

    def narrow_without_index(self, rows: ExtractionQuerySet) -> ExtractionQuerySet:
        checked = When(evidence_due_at__isnull=True, then=Literal(True))
        return rows.filter(Case(checked, default=Literal(False), output_field=BooleanField()))


@dataclass(frozen=True)
class ReceivedIn(Condition):
    """Received within these days, in the reader's time zone; either end may be open."""

    first: date | None = None
    last: date | None = None
    range_column: ClassVar[str] = "received_at"

    def narrow(self, rows: ExtractionQuerySet) -> ExtractionQuerySet:
        if self.first:
            rows = rows.filter(received_at__gte=start_of_day(self.first))
        if self.last:
            rows = rows.filter(received_at__lt=end_of_day(self.last))
        return rows

    def numbers(self, teams: Sequence[int], limit: int) -> list[int]:
        rows = Extraction.objects.filter(team__in=teams, delete_requested_at__isnull=True)
        return list(self.narrow(rows).order_by().values_list("pk", flat=True)[:limit])


@dataclass(frozen=True)
class Finished(Condition):
    """Finished at this moment or later, and before the other; without them, finished at all."""

    since: datetime | None = None
    before: datetime | None = None
    range_column: ClassVar[str] = "finished_at"

    def narrow(self, rows: ExtractionQuerySet) -> ExtractionQuerySet:
        rows = rows.filter(finished_at__gte=self.since) if self.since else rows.filter(finished_at__isnull=False)
        return rows.filter(finished_at__lt=self.before) if self.before else rows


@dataclass(frozen=True)
class Words:
    """Consecutive words anywhere in a text; with `begins`, the last one may go on."""

    text: str
    begins: bool = False

    @property
    def q(self) -> Q:
        end = "" if self.begins else " "
        spelled = islice(product(*(umlauts(word) for word in written_words(self.text))), SPELLINGS)
        found = Q()
        for words in spelled:
            found |= Q(folded__contains=f" {' '.join(words)}{end}")
        return found


Reading = Decimal | Span | Words


@dataclass(frozen=True)
class HasValue(Condition):
    """A field has this value in any row. What was typed may be a number, a day and words: each is looked for by an
    index of its own."""

    name: str
    relation: str
    readings: tuple[Reading, ...]

    def narrow(self, rows: ExtractionQuerySet) -> ExtractionQuerySet:
        # No condition on the team: the database is to read the document's few values, not all values of that name.
        fits = Q()
        for reading in self.readings:
            fits |= self._fits(reading)
        return rows.filter(Exists(self._values().filter(fits, extraction=OuterRef("pk"))))

    def numbers(self, teams: Sequence[int], limit: int) -> list[int]:
        found: dict[int, None] = {}
        for reading in self.readings:
            # A document has few values of one name, while DISTINCT would make the database read them all first.
            rows = self._values().filter(self._fits(reading), team_number__in=teams).order_by()
            pks = list(rows.values_list("extraction_id", flat=True)[: limit * VALUES_OF_ONE])
            if len(pks) == limit * VALUES_OF_ONE:
                return pks[:limit]
            found |= dict.fromkeys(pks)
        return list(found)[:limit]

    def _values(self) -> QuerySet[Value]:
        return Value.objects.filter(name=self.name, removed=False)

    def _fits(self, reading: Reading) -> Q:
        match reading:
            case Decimal():
                return Q(**{f"number__{RELATIONS[self.relation]}": reading, "number__isnull": False})
            case Span():
                return _within(reading, self.relation) & Q(date__isnull=False)
        return reading.q & Q(number__isnull=True)


@dataclass(frozen=True)
class HasMetadata(Condition):
    key: str
    value: str

    def narrow(self, rows: ExtractionQuerySet) -> ExtractionQuerySet:
        return rows.filter(Exists(self._pairs().filter(extraction=OuterRef("pk"))))

    def numbers(self, teams: Sequence[int], limit: int) -> list[int]:
        found = self._pairs().filter(team_number__in=teams).order_by()
        return list(found.values_list("extraction_id", flat=True)[:limit])

    def _pairs(self) -> QuerySet[MetadataPair]:
        pairs = MetadataPair.objects.filter(key=self.key)
        return pairs.filter(value=self.value) if self.value else pairs


@dataclass(frozen=True)
class HasTag(Condition):
    tags: tuple[int, ...]

    def narrow(self, rows: ExtractionQuerySet) -> ExtractionQuerySet:
        return rows.filter(Exists(Tagging.objects.filter(extraction=OuterRef("pk"), tag__in=self.tags)))

    def numbers(self, teams: Sequence[int], limit: int) -> list[int]:
        found = Tagging.objects.filter(tag__in=self.tags, tag__team__in=teams).order_by()
        return list(found.values_list("extraction_id", flat=True)[:limit])


@dataclass(frozen=True)
class MatchNone(Condition):
    """Matches no document."""

    def narrow(self, rows: ExtractionQuerySet) -> ExtractionQuerySet:
        return rows.filter(pk__lt=0)

    def numbers(self, teams: Sequence[int], limit: int) -> list[int]:
        return []


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
