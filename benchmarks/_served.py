"""The application that `benchmarks.servers` serves with each server: a page, an upload, a download."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

PAGE_SECONDS = 0.005
"""Of processor, which a page of the portal takes as well."""
DOWNLOAD_MB = 40
Environ = dict[str, Any]


def application(environ: Environ, start_response: Callable[..., object]) -> Iterable[bytes]:
    path = environ["PATH_INFO"]
    if path == "/page":
        until = time.thread_time() + PAGE_SECONDS
        while time.thread_time() < until:
            pass
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
        return [b"page\n"]
    if path == "/upload":
        size = 0
        while block := environ["wsgi.input"].read(65536):
            size += len(block)
        answer = f"{size}\n".encode()
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(answer)))])
        return [answer]
    if path == "/download":
        start_response("200 OK", [("Content-Type", "application/octet-stream")])
        return _blocks()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "3")])
    return [b"ok\n"]


def _blocks() -> Iterator[bytes]:
    block = bytes(65536)
    for _ in range(DOWNLOAD_MB * 16):
        yield block


def asgi() -> Any:
    """The same, for servers that speak ASGI only."""
    from a2wsgi import WSGIMiddleware

    return WSGIMiddleware(application, workers=8)
