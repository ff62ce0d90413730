"""Connection handling: deadlines for request heads, and eviction of idle connections when there are too many."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from enum import Enum, auto
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from portal.client_network import network_of
from portal.serving.limits import Limits

CHUNK_FRAMING_BYTES = 16
"""The size line and line ends of a chunk; they are not buffered."""


class Phase(Enum):
    HEAD = auto()
    """Waiting for a request head, after connecting or after its first byte."""
    BUSY = auto()
    """A request is being processed."""
    IDLE = auto()
    """Kept alive between requests."""


class Connections:
    """All connections. When there are too many, the address with the most idle ones loses its oldest.

    Clients that open connections without using them thus only evict their own. Behind a proxy all share its address,
    and the oldest idle connection is evicted.
    """

    def __init__(self, limits: Limits, max_count: int) -> None:
        self.limits = limits
        self.max_count = max_count
        self.count = 0
        self._idle: dict[str, OrderedDict[Connection, None]] = {}

    def admit(self) -> bool:
        """Count a new connection, evicting an idle one if needed; False when all are in use."""
        if self.count >= self.max_count and not self._evict():
            return False
        self.count += 1
        return True

    def mark_idle(self, connection: Connection) -> None:
        self._idle.setdefault(connection.address, OrderedDict())[connection] = None

    def mark_used(self, connection: Connection) -> None:
        of_address = self._idle.get(connection.address)
        if of_address is not None:
            of_address.pop(connection, None)
            if not of_address:
                del self._idle[connection.address]

    def closed(self, connection: Connection) -> None:
        self.mark_used(connection)
        self.count -= 1

    def _evict(self) -> bool:
        if not self._idle:
            return False
        of_address = max(self._idle.values(), key=len)
        oldest = next(iter(of_address))
        self.mark_used(oldest)
        oldest.transport.abort()
        return True


class Connection(HttpToolsProtocol):
    """uvicorn's protocol with deadlines, limits and refusals below the application."""

    def __init__(self, connections: Connections, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.guard = connections
        self.address = ""
        self.phase = Phase.HEAD
        self.admitted = False
        self._overhead = 0  # bytes besides bodies since the last response
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.address = network_of(self.client[0]) if self.client else ""
        self.admitted = self.guard.admit()
        if not self.admitted:
            self._answer(HTTPStatus.SERVICE_UNAVAILABLE, "The portal has no connection to spare. Try again shortly.")
            return
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        if self.admitted:
            self.guard.closed(self)
            self.admitted = False
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if self.phase is Phase.IDLE:
            self._await_head()
        self._overhead += len(data)
        super().data_received(data)
        if self._overhead <= self.guard.limits.head_bytes or self.transport.is_closing():
            return
        if self.phase is Phase.HEAD:
            self._answer(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The head of the request is too large.")
        else:
            self.transport.abort()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"]["transport"] = self.transport

    def on_headers_complete(self) -> None:
        if len(self.pipeline) >= self.guard.limits.pipelined:
            self.transport.abort()
            raise ValueError("too many pipelined requests")
        self._stop_timer()
        self.phase = Phase.BUSY
        self.guard.mark_used(self)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._overhead -= len(body)
        super().on_body(body)

    def on_chunk_complete(self) -> None:
        self._overhead -= min(self._overhead, CHUNK_FRAMING_BYTES)

    def on_response_complete(self) -> None:
        self._overhead = 0
        super().on_response_complete()
        if self.transport.is_closing() or self.timeout_keep_alive_task is None:
            return
        self.phase = Phase.IDLE
        self.guard.mark_idle(self)

    def timeout_keep_alive_handler(self) -> None:
        """Keep-alive timeout; also aborts if the client has not read the last response by now."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        super().timeout_keep_alive_handler()

    def _await_head(self) -> None:
        self.phase = Phase.HEAD
        self.guard.mark_idle(self)
        self._timer = self.loop.call_later(self.guard.limits.head_seconds, self._head_late)

    def _head_late(self) -> None:
        self._answer(HTTPStatus.REQUEST_TIMEOUT, "The request took too long to arrive.")

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _answer(self, status: HTTPStatus, sentence: str) -> None:
        """Say why, and close: nothing has been parsed that an application could answer."""
        self._stop_timer()
        body = f"{sentence}\n"
        self.transport.write(
            f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: text/plain; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()
        )
        self.transport.close()
        self.loop.call_later(1.0, self.transport.abort)
