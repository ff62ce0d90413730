"""Threads that do one job at a time each, and never the same job twice at once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Hashable
from queue import SimpleQueue

from django.db import Error as DatabaseError
from django.db import close_old_connections, connection

log = logging.getLogger(__name__)

Job = tuple[Hashable, Callable[[], object]]


class Lane:
    def __init__(self, name: str, threads: int, when_done: Callable[[], object]) -> None:
        self.name, self.size = name, threads
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._when_done = when_done
        self._lock = threading.Lock()
        self._busy: set[Hashable] = set()
        self._threads = [
            # Daemons: a process that must end does not wait for a service that does not answer.
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def free(self) -> int:
        with self._lock:
            return len(self._threads) - len(self._busy)

    @property
    def busy(self) -> set[Hashable]:
        with self._lock:
            return set(self._busy)

    def offer(self, key: Hashable, job: Callable[[], object]) -> bool:
        """Do it as soon as a thread is free, which is now; not if it is under way, or nobody is free."""
        with self._lock:
            if key in self._busy or len(self._busy) >= len(self._threads):
                return False
            self._busy.add(key)
        self._jobs.put((key, job))
        return True

    def close(self, until: float) -> bool:
        """No more jobs; wait for those under way until the monotonic clock says so. Whether all have ended."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            self._do(*job)
        connection.close()

    def _do(self, key: Hashable, job: Callable[[], object]) -> None:
        try:
            close_old_connections()
            job()
        except DatabaseError:
            log.warning("The database failed under %s; the row's clock brings it back", key, exc_info=True)
            connection.close()
        except Exception:
            log.exception("A job failed: %s", key)
        finally:
            with self._lock:
                self._busy.discard(key)
            self._when_done()
