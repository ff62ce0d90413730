"""Figures for Prometheus, read from the rows when they are asked for: every web process tells the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from extractions.forwarding.connections import MAY_BE_SENT, at_work
from extractions.health import checks, free_bytes
from extractions.models import Attempt, Connection, Extraction, WorkerProcess

LATELY = timedelta(hours=1)
State = Extraction.State


def prometheus_text() -> bytes:
    registry = CollectorRegistry()
    registry.register(_Rows())
    return bytes(generate_latest(registry))


class _Rows(Collector):
    def describe(self) -> Iterable[Metric]:
        """Nothing: the registry would otherwise ask all once more to learn the names."""
        return ()

    def collect(self) -> Iterator[Metric]:
        yield _labelled("portal_up", "1 where a part works.", ("part",), [((c.name,), c.well) for c in checks()])
        yield from _workers()
        yield from _documents()
        yield from _lately()
        yield _connections()
        yield _plain("portal_disk_free_bytes", "Room left for documents and the database.", free_bytes())


def _connections() -> Metric:
    """By its number, for who uses it is nobody's business out there; 0 is that of the settings."""
    told = "Why nothing is sent by a connection; none while all is well."
    found = [((_number(one), one.pause or "none"), 1) for one in at_work()]
    return _labelled("portal_connection_paused", told, ("connection", "pause"), found)


def _number(connection: Connection) -> str:
    return str(connection.pk) if connection.is_own else "0"


def _workers() -> Iterator[Metric]:
    alive = list(WorkerProcess.objects.alive())
    busy = [((one.name, lane), counts[0]) for one in alive for lane, counts in one.lanes.items()]
    size = [((one.name, lane), counts[1]) for one in alive for lane, counts in one.lanes.items()]
    yield _plain("portal_workers", "Worker processes heard of within a minute.", len(alive))
    yield _labelled("portal_lane_busy", "Threads at work.", ("worker", "lane"), busy)
    yield _labelled("portal_lane_threads", "Threads there are.", ("worker", "lane"), size)


def _documents() -> Iterator[Metric]:
    now = timezone.now()
    rows = Extraction.objects.filter(delete_requested_at__isnull=True)
    counted = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    states = [((str(state).lower(),), counted.get(state, 0)) for state in State.values]
    yield _labelled("portal_documents", "Documents by state.", ("state",), states)
    queued = rows.filter(state=State.QUEUED)
    due = Extraction.objects.due(now)
    number = due.exclude(state=State.QUEUED).count() + due.filter(MAY_BE_SENT, state=State.QUEUED).count()
    oldest = queued.aggregate(first=Min("state_changed_at"))["first"]
    age = (now - oldest).total_seconds() if oldest else 0.0
    yield _plain("portal_due", "Documents that a worker could do something for at once.", number)
    yield _plain("portal_held", "Documents held by a worker.", Extraction.objects.filter(lease_until__gt=now).count())
    yield _plain("portal_queue_age_seconds", "How long the longest waiting document waits to be sent.", max(0.0, age))


def _lately() -> Iterator[Metric]:
    attempts = Attempt.objects.filter(started_at__gte=timezone.now() - LATELY).order_by()
    rows = attempts.values_list("extraction__server", "outcome").annotate(Count("pk"))
    found = [((server, outcome or "under_way"), number) for server, outcome, number in rows]
    yield _labelled("portal_attempts_last_hour", "Sends begun in the last hour.", ("server", "outcome"), found)


def _plain(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(name, told, value=value)


def _labelled(name: str, told: str, labels: tuple[str, ...], values: Iterable[tuple[tuple[str, ...], float]]) -> Metric:
    family = GaugeMetricFamily(name, told, labels=labels)
    for of_labels, value in values:
        family.add_metric(of_labels, float(value))
    return family
