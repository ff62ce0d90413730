"""Prometheus metrics, computed from the database on scrape, so that every web process reports the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.db.models import Count, Min, Sum
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from extractions import clock
from extractions.backups import history
from extractions.forwarding.steps.connection_state import SENDABLE, active_connections
from extractions.models import (
    Attempt,
    Connection,
    ContractDifference,
    DoublePayment,
    Extraction,
    Installation,
    WorkerProcess,
)
from extractions.models.worker_process import STARTING
from extractions.monitoring.health import Level, checks, free_bytes

RECENT = timedelta(hours=1)
State = Extraction.State


def prometheus_text() -> bytes:
    registry = CollectorRegistry()
    registry.register(_Rows())
    return bytes(generate_latest(registry))


class _Rows(Collector):
    def describe(self) -> Iterable[Metric]:
        """Empty, or the registry would call `collect` on registration to learn the names."""
        return ()

    def collect(self) -> Iterator[Metric]:
        yield from _health()
        yield from _workers()
        yield from _documents()
        yield from _recent_attempts()
        yield from _double_payments()
        yield _connections()
        yield _contract_differences()
        yield from _backups()
        yield _plain("portal_disk_free_bytes", "Free disk space for documents and the database.", free_bytes())


def _health() -> Iterator[Metric]:
    found = checks()
    up = [((check.name,), check.severity != Level.DOWN) for check in found]
    degraded = [((check.name,), check.severity == Level.DEGRADED) for check in found]
    yield _labelled("portal_up", "1 if the component works.", ("part",), up)
    yield _labelled("portal_degraded", "1 if the component works but needs attention.", ("part",), degraded)
    row = Installation.objects.first()
    yield _plain("portal_quarantined_files", "Orphaned files in quarantine.", row.quarantined_files if row else 0)
    yield _plain("portal_quarantined_bytes", "Size of the files in quarantine.", row.quarantined_bytes if row else 0)


def _connections() -> Metric:
    """By primary key: monitoring must not learn who uses it. 0 is the settings' connection."""
    help_text = "1 for the current pause reason of each connection, or none."
    found = [((_number(item), item.pause or "none"), 1) for item in active_connections()]
    return _labelled("portal_connection_paused", help_text, ("connection", "pause"), found)


def _contract_differences() -> Metric:
    help_text = "Differences of the service's answers from the contract that nobody has acknowledged."
    return _plain("portal_contract_differences", help_text, ContractDifference.objects.news().count())


def _number(connection: Connection) -> str:
    return str(connection.pk) if connection.is_own else "0"


def _workers() -> Iterator[Metric]:
    alive = list(WorkerProcess.objects.alive())
    busy = [((item.name, lane), counts[0]) for item in alive for lane, counts in item.lanes.items()]
    size = [((item.name, lane), counts[1]) for item in alive for lane, counts in item.lanes.items()]
    refusing = sum(process.error_code not in ("", STARTING) for process in alive)
    yield _plain("portal_workers", "Worker processes with a heartbeat within the last minute.", len(alive))
    yield _plain(
        "portal_workers_refusing", "Workers that refuse to work because their data folder does not match.", refusing
    )
    yield _labelled("portal_lane_busy", "Busy threads.", ("worker", "lane"), busy)
    yield _labelled("portal_lane_threads", "Threads in the pool.", ("worker", "lane"), size)


def _documents() -> Iterator[Metric]:
    now = clock.now()
    rows = Extraction.objects.filter(delete_requested_at__isnull=True)
    counted = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    states = [((str(state).lower(),), counted.get(state, 0)) for state in State.values]
    yield _labelled("portal_documents", "Documents by state.", ("state",), states)
    queued = rows.filter(state=State.QUEUED)
    due = Extraction.objects.due(now)
    number = due.exclude(state=State.QUEUED).count() + due.filter(SENDABLE, state=State.QUEUED).count()
    oldest = queued.aggregate(first=Min("state_changed_at"))["first"]
    age = (now - oldest).total_seconds() if oldest else 0.0
    yield _plain("portal_due", "Documents with a step due now.", number)
    yield _plain("portal_held", "Documents leased by a worker.", Extraction.objects.filter(lease_until__gt=now).count())
    yield _plain("portal_queue_age_seconds", "Age of the oldest document waiting to be sent.", max(0.0, age))


def _recent_attempts() -> Iterator[Metric]:
    attempts = Attempt.objects.filter(started_at__gte=clock.now() - RECENT).order_by()
    rows = attempts.values_list("extraction__server", "outcome").annotate(Count("pk"))
    found = [((server, outcome or "under_way"), number) for server, outcome, number in rows]
    yield _labelled(
        "portal_attempts_last_hour", "Send attempts started in the last hour.", ("server", "outcome"), found
    )


def _double_payments() -> Iterator[Metric]:
    totals = DoublePayment.objects.open().aggregate(number=Count("pk"), credits=Sum("credits"))
    yield _plain("portal_double_payments", "Documents charged twice, not settled yet.", totals["number"])
    yield _plain("portal_double_payment_credits", "Known cost of unsettled double payments.", totals["credits"] or 0)


def _backups() -> Iterator[Metric]:
    """The age is only told where there is a backup: 0 would look new."""
    done = history.latest()
    if done is not None and done.finished_at is not None:
        age = max(0.0, (clock.now() - done.finished_at).total_seconds())
        yield _plain("portal_backup_age_seconds", "Age of the newest finished backup.", age)
        yield _plain("portal_backup_bytes", "Size of the files in the newest finished backup.", done.bytes)
    yield _plain("portal_backup_failed", "1 if the newest attempt failed.", bool(history.latest_error()))


def _plain(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help_text, value=value)


def _labelled(
    name: str, help_text: str, labels: tuple[str, ...], values: Iterable[tuple[tuple[str, ...], float]]
) -> Metric:
    family = GaugeMetricFamily(name, help_text, labels=labels)
    for of_labels, value in values:
        family.add_metric(of_labels, float(value))
    return family
