"""The API over HTTP. Nothing else in the portal speaks to it.

Every call has a deadline for the whole exchange and a limit for the size of the answer, follows no redirect and is
never repeated here; every failure is one of the three errors of `errors`.
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

from extractions.forwarding.answers import Answer, SchemaAnswer, read_answer, read_json, read_schema, words
from extractions.forwarding.deadline import Deadline
from extractions.forwarding.errors import ApiRejected, ApiUnavailable, ApiUnclear
from extractions.forwarding.form import Form, Outgoing
from extractions.forwarding.network import TOO_LATE, plainly
from extractions.forwarding.times import scaled

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
ANSWER_SECONDS = 120.0
SLOWEST_UPLOAD = 32 * 1024  # bytes a second
LARGEST_ANSWER = 64 * 1024 * 1024
LARGEST_ERROR = 256 * 1024
MOST_PAGES = 20
PAGE_SIZE = 50
MOST_REDIRECTS = 3
# Values too: requests reads where a redirect leads, though nobody follows it, and stumbles over what is no address.
NETWORK_ERRORS = (
    requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError,
)  # fmt: skip
ACCEPTED = (200, 201, 202)
REFUSALS = (400, 413, 415, 422)
PAUSES = {401: "key_refused", 429: "rate", 404: "wrong_address", 405: "wrong_address"}

SOCKET_OPTIONS = [
    *HTTPConnection.default_socket_options,
    # A killed process resets the connection; a polite end could look like the end of the upload.
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
        """Seconds to wait, as the service asks by a number or a date."""
        value = self.headers.get("Retry-After", "").strip()
        if value.isdecimal():
            return float(value[:9])
        try:
            return max(0.0, (parsedate_to_datetime(value) - timezone.now()).total_seconds())
        except (ValueError, TypeError):
            return None


@dataclass(frozen=True, slots=True)
class Found:
    """Items of a list; `complete` tells whether the list was followed to its end."""

    items: list[dict[str, Any]]
    complete: bool


class Client:
    def __init__(self, base_url: str, key: str, scheme_word: str = "") -> None:
        self.base_url = base_url.rstrip("/")
        self._authorization = f"{scheme_word} {key}".strip()

    def create(
        self, document: Outgoing, *, checkpoint: Callable[[], object], gate: Callable[[], object]
    ) -> tuple[int, Answer]:
        """Send the document; HTTP status and answer. After the gate has let go, doubt is `ApiUnclear`."""
        with Deadline(scaled(READ_SECONDS + document.size / SLOWEST_UPLOAD)) as deadline:

            def open_gate() -> None:
                gate()
                deadline.set(scaled(ANSWER_SECONDS))

            form = Form(document, checkpoint=checkpoint, gate=open_gate)
            try:
                reply = self._exchange(
                    "POST", "/extract/", deadline, read_seconds=scaled(ANSWER_SECONDS), params=document.query, data=form
                )
            except NETWORK_ERRORS as error:
                raise _doubt(form.released, _how(error, deadline)) from error
            return reply.status, _created(reply, released=form.released)

    def retrieve(self, remote_id: str) -> Answer:
        """The extract; `ApiRejected` with code gone if the service does not know it."""
        reply = self._get(f"/extract/{quote(remote_id, safe='')}/")
        if reply.status == 404:
            raise ApiRejected("gone", words(reply.body), http_status=404)
        answer = read_answer(_expect(reply))
        if answer is None:
            raise ApiUnavailable("corrupt", "the answer has no id", http_status=reply.status)
        return answer

    def search(self, **query: str) -> Found:
        """The list of extracts, filtered by the service as it likes."""
        return self._pages("/extract/", query)

    def ping(self) -> None:
        """A free call that needs the key, and succeeds only where the API is."""
        self._page("/extract/", {"page": "1", "size": "1"})

    def engine_readiness(self) -> str:
        """What the embedded engine says of itself: "warming", "ready" or "broken"; empty from what is none."""
        answer = read_json(self._get("/x/health/").body)
        return str(answer.get("status", "")) if isinstance(answer, dict) else ""

    def delete(self, remote_id: str) -> None:
        """Gone afterwards, whether it was there or not."""
        reply = self._call("DELETE", f"/extract/{quote(remote_id, safe='')}/")
        if reply.status not in {200, 202, 204, 404}:
            raise _unavailable(reply)

    def schemas(self) -> list[SchemaAnswer]:
        """All of them; raises rather than answering a part."""
        found = self._pages("/schema/", {})
        if not found.complete:
            raise ApiUnavailable("corrupt", "the list of schemas does not end")
        schemas = [read_schema(item) for item in found.items]
        return [schema for schema in schemas if schema is not None]

    def classifiers(self) -> list[dict[str, Any]] | None:
        """Those of the embedded engine; None from a service that has no such list."""
        reply = self._get("/x/classifier/")
        if reply.status in {403, 404, 405} or 300 <= reply.status < 400:
            return None
        return [item for item in _results(_expect(reply)) if read_schema(item) is not None]

    def fetch(self, url: str, *, limit: int) -> bytes:
        """A file that the service named; from its own address only, for the key goes with the request."""
        for _ in range(MOST_REDIRECTS):
            reply = self._get(self._own(url), limit=limit)
            location = reply.headers.get("Location", "")
            if not (300 <= reply.status < 400 and location):
                break
            url = _joined(self._own(url), location)
        if reply.status in {404, 410}:
            raise ApiRejected("gone", http_status=reply.status)
        if reply.status != 200:
            raise _unavailable(reply)
        return reply.body

    def _pages(self, path: str, query: dict[str, str]) -> Found:
        """Follow `next` by its query only: its host is not ours to trust. Items may move between pages."""
        items: dict[str, dict[str, Any]] = {}
        query = query | {"page": "1", "size": str(PAGE_SIZE)}
        for _ in range(MOST_PAGES):
            page = self._page(path, query)
            for item in _results(page):
                items.setdefault(str(item.get("id")), item)
            following = page.get("next") if isinstance(page, dict) else None
            if not following:
                return Found(list(items.values()), complete=True)
            query = query | _query_of(str(following))
        return Found(list(items.values()), complete=False)

    def _page(self, path: str, query: dict[str, str]) -> Any:
        page = _expect(self._get(path, params=query))
        _results(page)
        return page

    def _own(self, url: str) -> str:
        """The full address of a path of the service's; another host, or what is no address, is refused."""
        if url.startswith("/") and not url.startswith("//"):
            return self.base_url + url
        full = _joined(f"{self.base_url}/", url)
        origin = _origin(full)
        if origin != _origin(self.base_url):
            raise ApiRejected("foreign", origin[1] or "")
        return full

    def _get(self, path: str, *, limit: int = LARGEST_ANSWER, params: dict[str, str] | None = None) -> Reply:
        return self._call("GET", path, limit=limit, params=params)

    def _call(self, method: str, path: str, **options: Any) -> Reply:
        with Deadline(scaled(READ_SECONDS)) as deadline:
            try:
                return self._exchange(method, path, deadline, **options)
            except NETWORK_ERRORS as error:
                raise ApiUnavailable("unavailable", _how(error, deadline)) from error

    def _exchange(
        self,
        method: str,
        path: str,
        deadline: Deadline,
        *,
        read_seconds: float | None = None,
        limit: int = LARGEST_ANSWER,
        params: Any = None,
        data: Form | None = None,
    ) -> Reply:
        """One request and its answer, on a connection of its own."""
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
                headers=headers,
                timeout=(scaled(CONNECT_SECONDS), read_seconds or scaled(READ_SECONDS)),
                allow_redirects=False,
                stream=True,
            )
            with response:
                body = b"".join(_bounded(response, limit if response.status_code < 300 else LARGEST_ERROR))
            if deadline.passed:
                raise TimeoutError("the answer took too long")
            return Reply(response.status_code, response.headers, body)


def _session(deadline: Deadline) -> requests.Session:
    """Without proxies and passwords from the environment, retries, or connections that others used."""
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
                return  # only words for people are lost
            raise requests.exceptions.ContentDecodingError(f"the answer has more than {limit} bytes")
        yield block


def _created(reply: Reply, *, released: bool) -> Answer:
    """What an answer to an upload means."""
    detail = words(reply.body)
    if reply.status in ACCEPTED and (answer := read_answer(read_json(reply.body))) is not None:
        return answer
    if reply.status in REFUSALS:
        raise ApiRejected("too_large" if reply.status == 413 else "refused", detail, http_status=reply.status)
    if reply.status == 403:
        raise ApiUnavailable("no_credits", detail, http_status=403)
    if reply.status in PAUSES or 300 <= reply.status < 400:
        raise _unavailable(reply)
    raise _doubt(released, detail, http_status=reply.status)


def _how(error: BaseException, deadline: Deadline) -> str:
    """In words. A line that we cut ourselves, because it took too long, was not cut by the network."""
    return TOO_LATE if deadline.passed else plainly(error)


def _doubt(released: bool, detail: str, *, http_status: int | None = None) -> ApiUnclear | ApiUnavailable:
    """Before the gate a failure is known to be harmless; after it, nothing is known."""
    kind = ApiUnclear if released else ApiUnavailable
    return kind("unavailable", detail, http_status=http_status)


def _unavailable(reply: Reply) -> ApiUnavailable:
    wrong_address = 300 <= reply.status < 400
    code = "wrong_address" if wrong_address else PAUSES.get(reply.status, "unavailable")
    detail = reply.headers.get("Location", "") if wrong_address else words(reply.body)
    return ApiUnavailable(code, detail, http_status=reply.status, retry_after=reply.retry_after)


def _expect(reply: Reply) -> Any:
    """The JSON of a read that succeeded."""
    if reply.status not in {200, 202}:
        raise _unavailable(reply)
    value = read_json(reply.body)
    if value is None:
        code = "unavailable" if reply.status == 202 else "corrupt"
        raise ApiUnavailable(code, words(reply.body)[:200], http_status=reply.status)
    return value


def _results(page: Any) -> list[dict[str, Any]]:
    results = page.get("results") if isinstance(page, dict) else page
    if not isinstance(results, list):
        raise ApiUnavailable("corrupt", "the answer is not a list")
    return [item for item in results if isinstance(item, dict)]


def _query_of(url: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(urlsplit(url).query))
    except ValueError as error:
        raise ApiUnavailable("corrupt", "the next page of the list has no address") from error


def _joined(base: str, url: str) -> str:
    try:
        return urljoin(base, url)
    except ValueError as error:
        raise ApiRejected("foreign") from error


def _origin(url: str) -> tuple[str | None, str | None, int | None]:
    """Read as by whom the connection is opened: others see another host in some addresses with a backslash."""
    try:
        parts = urllib3.util.parse_url(url)
    except ValueError as error:
        raise ApiRejected("foreign") from error
    return parts.scheme, parts.host, parts.port or {"http": 80, "https": 443}.get(parts.scheme or "")
