"""A receiver of webhooks on a real socket, which answers as told and keeps what it got."""

from __future__ import annotations

import json
import socket
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass
class Received:
    id: str
    headers: dict[str, str]
    body: str
    path: str

    @property
    def said(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def document(self) -> str:
        return self.said["data"].get("id", "")


Answer = Callable[[socket.socket], None]
"""What is written to the connection once the request has been read."""


def status(code: int, body: bytes = b"", **headers: str) -> Answer:
    lines = [f"HTTP/1.1 {code} Words", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return lambda to: to.sendall("\r\n".join([*lines, "", ""]).encode() + body)


OK = status(204)


@dataclass
class Receiver:
    """`answers` are given in turn, then `usual`. The address is that of the loopback interface."""

    usual: Answer = OK
    answers: deque[Answer] = field(default_factory=deque)
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    def __enter__(self) -> Self:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def setup(self) -> None:
                receiver.connections += 1
                super().setup()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.received.append(Received(headers.get("webhook-id", ""), headers, body, self.path))
                answer = receiver.answers.popleft() if receiver.answers else receiver.usual
                answer(self.connection)
                self.close_connection = True

            do_GET = do_POST  # noqa: N815 - the library's name

            def log_message(self, *_: object) -> None:
                """Nothing on the console."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._server.handle_error = lambda *_: None  # the sender may hang up
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def events(self) -> list[str]:
        return [item.said["type"] for item in self.received]
