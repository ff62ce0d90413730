"""What every page shows: the counters of the navigation, whether sending works, and which API is used."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from extractions.forms import teams_to_send_for
from extractions.models import Connection, Extraction, ExtractionQuerySet, WorkerProcess
from extractions.presentation.account import Account, Reader
from extractions.presentation.pauses import pause_of
from extractions.search import tallies
from extractions.search.walking import COUNTED, count_by_team
from extractions.services import reviewing
from portal.people.membership import administers
from portal.people.models import Membership, Team, User


@dataclass(frozen=True, slots=True)
class Paused:
    """A connection that sends nothing, in sentences. `team` is named where the reader has several; `waiting` is
    counted to just past COUNTED."""

    connection: Connection
    account: Account
    waiting: int
    team: Team | None


class Navigation:
    """Facts about this person's documents. Each is asked for once a page, and only when a template shows it."""

    def __init__(self, person: User | AnonymousUser) -> None:
        self.person = person

    @cached_property
    def running(self) -> int:
        states = tallies.by_state(Membership.objects.filter(person=self.person.pk).values("team"))
        return sum(states[state] for state in Extraction.UNDERWAY)

    @cached_property
    def to_review(self) -> int:
        """How many documents wait for this person, counted to just past COUNTED."""
        return self._count(reviewing.queue_of(self.person)) if isinstance(self.person, User) else 0

    def _count(self, rows: ExtractionQuerySet) -> int:
        return count_by_team(rows, self.person, COUNTED + 1) if isinstance(self.person, User) else 0

    @property
    def counted(self) -> int:
        return COUNTED

    @cached_property
    def may_send(self) -> bool:
        """Whether there is a team for which this person may send documents."""
        return self.person.is_authenticated and bool(teams_to_send_for(self.person))

    @cached_property
    def connections(self) -> list[Connection]:
        """Those by which new documents of this person's teams are sent."""
        return Connection.used_by(self.person) if isinstance(self.person, User) else []

    @property
    def connection(self) -> Connection | None:
        return self.connections[0] if self.connections else None

    @cached_property
    def several_teams(self) -> bool:
        return Membership.objects.filter(person=self.person.pk).count() > 1

    @property
    def embedded(self) -> bool:
        """Whether documents are read on this machine; before anybody is signed in, as the settings say."""
        if not self.connections:
            return not settings.ANESYA_BASE_URL
        return any(connection.embedded for connection in self.connections)

    @cached_property
    def engine(self) -> str:
        """Warming or broken, where documents of this person are read by an engine that is not ready yet."""
        told = (Connection.Readiness.WARMING, Connection.Readiness.BROKEN)
        unready = (one.readiness for one in self.connections if one.embedded and not one.paused)
        return next((readiness for readiness in unready if readiness in told), "")

    @cached_property
    def pauses(self) -> list[Paused]:
        """Why nothing is sent, in sentences; empty while all is well."""
        paused = [connection for connection in self.connections if connection.paused]
        if not paused:
            return []
        roles = Membership.objects.filter(person=self.person.pk, role=Membership.Role.ADMINISTRATOR)
        reader = Reader(hints=self.staff or roles.exists())
        waiting = Extraction.objects.visible_to(self.person).filter(state=Extraction.State.QUEUED)
        several = len(self.connections) > 1
        return [
            Paused(one, told, self._count(waiting.filter(connection=one)), one.team if several else None)
            for one in paused
            if (told := pause_of(one, reader)) is not None
        ]

    @cached_property
    def expiring(self) -> list[Connection]:
        """Keys that end soon, for those who can replace them."""
        soon = [connection for connection in self.connections if connection.expires_soon]
        if not soon or not isinstance(self.person, User):
            return []
        person = self.person
        return [one for one in soon if person.is_superuser or (one.team_id and administers(person, one.team_id))]

    @property
    def staff(self) -> bool:
        return self.person.is_authenticated and self.person.is_staff

    @cached_property
    def worker_is_missing(self) -> bool:
        """Nobody sends anything, which is told to those who can start a worker."""
        return self.staff and not WorkerProcess.objects.minding().exists()

    def fingerprint(self) -> tuple[object, ...]:
        """What a refreshed part compares; see live.py."""
        pauses = [(one.connection.pause, one.connection.next_probe_at, one.waiting) for one in self.pauses]
        return (self.running, self.worker_is_missing, self.engine, *pauses)


def navigation(request: HttpRequest) -> dict[str, Any]:
    shown = Navigation(getattr(request, "user", None) or AnonymousUser())
    return {
        "embedded_engine": SimpleLazyObject(lambda: shown.embedded),
        "engine_address": settings.ANESYA_BASE_URL,
        "navigation": shown,
    }
