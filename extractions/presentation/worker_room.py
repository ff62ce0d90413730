"""What staff see of the work behind the pages: who works, what waits, what is held, what went wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from statistics import median

from django.conf import settings
from django.db.models import Count, Min, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from extractions.forwarding.connections import MAY_BE_SENT, at_work
from extractions.health import LEAST_FREE, free_bytes
from extractions.models import Attempt, Connection, Extraction, WorkerProcess
from extractions.models.extraction import HEAVY
from extractions.presentation.account import Account, Reader
from extractions.presentation.pauses import pause_of
from extractions.services.unsticking import orphaned
from portal.people.models import User

State = Extraction.State
Outcome = Attempt.Outcome
LATELY = timedelta(days=1)
SHOWN = 12  # rows of a list
LATEST_ATTEMPTS = 25
TIMES = 2000  # attempts of the last day that the servers' figures come from
BAD = (Outcome.NOT_SENT, Outcome.UNCLEAR, Outcome.CRASHED)


@dataclass(frozen=True, slots=True)
class Held:
    """A document that a worker has in its hands."""

    extraction: Extraction
    orphan: bool
    """Its worker is not heard of any more."""


@dataclass(frozen=True, slots=True)
class LaneCount:
    label: str
    busy: int
    size: int


@dataclass(frozen=True, slots=True)
class ProcessLine:
    """A worker process with its threads, in words."""

    process: WorkerProcess
    lanes: list[LaneCount]


@dataclass(frozen=True, slots=True)
class ConnectionLine:
    """A connection, whose it is, and why nothing is sent by it."""

    row: Connection
    name: str
    pause: Account | None

    @property
    def may_resume(self) -> bool:
        """Which copy is the only one is said elsewhere, and a lost key is entered again."""
        return self.row.paused and self.row.pause not in (Connection.Pause.COPIED, Connection.Pause.KEY_LOST)


@dataclass(frozen=True, slots=True)
class ServerRecord:
    """How one server did in the last day."""

    name: str
    sent: int
    outcomes: Counter[str]
    failed: int
    seconds: float | None

    @property
    def bad(self) -> int:
        return sum(self.outcomes[outcome] for outcome in BAD)


class WorkerRoom:
    """Counts are of all teams. Names are shown only of documents that the reader may see anyhow."""

    def __init__(self, person: User, outcome: str = "") -> None:
        self.person = person
        self.outcome = outcome if outcome in Outcome.values else ""
        self.now = timezone.now()

    @cached_property
    def connections(self) -> list[ConnectionLine]:
        """All by which something is sent or followed, that of the settings first."""
        reader = Reader(hints=True, resumes=True)
        return [
            ConnectionLine(one, str(one.team or one.get_scope_display()), pause_of(one, reader)) for one in at_work()
        ]

    @property
    def paused(self) -> list[ConnectionLine]:
        return [line for line in self.connections if line.row.paused]

    @cached_property
    def processes(self) -> list[ProcessLine]:
        return [ProcessLine(process, _lanes_of(process)) for process in WorkerProcess.objects.all()[:SHOWN]]

    @property
    def alive(self) -> int:
        return sum(line.process.alive for line in self.processes)

    @cached_property
    def _waiting(self) -> QuerySet[Extraction]:
        return Extraction.objects.filter(state__in=Extraction.UNDERWAY, next_try_at__isnull=False)

    @cached_property
    def counts(self) -> Counter[str]:
        """How many are in each state that does not last."""
        passing = [*Extraction.UNDERWAY, State.UNDECIDED]
        rows = Extraction.objects.filter(state__in=passing, delete_requested_at__isnull=True)
        return Counter(dict(rows.order_by().values_list("state").annotate(Count("pk"))))

    @property
    def queued(self) -> int:
        return self.counts[State.QUEUED]

    @property
    def undecided(self) -> int:
        return self.counts[State.UNDECIDED]

    @cached_property
    def due(self) -> int:
        """What a worker could do at once."""
        due = Extraction.objects.due(self.now)
        return due.filter(MAY_BE_SENT, state=State.QUEUED).count() + due.exclude(state=State.QUEUED).count()

    @cached_property
    def oldest(self) -> datetime | None:
        """Since when the document waits that waits longest to be sent."""
        waiting = Extraction.objects.filter(state=State.QUEUED, delete_requested_at__isnull=True)
        first: datetime | None = waiting.aggregate(first=Min("state_changed_at"))["first"]
        return first

    @cached_property
    def next_rows(self) -> list[Extraction]:
        """Those whose clocks ring next; what is followed at the service in peace is not of interest."""
        rows = self._waiting.exclude(state=State.RUNNING, trouble="").select_related("connection", "team")
        return list(rows.defer(*HEAVY).order_by("next_try_at", "pk")[:SHOWN])

    @cached_property
    def held(self) -> list[Held]:
        rows = Extraction.objects.filter(lease_until__gt=self.now).select_related("team").defer(*HEAVY)
        rows = rows.order_by("lease_until")[:SHOWN]
        orphans = set(orphaned().values_list("pk", flat=True)[:500])
        return [Held(row, row.pk in orphans) for row in rows]

    @cached_property
    def attempts(self) -> list[Attempt]:
        rows = Attempt.objects.select_related("extraction").order_by("-started_at", "-pk")
        rows = rows.filter(outcome=self.outcome) if self.outcome else rows
        return list(rows.defer(*(f"extraction__{name}" for name in HEAVY))[:LATEST_ATTEMPTS])

    @cached_property
    def visible(self) -> set[int]:
        """Which of the documents on the page this person may open."""
        shown = {row.pk for row in self.next_rows} | {one.extraction.pk for one in self.held}
        shown |= {attempt.extraction_id for attempt in self.attempts}
        return set(Extraction.objects.visible_to(self.person).filter(pk__in=shown).values_list("pk", flat=True))

    @cached_property
    def servers(self) -> list[ServerRecord]:
        """By server: what became of the attempts of the last day, and how long the documents took."""
        since = self.now - LATELY
        rows = Attempt.objects.filter(started_at__gte=since).order_by("-started_at")
        outcomes: dict[str, Counter[str]] = {}
        for server, outcome in rows.values_list("extraction__server", "outcome")[:TIMES]:
            outcomes.setdefault(server, Counter())[outcome] += 1
        failed, seconds = Counter[str](), dict[str, list[float]]()
        ended = Extraction.objects.filter(finished_at__gte=since).order_by("-finished_at")
        for server, state, took in ended.values_list("server", "state", "extraction_time")[:TIMES]:
            failed[server] += state == State.FAILED
            if took is not None:
                seconds.setdefault(server, []).append(took)
        names = sorted({*outcomes, *failed})
        return [
            ServerRecord(
                name,
                sum(outcomes.get(name, Counter()).values()),
                outcomes.get(name, Counter()),
                failed[name],
                median(seconds[name]) if name in seconds else None,
            )
            for name in names
        ]

    @cached_property
    def disk_free(self) -> int:
        return free_bytes()

    @property
    def disk_low(self) -> bool:
        return self.disk_free < LEAST_FREE

    @property
    def data_dir(self) -> str:
        return str(settings.DATA_DIR)

    def outcomes(self) -> list[tuple[str, str]]:
        return [(str(value), str(label)) for value, label in Outcome.choices]


def _lanes_of(process: WorkerProcess) -> list[LaneCount]:
    words = {
        "send": _("sending"),
        "queue": _("from the queue"),
        "ask": _("asking"),
        "render": _("drawing"),
        "sharpen": _("sharpening"),
        "keep": _("keeping house"),
    }
    return [LaneCount(words.get(name, name), busy, size) for name, (busy, size) in process.lanes.items()]
