"""The numbers of the dashboard, each asked for only when it is shown, all through the one gate."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import groupby
from statistics import median

from django.db.models import Case, Count, IntegerField, Q, Sum, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extractions.models import Extraction, ExtractionQuerySet
from extractions.presentation.account import Account, Button
from extractions.presentation.badges import Badge, badge_of
from extractions.presentation.sentences import account_of
from portal.people.models import Team, User

State = Extraction.State
DAYS = 14
SHOWN = 8  # rows of a list; the whole list is a click away
HELD_UP = 200  # documents waiting after trouble that are looked at to be told in groups
TIMES = 500  # finished documents that the servers' usual times come from
LATEST = 5  # of a server: how it does at the moment
SLOWER = 1.5


@dataclass(frozen=True, slots=True)
class Trouble:
    """One line of "Stuck, and why": a document, or several that wait for the same reason."""

    first: Extraction
    count: int
    badge: Badge
    account: Account | None

    @property
    def cost(self) -> str:
        """The cost in a few words; the account has the sentence."""
        if self.first.state == State.UNDECIDED or self.first.trouble == "undecided":
            return _("Perhaps charged once")
        if self.first.state == State.REJECTED:
            return _("Nothing charged")
        if self.first.state == State.QUEUED:
            return _("No charge known")
        used = self.first.credit_used
        if used is None:
            return _("Credits not known")
        return ngettext("%(count)d credit used", "%(count)d credits used", used) % {"count": used}

    @property
    def again(self) -> Button | None:
        """To try again in one click, where that cannot cost anything: what was never sent was never charged."""
        if self.count > 1 or self.account is None or self.first.state != State.REJECTED:
            return None
        return next((button for button in self.account.buttons if button.verb == "try_again"), None)


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    finished: int
    rest: int

    @property
    def received(self) -> int:
        return self.finished + self.rest


@dataclass(frozen=True, slots=True)
class ServerTimes:
    """How long a server takes, from our own finished documents; `times` run from old to new."""

    name: str
    times: tuple[float, ...]

    @property
    def usual(self) -> float:
        return median(self.times)

    @property
    def factor(self) -> float:
        """How many times slower the latest documents were; 1 where there are too few to tell."""
        if len(self.times) < 2 * LATEST or not self.usual:
            return 1.0
        return median(self.times[-LATEST:]) / self.usual

    @property
    def slow(self) -> bool:
        return self.factor >= SLOWER


class Figures:
    """What one person's dashboard shows."""

    def __init__(self, person: User) -> None:
        self.person = person
        self.now = timezone.now()

    @cached_property
    def visible(self) -> ExtractionQuerySet:
        return Extraction.objects.visible_to(self.person)

    @cached_property
    def empty(self) -> bool:
        return not self.visible.exists()

    @cached_property
    def _states(self) -> Counter[str]:
        """How many are in each state that does not last. Those that last are not counted: they are the many."""
        passing = [*Extraction.UNDERWAY, State.UNDECIDED, State.FAILED, State.REJECTED]
        rows = self.visible.filter(state__in=passing).order_by().values_list("state")
        return Counter(dict(rows.annotate(Count("pk"))))

    @property
    def waiting(self) -> int:
        return self._states[State.QUEUED]

    @property
    def running(self) -> int:
        return sum(self._states[state] for state in Extraction.UNDERWAY) - self.waiting

    @property
    def underway(self) -> int:
        return self.running + self.waiting

    @property
    def undecided(self) -> int:
        return self._states[State.UNDECIDED]

    @property
    def stuck(self) -> int:
        return sum(self._states[state] for state in (State.UNDECIDED, State.FAILED, State.REJECTED))

    @cached_property
    def _midnight(self) -> datetime:
        return _beginning(timezone.localdate(self.now))

    @cached_property
    def finished_today(self) -> int:
        return self.visible.finished().filter(finished_at__gte=self._midnight).count()

    @cached_property
    def received_today(self) -> int:
        return self.visible.filter(received_at__gte=self._midnight).count()

    @cached_property
    def just_finished(self) -> list[Extraction]:
        ended = self.visible.finished().filter(finished_at__isnull=False)
        return list(ended.for_lists().order_by("-finished_at")[:SHOWN])

    @cached_property
    def being_read(self) -> list[Extraction]:
        rows = self.visible.in_progress().exclude(state=State.QUEUED)
        return list(rows.for_lists().newest_first()[:SHOWN])

    @cached_property
    def troubles(self) -> list[Trouble]:
        """What waits for somebody first, then what waits after trouble, in groups with one reason."""
        stuck = [self._trouble([row]) for row in self.visible.stuck().for_lists().newest_first()[:SHOWN]]
        return stuck + [self._trouble(rows) for rows in self._held_up()]

    def _held_up(self) -> list[list[Extraction]]:
        waiting = self.visible.filter(Q(connection__pause="") & ~Q(trouble=""), state=State.QUEUED)
        rows = list(waiting.for_lists().order_by("trouble", "server", "pk")[:HELD_UP])
        return [list(group) for _reason, group in groupby(rows, key=lambda row: (row.trouble, row.server))]

    def _trouble(self, rows: list[Extraction]) -> Trouble:
        return Trouble(rows[0], len(rows), badge_of(rows[0]), account_of(rows[0]))

    @cached_property
    def days(self) -> list[Day]:
        """What was received on each of the last days, today last."""
        today = timezone.localdate(self.now)
        calendar = [today - timedelta(days=back) for back in range(DAYS)]
        # Compared with each day's beginning in the database: TruncDate would call Python for every row on SQLite.
        begins = [When(received_at__gte=_beginning(day), then=Value(back)) for back, day in enumerate(calendar)]
        rows = (
            self.visible.filter(received_at__gte=_beginning(calendar[-1]))
            .order_by()
            .annotate(back=Case(*begins, output_field=IntegerField()))
            .values_list("back")
            .annotate(received=Count("pk"), finished=Count("pk", filter=Q(state=State.EXTRACTED)))
        )
        found = {back: (received, finished) for back, received, finished in rows}
        counted = [(day, *found.get(back, (0, 0))) for back, day in enumerate(calendar)]
        return [Day(day, finished, received - finished) for day, received, finished in reversed(counted)]

    @cached_property
    def credits(self) -> list[tuple[str | None, int, int]]:
        """This month's credits and documents by schema, most first."""
        month = self._midnight.replace(day=1)
        rows = (
            self.visible.filter(received_at__gte=month, credit_used__isnull=False)
            .order_by()
            .values_list("schema__name")
            .annotate(Sum("credit_used"), Count("pk"))
        )
        return sorted(rows, key=lambda row: -row[1])

    @property
    def credits_total(self) -> int:
        return sum(used for _schema, used, _count in self.credits)

    @property
    def credits_documents(self) -> int:
        return sum(count for _schema, _used, count in self.credits)

    @cached_property
    def servers(self) -> list[ServerTimes]:
        since = self.now - timedelta(days=DAYS)
        rows = self.visible.filter(received_at__gte=since, extraction_time__isnull=False).newest_first()
        times: dict[str, list[float]] = {}
        for server, seconds in rows.values_list("server", "extraction_time")[:TIMES]:
            times.setdefault(server, []).append(seconds or 0.0)
        return [ServerTimes(name, tuple(reversed(times[name]))) for name in sorted(times)]

    @cached_property
    def teams(self) -> list[Team]:
        return list(Team.objects.filter(members=self.person).order_by("name"))

    def fingerprint(self) -> tuple[object, ...]:
        """What decides whether a refreshed dashboard would look any different; cheap to ask."""
        rows = [
            (row.pk, row.state, row.trouble, row.extraction_step, row.next_try_at)
            for row in [*self.being_read, *self.just_finished, *(trouble.first for trouble in self.troubles)]
        ]
        counts = (self.running, self.waiting, self.stuck, self.finished_today, self.received_today)
        return (*rows, *counts, *(trouble.count for trouble in self.troubles))


def _beginning(day: date) -> datetime:
    """The first moment of a day in the reader's time zone."""
    return timezone.make_aware(datetime.combine(day, time.min))
