"""Fair queueing: round robin over teams, and within a team over people, so that no batch delays everybody else."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Count, F, Min

from extractions.models import ExtractionQuerySet

MAX_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Party:
    """A person in a team, the unit of fairness; `person` is None for documents of a removed account."""

    team: int
    person: int | None

    def of(self, rows: ExtractionQuerySet) -> ExtractionQuerySet:
        return rows.filter(team=self.team, owner=self.person)


@dataclass(slots=True)
class _Waiting:
    party: Party
    since: object
    remaining: int


Key = TypeVar("Key")


def _remember(served: dict[Key, int], key: Key, now: int) -> None:
    """Record the turn, evicting the least recently served entry beyond the limit."""
    served.pop(key, None)
    served[key] = now
    if len(served) > MAX_REMEMBERED:
        del served[next(iter(served))]


class RoundRobin:
    """Least recently served first, and among equals whoever waits longest. Kept per process and lost on restart."""

    def __init__(self) -> None:
        self._clock = itertools.count(1)
        self._teams: dict[int, int] = {}
        self._parties: dict[Party, int] = {}

    def order(self, due: ExtractionQuerySet, limit: int, clock: str = "next_try_at") -> list[tuple[int, Party]]:
        """The next `limit` due rows in round-robin order. Does not count as serving; see `mark_served`."""
        if limit <= 0:
            return []
        turns = self._turns(self._waiting(due, clock), limit)
        heads = {}
        for party in set(turns):
            rows = party.of(due).order_by(clock, "pk").values_list("pk", flat=True)
            heads[party] = iter(rows[: turns.count(party)])
        listed = ((next(heads[party], None), party) for party in turns)
        return [(pk, party) for pk, party in listed if pk is not None]

    def next_party(self, due: ExtractionQuerySet, clock: str) -> Party | None:
        return next(iter(self._turns(self._waiting(due, clock), 1)), None)

    def mark_served(self, party: Party) -> None:
        now = next(self._clock)
        _remember(self._teams, party.team, now)
        _remember(self._parties, party, now)

    @staticmethod
    def _waiting(due: ExtractionQuerySet, clock: str) -> list[_Waiting]:
        """Per party: oldest due time and number of rows, in one query."""
        # Not the bare column: to group by it SQLite would scan the list index, which covers every row.
        numbered = due.order_by().annotate(team_number=F("team") + 0)
        rows = numbered.values_list("team_number", "owner").annotate(Min(clock), Count("pk"))
        return [_Waiting(Party(team, person), since, number) for team, person, since, number in rows]

    def _turns(self, waiting: list[_Waiting], limit: int) -> list[Party]:
        """The next turns, simulated as if each were served at once."""
        teams, parties = dict(self._teams), dict(self._parties)
        clock = itertools.count(max(self._teams.values(), default=0) + 1)
        turns: list[Party] = []
        while waiting and len(turns) < limit:
            chosen = min(
                waiting,
                key=lambda item: (teams.get(item.party.team, 0), parties.get(item.party, 0), item.since),
            )
            turns.append(chosen.party)
            teams[chosen.party.team] = parties[chosen.party] = next(clock)
            chosen.remaining -= 1
            if not chosen.remaining:
                waiting.remove(chosen)
        return turns
