"""The thread pool that runs the application, with fair queueing between clients.

Threads of one process share one interpreter: two requests at once take each twice as long. So a client that keeps
threads busy steps back while others' requests run, and they take hardly longer than on an idle server.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from enum import Enum, auto
from http import HTTPStatus
from typing import TypeVar

from django.utils.translation import gettext_lazy as _

from portal.serving.identity import is_person
from portal.serving.limits import Limits
from portal.serving.refusals import Refusal
from portal.serving.usage import RecentUse

logger = logging.getLogger(__name__)
Job = Callable[[], object]
Result = TypeVar("Result")


class RequestClass(Enum):
    PAGE = auto()
    HEAVY = auto()
    """Requests with large bodies; few run at once, so that pages do not wait for them."""
    URGENT = auto()
    """Monitoring requests; they have one dedicated thread and use no other."""


Key = tuple[str, RequestClass]


class FairPool:
    """Round-robin between clients, with a limit on the concurrent requests of each; busy ones step back."""

    def __init__(self, threads: int, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._work, self._urgent_work = threading.Condition(self._lock), threading.Condition(self._lock)
        self._urgent: deque[tuple[str, Job]] = deque()
        self._urgent_waiting: Counter[str] = Counter()
        self._queues: dict[Key, deque[tuple[float, Job]]] = {}  # never empty; in round-robin order
        self._waiting: Counter[str] = Counter()
        self._total_waiting = 0
        self._running: Counter[str] = Counter()
        self._heavy: set[str] = set()
        self._use = RecentUse(limits.busy_half_life)
        self._quiet_until = 0.0
        for number in range(threads):
            threading.Thread(target=self._serve, args=(False,), name=f"web-{number}", daemon=True).start()
        threading.Thread(target=self._serve, args=(True,), name="web-urgent", daemon=True).start()

    def submit(self, job: Job, client: str, kind: RequestClass) -> None:
        """Queue a job; raises `Refusal` when too many are waiting."""
        with self._lock:
            if kind is RequestClass.URGENT:
                self._enqueue_urgent(job, client)
                return
            limits = self._limits
            limit = limits.waiting_per_person if is_person(client) else limits.waiting_per_address
            if self._waiting[client] >= limit:
                raise Refusal(HTTPStatus.TOO_MANY_REQUESTS, TOO_MANY, retry_after=5)
            if self._total_waiting >= limits.waiting:
                raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, BUSY, retry_after=5)
            self._waiting[client] += 1
            self._total_waiting += 1
            self._queues.setdefault((client, kind), deque()).append((time.monotonic(), job))
            self._work.notify()

    async def run(self, function: Callable[[], Result], client: str, kind: RequestClass = RequestClass.PAGE) -> Result:
        """Call `function` in a pool thread and await its result."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()

        def job() -> None:
            try:
                result = function()
            except BaseException as error:
                loop.call_soon_threadsafe(_resolve, future, None, error)
            else:
                loop.call_soon_threadsafe(_resolve, future, result, None)

        self.submit(job, client, kind)
        return await future

    def _enqueue_urgent(self, job: Job, client: str) -> None:
        if self._urgent_waiting[client] >= self._limits.urgent_waiting_per_client:
            raise Refusal(HTTPStatus.TOO_MANY_REQUESTS, TOO_MANY, retry_after=5)
        if len(self._urgent) >= self._limits.urgent_waiting:
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, BUSY, retry_after=5)
        self._urgent_waiting[client] += 1
        self._urgent.append((client, job))
        self._urgent_work.notify()

    def _serve(self, reserved: bool) -> None:
        ready = self._urgent_work if reserved else self._work
        while True:
            with self._lock:
                while (next_job := self._take(reserved)) is None:
                    ready.wait()
            key, job = next_job
            started = time.monotonic()
            try:
                job()
            except BaseException:
                logger.exception("A request failed outside of the application")
            with self._lock:
                self._release(key, started)
                if self._queues:
                    self._work.notify_all()  # this job may have blocked others, of its client or of busy ones

    def _take(self, reserved: bool) -> tuple[Key | None, Job] | None:
        if reserved:
            return self._take_urgent()
        now = time.monotonic()
        key = next((key for key in self._queues if self._may_run(key, now)), None)
        if key is None:
            return None
        client, kind = key
        queue = self._queues.pop(key)
        _since, job = queue.popleft()
        if queue:
            self._queues[key] = queue  # moves to the end of the round
        self._waiting[client] -= 1
        self._total_waiting -= 1
        if not self._waiting[client]:
            del self._waiting[client]
        self._running[client] += 1
        if kind is RequestClass.HEAVY:
            self._heavy.add(client)
        return key, job

    def _take_urgent(self) -> tuple[None, Job] | None:
        if not self._urgent:
            return None
        client, job = self._urgent.popleft()
        self._urgent_waiting[client] -= 1
        if not self._urgent_waiting[client]:
            del self._urgent_waiting[client]
        return None, job

    def _may_run(self, key: Key, now: float) -> bool:
        client, kind = key
        if self._running[client] >= self._limits.running_per_client or self._steps_back(key, now):
            return False
        return kind is not RequestClass.HEAVY or (
            len(self._heavy) < self._limits.heavy_running and client not in self._heavy
        )

    def _steps_back(self, key: Key, now: float) -> bool:
        """Whether a busy client's request has to wait for those of others."""
        client = key[0]
        waited = now - self._queues[key][0][0]
        if not self._is_busy(client, now) or waited >= self._limits.busy_wait:
            return False
        if any(other != client and not self._is_busy(other, now) for other in self._running):
            return True
        return client in self._running and now < self._quiet_until

    def _is_busy(self, client: str, now: float) -> bool:
        return self._use.of(client, now) >= self._limits.busy_seconds

    def _release(self, key: Key | None, started: float) -> None:
        if key is None:
            return
        client, kind = key
        now = time.monotonic()
        if not self._is_busy(client, now):
            self._quiet_until = now + self._limits.quiet_seconds
        self._use.add(client, now - started, now)
        self._running[client] -= 1
        if not self._running[client]:
            del self._running[client]
        if kind is RequestClass.HEAVY:
            self._heavy.discard(client)


TOO_MANY = _("You have sent too many requests at once. Wait for some of them to be answered, then try again.")
BUSY = _("The portal has more to do than it can right now. Try again in a moment.")


def _resolve(future: asyncio.Future[Result], result: Result | None, error: BaseException | None) -> None:
    if future.done():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)  # type: ignore[arg-type]
