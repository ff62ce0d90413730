"""The name under which a process holds leases."""

from __future__ import annotations

import os
import socket

WORKER_NAME_VARIABLE = "PORTAL_WORKER_NAME"


def worker_name() -> str:
    """Host and process id; an isolated sender inherits the name of the worker that started it."""
    return os.environ.get(WORKER_NAME_VARIABLE) or f"{socket.gethostname()[:100]}:{os.getpid()}"
