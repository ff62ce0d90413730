"""The figures of the dashboard, queried lazily, and only for visible documents."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import groupby
from statistics import median

from django.db.models import OuterRef, Q, Subquery, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extractions.models import Extraction, ExtractionQuerySet, Schema, Spending
from extractions.models import Value as Stored
from extractions.models.spending import month_of
from extractions.presentation.counts import Counts
from extractions.presentation.document.badges import Badge, badge_of
from extractions.presentation.document.sentences import explanation_of
from extractions.presentation.document.status_explanation import Button, StatusExplanation
from extractions.presentation.document.steps import durations
from extractions.review import review_queue
from extractions.search import counters
from extractions.search.conditions import ColumnIs, Condition, Finished, ReceivedIn
from extractions.search.executor import COUNTED, ENDED, NEWEST, Search, pages
from extractions.search.tabs import STUCK
from portal.people.models import User

State, Review = Extraction.State, Extraction.Review
FINISHED = ColumnIs("state", (State.EXTRACTED,))
DAYS = 14
SHOWN = 8  # rows of a list; the whole list is a click away
WAITING, QUEUED = 5, 200  # documents shown of those that wait for the reader, and ordered for that
HELD_UP = 200  # documents that have waited longest, which are grouped by error
TIMES = 200  # newest documents from which the servers' usual times are computed
LATEST = 5  # documents that represent a server's current speed
SLOWER = 1.5
APPROVED, FIELDS = 200, 5  # documents evaluated for corrections, and fields shown


@dataclass(frozen=True, slots=True)
class Trouble:
    """A row of "Stuck, and why": one document, or several waiting for the same reason."""

    first: Extraction
    count: int
    badge: Badge
    account: StatusExplanation | None
    more: bool = False
    """Whether there may be more than were counted."""

    @property
    def count_text(self) -> str:
        """The count as text, "200+" if there may be more."""
        return f"{self.count}+" if self.more else str(self.count)

    @property
    def cost(self) -> str:
        """The cost in a few words; the explanation has the full sentence."""
        if self.first.state == State.UNDECIDED or self.first.error_code == "undecided":
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
        """The button to retry, if that is free: only what was never sent was never charged."""
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
class Touches:
    """How many approved documents needed no correction, and the most corrected fields."""

    approved: int
    untouched: int
    fields: list[tuple[str, int]]

    @property
    def share(self) -> int:
        return self.untouched * 100 // self.approved


@dataclass(frozen=True, slots=True)
class ServerTimes:
    """Durations in seconds on a server, from finished documents; `times` are oldest first."""

    name: str
    times: tuple[float, ...]
    steps: tuple[tuple[str, float | None], ...] = ()
    """Label and median duration of each step; None if no document went through it here."""

    @property
    def usual(self) -> float:
        return median(self.times)

    @property
    def factor(self) -> float:
        """Median time of the latest documents relative to the usual; 1 with too few documents."""
        if len(self.times) < 2 * LATEST or not self.usual:
            return 1.0
        return median(self.times[-LATEST:]) / self.usual

    @property
    def slow(self) -> bool:
        return self.factor >= SLOWER


class DashboardCounts(Counts):
    """The counts of the menu, and with them those that only the dashboard shows."""

    def rows(self, person: User) -> dict[str, ExtractionQuerySet]:
        visible, queue = Extraction.objects.visible_to(person), review_queue.queue_of(person)
        rows = super().rows(person)
        rows["assigned"] = queue.filter(assigned_to=person)
        rows["of_team"] = visible.filter(review_state=Review.WAITING, evidence_due_at__isnull=True)
        rows["finished_today"] = visible.filter(
            state=State.EXTRACTED, finished_at__gte=_beginning(timezone.localdate())
        )
        rows["held_queued"] = visible.held().filter(state=State.QUEUED)
        return rows


class DashboardFigures:
    """The dashboard of one person. What links to a list is the count of that list."""

    def __init__(self, person: User, counts: DashboardCounts | None = None) -> None:
        self.person = person
        self.counts = counts or DashboardCounts(person)
        self.now = timezone.now()

    @cached_property
    def empty(self) -> bool:
        return not self.counts.states

    @property
    def waiting(self) -> int:
        """Those that are to be sent, and are not held."""
        return self.counts.states[State.QUEUED] - self.counts.exactly("held_queued")

    @property
    def running(self) -> int:
        return self.counts.running - self.waiting

    @property
    def underway(self) -> int:
        return self.counts.running

    @property
    def held(self) -> int:
        return self.counts.held

    @property
    def undecided(self) -> int:
        return self.counts.states[State.UNDECIDED]

    @property
    def stuck(self) -> int:
        return self.counts.stuck

    @property
    def finished_today(self) -> int:
        """Up to COUNTED + 1."""
        return self.counts.limited("finished_today")

    @cached_property
    def received_today(self) -> int:
        return self.days[-1].received

    def _search(self, *conditions: Condition) -> Search:
        return Search(self.person, conditions, teams=[*self.counts.roles])

    @cached_property
    def _pages(self) -> dict[str, list[int]]:
        """Ids for each part of the page, in one query."""
        read = tuple(state for state in Extraction.UNDERWAY if state != State.QUEUED)
        since = timezone.localdate(self.now) - timedelta(days=DAYS)
        wanted = {
            "finished": (self._search(FINISHED, Finished()), ENDED, SHOWN),
            "read": (self._search(ColumnIs("state", read)), NEWEST, SHOWN),
            "stuck": (self._search(ColumnIs("state", STUCK)), NEWEST, SHOWN),
            "queued": (self._search(ColumnIs("state", (State.QUEUED,))), NEWEST.reverse, HELD_UP),
            "review": (self._search(ColumnIs("review_state", (Review.WAITING,))), NEWEST.reverse, QUEUED),
            "approved": (self._search(ColumnIs("review_state", (Review.APPROVED,))), NEWEST, APPROVED),
            "timed": (self._search(ReceivedIn(first=since)), NEWEST, TIMES),
        }
        return dict(zip(wanted, pages(list(wanted.values())), strict=True))

    @cached_property
    def _shown(self) -> dict[int, Extraction]:
        """The rows of all lists but that of the queue, in one query."""
        numbers = [number for part in ("finished", "read", "stuck", "queued") for number in self._pages[part]]
        rows = Extraction.objects.visible_among(numbers, self.person).for_lists() if numbers else []
        return {row.pk: row for row in rows}

    def _rows(self, part: str) -> list[Extraction]:
        return [self._shown[number] for number in self._pages[part] if number in self._shown]

    @cached_property
    def just_finished(self) -> list[Extraction]:
        return self._rows("finished")

    @cached_property
    def to_review(self) -> list[Extraction]:
        """What waits for the reader, in the order of the queue; with thousands waiting, among the oldest of them."""
        if not self.counts.to_review:
            return []
        rows = review_queue.queue_of(self.person).filter(pk__in=self._pages["review"]).for_lists()
        return list(review_queue.in_order(rows, self.person, review_queue.order_of(self.person))[:WAITING])

    @cached_property
    def being_read(self) -> list[Extraction]:
        return [row for row in self._rows("read") if not row.connection.pause.startswith("key_")]

    @cached_property
    def troubles(self) -> list[Trouble]:
        """Documents that need a decision, then groups of documents waiting after the same error."""
        return [self._trouble([row]) for row in self._rows("stuck")] + self._held_up()

    def _held_up(self) -> list[Trouble]:
        """Groups among the longest waiting, which were tried first; the backlog may be large."""
        rows = [row for row in self._rows("queued") if row.error_code and not row.connection.pause]
        rows.sort(key=lambda row: (row.error_code, row.server, row.pk))
        groups = groupby(rows, key=lambda row: (row.error_code, row.server))
        more = len(self._pages["queued"]) == HELD_UP
        return [self._trouble(list(group), more=more) for _reason, group in groups]

    def _trouble(self, rows: list[Extraction], *, more: bool = False) -> Trouble:
        # The full explanation estimates the cost of a retry, a query per document; only rejected ones need it here.
        account = explanation_of(rows[0]) if rows[0].state == State.REJECTED else None
        return Trouble(rows[0], len(rows), badge_of(rows[0]), account, more)

    @cached_property
    def days(self) -> list[Day]:
        """Documents received on each of the last DAYS days, today last."""
        today = timezone.localdate(self.now)
        calendar = [today - timedelta(days=back) for back in reversed(range(DAYS))]
        counts = counters.by_period([*self.counts.roles], [_beginning(day) for day in calendar])
        return [
            Day(day, found[State.EXTRACTED], found.total() - found[State.EXTRACTED])
            for day, found in zip(calendar, counts, strict=True)
        ]

    @cached_property
    def credits(self) -> list[tuple[str | None, int, int]]:
        """This month's credits and documents by schema, largest first, consistent with the credits page."""
        spent = Spending.objects.filter(team_number__in=[*self.counts.roles], month=month_of(self.now), credits__gt=0)
        name = Subquery(Schema.objects.filter(pk=OuterRef("schema_number")).values("name")[:1])
        rows = spent.order_by().values_list("schema_number").annotate(Sum("credits"), Sum("documents"), called=name)
        used = sorted(rows, key=lambda row: (-row[1], row[0]))
        return [(called, credits, documents) for _schema, credits, documents, called in used]

    @property
    def waits_for_me(self) -> int:
        """What waits for this person, in the queue and the menu; up to COUNTED + 1."""
        return self.counts.to_review

    @property
    def assigned(self) -> int:
        """Those of them that are assigned to this person."""
        return self.counts.limited("assigned")

    @property
    def waits_for_team(self) -> int:
        return self.counts.limited("of_team")

    @property
    def counted(self) -> int:
        return COUNTED

    @cached_property
    def touches(self) -> Touches | None:
        """Correction statistics of the newest approved documents."""
        numbers = self._pages["approved"]
        if not numbers:
            return None
        rows = Stored.objects.filter(extraction__in=numbers).filter(Q(corrected=True) | ~Q(answer=""))
        found = list(rows.values_list("extraction_id", "name").distinct())
        fields = Counter(name for _pk, name in found if name)
        return Touches(len(numbers), len(numbers) - len({pk for pk, _name in found}), fields.most_common(FIELDS))

    @property
    def credits_total(self) -> int:
        return sum(used for _schema, used, _count in self.credits)

    @property
    def credits_documents(self) -> int:
        return sum(count for _schema, _used, count in self.credits)

    @cached_property
    def servers(self) -> list[ServerTimes]:
        known = Extraction.objects.visible_among(self._pages["timed"], self.person)
        rows = known.filter(extraction_time__isnull=False).newest_first()
        times: dict[str, list[float]] = {}
        steps: dict[tuple[str, str], list[float]] = {}
        for server, seconds, seen in rows.values_list("server", "extraction_time", "steps_seen"):
            times.setdefault(server, []).append(seconds or 0.0)
            for step, own in durations(seen or {}).items():
                steps.setdefault((server, step), []).append(own)
        return [ServerTimes(name, tuple(reversed(times[name])), _usual_steps(name, steps)) for name in sorted(times)]

    @cached_property
    def steps(self) -> list[tuple[str, list[float | None]]]:
        """Each step that ran on any server, with its usual time by server."""
        lines = zip(*(server.steps for server in self.servers), strict=True)
        by_step = [(line[0][0], [seconds for _label, seconds in line]) for line in lines]
        return [(label, times) for label, times in by_step if any(time is not None for time in times)]

    @property
    def teams(self) -> list[str]:
        return [team.name for team in self.counts.teams]

    def fingerprint(self) -> tuple[object, ...]:
        """Facts that change whenever the dashboard would."""
        rows: list[tuple[object, ...]] = [
            (row.pk, row.state, row.error_code, row.extraction_step, row.next_try_at)
            for row in [*self.being_read, *self.just_finished, *(trouble.first for trouble in self.troubles)]
        ]
        rows += [
            (row.pk, row.review_state, row.needs, row.broken_count, row.evidence_due_at is None)
            for row in [*self.to_review, *self.just_finished]
        ]
        counts = (
            *(self.running, self.waiting, self.held, self.stuck, self.finished_today, self.received_today),
            *(self.waits_for_me, self.waits_for_team, self.assigned),
        )
        return (*rows, *counts, *(trouble.count for trouble in self.troubles))


def _usual_steps(server: str, steps: dict[tuple[str, str], list[float]]) -> tuple[tuple[str, float | None], ...]:
    found = ((str(step.label), steps.get((server, step.value))) for step in Extraction.Step)
    return tuple((label, median(times) if times else None) for label, times in found)


def _beginning(day: date) -> datetime:
    """Midnight of a day in the reader's time zone."""
    return timezone.make_aware(datetime.combine(day, time.min))
