"""Writing what has to be written, however long the database is locked or the disk is full."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, close_old_connections

log = logging.getLogger(__name__)
HINDRANCES = (OperationalError, InterfaceError)
"""What passes by itself or when somebody makes room; anything else is a fault of what was to be written."""
SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 60.0


def insist(write: Callable[[], object], stopping: threading.Event) -> None:
    """Try until it is written, or until the engine stops: its next start takes up what was under way."""
    pause = SHORTEST_PAUSE
    while True:
        try:
            write()
        except HINDRANCES as error:
            if stopping.is_set():
                log.warning("not written, for the engine stops: %s", error)
                return
            log.warning("could not write (%s); trying again in %g seconds", error, pause)
        else:
            return
        stopping.wait(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
        close_old_connections()
