"""Writing down what must not be forgotten, however long the database is away."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError, connection

LONGEST_PAUSE = 5.0

log = logging.getLogger(__name__)
T = TypeVar("T")


def surely(write: Callable[..., T], *args: Any) -> T:
    """Do it until the database takes it."""
    pause = 0.1
    while True:
        try:
            return write(*args)
        except (OperationalError, InterfaceError) as error:
            if connection.in_atomic_block:
                raise
            log.warning("The database is away, trying again: %s", error)
            connection.close()
        time.sleep(pause)
        pause = min(LONGEST_PAUSE, pause * 2)
