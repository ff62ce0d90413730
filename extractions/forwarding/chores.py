"""What is done for a connection now and then, beside its documents."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.utils import timezone

from extractions.forwarding import connections, schemas, succession, trust
from extractions.forwarding.errors import ApiUnavailable
from extractions.forwarding.lanes import Lane
from extractions.forwarding.times import scaled
from extractions.models import Connection

TRUST_EVERY, TRUST_LOOK_EVERY = 60.0, 5.0
ENGINE_EVERY, WARMING_EVERY = 15.0, 2.0
SETTLE_EVERY = 60.0
FIRST_RETRY, FIRST_RETRY_EMBEDDED, LONGEST_RETRY = 5.0, 0.5, 120.0

log = logging.getLogger(__name__)


class Chores:
    """The alarm clocks of chores, which are told apart by their names."""

    def __init__(self, lane: Lane) -> None:
        self.started_at = timezone.now()
        self._lane = lane
        self._next: dict[str, float] = {}
        self._retry = 0.0

    def every(self, seconds: float, name: str, job: Callable[[], object]) -> None:
        """Do it if its time has come and a thread is free. The job may set another time for the next one."""
        planned, now = self._next.get(name, 0.0), time.monotonic()
        if now < planned:
            return
        self._next[name] = now + seconds
        if not self._lane.offer(name, job):
            self._next[name] = planned

    def keep(self, connection: Connection, now: datetime) -> None:
        """Offer what is due for this connection."""
        if connection.embedded:
            warming = connection.readiness == Connection.Readiness.WARMING
            self.every(
                WARMING_EVERY if warming else ENGINE_EVERY, "engine", partial(connections.ask_engine, connection)
            )
        if connection.check_pending:
            self.every(0.0, "check", partial(connections.check, connection))
        if connection.paused and connection.next_probe_at is not None and connection.next_probe_at <= now:
            self.every(0.0, "probe", partial(connections.probe, connection))
        if connection.successor_id is not None:
            self.every(scaled(SETTLE_EVERY), "settle", partial(succession.settle, connection))
        if connection.retired_at is None and schemas.is_wanted(connection, self.started_at):
            self.every(0.0, "schemas", partial(self._refresh, connection))
        if not connection.paused:
            self.every(scaled(TRUST_EVERY), "trust", partial(self._prove, connection))

    def _refresh(self, connection: Connection) -> None:
        """Fetch the schemas. It is also the first call after the start, so it tells whether the API answers."""
        try:
            schemas.refresh(connection)
        except ApiUnavailable as error:
            first = FIRST_RETRY_EMBEDDED if connection.embedded else FIRST_RETRY
            self._retry = min(LONGEST_RETRY, max(first, self._retry * 2))
            self._next["schemas"] = time.monotonic() + scaled(self._retry)
            log.info("The schemas cannot be fetched now: %s", error.detail or error.code)
            if not connection.paused:
                connections.trouble(connection, error)
        else:
            self._retry = 0.0
            connections.worked(connection)

    def _prove(self, connection: Connection) -> None:
        if trust.is_wanted(connection, self.started_at):
            trust.earn(connection, self.started_at)
        else:
            self._next["trust"] = time.monotonic() + scaled(TRUST_LOOK_EVERY)
