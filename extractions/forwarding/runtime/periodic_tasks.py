"""Periodic work for a connection: health checks, probes, key rotation, schemas, search verification."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial

from extractions import clock
from extractions.forwarding.api.errors import ApiUnavailable
from extractions.forwarding.runtime.thread_pool import BoundedThreadPool
from extractions.forwarding.steps import (
    classifier_studio,
    connection_state,
    key_rotation,
    schema_proposals,
    schema_publishing,
    schemas,
    search_verification,
    trials,
)
from extractions.forwarding.time_scale import scaled
from extractions.models import Connection

VERIFY_SEARCH_SECONDS, SEARCH_DUE_SECONDS = 60.0, 5.0
ENGINE_CHECK_SECONDS, WARMING_CHECK_SECONDS = 15.0, 2.0
ROTATION_SECONDS = 60.0
PUBLISH_SECONDS = 2.0
TRIAL_SECONDS = 1.0
FIRST_RETRY, FIRST_RETRY_EMBEDDED, MAX_RETRY = 5.0, 0.5, 120.0

log = logging.getLogger(__name__)


class PeriodicTasks:
    """Due times of named tasks that run in `pool`."""

    def __init__(self, pool: BoundedThreadPool) -> None:
        self.started_at = clock.now()
        self._pool = pool
        self._next: dict[str, float] = {}
        self._due: dict[str, tuple[float, Callable[[], object]]] = {}
        self._retry = 0.0

    def every(self, seconds: float, name: str, job: Callable[[], object]) -> None:
        """Have `hand_out` run the job if it is due. The job may reschedule itself through `_next`."""
        if self._next.get(name, 0.0) <= time.monotonic():
            self._due[name] = seconds, job

    def hand_out(self) -> bool:
        """Run what is due, longest overdue first, so that frequent tasks leave threads to the others.

        Whether any was left for want of a thread.
        """
        due, self._due = self._due, {}
        refused = False
        for name in sorted(due, key=lambda name: self._next.get(name, 0.0)):
            seconds, job = due[name]
            planned = self._next.get(name, 0.0)
            self._next[name] = time.monotonic() + seconds
            if not self._pool.offer(name, job):
                self._next[name] = planned
                refused |= name not in self._pool.busy
        return refused

    def offer_due(self, connection: Connection, now: datetime) -> None:
        """Submit whatever is due for this connection."""
        if connection.embedded:
            warming = connection.readiness == Connection.Readiness.WARMING
            self.every(
                WARMING_CHECK_SECONDS if warming else ENGINE_CHECK_SECONDS,
                "engine",
                partial(connection_state.check_engine, connection),
            )
        if connection.check_pending:
            self.every(0.0, "check", partial(connection_state.check, connection))
        if connection.paused and connection.next_probe_at is not None and connection.next_probe_at <= now:
            self.every(0.0, "probe", partial(connection_state.probe, connection))
        if connection.successor_id is not None:
            self.every(scaled(ROTATION_SECONDS), "settle", partial(key_rotation.resolve, connection))
        if connection.retired_at is None and schemas.is_wanted(connection, self.started_at):
            self.every(0.0, "schemas", partial(self._refresh, connection))
        self.every(scaled(PUBLISH_SECONDS), "publish schemas", partial(schema_publishing.publish_due, connection))
        self.every(scaled(TRIAL_SECONDS), "run trials", partial(trials.run_due, connection))
        self.every(scaled(TRIAL_SECONDS), "proposals", partial(schema_proposals.work, connection))
        self.every(scaled(PUBLISH_SECONDS), "classifiers", partial(classifier_studio.work, connection))
        if not connection.paused and connection.lists_extracts:
            self.every(scaled(VERIFY_SEARCH_SECONDS), "trust", partial(self._verify_search, connection))

    def _refresh(self, connection: Connection) -> None:
        """Fetch the schemas. As the first call after a start it also shows whether the API is reachable."""
        try:
            schemas.refresh(connection)
        except ApiUnavailable as error:
            first = FIRST_RETRY_EMBEDDED if connection.embedded else FIRST_RETRY
            self._retry = min(MAX_RETRY, max(first, self._retry * 2))
            self._next["schemas"] = time.monotonic() + scaled(self._retry)
            log.info("The schemas cannot be fetched now: %s", error.detail or error.code)
            if not connection.paused:
                connection_state.record_error(connection, error)
        else:
            self._retry = 0.0
            connection_state.record_success(connection)

    def _verify_search(self, connection: Connection) -> None:
        if search_verification.is_wanted(connection, self.started_at):
            search_verification.verify_search(connection, self.started_at)
        else:
            self._next["trust"] = time.monotonic() + scaled(SEARCH_DUE_SECONDS)
