"""What /openapi.json says of each operation beyond what drf-spectacular derives from the code."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from engine import schema_language
from engine.api import serializers as shapes
from engine.api.authentication import KeyAuthentication

FIELD_ERRORS = {
    "type": "object",
    "additionalProperties": {
        "anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}, {"type": "object"}]
    },
}
VALIDATION_FAILED = OpenApiResponse(FIELD_ERRORS, "Missing or invalid fields.")
UNAUTHORIZED = OpenApiResponse(shapes.TokenErrorSerializer, "Missing or invalid token.")
CREDITS_EXHAUSTED = OpenApiResponse(FIELD_ERRORS, "Not enough credits.")
NOT_FOUND = OpenApiResponse(shapes.DetailErrorSerializer, "No such object, or not yours.")
NO_SUCH_PAGE = OpenApiResponse(shapes.DetailErrorSerializer, "The page number is past the end.")
LIST_ERRORS = {400: VALIDATION_FAILED, 401: UNAUTHORIZED, 404: NO_SUCH_PAGE}

CONFLICT = OpenApiResponse(shapes.DetailErrorSerializer, "Not of this document, or not yet.")

ID = OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH)
NO_NULL, NOT_EMPTY = r"^[^\x00]*$", r"^[^\x00]*[^\x00\s][^\x00]*$"
TEXT = {"type": "string", "pattern": NO_NULL}
PAGE = {"type": "integer", "minimum": 1}
DOWNLOADS = ("csv", "images", "json")


def complete_schema(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Post-process what serializers cannot express: strings without NUL, and the recursive schema language."""
    components = result["components"]["schemas"]
    for name, component in components.items():
        for field in component.get("properties", {}).values() if name.endswith("Request") else ():
            if "string" in field.get("type", "") and not {"format", "enum", "contentMediaType"} & set(field):
                field["pattern"] = NOT_EMPTY if field.get("minLength") else NO_NULL
    components |= schema_language.OPENAPI_COMPONENTS
    return result


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The API key that every request carries."""

    target_class = KeyAuthentication
    name = "tokenAuth"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "The bare API key. `Token <key>` and `Bearer <key>` are taken as well.",
        }


def query_parameter(name: str, kind: Any, description: str = "", **options: Any) -> OpenApiParameter:
    return OpenApiParameter(name, kind, OpenApiParameter.QUERY, description=description, **options)


EXTRACT_LIST = extend_schema(
    operation_id="extract_list",
    summary="List extracts, page by page.",
    tags=["Extracts"],
    parameters=[
        query_parameter("search", TEXT, "Text searched in the document name and in the name of the schema."),
        query_parameter("workflow_id", OpenApiTypes.UUID),
        query_parameter("workflow_session_id", int),
        query_parameter(
            "meta_key", TEXT, "Only extracts whose metadata have this key (with meta_value: this value at it)."
        ),
        query_parameter("meta_value", TEXT, "Only extracts whose metadata have this value, compared as text."),
    ],
    responses={200: shapes.ExtractListItemSerializer(many=True)} | LIST_ERRORS,
)
EXTRACT_CREATE = extend_schema(
    operation_id="extract_create",
    summary="Upload one document and start its extraction.",
    tags=["Extracts"],
    parameters=[
        query_parameter("pdf_page_start", PAGE, "First page to take, from 1 (PDF only)."),
        query_parameter("pdf_page_end", PAGE, "Last page to take (PDF only)."),
    ],
    request={"multipart/form-data": shapes.UploadSerializer},
    responses={
        201: shapes.ExtractSerializer,
        400: VALIDATION_FAILED,
        401: UNAUTHORIZED,
        403: CREDITS_EXHAUSTED,
    },
)
EXTRACT_RETRIEVE = extend_schema(
    operation_id="extract_retrieve",
    summary="Read one extract, or download its result.",
    tags=["Extracts"],
    parameters=[
        ID,
        query_parameter(
            "download", str, "Empty is csv. Nothing is downloaded without a schema.", enum=[*DOWNLOADS, ""]
        ),
    ],
    responses={
        (200, "application/json"): shapes.ExtractSerializer,
        (200, "text/csv"): OpenApiTypes.STR,
        (200, "application/zip"): OpenApiTypes.BINARY,
        202: OpenApiResponse(shapes.ExtractSerializer, "Not ready for download."),
        204: OpenApiResponse(None, "Nothing to download."),
        400: VALIDATION_FAILED,
        401: UNAUTHORIZED,
        404: NOT_FOUND,
    },
)
EXTRACT_DESTROY = extend_schema(
    operation_id="extract_destroy",
    summary="Delete one extract with its document and pictures.",
    tags=["Extracts"],
    parameters=[ID],
    responses={204: OpenApiResponse(None, "Deleted."), 401: UNAUTHORIZED, 404: NOT_FOUND},
)
SCHEMA_LIST = extend_schema(
    operation_id="schema_list",
    summary="List extraction schemas, page by page.",
    tags=["Schemas"],
    responses={200: shapes.ExtractSchemaSerializer(many=True)} | LIST_ERRORS,
)
SCHEMA_CREATE = extend_schema(
    operation_id="schema_create",
    summary="Create an extraction schema.",
    tags=["Schemas"],
    responses={201: shapes.ExtractSchemaSerializer, 400: VALIDATION_FAILED, 401: UNAUTHORIZED},
)
SCHEMA_RETRIEVE = extend_schema(
    operation_id="schema_retrieve",
    summary="Read one extraction schema.",
    tags=["Schemas"],
    parameters=[ID],
    responses={200: shapes.ExtractSchemaSerializer, 401: UNAUTHORIZED, 404: NOT_FOUND},
)
WORKFLOW_EXTRACT_CREATE = extend_schema(
    operation_id="workflow_extract_create",
    summary="Upload documents into a workflow.",
    description="The parts are named extracts[0][document], extracts[1][document] and so on.",
    tags=["Workflows"],
    parameters=[ID],
    request={"multipart/form-data": shapes.WorkflowExtractSerializer},
    responses={
        201: shapes.ExtractSerializer(many=True),
        400: VALIDATION_FAILED,
        401: UNAUTHORIZED,
        403: CREDITS_EXHAUSTED,
        404: NOT_FOUND,
    },
)
DOCUMENT_RETRIEVE = extend_schema(
    operation_id="document_retrieve",
    summary="The uploaded file.",
    tags=["Files"],
    parameters=[ID, query_parameter("type", str)],
    responses={
        (200, "application/pdf"): OpenApiTypes.BINARY,
        (200, "image/png"): OpenApiTypes.BINARY,
        (200, "image/jpeg"): OpenApiTypes.BINARY,
        401: UNAUTHORIZED,
        404: NOT_FOUND,
    },
)
IMAGES_RETRIEVE = extend_schema(
    operation_id="images_retrieve",
    summary="One picture cut out of a document.",
    tags=["Files"],
    parameters=[ID],
    responses={(200, "image/jpeg"): OpenApiTypes.BINARY, 401: UNAUTHORIZED, 404: NOT_FOUND},
)
CLASSIFIER_LIST = extend_schema(
    operation_id="x_classifier_list",
    summary="List classifiers (not part of Anesya's API).",
    tags=["Ours"],
    responses={200: shapes.ClassifierSerializer(many=True)} | LIST_ERRORS,
)
CLASSIFIER_PUT = extend_schema(
    operation_id="x_classifier_update",
    summary="Create a classifier under an id of one's own, or replace what it says (not part of Anesya's API).",
    tags=["Ours"],
    parameters=[ID],
    request=shapes.ClassifierWriteSerializer,
    responses={
        200: shapes.ClassifierSerializer,
        201: shapes.ClassifierSerializer,
        400: VALIDATION_FAILED,
        401: UNAUTHORIZED,
        404: NOT_FOUND,
    },
)
CLASSIFIER_DESTROY = extend_schema(
    operation_id="x_classifier_destroy",
    summary="Delete a classifier (not part of Anesya's API).",
    tags=["Ours"],
    parameters=[ID],
    responses={204: OpenApiResponse(None, "Deleted."), 401: UNAUTHORIZED, 404: NOT_FOUND},
)
CORRECTION_CREATE = extend_schema(
    operation_id="x_extract_category_create",
    summary="Say which category is right; later documents are compared with it (not part of Anesya's API).",
    tags=["Ours"],
    parameters=[ID],
    responses={
        200: shapes.CorrectionSerializer,
        400: VALIDATION_FAILED,
        401: UNAUTHORIZED,
        404: NOT_FOUND,
        409: CONFLICT,
    },
)
CORRECTION_DESTROY = extend_schema(
    operation_id="x_extract_category_destroy",
    summary="Take that back (not part of Anesya's API).",
    tags=["Ours"],
    parameters=[ID],
    responses={204: None, 401: UNAUTHORIZED, 404: NOT_FOUND},
)
HEALTH = extend_schema(
    operation_id="x_health",
    summary="Whether the models are loaded (not part of Anesya's API).",
    tags=["Ours"],
    auth=[],
    responses={200: shapes.HealthSerializer, 503: OpenApiResponse(shapes.HealthSerializer, "They cannot be.")},
)
