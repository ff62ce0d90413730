"""Bridges the WSGI application to ASGI, which uvicorn speaks."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from django.utils.translation import gettext_lazy as _

from portal.serving.bodies import Admit, Bodies, Body
from portal.serving.identity import Clients
from portal.serving.limits import Limits
from portal.serving.pool import BUSY, FairPool, RequestClass
from portal.serving.refusals import ClientGone, Environ, Refusal, send_refusal
from portal.serving.responses import Call, FileWrapper, ResponseSender, Start, Stream, StreamBudget, WSGIApplication

logger = logging.getLogger(__name__)
TOO_MANY_DOWNLOADS = _("You are downloading several files already. Wait until one of them has arrived, then try again.")


@dataclass(frozen=True, slots=True)
class Options:
    """`admit` decides about large bodies; `heavy` tells which requests with small ones are as expensive. `urgent` are
    the paths for monitoring, `prefix` the path below which everything is. Temporary files go to `folder`."""

    admit: Admit
    clients: Clients
    heavy: Callable[[Environ], bool] = lambda environ: False
    urgent: frozenset[str] = frozenset()
    prefix: str = ""
    folder: Path | None = None


class BufferedResponses:
    """Counts buffered responses until their clients have received them."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._responses: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()
        self._total_bytes = 0

    @contextlib.contextmanager
    def holding(self, client: str, size: int) -> Iterator[None]:
        """Raises `Refusal` when too much is buffered already; responses of one block are not counted."""
        limits = self._limits
        if size <= limits.block:
            yield
            return
        if (
            self._responses[client] >= limits.responses_per_client
            or self._bytes[client] + size > limits.response_bytes_per_client
            or self._total_bytes + size > limits.response_bytes
        ):
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, BUSY, retry_after=5)
        self._responses[client] += 1
        self._bytes[client] += size
        self._total_bytes += size
        try:
            yield
        finally:
            self._total_bytes -= size
            self._responses[client] -= 1
            self._bytes[client] -= size
            if not self._responses[client]:
                del self._responses[client], self._bytes[client]


class Bridge:
    """Buffers a request, runs the application in a pool thread, and sends the response at the client's pace."""

    def __init__(self, application: WSGIApplication, pool: FairPool, limits: Limits, options: Options) -> None:
        self._application, self._pool, self._limits, self._options = application, pool, limits, options
        self._bodies = Bodies(limits, pool, options.admit, options.folder)
        self._budget = StreamBudget(limits.streams_on_disk)
        self._downloads: Counter[str] = Counter()
        self._buffered = BufferedResponses(limits)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        environ = below(self._options.prefix, environ_of(scope))
        transport: asyncio.Transport = scope["state"]["transport"]
        try:
            try:
                await self._respond(environ, receive, send, transport)
            except Refusal as refusal:
                await send_refusal(refusal, environ, receive, send)
        except ClientGone:
            transport.abort()
            await asyncio.sleep(0)  # lets the loop tell the protocol that the connection is lost
        except Exception:
            logger.exception("%s failed outside of the application", environ["PATH_INFO"])
            raise

    async def _respond(self, environ: Environ, receive: Any, send: Any, transport: asyncio.Transport) -> None:
        client = self._options.clients.name(environ)
        body = await self._bodies.receive(environ, receive, client)
        stream = Stream(self._limits, self._budget, self._options.folder, transport.is_closing)
        start: Start | None = None
        try:
            start = await self._call(environ, body, body.client or client, stream)
            self._options.clients.learn(environ)
            client = self._options.clients.name(environ)
            sender = ResponseSender(self._limits, send, transport.is_closing)
            if isinstance(start.body, bytes):
                with self._buffered.holding(client, len(start.body)):
                    await sender.start(start)
                    await sender.send_bytes(start.body)
            else:
                await self._download(start, sender, stream, client)
        finally:
            stream.abandon()
            body.close()
            if start is not None and isinstance(start.body, FileWrapper):
                await asyncio.get_running_loop().run_in_executor(None, start.body.close)

    async def _call(self, environ: Environ, body: Body, client: str, stream: Stream) -> Start:
        environ["wsgi.input"] = body.file
        if environ.pop("HTTP_TRANSFER_ENCODING", None) is not None:
            environ["CONTENT_LENGTH"] = str(body.size)
        call = Call(self._application, environ, stream, self._limits.buffered_response)
        self._pool.submit(call, client, self._kind(environ, body))
        return await call.started

    def _kind(self, environ: Environ, body: Body) -> RequestClass:
        if environ["PATH_INFO"] in self._options.urgent:
            return RequestClass.URGENT
        return RequestClass.HEAVY if body.large or (body.size and self._options.heavy(environ)) else RequestClass.PAGE

    async def _download(self, start: Start, sender: ResponseSender, stream: Stream, client: str) -> None:
        if self._downloads[client] >= self._limits.downloads_per_client:
            raise Refusal(HTTPStatus.TOO_MANY_REQUESTS, TOO_MANY_DOWNLOADS, retry_after=10)
        self._downloads[client] += 1
        try:
            await sender.start(start)
            if isinstance(start.body, FileWrapper):
                await sender.send_file(start.body)
            else:
                await sender.send_stream(stream)
        finally:
            self._downloads[client] -= 1
            if not self._downloads[client]:
                del self._downloads[client]


def below(prefix: str, environ: Environ) -> Environ:
    """The path below the prefix. A proxy may have removed it, and monitors may do without."""
    path = environ["PATH_INFO"]
    if prefix and (path == prefix or path.startswith(f"{prefix}/")):
        environ["SCRIPT_NAME"], environ["PATH_INFO"] = prefix, path[len(prefix) :] or "/"
    return environ


def environ_of(scope: Any) -> Environ:
    """The PEP 3333 environ. Headers with underscores are dropped, since they could impersonate others."""
    server, client = scope["server"] or ("", 0), scope["client"] or ("", 0)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
        "wsgi.file_wrapper": FileWrapper,
    }
    for raw_name, raw_value in scope["headers"]:
        if b"_" in raw_name:
            continue
        name, value = raw_name.decode("latin-1").upper().replace("-", "_"), raw_value.decode("latin-1")
        key = name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"
        if key in environ:
            value = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"
        environ[key] = value
    return environ
