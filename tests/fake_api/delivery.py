"""How a request is read and a response written, from plain to hostile."""

from __future__ import annotations

import gzip
import select
import socket
import struct
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.fake_api.faults import Delivery, Fault
from tests.fake_api.messages import Response

LONGEST_HANG = 600.0  # seconds
BOMB_BYTES = 128 * 1024 * 1024
BLOCK = 64 * 1024


class ConnectionCut(Exception):
    """The connection was reset before the request had been read."""


class FaultyConnection(BaseHTTPRequestHandler):
    """One connection; the subclass knows what to respond, this class how."""

    protocol_version = "HTTP/1.1"
    timeout = 120

    def read_body(self, fault: Fault) -> tuple[bytes, bool]:
        """The body, as far as it came, and whether the client went away before its end."""
        length, body = int(self.headers.get("Content-Length") or 0), bytearray()
        while_reading = fault.while_reading
        if fault.cut_after == 0:
            self._cut_while_reading()
        try:
            while len(body) < length and (block := self.rfile.read1(min(BLOCK, length - len(body)))):
                body += block
                if while_reading is not None:
                    while_reading()
                    while_reading = None
                if fault.cut_after is not None and len(body) >= min(fault.cut_after, length):
                    self._cut_while_reading()
        except OSError:
            return bytes(body), True
        return bytes(body), len(body) < length

    def _cut_while_reading(self) -> None:
        self.reset()
        raise ConnectionCut

    def deliver(self, response: Response, fault: Fault | None = None) -> None:
        """Whatever goes wrong with the connection meanwhile is the client's affair."""
        fault = fault or Fault()
        if fault.early:
            self.close_connection = True
        try:
            self._deliveries[fault.delivery](self, response, fault)
        except OSError:
            self.close_connection = True

    def _head(self, response: Response, length: int, extra: Mapping[str, str] | None = None) -> None:
        self.send_response(response.status)
        for name, value in (dict(response.headers) | dict(extra or {})).items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        if response.status != 204:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def _plain(self, response: Response, fault: Fault) -> None:
        self._head(response, len(response.body))
        if self.command != "HEAD" and response.status != 204:
            self.wfile.write(response.body)

    def _cut(self, response: Response, fault: Fault) -> None:
        self.reset()

    def _half(self, response: Response, fault: Fault) -> None:
        self._head(response, len(response.body))
        self.wfile.write(response.body[: len(response.body) // 2])
        self.reset()

    def _hang(self, response: Response, fault: Fault) -> None:
        self.wait_until_left(LONGEST_HANG)
        self.reset()

    def _drip(self, response: Response, fault: Fault) -> None:
        self._head(response, len(response.body))
        for position in range(len(response.body)):
            if self.wait_until_left(fault.pause):
                break
            self.wfile.write(response.body[position : position + 1])
        self.close_connection = True

    def _bomb(self, response: Response, fault: Fault) -> None:
        content = bomb()
        self._head(response, len(content), {"Content-Encoding": "gzip"})
        self.wfile.write(content)

    _deliveries: dict[Delivery, Callable[[Any, Response, Fault], None]] = {
        Delivery.PLAIN: _plain,
        Delivery.CUT: _cut,
        Delivery.HALF: _half,
        Delivery.HANG: _hang,
        Delivery.DRIP: _drip,
        Delivery.BOMB: _bomb,
    }

    def reset(self) -> None:
        """Cut the connection: no polite end, no rest of a response."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.connection.close()

    def wait_until_left(self, seconds: float) -> bool:
        """Whether the client hung up within so many seconds."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and not self.stopping():
            readable, _, _ = select.select([self.connection], [], [], min(left, 0.5))
            if readable:
                try:
                    return not self.connection.recv(1, socket.MSG_PEEK)
                except OSError:
                    return True
        return False

    def stopping(self) -> bool:
        raise NotImplementedError

    def log_message(self, format: str, *args: Any) -> None:
        """The journal says what came."""


@lru_cache
def bomb() -> bytes:
    return gzip.compress(b" " * BOMB_BYTES, compresslevel=1)
