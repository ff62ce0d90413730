"""What the worker runs for documents that come in by themselves, in threads of their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

from extractions import clock
from extractions.forwarding.runtime.thread_pool import BoundedThreadPool
from extractions.incoming import folders
from extractions.models import WatchedFolder

POLL_SECONDS = 1.0
FOLDER_THREADS = 4
"""A network share that hangs holds one of them."""


class Doors:
    """Hands out watched folders that are due."""

    def __init__(self, stop: threading.Event, on_done: Callable[[], object]) -> None:
        self._stop = stop
        self._folders = BoundedThreadPool("folders", FOLDER_THREADS, on_done)
        self._next = 0.0
        self.pools = (self._folders,)

    def offer_due(self) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + POLL_SECONDS
        for folder in WatchedFolder.objects.due(clock.now()).select_related("team", "person")[:FOLDER_THREADS]:
            self._folders.offer(folder.pk, partial(folders.run, folder, self._stop))
