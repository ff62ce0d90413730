"""A web server whose line can be cut in the middle of a request."""

from __future__ import annotations

import socket
import struct
from typing import Any

from waitress.channel import HTTPChannel
from waitress.server import WSGIServer
from waitress.task import WSGITask


class CuttableTask(WSGITask):  # type: ignore[misc]
    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        environ["engine.cut"] = self.channel.cut
        return environ


class CuttableChannel(HTTPChannel):  # type: ignore[misc]
    task_class = CuttableTask

    def cut(self) -> None:
        """A reset instead of a polite end."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.shutdown(socket.SHUT_RDWR)


def allow_cutting() -> None:
    """Before the server is made."""
    WSGIServer.channel_class = CuttableChannel
