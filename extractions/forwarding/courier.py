"""Celery as a transport, where a company runs it: ids of rows go through its queue to `step` in other processes.

Nothing depends on it. A message may be lost, doubled or stuck: the row says what is next, its claim lets only one do
it, and what nobody took off the queue in time is done by the portal's own worker. The queue itself never retries.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Iterator
from typing import Any

from celery import Celery
from celery.exceptions import OperationalError as CeleryError
from celery.signals import worker_shutting_down
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from kombu.exceptions import KombuError
from kombu.exceptions import OperationalError as BrokerError

from extractions.forwarding import copies
from extractions.forwarding.heartbeat import EVERY, Heartbeat
from extractions.forwarding.steps import step
from extractions.forwarding.times import scaled
from extractions.models import Extraction, ExtractionQuerySet
from extractions.models.worker_process import QUEUE

PATIENCE = 15.0
"""Seconds for a message to be taken off the queue, before the row is done without it."""
WITHOUT = 60.0
"""Seconds during which nothing is put on a queue that does not work, or that nobody empties."""
MOST = 500
CONNECT_SECONDS = 2.0

log = logging.getLogger(__name__)
stop = threading.Event()

app = Celery("extraction-portal", set_as_current=False)
app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    task_default_queue=settings.CELERY_QUEUE,
    task_ignore_result=True,
    # Taken off the queue before the work begins: a worker that is lost is the sweep's affair.
    task_acks_late=False,
    task_publish_retry=False,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    broker_connection_timeout=CONNECT_SECONDS,
    # Without a limit, putting a message on the queue of a broker that is away would last for ever.
    broker_transport_options={"max_retries": 1, "interval_start": 0, "interval_max": 0.2},
    redis_socket_connect_timeout=CONNECT_SECONDS,
)


class Threads:
    """Those of Celery, as the page about the workers shows them."""

    name = QUEUE

    def __init__(self, size: int) -> None:
        self.size = size
        self._busy = 0
        self._lock = threading.Lock()

    @property
    def free(self) -> int:
        return self.size - self._busy

    @contextlib.contextmanager
    def one(self) -> Iterator[None]:
        with self._lock:
            self._busy += 1
        try:
            yield
        finally:
            with self._lock:
                self._busy -= 1


threads = Threads(0)


def do(pk: int) -> None:
    """Do what is next for the row, if it is still due: a message may be late, or the second of its kind."""
    with threads.one():
        if copies.recognise() and Extraction.objects.due(timezone.now()).filter(pk=pk).exists():
            step(pk, stop)


message = app.task(name="extractions.step", max_retries=0)(do)


def work(at_once: int) -> None:
    """Take ids off the queue until told to stop, and show that this process is there."""
    worker_shutting_down.connect(_stop, weak=False)
    threads.size = at_once
    heart = Heartbeat(timezone.now())
    threading.Thread(target=_beat, args=(heart,), name="heartbeat", daemon=True).start()
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING")
    try:
        app.worker_main(["worker", "--pool", "threads", "--concurrency", str(at_once), *quiet])
    finally:
        stop.set()
        heart.stop()


def _beat(heart: Heartbeat) -> None:
    """A database that is away for a while is no reason to stop: the next sign of life tells that all is well."""
    while not stop.is_set():
        try:
            heart.beat([threads])
        except DatabaseError as error:
            log.warning("A sign of life could not be written: %s", error)
            connection.close()
        stop.wait(EVERY / 5)
    connection.close()


def _stop(**_: Any) -> None:
    stop.set()


class Courier:
    """The side that puts ids on the queue, in the portal's own worker."""

    def __init__(self) -> None:
        self._carried: dict[tuple[int, int], float] = {}
        self._without_until = 0.0

    def left(self, due: ExtractionQuerySet) -> Iterator[int]:
        """Put on the queue what is due, each claim's worth once; what is left is for this process to do."""
        now = time.monotonic()
        self._forget(now)
        for pk, lease in due.values_list("pk", "lease")[:MOST]:
            if not self._is_carried((pk, lease), now):
                yield pk

    def _is_carried(self, claim: tuple[int, int], now: float) -> bool:
        since = self._carried.get(claim)
        if since is None:
            return self._put(claim, now)
        if now - since < scaled(PATIENCE):
            return True
        if now >= self._without_until:
            log.warning("Nobody takes rows off the queue in time; this worker does them itself for a while")
            self._without_until = now + scaled(WITHOUT)
        return False

    def _put(self, claim: tuple[int, int], now: float) -> bool:
        if now < self._without_until:
            return False
        try:
            message.apply_async((claim[0],), expires=4 * PATIENCE, retry=False)
        except (CeleryError, BrokerError, KombuError, OSError) as error:
            log.warning("The queue does not work, rows go without it: %s", error)
            self._without_until = now + scaled(WITHOUT)
            return False
        self._carried[claim] = now
        return True

    def _forget(self, now: float) -> None:
        if len(self._carried) > 2 * MOST:
            self._carried = {claim: since for claim, since in self._carried.items() if now - since < scaled(WITHOUT)}
