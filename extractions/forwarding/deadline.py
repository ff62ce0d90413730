"""An end to a whole exchange. The timeout of a socket only limits one read, and a drip can last for ever."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Self


class Deadline:
    """When the time is up, the connection is cut under whoever waits on it."""

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._timer: threading.Timer | None = None
        self._ends = 0.0
        self.set(seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._socket = None
            if self._timer is not None:
                self._timer.cancel()

    @property
    def left(self) -> float:
        return max(0.0, self._ends - time.monotonic())

    def set(self, seconds: float) -> None:
        """Start anew, from now."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._ends = time.monotonic() + seconds
            self._timer = threading.Timer(seconds, self._strike)
            self._timer.daemon = True
            self._timer.start()

    def watch(self, connected: socket.socket) -> None:
        with self._lock:
            self._socket = connected
            if self.passed:
                self._cut()

    def _strike(self) -> None:
        with self._lock:
            if self.left > 0.05:
                return  # it was set anew while we woke up
            self.passed = True
            self._cut()

    def _cut(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                # Of the class below TLS: an encrypted goodbye would wait for the other side.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
