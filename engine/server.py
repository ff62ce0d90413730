"""The engine process: the web server in the main thread, beside the threads that process documents."""

from __future__ import annotations

import fcntl
import logging
import signal
import sys
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from waitress import create_server

from engine import accounts
from engine.api.webhook_delivery import WebhookSender
from engine.processing import files, inspection
from engine.processing.work_queue import Dispatcher

log = logging.getLogger(__name__)


def serve() -> None:
    """Serve until SIGTERM or SIGINT."""
    lock = take_lock()
    accounts.ensure_default()
    files.remove_orphans()
    # From here on a signal ends the web server's loop, and the cleanup after it runs.
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    web = create_server(
        WSGIHandler(),
        host=settings.ENGINE_HOST,
        port=settings.ENGINE_PORT,
        threads=settings.ENGINE_THREADS,
        # A workflow upload may hold several documents.
        max_request_body_size=5 * settings.ENGINE_MAX_UPLOAD,
        ident=None,
    )
    dispatcher, sender = Dispatcher(), WebhookSender()
    try:
        dispatcher.start()
        sender.start()
        print(f"Engine ready at {address(web)}", flush=True)
        web.run()
    finally:
        dispatcher.stop()
        sender.stop()
        inspection.children().close()
        lock.close()
    log.info("stopped")


def take_lock() -> IO[str]:
    """One engine per data folder: a second one would process the documents of the first again."""
    path = Path(settings.ENGINE_DATA_DIR) / "engine.lock"
    lock = path.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"Another engine is running on {settings.ENGINE_DATA_DIR}.")
    return lock


def address(web: Any) -> str:
    """The actual address: with port 0 the system picks a free port."""
    servers = getattr(web, "effective_listen", None) or [(web.effective_host, web.effective_port)]
    host, port = servers[0]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _stop(number: int, frame: object) -> None:
    raise SystemExit(0)
