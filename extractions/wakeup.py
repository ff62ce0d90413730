"""Wakes workers at once. Best effort: a notification may be lost or duplicated, since workers also poll for due rows.

PostgreSQL uses NOTIFY, SQLite a datagram to every socket in a folder beside the database. The payload may be the remote
id of an extraction (see `forwarding.steps.webhook_receiver`).
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
SOCKET_FOLDER = "wakeup"
MAX_PAYLOAD_BYTES = 200

log = logging.getLogger(__name__)


def notify_workers(payload: str = "") -> None:
    """Wake every worker. Call after the commit: `transaction.on_commit(notify_workers, robust=True)`."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload[:MAX_PAYLOAD_BYTES]])
        return
    try:
        _notify_sockets(payload[:MAX_PAYLOAD_BYTES].encode())
    except FileNotFoundError:
        log.warning("Workers cannot be notified and will poll instead: %s is missing", settings.DATA_DIR)


def _notify_sockets(payload: bytes) -> None:
    with _socket_folder() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        for path in Path(folder).iterdir():
            try:
                sender.sendto(payload, str(path))
            except BlockingIOError:
                pass  # its queue is full, so it is awake
            except (ConnectionRefusedError, FileNotFoundError):
                path.unlink(missing_ok=True)  # left by a dead worker


def listen() -> SocketListener | PostgresListener:
    return PostgresListener() if connection.vendor == "postgresql" else SocketListener()


class SocketListener:
    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._name = secrets.token_hex(8)
        with _socket_folder() as folder:
            self._socket.bind(f"{folder}/{self._name}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        (Path(settings.DATA_DIR) / SOCKET_FOLDER / self._name).unlink(missing_ok=True)

    def wait(self, seconds: float) -> list[str]:
        """Wait for a notification, at most this long; the non-empty payloads received."""
        select.select([self._socket], [], [], max(0.0, seconds))
        payloads = []
        with contextlib.suppress(BlockingIOError):
            while True:
                payloads.append(self._socket.recv(MAX_PAYLOAD_BYTES).decode(errors="replace"))
        return [payload for payload in payloads if payload]


class PostgresListener:
    """On a dedicated connection, since it blocks."""

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
                parameters = {name: parameters[name] for name in parameters if name in _CONNECTION_PARAMETERS}
                self._connection = psycopg.connect(**parameters, autocommit=True)
                self._connection.execute(f"LISTEN {CHANNEL}")
                return []  # notifications from before LISTEN are made up for by polling once more
            return [
                notification.payload
                for notification in self._connection.notifies(timeout=seconds, stop_after=1)
                if notification.payload
            ]
        except psycopg.Error as error:
            log.warning("LISTEN failed, polling instead: %s", error)
            self._close()
            time.sleep(min(seconds, 1.0))
            return []

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


_CONNECTION_PARAMETERS = {
    "dbname",
    "user",
    "password",
    "host",
    "port",
    "service",
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
}


@contextlib.contextmanager
def _socket_folder() -> Iterator[str]:
    """The socket folder by a short path: a Unix socket address is limited to 107 bytes."""
    path = Path(settings.DATA_DIR) / SOCKET_FOLDER
    # Without parents: an unmounted DATA_DIR must not be created.
    path.mkdir(exist_ok=True)
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)
