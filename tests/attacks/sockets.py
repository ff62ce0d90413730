"""Many raw connections that do what no browser does: send a little now and then, or never read."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

KEPT_BYTES = 16 * 1024
"""Of each answer; the rest is read and thrown away."""


@dataclass(slots=True)
class Line:
    """One connection of a crowd and what came back over it."""

    socket: socket.socket
    connected: bool = False
    received: bytes = b""
    total: int = 0
    ended: str = ""
    """How the server ended it: "" (still open), "closed", "reset" or "refused"."""

    @property
    def status(self) -> int:
        """Of the first answer; 0 without one."""
        words = self.received.split(b" ", 2)
        return int(words[1]) if len(words) > 1 and words[0].startswith(b"HTTP/") and words[1].isdigit() else 0

    @property
    def sentence(self) -> str:
        """What the first answer says to whoever reads it."""
        body = self.received.partition(b"\r\n\r\n")[2].decode(errors="replace")
        return " ".join(body.split())[:200]


@dataclass
class Crowd:
    """`count` connections that each send `opening` at once, and then `drip` every `every` seconds.

    With `reads`, whatever comes back is read as it comes; without, nothing is read until the crowd leaves, and the
    receive buffer is kept small. A line that the server closes is not opened again.
    """

    address: tuple[str, int]
    count: int
    opening: bytes
    drip: bytes = b""
    every: float = 0.05
    reads: bool = True
    lines: list[Line] = field(default_factory=list)

    def __enter__(self) -> Crowd:
        self._over = threading.Event()
        self._selector = selectors.DefaultSelector()
        for _ in range(self.count):
            self._open()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        for line in self.lines:
            self._read(line)
            line.socket.close()
        self._selector.close()

    def _open(self) -> None:
        connection = socket.socket()
        if not self.reads:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.setblocking(False)
        line = Line(connection)
        self.lines.append(line)
        connection.connect_ex(self.address)
        self._selector.register(connection, selectors.EVENT_WRITE, line)  # until it is connected

    def _work(self) -> None:
        next_drip = time.monotonic() + self.every
        while not self._over.is_set():
            if self.drip and time.monotonic() >= next_drip:
                next_drip = time.monotonic() + self.every
                for line in self.lines:
                    self._send(line)
            for key, events in self._selector.select(min(0.05, self.every)):
                if events & selectors.EVENT_WRITE:
                    self._connected(key.data)
                else:
                    self._read(key.data)
            if not self._selector.get_map():
                self._over.wait(0.02)

    def _connected(self, line: Line) -> None:
        self._selector.unregister(line.socket)
        line.connected = True
        try:
            line.socket.send(self.opening)
        except OSError as error:
            self._ended(line, error)
            return
        if self.reads:
            self._selector.register(line.socket, selectors.EVENT_READ, line)

    def _send(self, line: Line) -> None:
        if line.ended or not line.connected:
            return
        try:
            line.socket.send(self.drip)
        except BlockingIOError:
            return
        except OSError as error:
            self._ended(line, error)

    def _read(self, line: Line) -> None:
        if line.ended:
            return
        try:
            while part := line.socket.recv(65536):
                line.total += len(part)
                line.received += part[: KEPT_BYTES - len(line.received)]
        except BlockingIOError:
            return
        except OSError as error:
            self._ended(line, error)
            return
        self._ended(line, None)

    def _ended(self, line: Line, error: OSError | None) -> None:
        line.ended = {type(None): "closed", ConnectionRefusedError: "refused"}.get(type(error), "reset")
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(line.socket)

    def open_lines(self) -> int:
        return sum(not line.ended for line in self.lines)

    def outcome(self) -> str:
        """How many met what: "16 x 413, closed"."""
        for line in self.lines:
            if not self.reads and not line.ended:
                with contextlib.suppress(OSError):
                    line.received = line.socket.recv(KEPT_BYTES, socket.MSG_PEEK)
        counted = Counter(f"{line.status or 'no answer'}, {line.ended or 'open'}" for line in self.lines)
        return "; ".join(f"{count} x {what}" for what, count in counted.most_common())


def request(path: str, *headers: str, method: str = "GET", host: str = "127.0.0.1") -> bytes:
    """The head of a request, complete."""
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {host}", *headers, "", ""]).encode()


def half_a_request(path: str = "/") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n".encode()
