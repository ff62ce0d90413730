"""One page, the count, or all of what somebody asked for, without reading what they did not ask for.

Two ways lead to a page. What is rare is looked up: the numbers of its documents come from an index, and only those
rows are read. What is common is walked: team by team down an index that has the order of the list, until the page is
full. Which way it is, a look at the first thousand of each condition tells, so that no condition makes a page read the
whole table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q

from extractions.models import Extraction, ExtractionQuerySet
from extractions.search import words
from extractions.search.conditions import Condition
from extractions.search.words import Phrase
from portal.people.models import Membership, User

COUNTED = 1000
RARE = 1000
NEWEST_WITH_WORDS = 2_000
Key = tuple[Any, int]


@dataclass(frozen=True, slots=True)
class Sort:
    """A column that has an index with the team before it and the number behind it."""

    name: str
    column: str
    down: bool

    @property
    def order(self) -> tuple[str, str]:
        sign = "-" if self.down else ""
        return f"{sign}{self.column}", f"{sign}pk"

    @property
    def backwards(self) -> Sort:
        return Sort(self.name, self.column, not self.down)

    def key_of(self, extraction: Extraction) -> Key:
        return getattr(extraction, self.column), extraction.pk

    def past(self, key: Key) -> Q:
        """Rows strictly past this one. In this form, unlike the usual OR, the index finds the beginning."""
        direction = "lt" if self.down else "gt"
        value, pk = key
        return Q(**{f"{self.column}__{direction}e": value}) & (
            Q(**{f"{self.column}__{direction}": value}) | Q(**{f"pk__{direction}": pk})
        )


NEWEST = Sort("received", "received_at", down=True)


class Search:
    """What a person may see of what was asked."""

    def __init__(self, person: User, conditions: Sequence[Condition] = (), phrases: Sequence[Phrase] = ()) -> None:
        self.person = person
        self.conditions = list(conditions)
        self.phrases = list(phrases)

    @cached_property
    def teams(self) -> list[int]:
        return list(Membership.objects.filter(person=self.person).values_list("team_id", flat=True))

    @cached_property
    def visible(self) -> ExtractionQuerySet:
        return Extraction.objects.visible_to(self.person)

    @cached_property
    def _with_words(self) -> list[int]:
        return words.found(self.phrases, self.teams, NEWEST_WITH_WORDS + 1)

    @property
    def cut(self) -> bool:
        """Whether the words are in so many documents that only the newest of them are looked at."""
        return bool(self.phrases) and len(self._with_words) > NEWEST_WITH_WORDS

    @cached_property
    def numbers(self) -> list[int] | None:
        """All documents that can fit, where they are few; None where only a walk can tell."""
        found = [self._with_words[:NEWEST_WITH_WORDS]] if self.phrases else []
        if self.phrases or not self._walks_straight:
            looked_up = [condition.numbers(self.teams, RARE + 1) for condition in self.conditions]
            found += [numbers for numbers in looked_up if numbers is not None and len(numbers) <= RARE]
        if not found:
            return None
        return sorted(set.intersection(*(set(numbers) for numbers in found)))

    @property
    def _walks_straight(self) -> bool:
        return not self.conditions or (len(self.conditions) == 1 and self.conditions[0].walked)

    def _rows(self, sort: Sort = NEWEST) -> ExtractionQuerySet:
        straight = self._walks_straight and sort.column == NEWEST.column
        rows = self.visible
        for condition in self.conditions:
            rows = condition.narrow(rows) if straight or self.numbers is not None else condition.loosely(rows)
        return rows if self.numbers is None else rows.filter(pk__in=self.numbers)

    def page(self, sort: Sort, past: Key | None, most: int) -> list[int]:
        """Numbers of documents in this order, from just past the key on."""
        rows = self._rows(sort)
        if past is not None:
            rows = rows.filter(sort.past(past))
        if self.numbers is not None:
            return list(rows.order_by(*sort.order).values_list("pk", flat=True)[:most])
        walks = [rows.filter(team_id=team).order_by(*sort.order).values("pk")[:most] for team in self.teams]
        if not walks:
            return []
        # SQLite takes no LIMIT in the parts of a union, but it does in a list that one of them looks into.
        parts = [self.visible.filter(pk__in=walk).order_by().values_list(sort.column, "pk") for walk in walks]
        both = parts[0].union(*parts[1:], all=True)
        found = sorted(both, key=lambda row: (row[0], row[1]), reverse=sort.down)
        return [pk for _value, pk in found[:most]]

    def count(self) -> int:
        """How many there are, counted to just past COUNTED."""
        return int(self._rows().filter(team_id__in=self.teams).order_by()[: COUNTED + 1].count())

    def every(self) -> ExtractionQuerySet:
        """All of them, however many: for exports and for what is done to all of them."""
        rows = self.visible
        for condition in self.conditions:
            rows = condition.narrow(rows)
        return rows.filter(pk__in=words.having(self.phrases, self.teams)) if self.phrases else rows
