"""How many documents there are, for whom: the one source of the figures in menu, dashboard, queue and tabs.

One query counts team by team; for all teams at once, a planner that knows their sizes, but not how few of their rows
match, reads all documents. Figures that link to a list count what that list shows.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import connection

from extractions.models import Extraction, ExtractionQuerySet
from extractions.models.search import Tally
from extractions.review import review_queue
from extractions.search.executor import COUNTED, MEMBERSHIP, MEMBERSHIP_TEAM
from extractions.search.tabs import STUCK
from portal.people.models import Membership, Team, User

Role = Membership.Role
# What comes from outside travels as parameters.
COUNT = "(SELECT count(*) FROM ({}) AS counted)"
IF_PAUSED = f"CASE WHEN EXISTS (SELECT 1 FROM extractions_connection WHERE pause <> '') THEN {COUNT} ELSE 0 END"  # noqa: S608 - as below
STATES = {
    "sqlite": "SELECT json_group_object(state, total)",
    "postgresql": "SELECT json_object_agg(state, total)::text",
}


@dataclass(frozen=True, slots=True)
class TeamCounts:
    """What one of the person's teams has."""

    pk: int
    name: str
    role: str
    states: Mapping[str, int]
    """Documents by state, of all time."""
    limited: Mapping[str, int]
    """The counts of `Counts.rows`, those held exactly, the others up to COUNTED + 1."""


class Counts:
    """The counts of one person, queried together when the first of them is shown."""

    def __init__(self, person: User | AnonymousUser) -> None:
        self.person = person

    def rows(self, person: User) -> dict[str, ExtractionQuerySet]:
        """What is counted beside the states."""
        return {"to_review": review_queue.queue_of(person), "held": Extraction.objects.visible_to(person).held()}

    @cached_property
    def teams(self) -> list[TeamCounts]:
        """Nothing for anonymous visitors, without a query: their pages must work while the database is down."""
        if not isinstance(self.person, User):
            return []
        columns, parameters = [], list[Any]()
        rows = self.rows(self.person)
        for name, wanted in rows.items():
            of_team = wanted.filter(team_id=MEMBERSHIP_TEAM).order_by().values("pk")
            exactly = name.startswith("held")
            sql, given = (of_team if exactly else of_team[: COUNTED + 1]).query.sql_with_params()
            columns.append((IF_PAUSED if exactly else COUNT).format(sql))
            parameters += given
        with connection.cursor() as cursor:
            cursor.execute(_statement(columns), [*parameters, self.person.pk])
            return [
                TeamCounts(pk, name, role, json.loads(states or "{}"), dict(zip(rows, limited, strict=True)))
                for pk, name, role, states, *limited in cursor.fetchall()
            ]

    @cached_property
    def roles(self) -> dict[int, str]:
        return {team.pk: team.role for team in self.teams}

    @cached_property
    def states(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for team in self.teams:
            found.update(team.states)
        return +found

    def limited(self, name: str) -> int:
        """Up to COUNTED + 1, which is shown as "more than"."""
        return min(COUNTED + 1, sum(team.limited[name] for team in self.teams))

    def exactly(self, name: str) -> int:
        return sum(team.limited[name] for team in self.teams)

    @property
    def everything(self) -> int:
        return self.states.total()

    @property
    def held(self) -> int:
        """Documents that go no further while a connection is paused."""
        return self.exactly("held")

    @property
    def running(self) -> int:
        """Those underway that nothing holds up."""
        return sum(self.states[state] for state in Extraction.UNDERWAY) - self.held

    @property
    def stuck(self) -> int:
        return sum(self.states[state] for state in STUCK)

    @property
    def to_review(self) -> int:
        """What waits for this person."""
        return self.limited("to_review")


def _statement(columns: list[str]) -> str:
    of_team = f"FROM {Tally._meta.db_table} WHERE team_number = {MEMBERSHIP}.team_id AND moment IS NULL GROUP BY state"
    states = f"({STATES[connection.vendor]} FROM (SELECT state, sum(documents) AS total {of_team}) AS states)"
    chosen = ", ".join([f"{MEMBERSHIP}.team_id, team.name, {MEMBERSHIP}.role", states, *columns])
    tables = f"{Membership._meta.db_table} AS {MEMBERSHIP} JOIN {Team._meta.db_table} AS team"
    on = f"team.id = {MEMBERSHIP}.team_id WHERE {MEMBERSHIP}.person_id = %s ORDER BY team.name, team.id"
    return f"SELECT {chosen} FROM {tables} ON {on}"  # noqa: S608 - all names are our own
