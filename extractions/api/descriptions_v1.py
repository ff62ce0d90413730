"""What the OpenAPI description says of /api/v1/."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from extractions.api import exporting_serializers as exports
from extractions.api import options_serializers as options
from extractions.api import reviewing_serializers as shapes
from extractions.api.problems import PROBLEM
from extractions.exports.making import FORMATS
from extractions.models import Event, Extraction

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
OPTIONS, EXPORTS = ["Options"], ["Exports"]
NAMED = OpenApiParameter("id", str, OpenApiParameter.PATH, description="The service's id.")
TEXT, OBJECT = {"type": "string"}, {"type": "object", "additionalProperties": True}
EVENT_BODY = {
    "type": "object",
    "required": ["id", "type", "timestamp", "data"],
    "properties": {
        "id": TEXT,
        "type": {"type": "string", "enum": list(Event.values)},
        "timestamp": {"type": "string", "format": "date-time"},
        "data": OBJECT,
    },
}
EVENTS_BODY = {
    "type": "object",
    "required": ["next", "cursor", "more", "results"],
    "properties": {
        "next": {"type": "string", "format": "uri"},
        "cursor": TEXT,
        "more": {"type": "boolean", "description": "Whether there is more at once."},
        "results": {"type": "array", "items": EVENT_BODY},
    },
}
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
    descriptions = usual | {name.removeprefix("code_"): text for name, text in words.items()}
    return {(int(code), PROBLEM): OpenApiResponse(PROBLEM_BODY, text) for code, text in descriptions.items()}


def _request_example(value: dict[str, Any]) -> OpenApiExample:
    return OpenApiExample("example", value, request_only=True)


DOCUMENT_LIST = extend_schema(
    operation_id="document_list",
    summary="List documents, newest first. Pages have no numbers: follow `next`, whatever comes in meanwhile.",
    tags=TAGS,
    parameters=[
        OpenApiParameter("state", str, enum=list(Extraction.State.values)),
        OpenApiParameter("review_state", str, enum=[value for value in Extraction.Review.values if value]),
    ],
    responses={(200, "application/json"): shapes.DocumentSerializer(many=True), **problems()},
)
DOCUMENT_RETRIEVE = extend_schema(
    operation_id="document_retrieve_v1",
    summary="One document with its current data and the evidence and state of each value.",
    description="The answer has an ETag: with it in If-None-Match, 304 says that nothing has changed.",
    tags=TAGS,
    parameters=[ID],
    responses={(200, "application/json"): shapes.ReviewedDocumentSerializer, 304: None, **problems()},
)
VALUE_EDIT = extend_schema(
    operation_id="value_edit",
    summary="Correct, confirm or restore one value, or say that it is illegible or absent.",
    tags=TAGS,
    parameters=[ID, IF_MATCH],
    request=shapes.EditSerializer,
    examples=[_request_example({"do": "set", "path": "total", "value": "1 234,50", "version": 0})],
    responses={
        (200, "application/json"): shapes.ValueSerializer,
        204: UNREAD,
        **problems(
            code_409="Changed by somebody else since `version`, or the review has ended.",
            code_412=OUTDATED,
            code_415="Not JSON.",
            code_422="No such field, or not of its type.",
        ),
    },
)
REVIEW_ACTION = extend_schema(
    operation_id="review_action",
    summary="Approve, reject or reopen.",
    tags=TAGS,
    parameters=[ID, IF_MATCH],
    request=shapes.ActionSerializer,
    examples=[_request_example({"action": "approve", "reason": "compared with the order"})],
    responses={
        (200, "application/json"): shapes.ReviewedDocumentSerializer,
        204: UNREAD,
        **problems(
            code_409="Not possible now: `detail` says why, `code` in a word.",
            code_412=OUTDATED,
            code_415="Not JSON.",
        ),
    },
)
TEAM_LIST = extend_schema(
    operation_id="team_list",
    summary="The token's team, what the token may do there, and the servers it may name.",
    tags=["Teams"],
    responses={(200, "application/json"): options.TeamSerializer(many=True), **problems()},
)
SCHEMA_LIST = extend_schema(
    operation_id="schema_list_v1",
    summary="List the schemas that documents can be read with, by name.",
    tags=OPTIONS,
    responses={(200, "application/json"): options.OfferedSchemaSerializer(many=True), **problems()},
)
SCHEMA_RETRIEVE = extend_schema(
    operation_id="schema_retrieve_v1",
    summary="Read one schema.",
    tags=OPTIONS,
    parameters=[NAMED],
    responses={(200, "application/json"): options.OfferedSchemaSerializer, **problems()},
)
CLASSIFIER_LIST = extend_schema(
    operation_id="classifier_list",
    summary="List the classifiers, by name.",
    tags=OPTIONS,
    responses={(200, "application/json"): options.OfferedClassifierSerializer(many=True), **problems()},
)
CLASSIFIER_RETRIEVE = extend_schema(
    operation_id="classifier_retrieve",
    summary="Read one classifier with its categories.",
    tags=OPTIONS,
    parameters=[NAMED],
    responses={(200, "application/json"): options.OfferedClassifierSerializer, **problems()},
)
STUDIO_LIST = extend_schema(
    operation_id="team_schema_list",
    summary="List the schemas that the team writes itself, with their versions and how far these are published.",
    tags=OPTIONS,
    responses={(200, "application/json"): options.StudioSchemaSerializer(many=True), **problems()},
)
STUDIO_RETRIEVE = extend_schema(
    operation_id="team_schema_retrieve",
    summary="Read a schema of the team with what its newest version says.",
    tags=OPTIONS,
    parameters=[OpenApiParameter("id", int, OpenApiParameter.PATH)],
    responses={(200, "application/json"): options.WrittenSchemaSerializer, **problems()},
)
EXPORT_LIST = extend_schema(
    operation_id="export_list",
    summary="List the exports of the token's owner, newest first.",
    tags=EXPORTS,
    responses={(200, "application/json"): exports.ExportSerializer(many=True), **problems()},
)
EXPORT_CREATE = extend_schema(
    operation_id="export_create",
    summary="Have a file made of these documents, or of all that match.",
    description=(
        "The worker makes it. Ask for the export until `state` is READY, then fetch `file`; it is kept for a day."
    ),
    tags=EXPORTS,
    request={"application/json": exports.ExportRequestSerializer},
    examples=[_request_example({"format": "xlsx", "query": "review=approved", "style": "people"})],
    responses={
        (201, "application/json"): exports.ExportSerializer,
        **problems(code_415="Not JSON.", code_422="No document matches."),
    },
)
EXPORT_RETRIEVE = extend_schema(
    operation_id="export_retrieve",
    summary="How far an export is.",
    tags=EXPORTS,
    parameters=[ID],
    responses={(200, "application/json"): exports.ExportSerializer, **problems()},
)
EXPORT_CANCEL = extend_schema(
    operation_id="export_cancel",
    summary="Cancel an export that is not ready yet.",
    tags=EXPORTS,
    parameters=[ID],
    responses={204: OpenApiResponse(None, "Cancelled."), **problems(code_409="It has ended already.")},
)
EXPORT_FILE = extend_schema(
    operation_id="export_file",
    summary="The file of an export.",
    tags=EXPORTS,
    parameters=[ID],
    responses={
        **{(200, mime.partition(";")[0]): OpenApiTypes.BINARY for _words, _ending, mime in FORMATS.values()},
        **problems(code_409="Not ready, failed or cancelled: `state` says which."),
    },
)
EVENT_LIST = extend_schema(
    operation_id="event_list",
    summary="What happened to the team's documents, in order: the events that webhooks are told.",
    description=(
        "Keep `cursor`, or follow `next`, which is there even when nothing is new: each event comes once, and those of "
        "a document in their order. Without a cursor it begins with the oldest event kept, at `latest` with the next."
    ),
    tags=["Events"],
    parameters=[
        OpenApiParameter(
            "cursor",
            {"type": "string", "pattern": r"^(latest|[0-9]{1,18}-[0-9]{1,18})?$"},
            description="From an earlier answer, or `latest`.",
        ),
        OpenApiParameter("size", {"type": "integer", "minimum": 1}, description="At most 500."),
    ],
    responses={
        (200, "application/json"): OpenApiResponse(EVENTS_BODY),
        **problems(code_410="Events after this cursor are no longer kept."),
    },
)
