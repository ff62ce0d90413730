"""A deadline for a whole exchange. A socket timeout bounds a single read only, so a slow drip could last for ever."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Self


class Deadline:
    """Shuts the socket down when the time is up, so that a blocked read or write fails."""

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._timer: threading.Timer | None = None
        self._ends_at = 0.0
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
        return max(0.0, self._ends_at - time.monotonic())

    def set(self, seconds: float) -> None:
        """Restart the countdown."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._ends_at = time.monotonic() + seconds
            self._timer = threading.Timer(seconds, self._expire)
            self._timer.daemon = True
            self._timer.start()

    def watch(self, connected: socket.socket) -> None:
        with self._lock:
            self._socket = connected
            if self.passed:
                self._cut()

    def _expire(self) -> None:
        with self._lock:
            if self.left > 0.05:
                return  # extended while this timer fired
            self.passed = True
            self._cut()

    def _cut(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                # On the plain socket class: a TLS shutdown would wait for the peer.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
