"""Waking the worker at once. A ring may be lost or doubled: rows that are due are found without it, a moment later.

On PostgreSQL a ring is a NOTIFY; on SQLite a datagram to every socket in a folder next to the database. A ring may
carry the id of an extraction at the service (see `forwarding.doorbell`).
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import select
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from django.conf import settings
from django.db import connection

CHANNEL = "extractions"
LONGEST = 200

log = logging.getLogger(__name__)


def ring(word: str = "") -> None:
    """Wake every worker. Call it after the commit: `transaction.on_commit(ring, robust=True)`."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, word[:LONGEST]])
        return
    with _folder() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        for path in Path(folder).iterdir():
            try:
                sender.sendto(word[:LONGEST].encode(), str(path))
            except BlockingIOError:
                pass  # it has many rings waiting
            except (ConnectionRefusedError, FileNotFoundError):
                path.unlink(missing_ok=True)  # of a worker that is gone


def listen() -> SocketBell | PostgresBell:
    return PostgresBell() if connection.vendor == "postgresql" else SocketBell()


class SocketBell:
    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._name = secrets.token_hex(8)
        with _folder() as folder:
            self._socket.bind(f"{folder}/{self._name}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        (Path(settings.DATA_DIR) / "bell" / self._name).unlink(missing_ok=True)

    def wait(self, seconds: float) -> list[str]:
        """Sleep until somebody rings, at most so long; the words that came."""
        select.select([self._socket], [], [], max(0.0, seconds))
        words = []
        with contextlib.suppress(BlockingIOError):
            while True:
                words.append(self._socket.recv(LONGEST).decode(errors="replace"))
        return [word for word in words if word]


class PostgresBell:
    """A connection of its own, for it sleeps in the database."""

    def __init__(self) -> None:
        self._connection: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def wait(self, seconds: float) -> list[str]:
        import psycopg

        try:
            if self._connection is None:
                parameters = connection.get_connection_params()
                parameters = {name: parameters[name] for name in parameters if name in _CONNECTING}
                self._connection = psycopg.connect(**parameters, autocommit=True)
                self._connection.execute(f"LISTEN {CHANNEL}")
                return []  # what was rung before we listened is found by looking once more
            return [told.payload for told in self._connection.notifies(timeout=seconds, stop_after=1) if told.payload]
        except psycopg.Error as error:
            log.warning("The bell does not work, rows are found without it: %s", error)
            self._close()
            time.sleep(min(seconds, 1.0))
            return []

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


_CONNECTING = {"dbname", "user", "password", "host", "port", "service", "sslmode", "sslrootcert", "sslcert", "sslkey"}


@contextlib.contextmanager
def _folder() -> Iterator[str]:
    """The folder by a short name: the address of a socket may have 107 characters only."""
    path = Path(settings.DATA_DIR) / "bell"
    path.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)
