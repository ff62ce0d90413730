"""One HTTP exchange with the extraction API, and the files that it names.

Every call has a deadline for the whole exchange and a maximum response size, follows no redirects and is never retried
here. Every failure is one of the three exceptions in `errors`.
"""

from __future__ import annotations

import http.client
import socket
import struct
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from extractions.forwarding.api.deadline import Deadline
from extractions.forwarding.api.errors import ApiRejected, ApiUnavailable
from extractions.forwarding.api.multipart import GatedMultipartBody
from extractions.forwarding.api.network_errors import TIMED_OUT, describe
from extractions.forwarding.api.outcomes import unavailable
from extractions.forwarding.api.reply import Reply
from extractions.forwarding.time_scale import scaled
from extractions.models.error_codes import ErrorCode

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
ANSWER_SECONDS = 120.0
MIN_UPLOAD_RATE = 32 * 1024  # bytes per second
MAX_ANSWER_BYTES = 64 * 1024 * 1024
MAX_ERROR_BYTES = 256 * 1024
MAX_REDIRECTS = 3
# ValueError too: requests parses the Location of a redirect even when it is not followed, and raises on a bad URL.
NETWORK_ERRORS = (
    requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError,
)  # fmt: skip

SOCKET_OPTIONS = [
    *HTTPConnection.default_socket_options,
    # Reset the connection when the process is killed: an orderly close could pass for the end of the upload.
    (socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)),
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 30_000),
]


class Transport:
    """The address of a service, and the headers that open it."""

    def __init__(self, base_url: str, headers: dict[str, str]) -> None:
        self.base_url = base_url.rstrip("/")
        self._headers = headers
        self.request_count = 0
        """Requests made so far. Not thread-safe."""

    def fetch(self, url: str, *, limit: int) -> bytes:
        """Download a file named by the service, from the service's own origin only: the request carries the key."""
        for _ in range(MAX_REDIRECTS):
            reply = self.get(self.own_url(url), limit=limit)
            location = reply.headers.get("Location", "")
            if not (300 <= reply.status < 400 and location):
                break
            url = _join_url(self.own_url(url), location)
        if reply.status in {404, 410}:
            raise ApiRejected(ErrorCode.GONE, http_status=reply.status)
        if reply.status != 200:
            raise unavailable(reply)
        return reply.body

    def own_url(self, url: str) -> str:
        """The absolute URL; raises `ApiRejected` for another origin or an invalid URL."""
        if url.startswith("/") and not url.startswith("//"):
            return self.base_url + url
        full = _join_url(f"{self.base_url}/", url)
        origin = _origin(full)
        if origin != _origin(self.base_url):
            raise ApiRejected(ErrorCode.FOREIGN, origin[1] or "")
        return full

    def get(self, path: str, *, limit: int = MAX_ANSWER_BYTES, params: dict[str, str] | None = None) -> Reply:
        return self.call("GET", path, limit=limit, params=params)

    def call(self, method: str, path: str, **options: Any) -> Reply:
        with Deadline(scaled(READ_SECONDS)) as deadline:
            try:
                return self.exchange(method, path, deadline, **options)
            except NETWORK_ERRORS as error:
                raise ApiUnavailable(ErrorCode.UNAVAILABLE, reason_of(error, deadline)) from error

    def exchange(
        self,
        method: str,
        path: str,
        deadline: Deadline,
        *,
        read_seconds: float | None = None,
        limit: int = MAX_ANSWER_BYTES,
        params: Any = None,
        data: GatedMultipartBody | None = None,
        body: dict[str, Any] | None = None,
    ) -> Reply:
        """One request and its response, on a fresh connection."""
        self.request_count += 1
        headers = {**self._headers, "Accept": "application/json, */*;q=0.5"}
        headers |= {"Accept-Encoding": "identity", "User-Agent": "extraction-portal"}
        if data is not None:
            headers["Content-Type"] = data.content_type
        with _session(deadline) as session:
            response = session.request(
                method,
                path if "://" in path else self.base_url + path,
                params=params,
                data=data,  # an iterable with a length is streamed
                json=body,
                headers=headers,
                timeout=(scaled(CONNECT_SECONDS), read_seconds or scaled(READ_SECONDS)),
                allow_redirects=False,
                stream=True,
            )
            with response:
                content = b"".join(_bounded(response, limit if response.status_code < 300 else MAX_ERROR_BYTES))
            if deadline.passed:
                raise TimeoutError("the answer took too long")
            return Reply(response.status_code, response.headers, content)


def _session(deadline: Deadline) -> requests.Session:
    """No proxies or credentials from the environment, no retries, no pooled connections."""
    session = requests.Session()
    session.trust_env = False
    for prefix in ("http://", "https://"):
        session.mount(prefix, _Adapter(deadline))
    return session


class _Adapter(HTTPAdapter):
    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, socket_options=SOCKET_OPTIONS, **options)
        deadline = self._deadline

        class Plain(HTTPConnection):
            def connect(self) -> None:
                super().connect()
                deadline.watch(self.sock)

        class Encrypted(HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                deadline.watch(self.sock)

        self.poolmanager.pool_classes_by_scheme = {
            "http": type("PlainPool", (urllib3.HTTPConnectionPool,), {"ConnectionCls": Plain}),
            "https": type("EncryptedPool", (urllib3.HTTPSConnectionPool,), {"ConnectionCls": Encrypted}),
        }


def _bounded(response: requests.Response, limit: int) -> Iterator[bytes]:
    size = 0
    for block in response.iter_content(64 * 1024):
        size += len(block)
        if size > limit:
            if response.status_code >= 300:
                return  # only part of an error message is lost
            raise requests.exceptions.ContentDecodingError(f"the answer has more than {limit} bytes")
        yield block


def reason_of(error: BaseException, deadline: Deadline) -> str:
    """The failure in words. A connection that our own deadline closed is a timeout, not a network error."""
    return TIMED_OUT if deadline.passed else describe(error)


def _join_url(base: str, url: str) -> str:
    try:
        return urljoin(base, url)
    except ValueError as error:
        raise ApiRejected(ErrorCode.FOREIGN) from error


def _origin(url: str) -> tuple[str | None, str | None, int | None]:
    """Parsed by urllib3, which opens the connection: other parsers see another host in some URLs with a backslash."""
    try:
        parts = urllib3.util.parse_url(url)
    except ValueError as error:
        raise ApiRejected(ErrorCode.FOREIGN) from error
    return parts.scheme, parts.host, parts.port or {"http": 80, "https": 443}.get(parts.scheme or "")
