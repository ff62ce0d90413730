"""A wire between browser and portal that can be cut, or answer with errors, while pages come and go.

Interception by the browser does not do: it does not see what a page sends while it closes.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from urllib.parse import urlsplit

BUSY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Wire:
    def __init__(self, target: str) -> None:
        self.target = (urlsplit(target).hostname or "", urlsplit(target).port or 80)
        self.door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://localhost:{self.door.getsockname()[1]}"
        self.state = "whole"
        self.open: set[socket.socket] = set()
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self) -> None:
        self._change("cut")

    def refuse(self) -> None:
        """Every request is answered with 503."""
        self._change("refuse")

    def mend(self) -> None:
        self._change("whole")

    def close(self) -> None:
        self._change("cut")
        self.door.close()

    def _change(self, state: str) -> None:
        self.state = state
        for item in list(self.open):
            with contextlib.suppress(OSError):
                item.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _address = self.door.accept()
                threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with near, contextlib.suppress(OSError):
            if self.state == "refuse":
                near.recv(65536)
                near.sendall(BUSY)
            if self.state != "whole":
                return
            with socket.create_connection(self.target) as far:
                self.open |= {near, far}
                back = threading.Thread(target=self._pump, args=(far, near), daemon=True)
                back.start()
                self._pump(near, far)
                back.join()
                self.open -= {near, far}

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)
