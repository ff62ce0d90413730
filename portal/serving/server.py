"""Starts and stops the server."""

from __future__ import annotations

import logging
import os
import socket
import sys
import threading
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn

from portal.client_network import Network
from portal.serving.bodies import Admit, admit_anything
from portal.serving.identity import Clients
from portal.serving.limits import Limits, raise_descriptor_limit
from portal.serving.pool import FairPool
from portal.serving.protocol import Connection, Connections
from portal.serving.refusals import Environ
from portal.serving.responses import WSGIApplication
from portal.serving.wsgi import Bridge, Options

logger = logging.getLogger(__name__)
SWITCH_SECONDS = 0.001
"""The interpreter's switch interval: short, so that CPU-bound threads do not starve the event loop."""


class Server(uvicorn.Server):
    """Exits within `exit_seconds` of the first signal, whatever its threads are doing."""

    def __init__(self, config: uvicorn.Config, exit_seconds: float) -> None:
        super().__init__(config)
        self._exit_seconds = exit_seconds

    def handle_exit(self, sig: int, frame: Any) -> None:
        if not self.should_exit:
            watchdog = threading.Timer(self._exit_seconds, _exit_now)
            watchdog.daemon = True
            watchdog.start()
        super().handle_exit(sig, frame)


def serve(
    application: WSGIApplication,
    host: str,
    port: int,
    *,
    threads: int,
    limits: Limits | None = None,
    admit: Admit = admit_anything,
    session_cookie: str = "",
    proxies: Collection[Network] = (),
    heavy: Callable[[Environ], bool] = lambda environ: False,
    urgent: frozenset[str] = frozenset(),
    prefix: str = "",
    folder: Path | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, which is re-raised."""
    limits = limits or Limits()
    sys.setswitchinterval(SWITCH_SECONDS)
    connections = Connections(limits, raise_descriptor_limit(limits.connections))
    options = Options(admit, Clients(session_cookie, proxies=proxies), heavy, urgent, prefix, folder)
    bridge = Bridge(application, FairPool(threads, limits), limits, options)
    config = uvicorn.Config(
        bridge,
        http=partial(Connection, connections),  # type: ignore[arg-type]
        ws="none",
        loop="asyncio",
        interface="asgi3",
        lifespan="off",
        log_config=None,
        access_log=False,
        # X-Forwarded-For is handled by `Clients`.
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=limits.idle_seconds,
        timeout_graceful_shutdown=limits.drain_seconds,
    )
    listener = _listen(host, port)
    Server(config, limits.exit_seconds).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(4096)
    return listener


def _exit_now() -> None:
    logger.error("Some requests did not end in time; the web process ends without them.")
    logging.shutdown()
    os._exit(0)
