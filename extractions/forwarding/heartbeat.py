"""A sign of life every few seconds, so that people and monitors see when nobody works."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from django.utils import timezone

from extractions.forwarding.turns import written_at_once
from extractions.models import WorkerProcess

# Of real time, whatever the waiting times of forwarding are multiplied by: it is about processes.
EVERY = 5.0
REMEMBERED = timedelta(days=1)

log = logging.getLogger(__name__)


def worker_name() -> str:
    """How this process signs what it holds."""
    return f"{socket.gethostname()[:100]}:{os.getpid()}"


class Threads(Protocol):
    """Threads for one kind of work: how many there are, and how many have none."""

    @property
    def name(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def free(self) -> int: ...


class Heartbeat:
    """Beaten by the worker's own loop, so a loop that hangs is seen, too."""

    def __init__(self, started_at: datetime) -> None:
        self._started_at = started_at
        self._next = 0.0

    def beat(self, lanes: Iterable[Threads], *, at_once: bool = False) -> None:
        """Write the row, if it is time."""
        if time.monotonic() < self._next and not at_once:
            return
        self._next = time.monotonic() + EVERY
        counts: dict[str, list[int]] = {}
        for lane in lanes:
            busy, size = counts.get(lane.name, (0, 0))
            counts[lane.name] = [busy + lane.size - lane.free, size + lane.size]
        self._write(lanes=counts, stopped_at=None)

    def stop(self) -> None:
        """The last sign: from now on nothing is held under this name."""
        self._write(lanes={}, stopped_at=timezone.now())

    @written_at_once()
    def _write(self, **fields: object) -> None:
        now = timezone.now()
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


def forget_old() -> None:
    """Remove what was heard of long ago."""
    gone, _each = WorkerProcess.objects.filter(seen_at__lt=timezone.now() - REMEMBERED).delete()
    if gone:
        log.info("%d workers of the past forgotten", gone)
