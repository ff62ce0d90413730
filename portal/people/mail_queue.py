"""Sends mail in the background, so that no page waits for a mail server or reveals whether it answers."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from contextvars import Context, copy_context

from django.conf import settings
from django.db import connections
from django.utils import translation

logger = logging.getLogger(__name__)

Task = Callable[[], object]
MAX_QUEUED = 200


class MailQueue:
    """Runs tasks in order in one thread, which starts with the first task and so after any fork."""

    def __init__(self) -> None:
        self._tasks: queue.Queue[tuple[Context, str, Task]] = queue.Queue(MAX_QUEUED)
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def enqueue(self, task: Task) -> None:
        """Run `task` soon, in the caller's language and context. A full queue drops it with an error in the log."""
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="mail", daemon=True)
                self._thread.start()
        try:
            self._tasks.put_nowait((copy_context(), translation.get_language() or settings.LANGUAGE_CODE, task))
        except queue.Full:
            logger.error("A mail was not sent: %d wait already.", MAX_QUEUED)  # noqa: TRY400 - a traceback adds nothing

    def join(self) -> None:
        """Block until the queue is empty."""
        self._tasks.join()

    def _run(self) -> None:
        while True:
            context, language, task = self._tasks.get()
            try:
                context.run(_in_language, language, task)
            except Exception:
                logger.exception("A mail could not be sent.")
            finally:
                connections.close_all()
                self._tasks.task_done()


def _in_language(language: str, task: Task) -> None:
    with translation.override(language):
        task()


mail_queue = MailQueue()
