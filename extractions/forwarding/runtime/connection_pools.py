"""Thread pools per team or site connection (bulkheads), so that a slow service delays nobody else."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator

from django.conf import settings

from extractions.forwarding.runtime.periodic_tasks import PeriodicTasks
from extractions.forwarding.runtime.thread_pool import BoundedThreadPool
from extractions.models import Connection

POLLING_THREADS = 2


class ConnectionPool:
    def __init__(self, on_done: Callable[[], object]) -> None:
        self.sending = BoundedThreadPool("send", max(2, settings.WORKER_THREADS // 4), on_done)
        self.polling = BoundedThreadPool("ask", POLLING_THREADS, on_done)
        self.maintenance = BoundedThreadPool("keep", 1, on_done)
        self.periodic_tasks = PeriodicTasks(self.maintenance)

    @property
    def pools(self) -> tuple[BoundedThreadPool, ...]:
        return self.sending, self.polling, self.maintenance


class ConnectionPools:
    """One `ConnectionPool` per served connection, opened and closed as connections come and go."""

    def __init__(self, on_done: Callable[[], object]) -> None:
        self._on_done = on_done
        self._by_connection: dict[int, ConnectionPool] = {}

    def of(self, served: Collection[Connection]) -> Iterator[tuple[Connection, ConnectionPool]]:
        gone = self._by_connection.keys() - {connection.pk for connection in served}
        for pk in gone:
            for pool in self._by_connection.pop(pk).pools:
                pool.close(time.monotonic())
        for connection in served:
            if connection.pk not in self._by_connection:
                self._by_connection[connection.pk] = ConnectionPool(self._on_done)
            yield connection, self._by_connection[connection.pk]

    @property
    def pools(self) -> list[BoundedThreadPool]:
        return [pool for pools in self._by_connection.values() for pool in pools.pools]
