"""The worker dashboard for staff: processes, queue, leases, attempts and servers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from statistics import median

from django.conf import settings
from django.db.models import Count, Min, QuerySet, Sum
from django.utils.translation import gettext as _

from extractions import clock
from extractions.backups import history
from extractions.forwarding.steps.connection_state import SENDABLE, active_connections
from extractions.forwarding.steps.quarantine import FOLDER as QUARANTINE
from extractions.models import Attempt, Backup, Connection, DoublePayment, Extraction, Installation, WorkerProcess
from extractions.models.extraction_queryset import LARGE_COLUMNS
from extractions.monitoring.health import MIN_FREE_BYTES, free_bytes
from extractions.presentation.document.pauses import pause_of
from extractions.presentation.document.status_explanation import Reader, StatusExplanation
from extractions.presentation.operations.contract_lines import ContractState, contract_states
from extractions.services.recovery import orphaned
from extractions.storage import file_store
from portal.people.models import User

State = Extraction.State
Outcome = Attempt.Outcome
LATELY = timedelta(days=1)
SHOWN = 12  # rows of a list
LATEST_ATTEMPTS = 25
TIMES = 2000  # attempts of the last day from which the servers' figures are computed
BAD = (Outcome.NOT_SENT, Outcome.UNCLEAR, Outcome.CRASHED)


@dataclass(frozen=True, slots=True)
class Held:
    """A document leased by a worker."""

    extraction: Extraction
    orphan: bool
    """Whether its worker is gone."""


@dataclass(frozen=True, slots=True)
class PoolUsage:
    label: str
    busy: int
    size: int


@dataclass(frozen=True, slots=True)
class ProcessLine:
    """A worker process with the usage of its thread pools."""

    process: WorkerProcess
    pools: list[PoolUsage]

    @property
    def doubt(self) -> str:
        """Why it refuses to work; empty if it works."""
        return str(dict(Installation.Doubt.choices).get(self.process.error_code, ""))


@dataclass(frozen=True, slots=True)
class ConnectionLine:
    """A connection, its owner, and why it is paused."""

    row: Connection
    name: str
    pause: StatusExplanation | None
    differences: ContractState

    @property
    def may_resume(self) -> bool:
        """Some pauses end otherwise: by deciding on a copy, entering the key again, or mounting the folder."""
        pause = Connection.Pause
        return self.row.paused and self.row.pause not in (pause.COPIED, pause.KEY_LOST, pause.STORE_AWAY)


@dataclass(frozen=True, slots=True)
class ServerRecord:
    """A server's attempts and documents of the last day."""

    name: str
    sent: int
    outcomes: Counter[str]
    failed: int
    seconds: float | None

    @property
    def bad(self) -> int:
        return sum(self.outcomes[outcome] for outcome in BAD)


class WorkerDashboard:
    """Counts cover all teams; names are shown only for documents visible to the person."""

    def __init__(self, person: User, outcome: str = "") -> None:
        self.person = person
        self.outcome = outcome if outcome in Outcome.values else ""
        self.now = clock.now()

    @cached_property
    def connections(self) -> list[ConnectionLine]:
        """The connections in use, that of the settings first."""
        reader = Reader(hints=True, resumes=True)
        found = active_connections()
        states = contract_states(found, of_team=False)
        return [
            ConnectionLine(item, str(item.team or item.get_scope_display()), pause_of(item, reader), states[item.pk])
            for item in found
        ]

    @cached_property
    def installation(self) -> Installation | None:
        return Installation.objects.first()

    @cached_property
    def files_reachable(self) -> bool:
        """As seen by this web process; each worker reports for itself."""
        return file_store.is_reachable()

    @cached_property
    def backup(self) -> Backup | None:
        return history.latest()

    @property
    def backup_error(self) -> str:
        return history.latest_error()

    @property
    def backup_is_late(self) -> bool:
        return history.is_late(self.now)

    @property
    def backup_hours(self) -> float:
        return float(settings.BACKUP_EVERY_HOURS)

    @property
    def backups_scheduled(self) -> bool:
        return history.is_scheduled()

    @property
    def quarantine_folder(self) -> str:
        return str(Path(settings.MEDIA_ROOT) / QUARANTINE)

    @property
    def quarantine_until(self) -> datetime | None:
        """When the oldest quarantined file will be deleted."""
        since = self.installation.quarantined_since if self.installation else None
        return since + timedelta(days=settings.QUARANTINE_DAYS) if since and settings.QUARANTINE_DAYS else None

    @property
    def must_adopt(self) -> bool:
        """Whether every live worker rejects its folder, so that staff may have to adopt it."""
        row = self.installation
        refusing = [line for line in self.processes if line.process.alive and line.doubt]
        return bool(refusing) and not self.at_home and row is not None

    @property
    def at_home(self) -> int:
        return sum(line.process.alive and not line.process.error_code for line in self.processes)

    @property
    def paused(self) -> list[ConnectionLine]:
        return [line for line in self.connections if line.row.paused]

    @cached_property
    def processes(self) -> list[ProcessLine]:
        return [ProcessLine(process, _pools_of(process)) for process in WorkerProcess.objects.all()[:SHOWN]]

    @property
    def alive(self) -> int:
        return sum(line.process.alive for line in self.processes)

    @cached_property
    def _waiting(self) -> QuerySet[Extraction]:
        return Extraction.objects.filter(state__in=Extraction.UNDERWAY, next_try_at__isnull=False)

    @cached_property
    def counts(self) -> Counter[str]:
        """Documents by transient state."""
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
    def double_payments(self) -> dict[str, int | None]:
        """Open double payments of all teams: number and credits."""
        return DoublePayment.objects.open().aggregate(number=Count("pk"), credits=Sum("credits"))

    @cached_property
    def due(self) -> int:
        """Documents that a worker could process right now."""
        due = Extraction.objects.due(self.now)
        return due.filter(SENDABLE, state=State.QUEUED).count() + due.exclude(state=State.QUEUED).count()

    @cached_property
    def oldest(self) -> datetime | None:
        """Since when the longest waiting document has been queued."""
        waiting = Extraction.objects.filter(state=State.QUEUED, delete_requested_at__isnull=True)
        first: datetime | None = waiting.aggregate(first=Min("state_changed_at"))["first"]
        return first

    @cached_property
    def next_rows(self) -> list[Extraction]:
        """The next scheduled documents, without those that are simply polled at the service."""
        rows = self._waiting.exclude(state=State.RUNNING, error_code="").select_related("connection", "team")
        return list(rows.defer(*LARGE_COLUMNS).order_by("next_try_at", "pk")[:SHOWN])

    @cached_property
    def held(self) -> list[Held]:
        rows = Extraction.objects.filter(lease_until__gt=self.now).select_related("team").defer(*LARGE_COLUMNS)
        rows = rows.order_by("lease_until")[:SHOWN]
        orphans = set(orphaned().values_list("pk", flat=True)[:500])
        return [Held(row, row.pk in orphans) for row in rows]

    @cached_property
    def attempts(self) -> list[Attempt]:
        rows = Attempt.objects.select_related("extraction").order_by("-started_at", "-pk")
        rows = rows.filter(outcome=self.outcome) if self.outcome else rows
        return list(rows.defer(*(f"extraction__{name}" for name in LARGE_COLUMNS))[:LATEST_ATTEMPTS])

    @cached_property
    def visible(self) -> set[int]:
        """Ids of the documents on the page that this person may open."""
        shown = {row.pk for row in self.next_rows} | {item.extraction.pk for item in self.held}
        shown |= {attempt.extraction_id for attempt in self.attempts}
        return set(Extraction.objects.visible_to(self.person).filter(pk__in=shown).values_list("pk", flat=True))

    @cached_property
    def servers(self) -> list[ServerRecord]:
        """By server: outcomes of the last day's attempts, and the median duration of documents."""
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
        return self.disk_free < MIN_FREE_BYTES

    @property
    def data_dir(self) -> str:
        return str(settings.DATA_DIR)

    def outcomes(self) -> list[tuple[str, str]]:
        return [(str(value), str(label)) for value, label in Outcome.choices]


def _pools_of(process: WorkerProcess) -> list[PoolUsage]:
    words = {
        "send": _("sending"),
        "isolated": _("sending alone"),
        "queue": _("from the queue"),
        "ask": _("following"),
        "render": _("rendering pages"),
        "sharpen": _("rendering for zoom"),
        "keep": _("housekeeping"),
        "prove": _("finding values"),
        "folders": _("watching folders"),
        "webhook": _("notifying other programs"),
        "mails": _("reading mail"),
    }
    return [PoolUsage(words.get(name, name), busy, size) for name, (busy, size) in process.lanes.items()]
