"""What the OpenAPI description says of each operation beyond what drf-spectacular derives from the code."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from extractions.api import serializers as shapes
from extractions.api.authentication import TokenAuthentication
from extractions.api.schema_making import SchemaRequestSerializer

FIELD_ERRORS = {"type": "object", "additionalProperties": True}
VALIDATION_FAILED = OpenApiResponse(FIELD_ERRORS, "Missing or invalid fields, by name.")
UNAUTHORIZED = OpenApiResponse(shapes.TokenErrorSerializer, "Missing or invalid token.")
FORBIDDEN = OpenApiResponse(FIELD_ERRORS, "The token or the role does not allow it, or the month's credits are spent.")
NOT_FOUND = OpenApiResponse(shapes.DetailErrorSerializer, "No such object, or not of this team.")
BUSY = OpenApiResponse(shapes.DetailErrorSerializer, "Too many requests; see Retry-After.")
SCHEMA_EXAMPLE = {
    "name": "Delivery note",
    "description": "What was delivered, and when",
    "schema": {
        "type": "object",
        "properties": {"delivered_on": {"type": "string", "description": "The day of the delivery"}},
    },
}
REFUSALS = {400: VALIDATION_FAILED, 401: UNAUTHORIZED, 403: FORBIDDEN, 429: BUSY}
ID = OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH)
PAGE = {"type": "integer", "minimum": 1}


def query_parameter(name: str, kind: Any, description: str = "", **options: Any) -> OpenApiParameter:
    return OpenApiParameter(name, kind, OpenApiParameter.QUERY, description=description, **options)


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The API token that every request carries."""

    target_class = TokenAuthentication
    name = "tokenAuth"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "The bare token. `Token <token>` and `Bearer <token>` are taken as well.",
        }


EXTRACT_LIST = extend_schema(
    operation_id="extract_list",
    summary="List documents, newest first, page by page.",
    tags=["Extracts"],
    parameters=[
        query_parameter("search", str, "Text searched in the document name and in the name of the schema."),
        query_parameter("workflow_id", OpenApiTypes.UUID),
        query_parameter("workflow_session_id", int),
        query_parameter("meta_key", str, "Only those whose metadata have this key; with meta_value, that value at it."),
        query_parameter("meta_value", str, "Only those whose metadata have this value, compared as text."),
    ],
    responses={200: shapes.ExtractListItemSerializer(many=True), 404: NOT_FOUND, **REFUSALS},
)
EXTRACT_CREATE = extend_schema(
    operation_id="extract_create",
    summary="Upload one document and start its extraction.",
    description=(
        "Once it is answered, the file is stored durably. The same file with the same options and metadata is answered "
        "with the document that is there (header X-Existing-Document), or refused, as the token says."
    ),
    tags=["Extracts"],
    parameters=[
        query_parameter("pdf_page_start", PAGE, "First page to take, from 1 (PDF only)."),
        query_parameter("pdf_page_end", PAGE, "Last page to take (PDF only)."),
        OpenApiParameter(
            "Idempotency-Key",
            str,
            OpenApiParameter.HEADER,
            description="The same key with the same request is answered with the same document for 30 days.",
        ),
    ],
    request={"multipart/form-data": shapes.UploadSerializer},
    responses={
        201: shapes.ExtractSerializer,
        410: OpenApiResponse(shapes.DetailErrorSerializer, "The document of this Idempotency-Key has been deleted."),
        415: OpenApiResponse(shapes.DetailErrorSerializer, "Not multipart/form-data."),
        422: OpenApiResponse(shapes.DetailErrorSerializer, "This Idempotency-Key came with another request."),
        **REFUSALS,
    },
)
EXTRACT_RETRIEVE = extend_schema(
    operation_id="extract_retrieve",
    summary="Read one document with its current data, or download its result.",
    tags=["Extracts"],
    parameters=[
        ID,
        query_parameter("download", str, "Empty is csv. Takes the scope export.", enum=["csv", "images", "json", ""]),
    ],
    responses={
        (200, "application/json"): shapes.ExtractSerializer,
        (200, "text/csv"): OpenApiTypes.STR,
        (200, "application/zip"): OpenApiTypes.BINARY,
        202: OpenApiResponse(shapes.ExtractSerializer, "Not ready for download."),
        204: OpenApiResponse(None, "Nothing to download."),
        404: NOT_FOUND,
        **REFUSALS,
    },
)
EXTRACT_DESTROY = extend_schema(
    operation_id="extract_destroy",
    summary="Delete one document. It can be restored on the page of the trash as long as the team keeps it there.",
    tags=["Extracts"],
    parameters=[ID],
    responses={
        204: OpenApiResponse(None, "Deleted."),
        404: NOT_FOUND,
        409: OpenApiResponse(shapes.DetailErrorSerializer, "Under a legal hold."),
        **REFUSALS,
    },
)
SCHEMA_LIST = extend_schema(
    operation_id="schema_list",
    summary="List the schemas that the team can use.",
    tags=["Schemas"],
    responses={200: shapes.SchemaSerializer(many=True), 404: NOT_FOUND, **REFUSALS},
)
SCHEMA_CREATE = extend_schema(
    operation_id="schema_create",
    summary="Write a schema and publish it. For administrators of the team.",
    description=(
        "It becomes a schema of the team, whose versions are on its page. The answer comes once the service has it. "
        "The same again is answered with the same schema, so that it can be repeated after 503."
    ),
    tags=["Schemas"],
    request={"application/json": SchemaRequestSerializer},
    responses={
        201: shapes.SchemaSerializer,
        415: OpenApiResponse(shapes.DetailErrorSerializer, "Not JSON."),
        503: OpenApiResponse(shapes.DetailErrorSerializer, "Not published yet; see Retry-After."),
        **REFUSALS,
    },
    examples=[OpenApiExample("example", SCHEMA_EXAMPLE, request_only=True)],
)
SCHEMA_RETRIEVE = extend_schema(
    operation_id="schema_retrieve",
    summary="Read one schema.",
    tags=["Schemas"],
    parameters=[OpenApiParameter("id", str, OpenApiParameter.PATH)],
    responses={200: shapes.SchemaSerializer, 404: NOT_FOUND, **REFUSALS},
)
CLASSIFIER_LIST = extend_schema(
    operation_id="x_classifier_list",
    summary="List the classifiers that the team can use (not part of Anesya's API).",
    tags=["Ours"],
    responses={200: shapes.ClassifierSerializer(many=True), 404: NOT_FOUND, **REFUSALS},
)
PICTURE_RESPONSES: dict[Any, Any] = {
    (200, "image/png"): OpenApiTypes.BINARY,
    (200, "image/jpeg"): OpenApiTypes.BINARY,
    404: NOT_FOUND,
    **REFUSALS,
}
DOCUMENT_RETRIEVE = extend_schema(
    operation_id="document_retrieve",
    summary="The uploaded file.",
    tags=["Files"],
    parameters=[ID, query_parameter("type", str)],
    responses={(200, "application/pdf"): OpenApiTypes.BINARY, **PICTURE_RESPONSES},
)
IMAGES_RETRIEVE = extend_schema(
    operation_id="images_retrieve",
    summary="One picture cut out of a document.",
    tags=["Files"],
    parameters=[ID, query_parameter("number", {"type": "integer", "minimum": 0}, "Which one, from 0.")],
    responses=PICTURE_RESPONSES,
)
