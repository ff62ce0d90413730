"""The figures of the accuracy page: a fixed number of queries over rows that are made for counting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from statistics import median
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from extractions.accuracy.facts import BINS, MILLIONTHS
from extractions.accuracy.statistics import SIGNIFICANCE, Share, benjamini_hochberg, fisher_exact
from extractions.models import (
    AccuracyBackfill,
    Correction,
    CountedDocument,
    DocumentCount,
    Extraction,
    FieldCount,
    ReviewStatus,
)
from portal.people.models import User

LAST_TIMED = 500
LAST_CORRECTIONS = 2_000
SHOWN_CORRECTIONS = 20
SHOWN_ISSUERS = 25
OFFERED_ISSUERS = 200
ENOUGH_TIMED_VALUES = 20
"""From so many values on, people's time for one of them is known."""
CONFIRMED = Q(mark=ReviewStatus.BY_EVIDENCE)


@dataclass(frozen=True, slots=True)
class Choice:
    """What the page is about; None and "" stand for everything."""

    team: int
    schema: int | None = None
    versions: tuple[int, ...] = ()
    """In place of a single schema, all versions of one."""
    version: str = ""
    issuer: str = ""
    field: str = ""
    since: date | None = None
    until: date | None = None
    """First days of the first and the last month."""

    def narrow(self, rows: QuerySet[Any], *, issuer: bool = True) -> QuerySet[Any]:
        rows = rows.filter(team_number=self.team)
        if issuer:
            rows = rows.filter(issuer=self.issuer)
        wanted: dict[str, object] = {
            "schema_number": self.schema, "version": self.version or None, "month__gte": self.since,
            "month__lte": self.until,
        }  # fmt: skip
        if self.versions:
            rows = rows.filter(schema_number__in=self.versions)
        return rows.filter(**{name: value for name, value in wanted.items() if value is not None}).order_by()


@dataclass(slots=True)
class Judged:
    """Values that people kept or changed, and what evidence had said of them."""

    kept: int = 0
    changed: int = 0
    confirmed: int = 0
    """By evidence, whether or not anybody touched them."""
    confirmed_changed: int = 0

    @property
    def right(self) -> Share:
        return Share(self.kept, self.kept + self.changed)

    @property
    def overruled(self) -> Share:
        """Of the values that evidence confirmed, those that people changed."""
        return Share(self.confirmed_changed, self.confirmed)


@dataclass(slots=True)
class FieldLine(Judged):
    schema: int = 0
    field: str = ""
    trend: int = 0
    """1 if it became significantly better, -1 if worse."""


@dataclass(frozen=True, slots=True)
class MonthLine:
    month: date
    right: Share


@dataclass(frozen=True, slots=True)
class BinLine:
    low: float
    high: float
    expected: float
    """The mean confidence."""
    right: Share


@dataclass(frozen=True, slots=True)
class GroupLine:
    """An issuer or a version."""

    name: str
    documents: int
    right: Share
    overruled: Share


@dataclass(frozen=True, slots=True)
class CorrectionLine:
    schema: int
    field: str
    before: str
    after: str
    times: int


@dataclass(slots=True)
class Documents:
    """Approved documents, and how long people took for them."""

    documents: int = 0
    untouched: int = 0
    timed: int = 0
    seconds: int = 0
    timed_values: int = 0
    untouched_values: int = 0
    typical_seconds: float | None = None
    """Median over the last documents."""

    @property
    def without_touch(self) -> Share:
        return Share(self.untouched, self.documents)

    @property
    def seconds_for_a_value(self) -> float | None:
        return self.seconds / self.timed_values if self.timed_values >= ENOUGH_TIMED_VALUES else None

    @property
    def minutes_saved(self) -> float | None:
        """What the values that nobody touched would have taken, at the time people take for those they touch."""
        each = self.seconds_for_a_value
        return None if each is None else self.untouched_values * each / 60


@dataclass
class Report:
    choice: Choice
    person: User

    @cached_property
    def fields(self) -> list[FieldLine]:
        """The least right first; those that nobody judged last."""
        sums = {"kept": Sum("kept"), "changed": Sum("changed")}
        sums |= {f"confirmed_{name}": Sum(name, filter=CONFIRMED) for name in ("kept", "changed", "untouched")}
        rows = self._values.filter(blind=False).values("schema_number", "field").annotate(**_renamed(sums))
        lines = [
            FieldLine(
                schema=row["schema_number"], field=row["field"], kept=row["sum_kept"], changed=row["sum_changed"],
                confirmed=sum(row[f"sum_confirmed_{name}"] or 0 for name in ("kept", "changed", "untouched")),
                confirmed_changed=row["sum_confirmed_changed"] or 0,
            )
            for row in rows
        ]  # fmt: skip
        self._mark_trends(lines)
        return sorted(lines, key=lambda line: (not line.right.total, line.right.low, line.field))

    @cached_property
    def shown_fields(self) -> list[FieldLine]:
        return [line for line in self.fields if not self.choice.field or line.field == self.choice.field]

    @cached_property
    def totals(self) -> Judged:
        lines = self.shown_fields
        names = ("kept", "changed", "confirmed", "confirmed_changed")
        return Judged(*(sum(getattr(line, name) for line in lines) for name in names))

    @cached_property
    def months(self) -> list[MonthLine]:
        sums: defaultdict[date, list[int]] = defaultdict(lambda: [0, 0])
        for (_schema, name, month), (kept, changed) in self._by_month.items():
            if not self.choice.field or name == self.choice.field:
                sums[month][0] += kept
                sums[month][1] += kept + changed
        return [MonthLine(month, Share(*counts)) for month, counts in sorted(sums.items()) if counts[1]]

    @cached_property
    def bins(self) -> list[BinLine]:
        """Over all values that a person judged, in reviews and in second looks."""
        rows = self._of_field.filter(confidence_bin__gte=0).values("confidence_bin")
        sums = _renamed({name: Sum(name) for name in ("kept", "changed", "confidence")})
        lines = []
        for row in rows.annotate(**sums).order_by("confidence_bin"):
            at, total = row["confidence_bin"], row["sum_kept"] + row["sum_changed"]
            if total:
                expected = row["sum_confidence"] / MILLIONTHS / total
                high = BINS[at + 1] if at + 1 < len(BINS) else 1.0
                lines.append(BinLine(BINS[at], high, expected, Share(row["sum_kept"], total)))
        return lines

    @cached_property
    def looked(self) -> Share:
        """Of the values confirmed by evidence that a blind second look judged, those that were wrong."""
        rows = self.choice.narrow(FieldCount.objects.filter(CONFIRMED, blind=True), issuer=False).filter(issuer="")
        if self.choice.field:
            rows = rows.filter(field=self.choice.field)
        sums = rows.aggregate(kept=Sum("kept"), changed=Sum("changed"))
        changed = sums["changed"] or 0
        return Share(changed, changed + (sums["kept"] or 0))

    @cached_property
    def documents(self) -> Documents:
        names = ("documents", "untouched", "timed", "seconds", "timed_values", "untouched_values")
        sums = self.choice.narrow(DocumentCount.objects.all()).aggregate(**{f"sum_{name}": Sum(name) for name in names})
        found = Documents(*(sums[f"sum_{name}"] or 0 for name in names))
        timed = CountedDocument.objects.filter(touched=True, seconds__isnull=False)
        rows = self.choice.narrow(timed, issuer=bool(self.choice.issuer)).order_by("-approved_at")
        seconds = list(rows.values_list("seconds", flat=True)[:LAST_TIMED])
        found.typical_seconds = median(seconds) if seconds else None
        return found

    @cached_property
    def issuers(self) -> list[GroupLine]:
        """Those with the most mistakes first."""
        rows = self.choice.narrow(DocumentCount.objects.exclude(issuer=""), issuer=bool(self.choice.issuer))
        return self._groups(rows, "issuer", ("-sum_changed", "-sum_documents", "issuer"))[:SHOWN_ISSUERS]

    @cached_property
    def versions(self) -> list[GroupLine]:
        """Of a chosen schema: number 2 of one schema is not number 2 of another."""
        if self.choice.schema is None and not self.choice.versions:
            return []
        rows = self.choice.narrow(DocumentCount.objects.all())
        found = self._groups(rows, "version", ("version",))
        return found if any(line.name for line in found) else []

    @cached_property
    def corrections(self) -> list[CorrectionLine]:
        """What was corrected most among the last corrections, of documents that are still there."""
        visible = Extraction.objects.visible_to(self.person)
        rows = self.choice.narrow(Correction.objects.all(), issuer=bool(self.choice.issuer))
        if self.choice.field:
            rows = rows.filter(field=self.choice.field)
        newest = rows.order_by("-pk").values("pk")[:LAST_CORRECTIONS]
        shown = Correction.objects.filter(pk__in=newest, counted__extraction__in=visible).order_by()
        pairs = shown.values_list("schema_number", "field", "before", "after").annotate(times=Count("pk"))
        return [CorrectionLine(*pair) for pair in pairs.order_by("-times", "field", "before")[:SHOWN_CORRECTIONS]]

    @cached_property
    def schemas(self) -> list[int]:
        """All schemas of the team that have counts, for the choice."""
        rows = DocumentCount.objects.filter(team_number=self.choice.team, issuer="", documents__gt=0)
        return sorted(set(rows.order_by().values_list("schema_number", flat=True)))

    @cached_property
    def counting(self) -> bool:
        """Whether documents from before are still being counted."""
        return AccuracyBackfill.objects.filter(finished_at__isnull=True).exists()

    @property
    def _values(self) -> QuerySet[Any]:
        return self.choice.narrow(FieldCount.objects.all())

    @property
    def _of_field(self) -> QuerySet[Any]:
        return self._values.filter(field=self.choice.field) if self.choice.field else self._values

    @cached_property
    def _by_month(self) -> dict[tuple[int, str, date], tuple[int, int]]:
        rows = self._values.filter(blind=False).values("schema_number", "field", "month")
        summed = rows.annotate(**_renamed({"kept": Sum("kept"), "changed": Sum("changed")}))
        return {
            (row["schema_number"], row["field"], row["month"]): (row["sum_kept"], row["sum_changed"]) for row in summed
        }

    def _mark_trends(self, lines: Sequence[FieldLine]) -> None:
        """The last month against those before, tested for all fields together."""
        by_field: defaultdict[tuple[int, str], dict[date, tuple[int, int]]] = defaultdict(dict)
        for (schema, name, month), counts in self._by_month.items():
            if sum(counts):
                by_field[schema, name][month] = counts
        pairs = [_last_and_before(by_field[line.schema, line.field]) for line in lines]
        significant = benjamini_hochberg([fisher_exact(*pair) for pair in pairs], SIGNIFICANCE)
        for line, (last, before), holds in zip(lines, pairs, significant, strict=True):
            if holds:
                line.trend = 1 if (last.value or 0) > (before.value or 0) else -1

    def _groups(self, rows: QuerySet[Any], name: str, order: Iterable[str]) -> list[GroupLine]:
        names = ("documents", "kept", "changed", "confirmed", "confirmed_changed")
        summed = rows.values(name).annotate(**_renamed({item: Sum(item) for item in names})).order_by(*order)
        return [
            GroupLine(
                row[name], row["sum_documents"], Share(row["sum_kept"], row["sum_kept"] + row["sum_changed"]),
                Share(row["sum_confirmed_changed"], row["sum_confirmed"]),
            )
            for row in summed.filter(sum_documents__gt=0)[:OFFERED_ISSUERS]
        ]  # fmt: skip


def _renamed(sums: dict[str, Sum]) -> dict[str, Sum]:
    """Django refuses aggregates that are called like a column."""
    return {f"sum_{name}": aggregate for name, aggregate in sums.items()}


def _last_and_before(months: dict[date, tuple[int, int]]) -> tuple[Share, Share]:
    if len(months) < 2:
        return Share(0, 0), Share(0, 0)
    *earlier, last = sorted(months)
    kept, changed = months[last]
    before = [months[month] for month in earlier]
    return Share(kept, kept + changed), Share(sum(item[0] for item in before), sum(map(sum, before)))
