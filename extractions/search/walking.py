"""One page, the count, or all of what somebody asked for, without reading what they did not ask for.

Two ways lead to a page. What is rare is looked up: the numbers of its documents come from an index, and only those
rows are read. What is common is walked: team by team down an index that has the order of the list, until the page is
full. Which way it is, a look at the first thousand of each condition tells, so that no condition makes a page read the
whole table.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from extractions.models import Extraction, ExtractionQuerySet
from extractions.search import words
from extractions.search.conditions import Condition
from extractions.search.words import Phrase
from portal.people.models import Membership, User

COUNTED = 1000
RARE = 1000
MOST_WALKS = 120
NEWEST_WITH_WORDS = 2_000
MINE = "mine"
OF_MINE: Any = RawSQL(f"{MINE}.team_id", ())  # noqa: S611 - the name is our own
"""The team of the membership that is looked at; see `count_by_team`."""
# The rows of a walk for each of the teams. SQLite knows no LATERAL: a query in the place of a column may look at the
# team, and hands its rows over as one text.
TOGETHER = {
    "postgresql": (
        f"SELECT walk.* FROM unnest(%s::bigint[]) AS {MINE}(team_id)"  # noqa: S608 - values travel as parameters
        " CROSS JOIN LATERAL ({walk}) AS walk"
    ),
    "sqlite": (
        "SELECT json_extract(one.value, '$[0]'), json_extract(one.value, '$[1]') FROM (SELECT ("  # noqa: S608 - as above
        "SELECT json_group_array(json_array(walk.{column}, walk.pk)) FROM ({walk}) AS walk"
        f") AS rows FROM (SELECT value AS team_id FROM json_each(%s)) AS {MINE}) AS team, json_each(team.rows) AS one"
    ),
}
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
ENDED = Sort("ended", "finished_at", down=True)


def count_by_team(rows: ExtractionQuerySet, person: User, most: int) -> int:
    """How many of these rows there are, counted to `most`, in one query that looks at each of the person's teams by
    itself. Of all teams at once a database that knows how large they are, but not how few of their rows are wanted,
    reads all documents."""
    sql, parameters = rows.filter(team_id=OF_MINE).order_by().values("pk")[:most].query.sql_with_params()
    one = f"(SELECT count(*) FROM ({sql}) AS counted)"  # noqa: S608 - what comes from outside travels as parameters
    memberships = f"{Membership._meta.db_table} AS {MINE} WHERE {MINE}.person_id = %s"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT sum({one}) FROM {memberships}", [*parameters, person.pk])  # noqa: S608 - as above
        return min(most, int(cursor.fetchone()[0] or 0))


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
    def _looked_up(self) -> list[int] | None:
        """All documents that can fit, where they are few; None where only a walk can tell."""
        looked_up = [condition.numbers(self.teams, RARE + 1) for condition in self.conditions]
        found = [numbers for numbers in looked_up if numbers is not None and len(numbers) <= RARE]
        if self.phrases:
            found.append(self._with_words[:NEWEST_WITH_WORDS])
        return sorted(set.intersection(*map(set, found))) if found else None

    def _walks(self, sort: Sort) -> list[Condition] | None:
        """Conditions of which each has an index with exactly the rows of the page, in its order; None if none has."""
        chosen = [condition for condition in self.conditions if condition.along != sort.column]
        if not chosen:
            return [Condition()]
        walks = chosen[0].walks(sort.column) if len(chosen) == 1 else ()
        return list(walks) if 0 < len(walks) * len(self.teams) <= MOST_WALKS else None

    def _few(self, sort: Sort) -> ExtractionQuerySet | None:
        """The rows, where their numbers are known."""
        if (self._walks(sort) is not None and not self.phrases) or self._looked_up is None:
            return None
        rows = Extraction.objects.known_and_visible(self._looked_up, self.person)
        for condition in self.conditions:
            rows = condition.loosely(rows)
        return rows

    def page(self, sort: Sort, past: Key | None, most: int) -> list[int]:
        """Numbers of documents in this order, from just past the key on."""
        if not self.teams:
            return []
        if (rows := self._few(sort)) is not None:
            rows = rows.filter(sort.past(past)) if past else rows
            return list(rows.order_by(*sort.order).values_list("pk", flat=True)[:most])
        sql, parameters = self._union(sort, past, most)
        sign = "DESC" if sort.down else "ASC"
        with connection.cursor() as cursor:
            cursor.execute(f"{sql} ORDER BY 1 {sign}, 2 {sign} LIMIT {int(most)}", parameters)
            return [row[1] for row in cursor.fetchall()]

    def _union(self, sort: Sort, past: Key | None, most: int) -> tuple[str, list[Any]]:
        """The first rows of each team, a walk for each. To write a walk costs more than to run it, so that is done
        once for all teams, and the database reads it once."""
        straight = self._walks(sort)
        walks = straight or [self._leading(sort)]
        together = TOGETHER[connection.vendor]
        parts, parameters = [], list[Any]()
        for walk in walks:
            rows = walk.narrow(self.visible).filter(team_id=OF_MINE)
            for condition in self.conditions:
                if condition.along == sort.column:
                    rows = condition.narrow(rows)
                elif not straight and condition != walk:
                    rows = condition.loosely(rows)
            rows = rows.filter(sort.past(past)) if past else rows
            sql, given = rows.order_by(*sort.order).values_list(sort.column, "pk")[:most].query.sql_with_params()
            parts.append(together.format(walk=sql, column=sort.column))
            parameters += [*given, json.dumps(self.teams)] if connection.vendor == "sqlite" else [self.teams, *given]
        return " UNION ALL ".join(parts), parameters

    def _leading(self, sort: Sort) -> Condition:
        """Of several conditions the one whose index is walked while each row is held against the others."""
        walks = [condition.walks(sort.column) for condition in self.conditions]
        single = [one[0] for one in walks if len(one) == 1]
        return min(single, key=lambda condition: condition.common, default=Condition())

    def count(self, sort: Sort = NEWEST) -> int:
        """How many there are, counted to just past COUNTED."""
        if not self.teams:
            return 0
        if (rows := self._few(sort)) is not None:
            return int(rows.order_by()[: COUNTED + 1].count())
        sql, parameters = self._union(sort, None, COUNTED + 1)
        with connection.cursor() as cursor:
            sql = f"SELECT count(*) FROM ({sql} LIMIT {COUNTED + 1}) AS counted"  # noqa: S608 - as above
            cursor.execute(sql, parameters)
            return int(cursor.fetchone()[0])

    def every(self) -> ExtractionQuerySet:
        """All of them, however many: for exports and for what is done to all of them."""
        rows = self.visible
        for condition in self.conditions:
            rows = condition.narrow(rows)
        return rows.filter(pk__in=words.having(self.phrases, self.teams)) if self.phrases else rows
