"""The API's objects, with their fields in the documented order."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import CharField, QuerySet, TextField
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.fields import empty

from engine import metadata, schema_language
from engine.api.authentication import account_of
from engine.models import Classifier, ClassifierCategory, ContentImage, Extract, ExtractSchema, Server, Status

ANY_OBJECT = {"type": "object", "additionalProperties": True}


@extend_schema_field(ANY_OBJECT)
class MetadataField(serializers.JSONField):
    """An object, or its JSON text in a form."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, str):
            try:
                data = json.loads(data)
            except (ValueError, RecursionError):
                self.fail("invalid")
        error = metadata.validation_error(data)
        if error:
            raise serializers.ValidationError(error)
        return data

    def validate_empty_values(self, data: object) -> tuple[bool, object]:
        return super().validate_empty_values(None if data in ("", "null") else data)


class StrictCharField(serializers.CharField):
    """Accepts strings only; REST framework coerces numbers. White space at the ends goes, and yet counts as sent."""

    def to_internal_value(self, data: object) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        if self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return super().to_internal_value(data)


@extend_schema_field({"$ref": "#/components/schemas/ExtractionSchemaRoot"})
class SchemaField(serializers.JSONField):
    """An extraction schema."""

    def to_internal_value(self, data: Any) -> Any:
        errors = schema_language.validation_errors(data)
        if not errors and not metadata.is_storable(data):
            errors = ["Must be valid JSON in valid UTF-8."]
        if errors:
            raise serializers.ValidationError(errors)
        return data


@extend_schema_field(OpenApiTypes.ANY)
class AnyField(serializers.JSONField):
    """Any JSON value, null among them."""


class OwnedField(serializers.PrimaryKeyRelatedField[Any]):
    """The id of an object in the caller's account."""

    def __init__(self, model: type[ExtractSchema] | type[Classifier], **kwargs: Any) -> None:
        super().__init__(pk_field=serializers.UUIDField(), **kwargs)
        self.model = model

    def get_queryset(self) -> QuerySet[Any]:
        return self.model.objects.filter(account=account_of(self.context["request"]))

    def run_validation(self, data: object = empty) -> object:
        """A form knows no null but by its name."""
        return super().run_validation(None if data == "null" else data)


class ExtractSchemaSerializer(serializers.ModelSerializer[ExtractSchema]):
    serializer_field_mapping = serializers.ModelSerializer.serializer_field_mapping | {
        CharField: StrictCharField,
        TextField: StrictCharField,
    }
    schema = SchemaField(allow_null=True)

    class Meta:
        model = ExtractSchema
        fields = ("id", "name", "description", "additional_informations", "schema", "created_at", "updated_at")


class ExtractListItemSchemaSerializer(serializers.ModelSerializer[ExtractSchema]):
    schema = SchemaField(allow_null=True)

    class Meta:
        model = ExtractSchema
        fields = ("name", "description", "additional_informations", "schema", "created_at", "updated_at")


class ContentImageSerializer(serializers.ModelSerializer[ContentImage]):
    name = serializers.CharField(allow_null=True, required=False)
    url = serializers.SerializerMethodField()

    class Meta:
        model = ContentImage
        fields = ("name", "url")

    def get_url(self, image: ContentImage) -> str:
        return f"/images/{image.pk}/"


class DocumentUrlMixin(serializers.Serializer[Extract]):
    document_url = serializers.SerializerMethodField()

    def get_document_url(self, extract: Extract) -> str:
        return f"/document/{extract.document_id}/?type=extract"


@extend_schema_serializer(component_name="Extract")
class ExtractSerializer(DocumentUrlMixin, serializers.ModelSerializer[Extract]):
    """The detail form."""

    content_images = ContentImageSerializer(many=True)
    extracted_data = AnyField()
    schema = serializers.UUIDField(source="schema_id", allow_null=True, required=False)
    classifier = serializers.UUIDField(source="classifier_id", allow_null=True, required=False)
    workflow = serializers.UUIDField(source="workflow_id", allow_null=True, required=False)
    workflow_session_id = serializers.IntegerField(allow_null=True, required=False)
    metadata = MetadataField(allow_null=True, required=False)
    x_locations = AnyField(required=False)
    x_confidence = serializers.DictField(child=serializers.FloatField(), required=False)
    x_proposal = AnyField(required=False)
    x_error = serializers.CharField(source="error", required=False)
    x_notes = serializers.ListField(source="notes", child=serializers.CharField(), required=False)

    class Meta:
        model = Extract
        fields = (
            "id",
            "document_name",
            "document_url",
            "content_images",
            "server",
            "content",
            "extracted_data",
            "schema",
            "classifier",
            "classifier_result",
            "workflow",
            "workflow_session_id",
            "status",
            "extraction_step",
            "extraction_time",
            "credit_used",
            "metadata",
            "created_at",
            "x_locations",
            "x_confidence",
            "x_proposal",
            "x_error",
            "x_notes",
        )

    def to_representation(self, extract: Extract) -> dict[str, object]:
        """The x_ fields are ours, and left out when empty."""
        shown = super().to_representation(extract)
        for name in ("x_locations", "x_confidence", "x_proposal"):
            if getattr(extract, name) is None:
                del shown[name]
        if extract.status != Status.ERROR:
            del shown["x_error"]
        if not extract.notes:
            del shown["x_notes"]
        return shown


@extend_schema_serializer(component_name="ExtractListItem")
class ExtractListItemSerializer(DocumentUrlMixin, serializers.ModelSerializer[Extract]):
    """The list form: the schema as an object, and no large fields."""

    workflow = serializers.UUIDField(source="workflow_id", allow_null=True, required=False)
    workflow_session_id = serializers.IntegerField(allow_null=True, required=False)
    schema = ExtractListItemSchemaSerializer(allow_null=True, required=False)
    metadata = MetadataField(allow_null=True, required=False)

    class Meta:
        model = Extract
        fields = (
            "id",
            "document_name",
            "document_url",
            "workflow",
            "workflow_session_id",
            "schema",
            "status",
            "extraction_step",
            "extraction_time",
            "credit_used",
            "metadata",
            "created_at",
        )


class DocumentField(serializers.FileField):
    """Checks the size only; the document is inspected once all other fields are valid."""

    def to_internal_value(self, data: Any) -> Any:
        super().to_internal_value(data)
        if data.too_large:
            raise serializers.ValidationError("The file is larger than is allowed.")
        return data


@extend_schema_serializer(component_name="Extract")
class UploadSerializer(serializers.Serializer[object]):
    document = DocumentField(max_length=255)
    server = serializers.ChoiceField(choices=Server.choices)
    schema = OwnedField(ExtractSchema, allow_null=True, required=False)
    classifier = OwnedField(Classifier, allow_null=True, required=False)
    metadata = MetadataField(allow_null=True, required=False)
    x_propose = serializers.BooleanField(source="propose", required=False)


@extend_schema_serializer(component_name="ExtractUpload")
class WorkflowUploadSerializer(serializers.Serializer[object]):
    document = DocumentField(max_length=255)


@extend_schema_serializer(component_name="WorkflowExtract")
class WorkflowExtractSerializer(serializers.Serializer[Any]):
    extracts = WorkflowUploadSerializer(many=True, allow_empty=False)


class PageRangeSerializer(serializers.Serializer[object]):
    """The query parameters of an upload."""

    pdf_page_start = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    pdf_page_end = serializers.IntegerField(required=False, allow_null=True, min_value=1)

    def run_validation(self, data: Any = empty) -> Any:
        # An empty parameter counts as absent.
        present = {name: data[name] for name in self.fields if data is not empty and data.get(name)}
        return super().run_validation(present)


class ListQuerySerializer(serializers.Serializer[object]):
    """The query parameters of the list."""

    search = serializers.CharField(required=False, allow_blank=True, max_length=500)
    workflow_id = serializers.UUIDField(required=False)
    workflow_session_id = serializers.IntegerField(required=False)
    meta_key = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    meta_value = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)


class CategorySerializer(serializers.ModelSerializer[ClassifierCategory]):
    class Meta:
        model = ClassifierCategory
        fields = ("name", "description")


class ClassifierSerializer(serializers.ModelSerializer[Classifier]):
    categories = CategorySerializer(many=True)

    class Meta:
        model = Classifier
        fields = ("id", "name", "categories")


MAX_CATEGORIES = 100


class CategoryWriteSerializer(serializers.Serializer[object]):
    name = StrictCharField(max_length=200)
    description = StrictCharField(max_length=2000, required=False, allow_blank=True, default="")


class ClassifierWriteSerializer(serializers.Serializer[object]):
    """All that a classifier says."""

    name = StrictCharField(max_length=200)
    categories = CategoryWriteSerializer(many=True, allow_empty=False)

    def validate_categories(self, value: list[dict[str, str]]) -> list[dict[str, str]]:
        if len(value) > MAX_CATEGORIES:
            raise serializers.ValidationError(f"A classifier has {MAX_CATEGORIES} categories at most.")
        if len({category["name"] for category in value}) < len(value):
            raise serializers.ValidationError("Two categories have the same name.")
        return value


class CorrectionSerializer(serializers.Serializer[Any]):
    """The correct category of a document, by name."""

    category = StrictCharField(max_length=200)
    classifier = serializers.UUIDField(required=False, write_only=True)
    """Of which it is to be an example; by default the one that the document was read with."""


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


class HealthSerializer(serializers.Serializer[object]):
    status = serializers.ChoiceField(choices=["warming", "ready", "broken"])
