"""The HTTP side of webhooks: one POST to an address that a team chose. Nothing else calls such addresses.

The connection goes to the IP address that was checked, follows no redirects, uses no proxy, and ends at a deadline for
the whole exchange. Of the response at most `MAX_RESPONSE_BYTES` are read.
"""

from __future__ import annotations

import contextlib
import http.client
import logging
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import requests
import urllib3
from django.utils import timezone
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.connection import create_connection

from extractions.forwarding.api.deadline import Deadline
from extractions.forwarding.api.network_errors import causes_of
from extractions.forwarding.time_scale import scaled
from extractions.forwarding.webhooks.addresses import ForbiddenAddress, resolve
from extractions.models import WebhookAttempt

CONNECT_SECONDS = 5.0
EXCHANGE_SECONDS = 15.0
BODY_SECONDS = 3.0
"""For the body of a response whose status is known already."""
MAX_RESPONSE_BYTES = 4096
NETWORK_ERRORS = (
    requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError,
    ForbiddenAddress,
)  # fmt: skip
Outcome = WebhookAttempt.Outcome
CAUSES: tuple[tuple[type[BaseException], Outcome], ...] = (
    (ForbiddenAddress, Outcome.FORBIDDEN),
    (ssl.SSLError, Outcome.INSECURE),
    (socket.gaierror, Outcome.NO_HOST),
    (TimeoutError, Outcome.TIMED_OUT),
    (urllib3.exceptions.TimeoutError, Outcome.TIMED_OUT),
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reply:
    outcome: Outcome
    seconds: float
    status: int | None = None
    body: str = ""
    retry_after: float = 0.0
    """Seconds for which the receiver asks to be left alone."""

    @property
    def delivered(self) -> bool:
        return self.outcome == Outcome.DELIVERED


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
    """Send the body once; whatever goes wrong is an `Outcome`."""
    started = time.monotonic()
    with Deadline(scaled(EXCHANGE_SECONDS)) as deadline, contextlib.ExitStack() as sockets:
        try:
            status, retry_after, text = _exchange(url, body, headers, deadline, sockets)
        except NETWORK_ERRORS as error:
            outcome = Outcome.TIMED_OUT if deadline.passed else _cause(error)
            # Not the error itself: it names the whole address, whose path may be a secret of the receiver.
            log.info("Webhook not delivered: %s (%s)", outcome, type(error).__name__)
            return Reply(outcome, time.monotonic() - started)
    return Reply(_outcome_of(status), time.monotonic() - started, status, text, retry_after)


def _exchange(
    url: str, body: bytes, headers: Mapping[str, str], deadline: Deadline, sockets: contextlib.ExitStack
) -> tuple[int, float, str]:
    with requests.Session() as session:
        session.trust_env = False
        for prefix in ("http://", "https://"):
            session.mount(prefix, _Adapter(deadline, sockets))
        response = session.post(
            url,
            data=body,
            headers={"Accept-Encoding": "identity", "User-Agent": "extraction-portal", **headers},
            timeout=(scaled(CONNECT_SECONDS), scaled(EXCHANGE_SECONDS)),
            allow_redirects=False,
            stream=True,
        )
        with response:
            deadline.set(min(deadline.left, scaled(BODY_SECONDS)))
            text = b"".join(_beginning(response))[:MAX_RESPONSE_BYTES].decode(errors="replace").replace("\0", "\ufffd")
            return response.status_code, _retry_after(response.headers.get("Retry-After", "").strip()), text


def _beginning(response: requests.Response) -> Iterator[bytes]:
    """What comes in time. The status has decided already, so a body that breaks off changes nothing."""
    size = 0
    try:
        for block in response.iter_content(512):
            yield block
            size += len(block)
            if size >= MAX_RESPONSE_BYTES:
                return
    except NETWORK_ERRORS as error:
        log.info("The response to a webhook broke off: %s", type(error).__name__)


class _Adapter(HTTPAdapter):
    """Connects to the checked address only. Host name, SNI and certificate stay those of the URL."""

    def __init__(self, deadline: Deadline, sockets: contextlib.ExitStack) -> None:
        self._deadline, self._sockets = deadline, sockets
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        adapter = self

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return adapter.connect(self, encrypted=False)

        class Encrypted(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return adapter.connect(self, encrypted=True)

        self.poolmanager.pool_classes_by_scheme = {
            "http": type("PlainPool", (urllib3.HTTPConnectionPool,), {"ConnectionCls": Plain}),
            "https": type("EncryptedPool", (urllib3.HTTPSConnectionPool,), {"ConnectionCls": Encrypted}),
        }

    def connect(self, connection: HTTPConnection, *, encrypted: bool) -> socket.socket:
        address = resolve(connection.host, connection.port or 0, encrypted=encrypted)
        if self._deadline.passed:
            raise TimeoutError("resolving the host took too long")
        connected = create_connection((address, connection.port or 0), scaled(CONNECT_SECONDS))
        # TLS takes the descriptor away from this socket; a duplicate lets the deadline cut the handshake, too.
        self._deadline.watch(self._sockets.enter_context(connected.dup()))
        return connected


def _outcome_of(status: int) -> Outcome:
    if 200 <= status < 300:
        return Outcome.DELIVERED
    if status == 410:
        return Outcome.GONE
    return Outcome.REDIRECT if 300 <= status < 400 else Outcome.REFUSED


def _cause(error: BaseException) -> Outcome:
    links = list(causes_of(error))
    for kind, outcome in CAUSES:
        if any(isinstance(link, kind) for link in links):
            return outcome
    return Outcome.UNREACHABLE


def _retry_after(value: str) -> float:
    if value.isdecimal():
        return float(value[:9])
    try:
        return max(0.0, (parsedate_to_datetime(value) - timezone.now()).total_seconds())
    except (ValueError, TypeError):
        return 0.0
