"""Optional Celery transport: row ids go through a queue to `step` in other processes.

Nothing depends on it. A message may be lost, duplicated or delayed: the row holds the state, its lease makes `step`
idempotent, and what is not picked up in time is done by the portal's own worker. Celery itself never retries.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Iterator

from celery import Celery
from celery.exceptions import OperationalError as CeleryError
from celery.signals import worker_shutting_down
from django.conf import settings
from django.db import DatabaseError, connection
from kombu.exceptions import KombuError
from kombu.exceptions import OperationalError as BrokerError

from extractions import clock
from extractions.forwarding.fairness import Party, RoundRobin
from extractions.forwarding.runtime.heartbeat import INTERVAL_SECONDS, Heartbeat
from extractions.forwarding.steps import clone_guard, contract_watch
from extractions.forwarding.steps.dispatch import step
from extractions.forwarding.steps.send import mark_process_start
from extractions.forwarding.time_scale import scaled
from extractions.models import Extraction, ExtractionQuerySet, WorkerProcess
from extractions.models.worker_process import QUEUE_POOL

PICKUP_SECONDS = 15.0
"""Seconds for a message to be picked up before this worker does the row itself."""
BYPASS_SECONDS = 60.0
"""Seconds for which a broken or unattended queue is bypassed."""
MAX_TRACKED = 500
MIN_QUEUED = 8
"""Rows queued even before any consumer has sent a heartbeat."""
CONNECT_SECONDS = 2.0

log = logging.getLogger(__name__)
stop = threading.Event()

app = Celery("extraction-portal", set_as_current=False)
app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    task_default_queue=settings.CELERY_QUEUE,
    task_ignore_result=True,
    # Acknowledge early: the sweep recovers the row of a lost worker.
    task_acks_late=False,
    task_publish_retry=False,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    broker_connection_timeout=CONNECT_SECONDS,
    # Without a limit, publishing to an unreachable broker would block for ever.
    broker_transport_options={"max_retries": 1, "interval_start": 0, "interval_max": 0.2},
    redis_socket_connect_timeout=CONNECT_SECONDS,
)


class ThreadCounter:
    """Celery's threads, as the heartbeat reports them."""

    name = QUEUE_POOL

    def __init__(self, size: int) -> None:
        self.size = size
        self.error_code = ""
        self._busy = 0
        self._lock = threading.Lock()

    @property
    def free(self) -> int:
        return self.size - self._busy

    @contextlib.contextmanager
    def occupied(self) -> Iterator[None]:
        with self._lock:
            self._busy += 1
        try:
            yield
        finally:
            with self._lock:
                self._busy -= 1


threads = ThreadCounter(0)


def run_step(pk: int) -> None:
    """Run the row's next step if it is still due: the message may be late or a duplicate."""
    with threads.occupied():
        threads.error_code = clone_guard.verify_identity()
        if not threads.error_code and Extraction.objects.due(clock.now()).filter(pk=pk).exists():
            step(pk, stop)


step_task = app.task(name="extractions.step", max_retries=0)(run_step)


def run_worker(concurrency: int) -> None:
    """Consume the queue until a shutdown signal, with a heartbeat."""
    mark_process_start()
    worker_shutting_down.connect(_stop, weak=False)
    threads.size = concurrency
    heartbeat = Heartbeat(clock.now())
    threading.Thread(target=_beat, args=(heartbeat,), name="heartbeat", daemon=True).start()
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING")
    try:
        app.worker_main(["worker", "--pool", "threads", "--concurrency", str(concurrency), *quiet])
    finally:
        stop.set()
        heartbeat.stop()


def _beat(heartbeat: Heartbeat) -> None:
    """Survives a database outage: the next heartbeat catches up."""
    while not stop.is_set():
        try:
            heartbeat.beat([threads], error_code=threads.error_code)
            contract_watch.store()
        except DatabaseError as error:
            log.warning("The heartbeat could not be written: %s", error)
            connection.close()
        stop.wait(INTERVAL_SECONDS / 5)
    connection.close()


def _stop(**_: object) -> None:
    stop.set()


def _queue_target() -> int:
    """Twice the number of consumer threads: none idles, and hardly a row waits behind another."""
    pools = WorkerProcess.objects.alive().filter(lanes__has_key=QUEUE_POOL).values_list("lanes", flat=True)
    return max(MIN_QUEUED, 2 * sum(int(counts[QUEUE_POOL][1]) for counts in pools))


class CeleryTransport:
    """The producer side, in the portal's own worker."""

    def __init__(self) -> None:
        self._queued: dict[tuple[int, int], float] = {}
        self._bypass_until = 0.0

    def dispatch(self, due: ExtractionQuerySet, rotation: RoundRobin, limit: int, room: int) -> list[tuple[int, Party]]:
        """Queue what is due, once per lease; returns at most `limit` rows that this process should do itself.

        The queue is first in, first out, so for fairness it is kept short: `_queue_target` rows, and at most `room`.
        """
        now = time.monotonic()
        self._forget(now)
        if now < self._bypass_until:
            return rotation.order(due, limit)
        queued = {claim: self._queued[claim] for claim in self._on_queue(due)}
        late = [pk for (pk, _lease), since in queued.items() if now - since >= scaled(PICKUP_SECONDS)]
        if late:
            log.warning("Queued rows are not picked up in time; bypassing the queue for a while")
            self._bypass_until = now + scaled(BYPASS_SECONDS)
            return rotation.order(due, limit)
        free = min(_queue_target(), room) - len(queued)
        turns = rotation.order(due.exclude(pk__in=[pk for pk, _lease in queued]), free)
        leases = dict(due.filter(pk__in=[pk for pk, _party in turns]).values_list("pk", "lease"))
        for position, (pk, party) in enumerate(turns):
            if pk in leases and not self._put((pk, leases[pk]), now):
                return turns[position:][:limit]
            rotation.mark_served(party)
        return []

    def _on_queue(self, due: ExtractionQuerySet) -> list[tuple[int, int]]:
        """Leases that were queued and not yet picked up."""
        put = [pk for pk, _lease in self._queued]
        return [claim for claim in due.filter(pk__in=put).values_list("pk", "lease") if claim in self._queued]

    def _put(self, claim: tuple[int, int], now: float) -> bool:
        if now < self._bypass_until:
            return False
        try:
            step_task.apply_async((claim[0],), expires=4 * PICKUP_SECONDS, retry=False)
        except (CeleryError, BrokerError, KombuError, OSError) as error:
            log.warning("The queue is unavailable, bypassing it: %s", error)
            self._bypass_until = now + scaled(BYPASS_SECONDS)
            return False
        self._queued[claim] = now
        return True

    def _forget(self, now: float) -> None:
        if len(self._queued) > 2 * MAX_TRACKED:
            self._queued = {
                claim: since for claim, since in self._queued.items() if now - since < scaled(BYPASS_SECONDS)
            }
