"""A thread pool without a backlog that never runs two jobs with the same key at once."""

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


class BoundedThreadPool:
    def __init__(self, name: str, threads: int, on_done: Callable[[], object]) -> None:
        self.name, self.size = name, threads
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._on_done = on_done
        self._lock = threading.Lock()
        self._busy: set[Hashable] = set()
        self._threads = [
            # Daemon threads: shutdown does not wait for an unresponsive service.
            threading.Thread(target=self._loop, name=f"{name}-{number}", daemon=True)
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
        """Run the job now; False if no thread is free or a job with this key is running."""
        with self._lock:
            if key in self._busy or len(self._busy) >= len(self._threads):
                return False
            self._busy.add(key)
        self._jobs.put((key, job))
        return True

    def close(self, until: float) -> bool:
        """Take no more jobs and wait until `until` (monotonic seconds). Whether all threads have ended."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _loop(self) -> None:
        while (job := self._jobs.get()) is not None:
            self._run(*job)
        connection.close()

    def _run(self, key: Hashable, job: Callable[[], object]) -> None:
        try:
            close_old_connections()
            job()
        except DatabaseError:
            log.warning("Database error in job %s; the row is retried when it is due", key, exc_info=True)
            connection.close()
        except Exception:
            log.exception("A job failed: %s", key)
        finally:
            with self._lock:
                self._busy.discard(key)
            self._on_done()
