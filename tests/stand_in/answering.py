"""The manners in which an answer can be given, from plain to hostile."""

from __future__ import annotations

import gzip
import json
import select
import socket
import struct
import time
from functools import lru_cache
from http.server import BaseHTTPRequestHandler
from typing import Any

LONGEST_HANG = 600.0
BOMB_BYTES = 128 * 1024 * 1024
DRIP_PAUSE = 0.25
HTML = b"<!DOCTYPE html><html><head><title>502</title></head><body><h1>Bad gateway</h1></body></html>"


class Answering(BaseHTTPRequestHandler):
    """One request; the subclass knows what to answer, this class how."""

    protocol_version = "HTTP/1.1"
    timeout = 120

    def answer(self, status: int, body: Any = None, *, headers: dict[str, str] | None = None) -> None:
        """Politely, as JSON; bytes as they are."""
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        self._head(status, {"Content-Type": "application/json"} | (headers or {}), len(content))
        if self.command != "HEAD" and status != 204:
            self.wfile.write(content)

    def answer_in_manner(self, manner: str, status: int, body: Any) -> None:
        """Whatever goes wrong on the line while answering is the client's affair."""
        try:
            getattr(self, f"_answer_{manner}")(status, body)
        except OSError:
            self.close_connection = True

    def _head(self, status: int, headers: dict[str, str], length: int) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def _answer_plain(self, status: int, body: Any) -> None:
        headers = {"Location": self.redirect_target()} if 300 <= status < 400 else {}
        self.answer(status, body, headers=headers)

    def _answer_empty(self, status: int, body: Any) -> None:
        self.answer(status)

    def _answer_fields(self, status: int, body: Any) -> None:
        self.answer(status, {"server": ["Ce champ est obligatoire.", "Crédits insuffisants."]})

    def _answer_html(self, status: int, body: Any) -> None:
        self.answer(status, HTML, headers={"Content-Type": "text/html"})

    def _answer_no_id(self, status: int, body: Any) -> None:
        self.answer(status, {"message": "Merci"})

    def _answer_list(self, status: int, body: Any) -> None:
        self.answer(status, {"count": 0, "next": None, "previous": None, "results": []})

    def _answer_retry_after(self, status: int, body: Any) -> None:
        self.answer(status, HTML, headers={"Content-Type": "text/html", "Retry-After": "2"})

    def _answer_unknown_status(self, status: int, body: Any) -> None:
        self.answer(status, body | {"status": "WAITING_FOR_GODOT"} if isinstance(body, dict) else body)

    def _answer_early(self, status: int, body: Any) -> None:
        """Answered before the form was read, and the line closed under it."""
        self.answer(status, body, headers={"Connection": "close"})
        self.close_connection = True

    def _answer_cut(self, status: int, body: Any) -> None:
        self.reset()

    def _answer_half(self, status: int, body: Any) -> None:
        content = json.dumps(body).encode()
        self._head(status, {"Content-Type": "application/json"}, len(content))
        self.wfile.write(content[: len(content) // 2])
        self.reset()

    def _answer_hang(self, status: int, body: Any) -> None:
        self.wait_until_left(LONGEST_HANG)
        self.reset()

    def _answer_drip(self, status: int, body: Any) -> None:
        """A byte now and then: no read ever times out."""
        content = json.dumps(body).encode()
        self._head(status, {"Content-Type": "application/json"}, len(content))
        for position in range(len(content)):
            if self.wait_until_left(DRIP_PAUSE):
                break
            self.wfile.write(content[position : position + 1])
        self.close_connection = True

    def _answer_bomb(self, status: int, body: Any) -> None:
        content = bomb()
        self._head(status, {"Content-Type": "application/json", "Content-Encoding": "gzip"}, len(content))
        self.wfile.write(content)

    def reset(self) -> None:
        """Cut the line: no goodbye, no rest of an answer."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
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

    def redirect_target(self) -> str:
        raise NotImplementedError

    def log_message(self, format: str, *args: Any) -> None:
        """The journal tells what came."""


@lru_cache
def bomb() -> bytes:
    return gzip.compress(b" " * BOMB_BYTES, compresslevel=1)
