"""The HTTP client of the extraction API; nothing else in the portal calls it.

Every call has a deadline for the whole exchange and a maximum response size, follows no redirects and is never retried
here. Every failure is one of the three exceptions in `errors`.
"""

from __future__ import annotations

import http.client
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urljoin, urlsplit

import requests
import urllib3
from django.utils import timezone
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from extractions.forwarding.api.answers import Answer, SchemaAnswer, error_text, read_answer, read_json, read_schema
from extractions.forwarding.api.deadline import Deadline
from extractions.forwarding.api.errors import ApiRejected, ApiUnavailable, ApiUnclear
from extractions.forwarding.api.multipart import GatedMultipartBody, UploadRequest
from extractions.forwarding.api.network_errors import TIMED_OUT, describe
from extractions.forwarding.time_scale import scaled
from extractions.models.error_codes import ErrorCode

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
ANSWER_SECONDS = 120.0
MIN_UPLOAD_RATE = 32 * 1024  # bytes per second
MAX_ANSWER_BYTES = 64 * 1024 * 1024
MAX_ERROR_BYTES = 256 * 1024
MAX_PAGES = 20
PAGE_SIZE = 50
MAX_REDIRECTS = 3
# ValueError too: requests parses the Location of a redirect even when it is not followed, and raises on a bad URL.
NETWORK_ERRORS = (
    requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError,
)  # fmt: skip
ACCEPTED_STATUSES = (200, 201, 202)
REFUSED_STATUSES = (400, 413, 415, 422)
NO_SUCH_ENDPOINT = (404, 405, 501)
CODES_BY_STATUS = {
    401: ErrorCode.KEY_REFUSED,
    429: ErrorCode.RATE_LIMIT,
    404: ErrorCode.WRONG_ADDRESS,
    405: ErrorCode.WRONG_ADDRESS,
}

SOCKET_OPTIONS = [
    *HTTPConnection.default_socket_options,
    # Reset the connection when the process is killed: an orderly close could pass for the end of the upload.
    (socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)),
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 30_000),
]


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: requests.structures.CaseInsensitiveDict[str]
    body: bytes

    @property
    def retry_after(self) -> float | None:
        """`Retry-After` in seconds, whether sent as a number or as a date."""
        value = self.headers.get("Retry-After", "").strip()
        if value.isdecimal():
            return float(value[:9])
        try:
            return max(0.0, (parsedate_to_datetime(value) - timezone.now()).total_seconds())
        except (ValueError, TypeError):
            return None


@dataclass(frozen=True, slots=True)
class Listing:
    """Items of a paginated list; `complete` is False if pagination stopped early."""

    items: list[dict[str, Any]]
    complete: bool


class Client:
    def __init__(self, base_url: str, key: str, scheme_word: str = "") -> None:
        self.base_url = base_url.rstrip("/")
        self._authorization = f"{scheme_word} {key}".strip()
        self.request_count = 0
        """Requests made so far. Not thread-safe."""

    def create(
        self, document: UploadRequest, *, checkpoint: Callable[[], object], gate: Callable[[], object]
    ) -> tuple[int, Answer]:
        """Upload the document; HTTP status and extract. Ambiguous failures after the gate raise `ApiUnclear`."""
        with Deadline(scaled(READ_SECONDS + document.size / MIN_UPLOAD_RATE)) as deadline:

            def open_gate() -> None:
                gate()
                deadline.set(scaled(ANSWER_SECONDS))

            form = GatedMultipartBody(document, checkpoint=checkpoint, gate=open_gate)
            try:
                reply = self._exchange(
                    "POST", "/extract/", deadline, read_seconds=scaled(ANSWER_SECONDS), params=document.query, data=form
                )
            except NETWORK_ERRORS as error:
                raise _failure(form.released, _reason(error, deadline)) from error
            return reply.status, _created(reply, released=form.released)

    def retrieve(self, remote_id: str) -> Answer:
        """The extract; raises `ApiRejected` with code "gone" if the service does not know it."""
        reply = self._get(f"/extract/{quote(remote_id, safe='')}/")
        if reply.status == 404:
            raise ApiRejected(ErrorCode.GONE, error_text(reply.body), http_status=404)
        answer = read_answer(_json_or_raise(reply))
        if answer is None:
            raise ApiUnavailable(ErrorCode.CORRUPT, "the answer has no id", http_status=reply.status)
        return answer

    def search(self, *, most_pages: int = MAX_PAGES, **query: str) -> Listing:
        """Extracts that match the query. The service may ignore the filters, so callers verify each."""
        return self._pages("/extract/", query, most_pages)

    def ping(self) -> None:
        """A free, authenticated call: succeeds only if this is the API and the key is valid."""
        self._page("/extract/", {"page": "1", "size": "1"})

    def engine_readiness(self) -> str:
        """The embedded engine's status: "warming", "ready" or "broken"; empty from any other service."""
        answer = read_json(self._get("/x/health/").body)
        return str(answer.get("status", "")) if isinstance(answer, dict) else ""

    def delete(self, remote_id: str) -> None:
        """Delete it; idempotent."""
        reply = self._call("DELETE", f"/extract/{quote(remote_id, safe='')}/")
        if reply.status not in {200, 202, 204, 404}:
            raise _unavailable(reply)

    def schemas(self) -> list[SchemaAnswer]:
        """All schemas; raises `ApiUnavailable` rather than returning part of them."""
        found = self._pages("/schema/", {})
        if not found.complete:
            raise ApiUnavailable(ErrorCode.CORRUPT, "the list of schemas does not end")
        schemas = [read_schema(item) for item in found.items]
        return [schema for schema in schemas if schema is not None]

    def create_schema(self, body: dict[str, Any]) -> SchemaAnswer:
        """Create an extraction schema. After `ApiUnclear` it may be there, after the other errors it is not."""
        with Deadline(scaled(READ_SECONDS)) as deadline:
            try:
                reply = self._exchange("POST", "/schema/", deadline, body=body)
            except NETWORK_ERRORS as error:
                raise _failure(True, _reason(error, deadline)) from error
        return _created_schema(reply)

    def classifiers(self) -> list[dict[str, Any]] | None:
        """The embedded engine's classifiers; None if the service has no such endpoint."""
        reply = self._get("/x/classifier/")
        if reply.status in {403, 404, 405} or 300 <= reply.status < 400:
            return None
        return [item for item in _results(_json_or_raise(reply)) if read_schema(item) is not None]

    def fetch(self, url: str, *, limit: int) -> bytes:
        """Download a file named by the service, from the service's own origin only: the request carries the key."""
        for _ in range(MAX_REDIRECTS):
            reply = self._get(self._own(url), limit=limit)
            location = reply.headers.get("Location", "")
            if not (300 <= reply.status < 400 and location):
                break
            url = _join_url(self._own(url), location)
        if reply.status in {404, 410}:
            raise ApiRejected(ErrorCode.GONE, http_status=reply.status)
        if reply.status != 200:
            raise _unavailable(reply)
        return reply.body

    def _pages(self, path: str, query: dict[str, str], most: int = MAX_PAGES) -> Listing:
        """Follow `next`, taking only its query: its host is not trusted. Items may move between pages meanwhile."""
        items: dict[str, dict[str, Any]] = {}
        query = query | {"page": "1", "size": str(PAGE_SIZE)}
        for number in range(most):
            try:
                page = self._page(path, query)
            except ApiUnavailable as error:
                if number and error.http_status == 404:
                    break  # the list has shrunk meanwhile; the URL is right, since its first page was there
                raise
            known = len(items)
            for item in _results(page):
                items.setdefault(str(item.get("id")), item)
            following = page.get("next") if isinstance(page, dict) else None
            if not following:
                return Listing(list(items.values()), complete=True)
            if len(items) == known:
                break  # the pagination loops
            query = query | _query_of(str(following))
        return Listing(list(items.values()), complete=False)

    def _page(self, path: str, query: dict[str, str]) -> Any:
        page = _json_or_raise(self._get(path, params=query))
        _results(page)
        return page

    def _own(self, url: str) -> str:
        """The absolute URL; raises `ApiRejected` for another origin or an invalid URL."""
        if url.startswith("/") and not url.startswith("//"):
            return self.base_url + url
        full = _join_url(f"{self.base_url}/", url)
        origin = _origin(full)
        if origin != _origin(self.base_url):
            raise ApiRejected(ErrorCode.FOREIGN, origin[1] or "")
        return full

    def _get(self, path: str, *, limit: int = MAX_ANSWER_BYTES, params: dict[str, str] | None = None) -> Reply:
        return self._call("GET", path, limit=limit, params=params)

    def _call(self, method: str, path: str, **options: Any) -> Reply:
        with Deadline(scaled(READ_SECONDS)) as deadline:
            try:
                return self._exchange(method, path, deadline, **options)
            except NETWORK_ERRORS as error:
                raise ApiUnavailable(ErrorCode.UNAVAILABLE, _reason(error, deadline)) from error

    def _exchange(
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
        headers = {"Authorization": self._authorization, "Accept": "application/json, */*;q=0.5"}
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


def _created(reply: Reply, *, released: bool) -> Answer:
    """Interpret the response to an upload."""
    detail = error_text(reply.body)
    if reply.status in ACCEPTED_STATUSES and (answer := read_answer(read_json(reply.body))) is not None:
        return answer
    if reply.status in REFUSED_STATUSES:
        raise ApiRejected(
            ErrorCode.TOO_LARGE if reply.status == 413 else ErrorCode.REFUSED, detail, http_status=reply.status
        )
    if reply.status == 403:
        raise ApiUnavailable(ErrorCode.NO_CREDITS, detail, http_status=403)
    if reply.status in CODES_BY_STATUS or 300 <= reply.status < 400:
        raise _unavailable(reply)
    raise _failure(released, detail, http_status=reply.status)


def _created_schema(reply: Reply) -> SchemaAnswer:
    """Interpret the response to a new schema, which costs nothing: 403 is a refusal like any other."""
    answer = read_schema(read_json(reply.body)) if reply.status in ACCEPTED_STATUSES else None
    if answer is not None:
        return answer
    detail = error_text(reply.body)
    if reply.status in NO_SUCH_ENDPOINT:
        raise ApiRejected(ErrorCode.WRONG_ADDRESS, detail, http_status=reply.status)
    if reply.status in {*REFUSED_STATUSES, 403}:
        raise ApiRejected(ErrorCode.REFUSED, detail, http_status=reply.status)
    if reply.status in CODES_BY_STATUS or 300 <= reply.status < 400:
        raise _unavailable(reply)
    raise _failure(True, detail, http_status=reply.status)


def _reason(error: BaseException, deadline: Deadline) -> str:
    """The failure in words. A connection that our own deadline closed is a timeout, not a network error."""
    return TIMED_OUT if deadline.passed else describe(error)


def _failure(released: bool, detail: str, *, http_status: int | None = None) -> ApiUnclear | ApiUnavailable:
    """Before the gate a failure is safe to retry; after it, the outcome is unknown."""
    kind = ApiUnclear if released else ApiUnavailable
    return kind(ErrorCode.UNAVAILABLE, detail, http_status=http_status)


def _unavailable(reply: Reply) -> ApiUnavailable:
    wrong_address = 300 <= reply.status < 400
    code = ErrorCode.WRONG_ADDRESS if wrong_address else CODES_BY_STATUS.get(reply.status, ErrorCode.UNAVAILABLE)
    detail = reply.headers.get("Location", "") if wrong_address else error_text(reply.body)
    return ApiUnavailable(code, detail, http_status=reply.status, retry_after=reply.retry_after)


def _json_or_raise(reply: Reply) -> Any:
    """The JSON of a successful read; raises `ApiUnavailable` otherwise."""
    if reply.status not in {200, 202}:
        raise _unavailable(reply)
    value = read_json(reply.body)
    if value is None:
        code = ErrorCode.UNAVAILABLE if reply.status == 202 else ErrorCode.CORRUPT
        raise ApiUnavailable(code, error_text(reply.body)[:200], http_status=reply.status)
    return value


def _results(page: Any) -> list[dict[str, Any]]:
    results = page.get("results") if isinstance(page, dict) else page
    if not isinstance(results, list):
        raise ApiUnavailable(ErrorCode.CORRUPT, "the answer is not a list")
    return [item for item in results if isinstance(item, dict)]


def _query_of(url: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(urlsplit(url).query))
    except ValueError as error:
        raise ApiUnavailable(ErrorCode.CORRUPT, "the next page of the list has no address") from error


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
