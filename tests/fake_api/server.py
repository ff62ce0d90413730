"""A server with faults: real sockets, and a thread per connection."""

from __future__ import annotations

import dataclasses
import json
import sys
import threading
import time
from collections.abc import Callable, Mapping
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from tests.fake_api.delivery import ConnectionCut, FaultyConnection
from tests.fake_api.faults import BAD_KEY, NOT_FOUND, Fault, Timing
from tests.fake_api.journal import Journal, RecordedRequest
from tests.fake_api.ledger import Ledger
from tests.fake_api.messages import Request, Response
from tests.fake_api.plan import FaultPlan
from tests.fake_api.webhooks import WebhookSender

CONTROL, WEBHOOKS, REDIRECTED = "/control/", "/webhooks/", "/elsewhere"
NOT_NOW = {"detail": "Not now."}


class FaultServer:
    """Injects faults before whatever answers in `handle`. Usable in a test's process, and as a process of its own."""

    def __init__(self, ledger: Path | None = None, plan: Mapping[str, Any] | None = None, *, port: int = 0) -> None:
        self.ledger, self.plan, self.journal = Ledger(ledger), FaultPlan(plan), Journal()
        self.webhooks = WebhookSender(self.plan, self.journal)
        self.server = _Server(("127.0.0.1", port), _Connection)
        self.server.api = self
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.stopped = threading.Event()
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)

    def handle(self, request: Request) -> Response:
        """The response of the service, without any fault."""
        raise NotImplementedError

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        self.stopped.set()
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def inject(self, target: str, *faults: Fault | str, times: int | None = 1) -> None:
        """See `FaultPlan.inject`."""
        self.plan.inject(target, *faults, times=times)

    @property
    def requests(self) -> list[RecordedRequest]:
        return self.journal.requests

    def uploads(self) -> list[RecordedRequest]:
        return [request for request in self.requests if request.method == "POST"]

    def respond(self, request: Request, fault: Fault) -> Response:
        """What the client is to see of this request."""
        handled = self._handled(request, fault)
        if fault.before_response is not None:
            fault.before_response()
        if fault.only_if is not None and (handled is None or handled.status != fault.only_if):
            return handled or error_response(request, fault)
        if handled is None or fault.body is not None or (fault.status or 0) >= 300:
            return error_response(request, fault)
        if fault.rewrite is not None and (body := handled.json()) is not None:
            handled = dataclasses.replace(handled, body=json.dumps(fault.rewrite(body, request)).encode())
        created = handled.status < 300
        return dataclasses.replace(handled, status=fault.status if fault.status and created else handled.status)

    def _handled(self, request: Request, fault: Fault) -> Response | None:
        """What the service answers, if the fault lets the request reach it in time."""
        seconds = self.plan.late_seconds if fault.seconds is None else fault.seconds
        if not (self.plan.chance(0.5) if fault.accept is None else fault.accept):
            return None
        if fault.change_request is not None:
            request = fault.change_request(request)
        match fault.timing:
            case Timing.LATE:
                later(seconds, self.handle, request)
                return None
            case Timing.HIDDEN:
                return self.handle(dataclasses.replace(request, hidden_for=seconds))
            case Timing.WAIT_BEFORE:
                time.sleep(seconds)
        response = self.handle(request)
        if fault.timing is Timing.WAIT_AFTER:
            time.sleep(seconds)
        return response


def error_response(request: Request, fault: Fault) -> Response:
    status = fault.status or 503
    body = fault.body
    if body is None:
        body = {401: BAD_KEY, 404: NOT_FOUND}.get(status, NOT_NOW)
    location = {"Location": f"{request.base_url}{REDIRECTED}{request.path}"} if 300 <= status < 400 else {}
    return Response.of(status, body, location | dict(fault.headers))


def later(seconds: float, work: Callable[..., object], *arguments: Any) -> None:
    timer = threading.Timer(max(seconds, 0), work, arguments)
    timer.daemon = True
    timer.start()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    api: FaultServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A killed client is what this server is for; anything else is a mistake in it and must be seen."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        try:
            super().shutdown_request(request)
        except OSError:
            request.close()


class _Connection(FaultyConnection):
    server: _Server

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, ValueError):
            # ValueError: the connection was closed under the reader by `reset`.
            self.close_connection = True

    def finish(self) -> None:
        try:
            super().finish()
        except (OSError, ValueError):
            self.close_connection = True

    def stopping(self) -> bool:
        return self.server.api.stopped.is_set()

    def do_GET(self) -> None:  # noqa: N802
        url = urlsplit(self.path)
        if url.path == CONTROL:
            self._control()
            return
        if url.path.startswith(REDIRECTED):
            self.server.api.journal.record("followed", f"{self.command} {url.path}")
            url = urlsplit(self.path.removeprefix(REDIRECTED))
        headers = {name.title(): value for name, value in self.headers.items()}
        self._serve(Request(self.command, url.path, url.query, headers, f"http://{self.headers.get('Host')}"))

    do_POST = do_DELETE = do_PUT = do_PATCH = do_HEAD = do_GET  # noqa: N815

    def _control(self) -> None:
        """Read the journal, or add to the plan."""
        body, _ = self.read_body(Fault())
        try:
            self.server.api.plan.update(json.loads(body) if body else {})
        except ValueError as error:
            self.deliver(Response.of(400, {"detail": str(error)}))
        else:
            self.deliver(Response.of(200, self.server.api.journal.summary()))

    def _serve(self, request: Request) -> None:
        api = self.server.api
        if (request.method, request.path) == ("POST", WEBHOOKS):
            api.webhooks.relay(json.loads(self.read_body(Fault())[0]))
            self.deliver(Response(204))
            return
        label, fault = api.plan.next(request.kind, request)
        recorded = RecordedRequest(request.method, request.path, request.query, dict(request.headers))
        api.journal.requests.append(recorded)
        api.journal.record(request.kind, label, request.subject)
        if fault.early:
            self.deliver(error_response(request, fault), fault)
            return
        try:
            body, truncated = self.read_body(fault)
        except ConnectionCut:
            return
        request = dataclasses.replace(request, body=body, truncated=truncated)
        if request.kind == "create":
            form = request.form
            recorded.parts = form.parts
            api.journal.record("whole" if form.complete else "broken", label, form.portal_key)
        if truncated:
            self.reset()
            return
        self.deliver(api.respond(request, fault), fault)
