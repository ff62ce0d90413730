"""What the OpenAPI description says of /api/v1/."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from extractions.api import reviewing_serializers as shapes
from extractions.api.problems import PROBLEM
from extractions.models import Extraction

PROBLEM_BODY = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": True},
    },
    "additionalProperties": True,
}
ID = OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH)
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="The ETag of the document as you saw it."
)
OUTDATED = "The document is not as If-Match says any more."
TAGS = ["Review"]
UNREAD = OpenApiResponse(None, "Done; the token may not read what came of it.")


def problems(**words: str) -> dict[Any, Any]:
    """Problem details for these codes, and for those that every request may get."""
    usual = {
        "400": "Missing or invalid fields, by name.",
        "401": "Missing or invalid token.",
        "403": "The token or the role does not allow it.",
        "404": "No such document, or not of this team.",
        "429": "Too many requests; see Retry-After.",
    }
    told = usual | {name.removeprefix("code_"): text for name, text in words.items()}
    return {(int(code), PROBLEM): OpenApiResponse(PROBLEM_BODY, text) for code, text in told.items()}


DOCUMENT_LIST: dict[str, Any] = {
    "operation_id": "document_list",
    "summary": "List documents, newest first. Pages have no numbers: follow `next`, whatever comes in meanwhile.",
    "tags": TAGS,
    "parameters": [
        OpenApiParameter("state", str, enum=list(Extraction.State.values)),
        OpenApiParameter("review_state", str, enum=[value for value in Extraction.Review.values if value]),
    ],
    "responses": {(200, "application/json"): shapes.DocumentSerializer(many=True), **problems()},
}
DOCUMENT_RETRIEVE: dict[str, Any] = {
    "operation_id": "document_retrieve_v1",
    "summary": "One document with its current data and the evidence and state of each value.",
    "description": "The answer has an ETag: with it in If-None-Match, 304 says that nothing has changed.",
    "tags": TAGS,
    "parameters": [ID],
    "responses": {(200, "application/json"): shapes.ReviewedDocumentSerializer, 304: None, **problems()},
}
VALUE_EDIT: dict[str, Any] = {
    "operation_id": "value_edit",
    "summary": "Correct, confirm or restore one value, or say that it is illegible or absent.",
    "tags": TAGS,
    "parameters": [ID, IF_MATCH],
    "request": shapes.EditSerializer,
    "responses": {
        (200, "application/json"): shapes.ValueSerializer,
        204: UNREAD,
        **problems(
            code_409="Changed by somebody else since `version`, or the review has ended.",
            code_412=OUTDATED,
            code_415="Not JSON.",
            code_422="No such field, or not of its type.",
        ),
    },
}
REVIEW_ACTION: dict[str, Any] = {
    "operation_id": "review_action",
    "summary": "Approve, reject or reopen.",
    "tags": TAGS,
    "parameters": [ID, IF_MATCH],
    "request": shapes.ActionSerializer,
    "responses": {
        (200, "application/json"): shapes.ReviewedDocumentSerializer,
        204: UNREAD,
        **problems(
            code_409="Not possible now: `detail` says why, `code` in a word.",
            code_412=OUTDATED,
            code_415="Not JSON.",
        ),
    },
}
