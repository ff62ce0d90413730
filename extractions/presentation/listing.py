"""The list of documents: which ones, in pages that begin after a row and so cost the same everywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Q
from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from extractions.models import Extraction, ExtractionQuerySet
from portal.people.models import User

ROWS = 50
COUNTED = 1000  # beyond this "1,000+" is as good as the number, and does not cost a walk through the table


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the standing filters."""

    name: str
    label: str | Promise
    chosen: Callable[[ExtractionQuerySet, User], ExtractionQuerySet]


TABS = (
    Tab("", _("All"), lambda rows, person: rows),
    Tab("mine", _("Mine"), lambda rows, person: rows.filter(owner=person)),
    Tab("running", _("Running"), lambda rows, person: rows.in_progress()),
    Tab("stuck", _("Stuck"), lambda rows, person: rows.stuck()),
    Tab("finished", pgettext_lazy("documents", "Finished"), lambda rows, person: rows.finished()),
    Tab(
        "cancelled",
        pgettext_lazy("documents", "Cancelled"),
        lambda rows, person: rows.filter(state=Extraction.State.CANCELLED),
    ),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A row that a page begins beside, as a word in a URL."""

    received_at: datetime
    pk: int

    def __str__(self) -> str:
        return f"{self.received_at.isoformat()}~{self.pk}"

    @classmethod
    def of(cls, extraction: Extraction) -> Place:
        return cls(extraction.received_at, extraction.pk)

    @classmethod
    def read(cls, text: str) -> Place | None:
        moment, _tilde, pk = text.partition("~")
        try:
            received_at = parse_datetime(moment)
        except ValueError:
            return None
        if received_at is None or received_at.tzinfo is None or not pk.isascii() or not pk.isdigit() or len(pk) > 18:
            return None
        return cls(received_at, int(pk))


class Listing:
    """What one person asked to see, and one page of it. An address that makes no sense shows the first page."""

    def __init__(self, person: User, asked: QueryDict) -> None:
        self.person = person
        self.tab = next((tab for tab in TABS if tab.name == asked.get("show", "")), TABS[0])
        self.words = asked.get("q", "").strip()[:200]
        self.before = Place.read(asked.get("before", ""))
        self.after = None if self.before else Place.read(asked.get("after", ""))

    @cached_property
    def visible(self) -> ExtractionQuerySet:
        return Extraction.objects.visible_to(self.person)

    @cached_property
    def chosen(self) -> ExtractionQuerySet:
        rows = self.tab.chosen(self.visible, self.person)
        return rows.filter(name__icontains=self.words) if self.words else rows

    @cached_property
    def total(self) -> int:
        """How many there are, counted to just past COUNTED."""
        return self.chosen.order_by()[: COUNTED + 1].count()

    @property
    def many(self) -> bool:
        return self.total > COUNTED

    @cached_property
    def running(self) -> int:
        return self.visible.in_progress().count()

    @cached_property
    def stuck(self) -> int:
        return self.visible.stuck().count()

    @cached_property
    def _fetched(self) -> list[Extraction]:
        """The page and one row more, newest first; read backwards for a page that ends beside a row."""
        rows = self.chosen.for_lists()
        if self.after:
            later = _beside(self.after, "gt")
            return list(rows.filter(later).order_by("received_at", "pk")[: ROWS + 1])[::-1]
        if self.before:
            rows = rows.filter(_beside(self.before, "lt"))
        return list(rows.newest_first()[: ROWS + 1])

    @cached_property
    def rows(self) -> list[Extraction]:
        return self._fetched[-ROWS:] if self.after else self._fetched[:ROWS]

    @property
    def older(self) -> Place | None:
        """Where the next page begins."""
        there_is = bool(self.after) or len(self._fetched) > ROWS
        return Place.of(self.rows[-1]) if self.rows and there_is else None

    @property
    def newer(self) -> Place | None:
        there_is = bool(self.before) or (bool(self.after) and len(self._fetched) > ROWS)
        return Place.of(self.rows[0]) if self.rows and there_is else None

    @property
    def live(self) -> bool:
        """Whether there is news to come for this page."""
        return any(row.in_progress for row in self.rows) or bool(self.running and not self.before and not self.after)

    def fingerprint(self) -> tuple[object, ...]:
        """Everything on the page that can change. Seconds that tick are the browser's."""
        rows = [
            (row.pk, row.state, row.trouble, row.extraction_step, row.next_try_at, row.cancel_requested_at)
            for row in self.rows
        ]
        return (*rows, self.total, self.running, self.stuck)


def _beside(place: Place, direction: str) -> Q:
    """Rows strictly past this one. In this form, unlike the usual OR, the index finds the beginning."""
    return Q(**{f"received_at__{direction}e": place.received_at}) & (
        Q(**{f"received_at__{direction}": place.received_at}) | Q(**{f"pk__{direction}": place.pk})
    )
