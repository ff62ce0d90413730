"""A heartbeat every few seconds, so that people and monitoring notice when no worker is alive."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from django.conf import settings

from extractions import clock
from extractions.forwarding.serialized import serialized_atomic
from extractions.forwarding.worker_name import worker_name
from extractions.models import WorkerProcess

# Not scaled by FORWARDING_TIME_SCALE: this is about processes.
INTERVAL_SECONDS = 5.0
RETENTION = timedelta(days=1)

log = logging.getLogger(__name__)


class PoolStatus(Protocol):
    """Size and free capacity of a thread pool."""

    @property
    def name(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def free(self) -> int: ...


class Heartbeat:
    """Driven by the worker's main loop, so that a hung loop is noticed as well."""

    def __init__(self, started_at: datetime) -> None:
        self._started_at = started_at
        self._next = 0.0

    def beat(self, pools: Iterable[PoolStatus], *, error_code: str = "", at_once: bool = False) -> None:
        """Write the row if the interval has passed."""
        if time.monotonic() < self._next and not at_once:
            return
        self._next = time.monotonic() + INTERVAL_SECONDS
        counts: dict[str, list[int]] = {}
        for pool in pools:
            busy, size = counts.get(pool.name, (0, 0))
            counts[pool.name] = [busy + pool.size - pool.free, size + pool.size]
        self._write(lanes=counts, stopped_at=None, error_code=error_code, data_dir=str(settings.DATA_DIR)[:500])

    def stop(self) -> None:
        """The final heartbeat: this process holds no leases any more."""
        self._write(lanes={}, stopped_at=clock.now())

    @serialized_atomic()
    def _write(self, **fields: object) -> None:
        now = clock.now()
        WorkerProcess.objects.update_or_create(
            name=worker_name(),
            defaults={
                "host": socket.gethostname()[:100],
                "pid": os.getpid(),
                "started_at": self._started_at,
                "seen_at": now,
            }
            | fields,
        )


def delete_stale_workers() -> None:
    """Delete the rows of workers that have been silent for `RETENTION`."""
    gone, _each = WorkerProcess.objects.filter(seen_at__lt=clock.now() - RETENTION).delete()
    if gone:
        log.info("Deleted %d stale worker rows", gone)
