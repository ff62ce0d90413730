"""Executes a search: one page, the count, or all, without scanning the whole table.

There are two plans. If a condition is rare, its ids come from an index, and only those rows are read. If all are
common, an index in the order of the list is scanned, team by team, until the page is full. Probing each condition for
its first thousand ids decides, so that no condition makes a page read the whole table.
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
from extractions.search import full_text
from extractions.search.conditions import Condition
from extractions.search.full_text import Phrase
from portal.people.models import Membership, User

COUNTED = 1000
RARE = 1000
MAX_INDEX_SCANS = 120
MAX_TEXT_MATCHES = 2_000
MEMBERSHIP = "mine"
MEMBERSHIP_TEAM: Any = RawSQL(f"{MEMBERSHIP}.team_id", ())  # noqa: S611 - the name is our own
"""The team of the current membership row, where a query counts team by team."""
# The rows of one index scan per team. SQLite has no LATERAL, but a scalar subquery may refer to the team, and returns
# its rows as one JSON text.
LATERAL_SCAN = {
    "postgresql": (
        f"SELECT walk.* FROM unnest(%s::bigint[]) AS {MEMBERSHIP}(team_id)"  # noqa: S608 - values travel as parameters
        " CROSS JOIN LATERAL ({walk}) AS walk"
    ),
    "sqlite": (
        "SELECT json_extract(item.value, '$[0]') AS place, json_extract(item.value, '$[1]') AS pk FROM (SELECT ("  # noqa: S608 - as above
        "SELECT json_group_array(json_array(walk.{column}, walk.pk)) FROM ({walk}) AS walk"
        f") AS rows FROM (SELECT value AS team_id FROM json_each(%s)) AS {MEMBERSHIP}) AS team,"
        " json_each(team.rows) AS item"
    ),
}
Key = tuple[Any, int]


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort column, which has an index on (team, column, id)."""

    name: str
    column: str
    descending: bool

    @property
    def order(self) -> tuple[str, str]:
        sign = "-" if self.descending else ""
        return f"{sign}{self.column}", f"{sign}pk"

    @property
    def reverse(self) -> Sort:
        return Sort(self.name, self.column, not self.descending)

    def key_of(self, extraction: Extraction) -> Key:
        return getattr(extraction, self.column), extraction.pk

    def past(self, key: Key) -> Q:
        """Rows strictly past the key. Unlike the usual OR, this form lets the index find the start."""
        direction = "lt" if self.descending else "gt"
        value, pk = key
        return Q(**{f"{self.column}__{direction}e": value}) & (
            Q(**{f"{self.column}__{direction}": value}) | Q(**{f"pk__{direction}": pk})
        )


NEWEST = Sort("received", "received_at", descending=True)
ENDED = Sort("ended", "finished_at", descending=True)


class Search:
    """The documents that a person may see and that match all conditions and phrases."""

    def __init__(
        self,
        person: User,
        conditions: Sequence[Condition] = (),
        phrases: Sequence[Phrase] = (),
        teams: Sequence[int] | None = None,
    ) -> None:
        """`teams` are the person's, where they are known already."""
        self.person = person
        self.conditions = list(conditions)
        self.phrases = list(phrases)
        self._teams = teams

    @cached_property
    def teams(self) -> list[int]:
        if self._teams is not None:
            return list(self._teams)
        return list(Membership.objects.filter(person=self.person).values_list("team_id", flat=True))

    @cached_property
    def visible(self) -> ExtractionQuerySet:
        return Extraction.objects.visible_to(self.person)

    @cached_property
    def _text_match_ids(self) -> list[int]:
        return full_text.newest_ids(self.phrases, self.teams, MAX_TEXT_MATCHES + 1)

    @property
    def cut(self) -> bool:
        """Whether the phrases match so many documents that only the newest are considered."""
        return bool(self.phrases) and len(self._text_match_ids) > MAX_TEXT_MATCHES

    @cached_property
    def _candidate_ids(self) -> list[int] | None:
        """Ids of all documents that can match, if some condition is rare; None if only an index scan can tell."""
        by_condition = [condition.numbers(self.teams, RARE + 1) for condition in self.conditions]
        found = [numbers for numbers in by_condition if numbers is not None and len(numbers) <= RARE]
        if self.phrases:
            found.append(self._text_match_ids[:MAX_TEXT_MATCHES])
        return sorted(set.intersection(*map(set, found))) if found else None

    def _index_scans(self, sort: Sort) -> list[Condition] | None:
        """Conditions whose indexes yield exactly the rows of the page, in its order; None if there are none."""
        chosen = [condition for condition in self.conditions if condition.range_column != sort.column]
        if not chosen:
            return [Condition()]
        index_scans = chosen[0].index_scans(sort.column) if len(chosen) == 1 else ()
        return list(index_scans) if 0 < len(index_scans) * len(self.teams) <= MAX_INDEX_SCANS else None

    def _by_ids(self, sort: Sort) -> ExtractionQuerySet | None:
        """The rows, if their ids are known without an index scan."""
        if (self._index_scans(sort) is not None and not self.phrases) or self._candidate_ids is None:
            return None
        rows = Extraction.objects.visible_among(self._candidate_ids, self.person)
        for condition in self.conditions:
            rows = condition.narrow_without_index(rows)
        return rows

    def page(self, sort: Sort, past: Key | None, limit: int) -> list[int]:
        """Ids of documents in this order, starting just past the key."""
        if not self.teams:
            return []
        if (rows := self._by_ids(sort)) is not None:
            rows = rows.filter(sort.past(past)) if past else rows
            return list(rows.order_by(*sort.order).values_list("pk", flat=True)[:limit])
        sql, parameters = self._ordered(sort, past, limit)
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return [row[1] for row in cursor.fetchall()]

    def _ordered(self, sort: Sort, past: Key | None, limit: int) -> tuple[str, list[Any]]:
        sql, parameters = self._union(sort, past, limit)
        sign = "DESC" if sort.descending else "ASC"
        return f"{sql} ORDER BY 1 {sign}, 2 {sign} LIMIT {int(limit)}", parameters

    def first_page(self, sort: Sort, limit: int) -> tuple[str, list[Any]] | None:
        """The first page as a statement, for `pages`; None if only several queries find it."""
        return self._ordered(sort, None, limit) if self._index_scans(sort) is not None and not self.phrases else None

    def _union(self, sort: Sort, past: Key | None, limit: int) -> tuple[str, list[Any]]:
        """The first rows of each team, by one index scan per team. Compiling a scan costs more than running it, so one
        statement serves all teams."""
        direct = self._index_scans(sort)
        index_scans = direct or [self._driving_condition(sort)]
        together = LATERAL_SCAN[connection.vendor]
        parts, parameters = [], list[Any]()
        for scan in index_scans:
            rows = scan.narrow(self.visible).filter(team_id=MEMBERSHIP_TEAM)
            for condition in self.conditions:
                if condition.range_column == sort.column:
                    rows = condition.narrow(rows)
                elif not direct and condition != scan:
                    rows = condition.narrow_without_index(rows)
            rows = rows.filter(sort.past(past)) if past else rows
            sql, given = rows.order_by(*sort.order).values_list(sort.column, "pk")[:limit].query.sql_with_params()
            parts.append(together.format(walk=sql, column=sort.column))
            parameters += [*given, json.dumps(self.teams)] if connection.vendor == "sqlite" else [self.teams, *given]
        return " UNION ALL ".join(parts), parameters

    def _driving_condition(self, sort: Sort) -> Condition:
        """The condition whose index is scanned while the others filter its rows."""
        index_scans = [condition.index_scans(sort.column) for condition in self.conditions]
        single = [scan[0] for scan in index_scans if len(scan) == 1]
        return min(single, key=lambda condition: condition.is_common, default=Condition())

    def count(self, sort: Sort = NEWEST) -> int:
        """How many match, up to COUNTED + 1."""
        if not self.teams:
            return 0
        if (rows := self._by_ids(sort)) is not None:
            return int(rows.order_by()[: COUNTED + 1].count())
        sql, parameters = self._union(sort, None, COUNTED + 1)
        with connection.cursor() as cursor:
            sql = f"SELECT count(*) FROM ({sql} LIMIT {COUNTED + 1}) AS counted"  # noqa: S608 - as above
            cursor.execute(sql, parameters)
            return int(cursor.fetchone()[0])

    def every(self) -> ExtractionQuerySet:
        """All matching documents, for exports and bulk actions."""
        rows = self.visible
        for condition in self.conditions:
            rows = condition.narrow(rows)
        return rows.filter(pk__in=full_text.matching_ids(self.phrases, self.teams)) if self.phrases else rows


def pages(wanted: Sequence[tuple[Search, Sort, int]]) -> list[list[int]]:
    """The first pages of several searches of the same person, in one query as far as possible."""
    found: list[list[int]] = [[] for _search in wanted]
    parts, parameters = [], list[Any]()
    for number, (search, sort, limit) in enumerate(wanted):
        if not search.teams:
            continue
        if (statement := search.first_page(sort, limit)) is None:
            found[number] = search.page(sort, None, limit)
            continue
        parts.append(f"SELECT {number}, row_number() OVER (), page.pk FROM ({statement[0]}) AS page")  # noqa: S608 - as above
        parameters += statement[1]
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts) + " ORDER BY 1, 2", parameters)
            for number, _place, pk in cursor.fetchall():
                found[number].append(pk)
    return found
