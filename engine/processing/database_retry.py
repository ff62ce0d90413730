"""Retries writes that must not be lost, however long the database is locked or the disk is full."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, close_old_connections

log = logging.getLogger(__name__)
TRANSIENT_ERRORS = (OperationalError, InterfaceError)
"""Errors that end by themselves or when somebody frees space; all others are bugs in the write."""
INITIAL_BACKOFF, MAX_BACKOFF = 1.0, 60.0


def retry_until_written(write: Callable[[], object], stopping: threading.Event) -> None:
    """Retry with backoff until the write succeeds or the engine stops; its next start resumes what was running."""
    backoff = INITIAL_BACKOFF
    while True:
        try:
            write()
        except TRANSIENT_ERRORS as error:
            if stopping.is_set():
                log.warning("write abandoned because the engine is stopping: %s", error)
                return
            log.warning("write failed (%s); retrying in %g seconds", error, backoff)
        else:
            return
        stopping.wait(backoff)
        backoff = min(2 * backoff, MAX_BACKOFF)
        close_old_connections()
