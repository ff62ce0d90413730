"""Template context of every page: navigation counters, whether sending works, and which API is used."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, F, Subquery, Value
from django.db.models.expressions import Combinable
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from extractions.models import (
    Connection,
    ContractDifference,
    DoublePayment,
    Extraction,
    Installation,
    Notice,
    WorkerProcess,
)
from extractions.presentation.counts import Counts
from extractions.presentation.document.pauses import pause_of
from extractions.presentation.document.status_explanation import Reader, StatusExplanation
from extractions.search.executor import COUNTED
from portal.people.models import Membership, Team, User

Role = Membership.Role


@dataclass(frozen=True, slots=True)
class Paused:
    """A paused connection, and how many documents it holds up. `team` is set if the reader has several."""

    connection: Connection
    account: StatusExplanation
    waiting: int
    team: Team | None


class Navigation:
    """Lazy facts about this person's documents: each is queried at most once a page, when a template shows it."""

    def __init__(self, person: User | AnonymousUser, counts: Counts | None = None) -> None:
        self.person = person
        self.counts = counts or Counts(person)

    @property
    def running(self) -> int:
        return self.counts.running

    @property
    def to_review(self) -> int:
        """How many documents wait for this person, up to COUNTED + 1."""
        return self.counts.to_review

    @property
    def counted(self) -> int:
        return COUNTED

    @property
    def roles(self) -> dict[int, str]:
        """This person's role by team id."""
        return self.counts.roles

    @property
    def may_send(self) -> bool:
        """Whether this person may send documents for some team."""
        return any(role != Role.VIEWER for role in self.roles.values())

    @property
    def reviews(self) -> bool:
        """Whether this person reviews for some team."""
        return any(role in (Role.REVIEWER, Role.ADMINISTRATOR) for role in self.roles.values())

    @property
    def administers_a_team(self) -> bool:
        return Role.ADMINISTRATOR in self.roles.values()

    @cached_property
    def connections(self) -> list[Connection]:
        """The connections that new documents of this person's teams go through."""
        if not isinstance(self.person, User):
            return []
        alerts = self._alerts(self.person)
        found = Connection.used_by(self.person, **alerts)
        is_new = any(not hasattr(found[0], name) for name in alerts)
        return Connection.used_by(self.person, **alerts) if is_new else found

    def _alerts(self, person: User) -> dict[str, Combinable]:
        """News for this person, some only for those who can do something about it; asked together with the
        connections."""
        unread = Notice.objects.of(person, Extraction.objects.visible_to(person)).unread().order_by()
        numbers = unread.annotate(group=Value(1)).values("group").annotate(count=Count("pk")).values("count")
        alerts: dict[str, Combinable] = {"notices": Subquery(numbers)}
        if self.staff:
            news = Installation.objects.filter(quarantined_files__gt=F("quarantine_seen"))
            alerts["has_scheduler"] = Exists(WorkerProcess.objects.schedulers())
            alerts["quarantined"] = Subquery(news.values("quarantined_files")[:1])
            alerts["access_suspended"] = Exists(Installation.objects.filter(access_suspended_at__isnull=False))
            differences = ContractDifference.objects.news().order_by().values(group=Value(1))
            alerts["differences"] = Subquery(differences.annotate(count=Count("pk")).values("count"))
        if self.staff or self.administers_a_team:
            payments = DoublePayment.objects.open().concerning(person).order_by().values(group=Value(1))
            alerts["double_payments"] = Subquery(payments.annotate(count=Count("pk")).values("count"))
        return alerts

    def _alert(self, name: str) -> int:
        return int(getattr(self.connection, name, None) or 0)

    @property
    def notices(self) -> int:
        """How many notices the person has not read."""
        return self._alert("notices")

    @property
    def connection(self) -> Connection | None:
        return self.connections[0] if self.connections else None

    @property
    def several_teams(self) -> bool:
        return len(self.roles) > 1

    @property
    def embedded(self) -> bool:
        """Whether documents are read by the embedded engine; for anonymous visitors, by the settings."""
        if not self.connections:
            return not settings.ANESYA_BASE_URL
        return any(connection.embedded for connection in self.connections)

    @cached_property
    def engine(self) -> str:
        """`warming` or `broken`, if an embedded engine that serves this person is not ready."""
        notable = (Connection.Readiness.WARMING, Connection.Readiness.BROKEN)
        unready = (
            connection.readiness for connection in self.connections if connection.embedded and not connection.paused
        )
        return next((readiness for readiness in unready if readiness in notable), "")

    @cached_property
    def pauses(self) -> list[Paused]:
        """The paused connections of this person, explained."""
        paused = [connection for connection in self.connections if connection.paused]
        if not paused:
            return []
        reader = Reader(hints=self.staff or self.administers_a_team)
        several = len(self.connections) > 1
        return [
            Paused(item, explanation, self._held_by(item), item.team if several else None)
            for item in paused
            if (explanation := pause_of(item, reader)) is not None
        ]

    def _held_by(self, item: Connection) -> int:
        if len(self.connections) == 1 or not self.counts.held:
            return self.counts.held
        held = Extraction.objects.visible_to(self.person).held().filter(connection=item)
        return held.filter(team__in=self.roles).count()

    @cached_property
    def expiring(self) -> list[Connection]:
        """Connections whose keys expire soon, for those who can replace them."""
        soon = [connection for connection in self.connections if connection.expires_soon]
        if not soon or not isinstance(self.person, User):
            return []
        if self.person.is_superuser:
            return soon
        return [key for key in soon if key.team_id and self.roles.get(key.team_id) == Role.ADMINISTRATOR]

    @cached_property
    def double_payments(self) -> int:
        """Open double payments, for staff and team administrators."""
        return self._alert("double_payments") if self.staff or self.administers_a_team else 0

    @cached_property
    def double_payment_team(self) -> int | None:
        """The team of the newest open double payment whose credits page this person may open."""
        rows = DoublePayment.objects.open().concerning(self.person)
        if not (isinstance(self.person, User) and self.person.is_superuser):
            rows = rows.filter(extraction__team__in=self.roles)
        newest = rows.values_list("extraction__team", flat=True).first()
        return int(newest) if newest is not None else None

    @property
    def staff(self) -> bool:
        return self.person.is_authenticated and self.person.is_staff

    @cached_property
    def worker_is_missing(self) -> bool:
        """Whether no worker runs; shown to staff only."""
        return self.staff and not self._alert("has_scheduler")

    @cached_property
    def quarantined(self) -> int:
        """Quarantined files that staff have not acknowledged yet; shown to staff only."""
        return self._alert("quarantined") if self.staff else 0

    @cached_property
    def access_suspended(self) -> bool:
        """Whether a restore has suspended tokens and links; shown to those who can confirm them."""
        return bool(
            self.staff and self._alert("access_suspended") and self.person.has_perm("extractions.change_connection")
        )

    @cached_property
    def differences(self) -> int:
        """Differences of the service's answers from the contract that nobody acknowledged; shown to staff only."""
        return self._alert("differences") if self.staff else 0

    def fingerprint(self) -> tuple[object, ...]:
        """What decides whether a refreshed part has changed; see views/live.py."""
        pauses = [(pause.connection.pause, pause.connection.next_probe_at, pause.waiting) for pause in self.pauses]
        news = (self.quarantined, self.access_suspended, self.double_payments, self.notices, self.differences)
        return (self.running, self.to_review, self.worker_is_missing, self.engine, *news, *pauses)


def navigation_of(request: HttpRequest) -> Navigation:
    """The facts of this request, shared by its view and its templates."""
    facts: Navigation | None = getattr(request, "navigation", None)
    if facts is None:
        facts = Navigation(getattr(request, "user", None) or AnonymousUser())
        request.navigation = facts  # type: ignore[attr-defined]
    return facts


def navigation(request: HttpRequest) -> dict[str, object]:
    facts = navigation_of(request)
    return {
        "embedded_engine": SimpleLazyObject(lambda: facts.embedded),
        "engine_address": settings.ANESYA_BASE_URL,
        "navigation": facts,
    }
