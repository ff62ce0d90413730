"""What every page shows: the counters of the navigation, whether sending works, and which API is used."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from extractions.forms import teams_to_send_for
from extractions.models import Connection, Extraction, WorkerProcess
from extractions.presentation.account import Account, Reader
from extractions.presentation.pauses import pause_of
from extractions.services import reviewing
from portal.people.models import Membership, User


class Navigation:
    """Facts about this person's documents. Each is asked for once a page, and only when a template shows it."""

    def __init__(self, person: User | AnonymousUser) -> None:
        self.person = person

    @cached_property
    def running(self) -> int:
        return Extraction.objects.visible_to(self.person).in_progress().count()

    @cached_property
    def to_review(self) -> int:
        """How many documents wait for this person."""
        return reviewing.queue_of(self.person).count() if isinstance(self.person, User) else 0

    @cached_property
    def may_send(self) -> bool:
        """Whether there is a team for which this person may send documents."""
        return self.person.is_authenticated and bool(teams_to_send_for(self.person))

    @cached_property
    def connection(self) -> Connection | None:
        """The connection that new documents use."""
        return Connection.current() if self.person.is_authenticated else None

    @cached_property
    def waiting(self) -> int:
        """How many documents stand still because the connection is paused."""
        waiting = Extraction.objects.visible_to(self.person).filter(state=Extraction.State.QUEUED)
        return waiting.filter(connection=self.connection).count()

    @property
    def pause(self) -> Account | None:
        """Why nothing is sent, in sentences; None while all is well."""
        if self.connection is None or not self.connection.paused:
            return None
        roles = Membership.objects.filter(person=self.person.pk, role=Membership.Role.ADMINISTRATOR)
        return pause_of(self.connection, Reader(hints=self.staff or roles.exists()))

    @property
    def staff(self) -> bool:
        return self.person.is_authenticated and self.person.is_staff

    @cached_property
    def worker_is_missing(self) -> bool:
        """Nobody sends anything, which is told to those who can start a worker."""
        return self.staff and not WorkerProcess.objects.alive().exists()

    def fingerprint(self) -> tuple[object, ...]:
        """What a refreshed part compares; see live.py."""
        if self.connection is None or not self.connection.paused:
            return (self.running, self.worker_is_missing)
        return (
            self.worker_is_missing,
            self.running,
            self.waiting,
            self.connection.pause,
            self.connection.next_probe_at,
        )


def navigation(request: HttpRequest) -> dict[str, Any]:
    return {
        "embedded_engine": not settings.ANESYA_BASE_URL,
        "engine_address": settings.ANESYA_BASE_URL,
        "navigation": Navigation(getattr(request, "user", None) or AnonymousUser()),
    }
