"""The client of API v0, as far as its documentation was seen; what that leaves open is marked *inferred*.

It has no sites, no list of schemas, no deletion and no list of extracts. So an extract whose answer was lost cannot be
found again: the document itself is stored first, which is free and can be repeated, and only then is the one request
made that is charged.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from extractions.forwarding.api.answers import Answer, SchemaAnswer, error_text, read_answer, read_json
from extractions.forwarding.api.client import Client, Listing, Observer
from extractions.forwarding.api.deadline import Deadline
from extractions.forwarding.api.errors import ApiRejected, ApiUnavailable
from extractions.forwarding.api.multipart import GatedMultipartBody, StoredDocument, UploadRequest
from extractions.forwarding.api.outcomes import created, failure, json_or_raise
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
from extractions.schemas.json_types import JsonObject

PARSING = "parsing."
"""Before the id of what was read without a schema: parsings and extracts have ids of their own."""
MODEL = "PIGALLE"
"""For parsings; the only value that is documented."""
STATUSES = {"IN_QUEUE": "CREATED", "PARTIAL_FINISHED": "FINISHED"}
"""In the words of 0.8.1; the others are the same. `IN_QUEUE` is inferred from the names of events."""


class ClientV0(Client):
    lists_extracts = lists_schemas = deletes = tells_keys = False

    def __init__(self, base_url: str, key: str, observe: Observer | None = None) -> None:
        super().__init__(base_url, key, observe=observe)
        self._transport = Transport(base_url, {"X-API-Key": key})

    def create(
        self, document: UploadRequest, *, checkpoint: Callable[[], object], gate: Callable[[], object]
    ) -> tuple[int, Answer]:
        """Store the document, then have it read. Ambiguous failures of the second call raise `ApiUnclear`."""
        stored = self._store(document, checkpoint)
        checkpoint()
        if document.schema:
            path, body = "/v0/extract", {"schema": document.schema, "document": stored}
        else:
            path, body = "/v0/parsing", {"document": stored, "model": MODEL}
        gate()
        with Deadline(scaled(ANSWER_SECONDS)) as deadline:
            try:
                reply = self._transport.exchange("POST", path, deadline, body=body)
            except NETWORK_ERRORS as error:
                raise failure(True, reason_of(error, deadline)) from error
        given = read_json(reply.body)
        created(reply, released=True)  # raises unless it has an id
        return reply.status, self._read(given, parsing=not document.schema)

    def _store(self, document: UploadRequest, checkpoint: Callable[[], object]) -> str:
        """The id of the stored document. It costs nothing, so that every failure may be tried again."""
        with Deadline(scaled(READ_SECONDS + document.size / MIN_UPLOAD_RATE)) as deadline:
            form = GatedMultipartBody(StoredDocument.of(document), checkpoint=checkpoint, gate=lambda: None)
            try:
                reply = self._transport.exchange(
                    "POST",
                    "/v0/documents",
                    deadline,
                    read_seconds=scaled(ANSWER_SECONDS),
                    params=document.query,
                    data=form,
                )
            except NETWORK_ERRORS as error:
                raise failure(False, reason_of(error, deadline)) from error
        answer = created(reply, released=False)
        self._observe("DocumentV0", read_json(reply.body))
        return answer.id

    def retrieve(self, remote_id: str) -> Answer:
        """The path is inferred: the guides tell to poll."""
        parsing = remote_id.startswith(PARSING)
        kind = "parsing" if parsing else "extract"
        reply = self._transport.get(f"/v0/{kind}/{quote(remote_id.removeprefix(PARSING), safe='')}")
        if reply.status == 404:
            raise ApiRejected(ErrorCode.GONE, error_text(reply.body), http_status=404)
        return self._read(json_or_raise(reply), parsing=parsing, status=reply.status)

    def _read(self, given: Any, *, parsing: bool, status: int = 201) -> Answer:
        answer = read_answer(_as_0_8_1(given, parsing=parsing)) if isinstance(given, dict) else None
        if answer is None:
            raise ApiUnavailable(ErrorCode.CORRUPT, "the answer has no id", http_status=status)
        self._observe("ParsingV0" if parsing else "ExtractV0", given)
        return answer

    def search(self, *, most_pages: int = 1, **query: str) -> Listing:
        raise ApiUnavailable(ErrorCode.UNSEARCHABLE, "API v0 lists no extracts")

    def ping(self) -> None:
        reply = self._transport.get("/v0/documents")
        json_or_raise(reply)

    def engine_readiness(self) -> str:
        return ""

    def delete(self, remote_id: str) -> int:
        """Nothing can be deleted there; what is here is deleted all the same, and its receipt says so."""
        return HTTPStatus.NOT_IMPLEMENTED

    def schemas(self) -> list[SchemaAnswer]:
        """None are listed; people enter the ids of those that they made on the service's own pages."""
        return []

    def create_schema(self, body: JsonObject) -> SchemaAnswer:
        raise ApiRejected(ErrorCode.WRONG_ADDRESS, "API v0 has no endpoint for schemas")

    def classifiers(self) -> list[JsonObject] | None:
        return None


def _as_0_8_1(given: JsonObject, *, parsing: bool) -> JsonObject:
    """Under the names of 0.8.1; everything else of the answer stays beside them."""
    said = str(given.get("status") or "")
    known: JsonObject = {"status": STATUSES.get(said, said)}
    if parsing:
        known |= {"id": f"{PARSING}{given.get('id')}", "content": given.get("markdown_content")}
    else:
        known |= {"extracted_data": given.get("result")}
    if given.get("error"):
        known["x_error"] = str(given["error"])
    return given | known
