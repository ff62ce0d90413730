"""The objects of the dialect, with their fields in the documented order. Those that begin with x_ are ours."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.fields import empty

from extractions.api import metadata
from extractions.api.authentication import grant_of
from extractions.intake.routing import SERVER_CHOICES
from extractions.models import Classifier, Connection, Extraction, Schema
from extractions.presentation.document.sentences import explanation_of
from extractions.verification.review_status import current_data_of
from portal.people.models import ApiToken

State = Extraction.State
CREATED, IN_PROGRESS, FINISHED, ERROR = "CREATED", "IN_PROGRESS", "FINISHED", "ERROR"
STATUSES = {State.EXTRACTED: FINISHED, State.FAILED: ERROR, State.REJECTED: ERROR, State.CANCELLED: ERROR}
DETAIL_FIELDS = (
    "id", "document_name", "document_url", "content_images", "server", "content", "extracted_data", "schema",
    "classifier", "classifier_result", "workflow", "workflow_session_id", "status", "extraction_step",
    "extraction_time", "credit_used", "metadata", "created_at",
)  # fmt: skip
LIST_FIELDS = (
    "id", "document_name", "document_url", "workflow", "workflow_session_id", "schema", "status", "extraction_step",
    "extraction_time", "credit_used", "metadata", "created_at",
)  # fmt: skip
OBJECT = {"type": "object", "additionalProperties": True}


def status_of(extraction: Extraction) -> str:
    """The portal's state in the dialect's four words. What waits for a person's decision is not over yet."""
    if extraction.state == State.RUNNING:
        return CREATED if extraction.is_queued_at_service else IN_PROGRESS
    return STATUSES.get(State(extraction.state), CREATED)


def extract_data(extraction: Extraction) -> object:
    """The current data."""
    if extraction.extracted_data is None:
        return None
    return current_data_of(extraction, extraction.values.order_by("position"))


def error_of(extraction: Extraction) -> str | None:
    """What went wrong, in a sentence, or what a person has to decide."""
    over = status_of(extraction) == ERROR or extraction.state == State.UNDECIDED
    explanation = explanation_of(extraction) if over else None
    return None if explanation is None else f"{explanation.headline} {explanation.then}".strip()


@extend_schema_field(OBJECT)
class MetadataField(serializers.JSONField):
    """An object, or its JSON text in a form."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, str):
            try:
                data = json.loads(data)
            except (ValueError, RecursionError):
                self.fail("invalid")
        if error := metadata.validation_error(data):
            raise serializers.ValidationError(error)
        return data

    def validate_empty_values(self, data: object) -> tuple[bool, object]:
        return super().validate_empty_values(None if data in ("", "null") else data)


@extend_schema_field(OpenApiTypes.UUID)
class OfferedField(serializers.CharField):
    """The service's id of a schema or classifier that is offered to the team; "null" is none."""

    default_error_messages = {  # noqa: RUF012 - that is how REST framework reads it
        "does_not_exist": 'Invalid pk "{pk_value}" - object does not exist.',
    }

    def __init__(self, model: type[Schema] | type[Classifier], **kwargs: Any) -> None:
        super().__init__(allow_null=True, required=False, **kwargs)
        self.model = model

    def run_validation(self, data: object = empty) -> object:
        """A form knows no null but by its name."""
        return super().run_validation(None if data in ("null", "") else data)

    def to_internal_value(self, data: Any) -> Any:
        remote_id = super().to_internal_value(data)
        connection = Connection.for_team(grant_of(self.context["request"]).team)
        offered = self.model._default_manager.filter(connection=connection, missing_since__isnull=True)
        found = offered.filter(remote_id=remote_id).first()
        if found is None:
            self.fail("does_not_exist", pk_value=remote_id)
        return found


@extend_schema_serializer(component_name="ExtractSchema")
class SchemaSerializer(serializers.ModelSerializer[Schema]):
    id = serializers.CharField(source="remote_id")
    schema = serializers.JSONField(allow_null=True)
    created_at = serializers.SerializerMethodField()
    updated_at = serializers.SerializerMethodField()

    class Meta:
        model = Schema
        fields = ("id", "name", "description", "additional_informations", "schema", "created_at", "updated_at")

    @extend_schema_field(OpenApiTypes.DATETIME)
    def get_created_at(self, schema: Schema) -> str:
        return moment(schema.created_at or schema.refreshed_at)

    @extend_schema_field(OpenApiTypes.DATETIME)
    def get_updated_at(self, schema: Schema) -> str:
        return moment(schema.updated_at or schema.refreshed_at)


@extend_schema_serializer(component_name="ExtractListItemSchema")
class ListItemSchemaSerializer(SchemaSerializer):
    class Meta:
        model = Schema
        fields = ("name", "description", "additional_informations", "schema", "created_at", "updated_at")

    id = None  # type: ignore[assignment]


@extend_schema_serializer(component_name="ContentImage")
class ImageSerializer(serializers.Serializer[object]):
    name = serializers.CharField(allow_null=True)
    url = serializers.CharField()


class ExtractFields(serializers.ModelSerializer[Extraction]):
    """What list and detail share."""

    id = serializers.UUIDField(source="key")
    document_name = serializers.CharField(source="name", allow_null=True)
    document_url = serializers.SerializerMethodField()
    workflow = serializers.CharField(allow_null=True)
    workflow_session_id = serializers.IntegerField(allow_null=True)
    status = serializers.SerializerMethodField()
    extraction_step = serializers.SerializerMethodField()
    metadata = serializers.SerializerMethodField()
    created_at = serializers.SerializerMethodField()

    @extend_schema_field(OpenApiTypes.STR)
    def get_document_url(self, extraction: Extraction) -> str:
        return f"/document/{extraction.key}/?type=extract"

    @extend_schema_field(serializers.ChoiceField([CREATED, IN_PROGRESS, FINISHED, ERROR]))
    def get_status(self, extraction: Extraction) -> str:
        return status_of(extraction)

    @extend_schema_field(serializers.ChoiceField(Extraction.Step.choices))
    def get_extraction_step(self, extraction: Extraction) -> str:
        return extraction.extraction_step or str(Extraction.Step.OCR)

    @extend_schema_field({**OBJECT, "type": ["object", "null"]})
    def get_metadata(self, extraction: Extraction) -> object:
        return extraction.metadata or None

    @extend_schema_field(OpenApiTypes.DATETIME)
    def get_created_at(self, extraction: Extraction) -> str:
        return moment(extraction.received_at)


@extend_schema_serializer(component_name="Extract")
class ExtractSerializer(ExtractFields):
    """The detail form. `extracted_data` is the current data: what was extracted, with what people corrected.

    A token that may not read gets no content, not even of a document that it has sent.
    """

    content_images = serializers.SerializerMethodField()
    content = serializers.SerializerMethodField()
    extracted_data = serializers.SerializerMethodField()
    schema = serializers.SerializerMethodField()
    classifier = serializers.SerializerMethodField()
    x_state = serializers.CharField(source="state")
    x_review = serializers.CharField(source="review_state")
    x_error = serializers.SerializerMethodField()
    x_page = serializers.SerializerMethodField()

    class Meta:
        model = Extraction
        fields = (*DETAIL_FIELDS, "x_state", "x_review", "x_error", "x_page")

    @extend_schema_field(ImageSerializer(many=True))
    def get_content_images(self, extraction: Extraction) -> list[dict[str, object]]:
        images = extraction.content_images.all() if self._reads and not extraction.in_progress else ()
        address = f"/images/{extraction.key}/?number="
        return [{"name": image.name, "url": f"{address}{image.position}"} for image in images]

    @extend_schema_field({"type": ["string", "null"]})
    def get_content(self, extraction: Extraction) -> str | None:
        return extraction.content if self._reads else None

    @extend_schema_field(OpenApiTypes.ANY)
    def get_extracted_data(self, extraction: Extraction) -> object:
        """While it runs, what is there already is not final, and so it is not shown."""
        return extract_data(extraction) if self._reads else None

    @extend_schema_field({"type": ["string", "null"]})
    def get_schema(self, extraction: Extraction) -> str | None:
        return extraction.schema.remote_id if extraction.schema else None

    @extend_schema_field({"type": ["string", "null"]})
    def get_classifier(self, extraction: Extraction) -> str | None:
        return extraction.classifier.remote_id if extraction.classifier else None

    @extend_schema_field({"type": ["string", "null"]})
    def get_x_error(self, extraction: Extraction) -> str | None:
        return error_of(extraction)

    @extend_schema_field(OpenApiTypes.URI)
    def get_x_page(self, extraction: Extraction) -> str:
        """The page for people."""
        return str(self.context["request"].build_absolute_uri(reverse("extractions:detail", args=[extraction.key])))

    @property
    def _reads(self) -> bool:
        return grant_of(self.context["request"]).allows(ApiToken.Scope.READ)


@extend_schema_serializer(component_name="ExtractListItem")
class ExtractListItemSerializer(ExtractFields):
    """The list form: the schema as an object, and no large fields."""

    schema = ListItemSchemaSerializer(allow_null=True)

    class Meta:
        model = Extraction
        fields = LIST_FIELDS


class ClassifierSerializer(serializers.ModelSerializer[Classifier]):
    id = serializers.CharField(source="remote_id")
    categories = serializers.SerializerMethodField()

    class Meta:
        model = Classifier
        fields = ("id", "name", "categories")

    @extend_schema_field({"type": "array", "items": OBJECT})
    def get_categories(self, classifier: Classifier) -> list[dict[str, object]]:
        """By hand, categories are entered as names alone."""
        return [item if isinstance(item, dict) else {"name": str(item)} for item in classifier.categories or ()]


@extend_schema_serializer(component_name="Upload")
class UploadSerializer(serializers.Serializer[object]):
    document = serializers.FileField(max_length=255, allow_empty_file=True)  # a sentence about it comes from intake
    server = serializers.ChoiceField(choices=SERVER_CHOICES)
    schema = OfferedField(Schema)
    classifier = OfferedField(Classifier)
    metadata = MetadataField(allow_null=True, required=False)


class PageRangeSerializer(serializers.Serializer[object]):
    """The query parameters of an upload."""

    pdf_page_start = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=1_000_000)
    pdf_page_end = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=1_000_000)

    def run_validation(self, data: Any = empty) -> Any:
        # An empty parameter counts as absent.
        present = {name: data[name] for name in self.fields if data is not empty and data.get(name)}
        return super().run_validation(present)


class ListQuerySerializer(serializers.Serializer[object]):
    """The query parameters of the list."""

    search = serializers.CharField(required=False, allow_blank=True, max_length=500)
    workflow_id = serializers.UUIDField(required=False)
    workflow_session_id = serializers.IntegerField(required=False, min_value=-(2**63), max_value=2**63 - 1)
    meta_key = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    meta_value = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)


class DetailErrorSerializer(serializers.Serializer[object]):
    detail = serializers.CharField()


class TokenMessageSerializer(serializers.Serializer[object]):
    token_class = serializers.CharField()
    token_type = serializers.CharField()
    message = serializers.CharField()


class TokenErrorSerializer(serializers.Serializer[object]):
    detail = serializers.CharField()
    code = serializers.CharField(required=False)
    messages = TokenMessageSerializer(many=True, required=False)


def moment(value: Any) -> str:
    """UTC with microseconds, as the dialect writes it."""
    return str(value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
