"""The client of API 0.8.1; nothing but the clients of the two dialects calls the service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from extractions.forwarding.api.answers import Answer, SchemaAnswer, error_text, read_answer, read_json, read_schema
from extractions.forwarding.api.deadline import Deadline
from extractions.forwarding.api.errors import ApiRejected, ApiUnavailable
from extractions.forwarding.api.multipart import GatedMultipartBody, UploadRequest
from extractions.forwarding.api.outcomes import (
    created,
    created_schema,
    failure,
    json_or_raise,
    query_of,
    results,
    unavailable,
)
from extractions.forwarding.api.transport import (
    ANSWER_SECONDS,
    MIN_UPLOAD_RATE,
    NETWORK_ERRORS,
    READ_SECONDS,
    Transport,
    reason_of,
)
from extractions.forwarding.time_scale import scaled
from extractions.models.error_codes import ErrorCode

MAX_PAGES = 20
PAGE_SIZE = 50
LISTS = {"/extract/": "PaginatedExtractList", "/schema/": "PaginatedExtractSchemaList"}
Observer = Callable[[str, object], None]
"""Is shown the body of each successful answer, with the name of its form in the contract."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Items of a paginated list; `complete` is False if pagination stopped early."""

    items: list[dict[str, object]]
    complete: bool


class Client:
    lists_extracts = True
    """Whether what may have arrived can be searched for."""
    lists_schemas = True
    deletes = True
    tells_keys = True
    """Whether an extract says which of our documents it is."""

    def __init__(self, base_url: str, key: str, scheme_word: str = "", observe: Observer | None = None) -> None:
        self._transport = Transport(base_url, {"Authorization": f"{scheme_word} {key}".strip()})
        self._observe = observe or (lambda form, body: None)

    @property
    def base_url(self) -> str:
        return self._transport.base_url

    @property
    def request_count(self) -> int:
        """Requests made so far. Not thread-safe."""
        return self._transport.request_count

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
                reply = self._transport.exchange(
                    "POST", "/extract/", deadline, read_seconds=scaled(ANSWER_SECONDS), params=document.query, data=form
                )
            except NETWORK_ERRORS as error:
                raise failure(form.released, reason_of(error, deadline)) from error
            answer = created(reply, released=form.released)
            self._observe("Extract", answer.raw)
            return reply.status, answer

    def retrieve(self, remote_id: str) -> Answer:
        """The extract; raises `ApiRejected` with code "gone" if the service does not know it."""
        reply = self._transport.get(f"/extract/{quote(remote_id, safe='')}/")
        if reply.status == 404:
            raise ApiRejected(ErrorCode.GONE, error_text(reply.body), http_status=404)
        answer = read_answer(json_or_raise(reply))
        if answer is None:
            raise ApiUnavailable(ErrorCode.CORRUPT, "the answer has no id", http_status=reply.status)
        self._observe("Extract", answer.raw)
        return answer

    def search(self, *, most_pages: int = MAX_PAGES, **query: str) -> Listing:
        """Extracts that match the query. The service may ignore the filters, so callers verify each."""
        return self._pages("/extract/", query, most_pages)

    def ping(self) -> None:
        """A free, authenticated call: succeeds only if this is the API and the key is valid."""
        self._page("/extract/", {"page": "1", "size": "1"})

    def engine_readiness(self) -> str:
        """The embedded engine's status: "warming", "ready" or "broken"; empty from any other service."""
        answer = read_json(self._transport.get("/x/health/").body)
        return str(answer.get("status", "")) if isinstance(answer, dict) else ""

    def delete(self, remote_id: str) -> int:
        """Delete it; idempotent. The HTTP status says what the service answered: 404 if it had it no more."""
        reply = self._transport.call("DELETE", f"/extract/{quote(remote_id, safe='')}/")
        if reply.status not in {200, 202, 204, 404}:
            raise unavailable(reply)
        return reply.status

    def schemas(self) -> list[SchemaAnswer]:
        """All schemas; raises `ApiUnavailable` rather than returning part of them."""
        found = self._pages("/schema/", {})
        if not found.complete:
            raise ApiUnavailable(ErrorCode.CORRUPT, "the list of schemas does not end")
        schemas = [read_schema(item) for item in found.items]
        return [schema for schema in schemas if schema is not None]

    def create_schema(self, body: dict[str, object]) -> SchemaAnswer:
        """Create an extraction schema. After `ApiUnclear` it may be there, after the other errors it is not."""
        with Deadline(scaled(READ_SECONDS)) as deadline:
            try:
                reply = self._transport.exchange("POST", "/schema/", deadline, body=body)
            except NETWORK_ERRORS as error:
                raise failure(True, reason_of(error, deadline)) from error
        schema = created_schema(reply)
        self._observe("ExtractSchema", read_json(reply.body))
        return schema

    def classifiers(self) -> list[dict[str, object]] | None:
        """The embedded engine's classifiers; None if the service has no such endpoint."""
        reply = self._transport.get("/x/classifier/")
        if reply.status in {403, 404, 405} or 300 <= reply.status < 400:
            return None
        return [item for item in results(json_or_raise(reply)) if read_schema(item) is not None]

    def put_classifier(self, remote_id: str, body: dict[str, object]) -> None:
        """Create the classifier, or replace what it says; idempotent. Only the embedded engine has this endpoint."""
        self._extension("PUT", f"/x/classifier/{quote(remote_id, safe='')}/", body)

    def delete_classifier(self, remote_id: str) -> None:
        reply = self._transport.call("DELETE", f"/x/classifier/{quote(remote_id, safe='')}/")
        if reply.status not in {204, 404}:
            raise unavailable(reply)

    def teach_category(self, remote_id: str, classifier: str, category: str) -> None:
        """Make the document an example of this category, or of none; idempotent. Only the embedded engine learns."""
        path = f"/x/extract/{quote(remote_id, safe='')}/category/"
        if category:
            self._extension("POST", path, {"classifier": classifier, "category": category})
        else:
            self._extension("DELETE", f"{path}?{urlencode({'classifier': classifier})}")

    def _extension(self, method: str, path: str, body: dict[str, object] | None = None) -> None:
        """A call of the embedded engine's own."""
        reply = self._transport.call(method, path, body=body)
        if reply.status in {400, 403, 404, 405, 409}:
            raise ApiRejected(ErrorCode.REFUSED, error_text(reply.body), http_status=reply.status)
        if reply.status not in {200, 201, 204}:
            raise unavailable(reply)

    def fetch(self, url: str, *, limit: int) -> bytes:
        """Download a file that the service names."""
        return self._transport.fetch(url, limit=limit)

    def _pages(self, path: str, query: dict[str, str], most: int = MAX_PAGES) -> Listing:
        """Follow `next`, taking only its query: its host is not trusted. Items may move between pages meanwhile."""
        items: dict[str, dict[str, object]] = {}
        query = query | {"page": "1", "size": str(PAGE_SIZE)}
        for number in range(most):
            try:
                page = self._page(path, query)
            except ApiUnavailable as error:
                if number and error.http_status == 404:
                    break  # the list has shrunk meanwhile; the URL is right, since its first page was there
                raise
            known = len(items)
            for item in results(page):
                items.setdefault(str(item.get("id")), item)
            following = page.get("next") if isinstance(page, dict) else None
            if not following:
                return Listing(list(items.values()), complete=True)
            if len(items) == known:
                break  # the pagination loops
            query = query | query_of(str(following))
        return Listing(list(items.values()), complete=False)

    def _page(self, path: str, query: dict[str, str]) -> object:
        page = json_or_raise(self._transport.get(path, params=query))
        results(page)
        self._observe(LISTS[path], page)
        return page
