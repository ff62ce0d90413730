"""The objects of /api/v1/."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from extractions.api.serializers import error_of, extract_data, moment
from extractions.models import Extraction, Value
from extractions.verification.review_status import current

EDITS = ("set", "confirm", "revert", Value.Answer.ILLEGIBLE, Value.Answer.ABSENT)


class ValueSerializer(serializers.ModelSerializer[Value]):
    """One leaf of the data. `version` goes back with an edit, so that nobody's change is overwritten unseen."""

    value = serializers.SerializerMethodField(method_name="get_current_value")
    extracted = serializers.JSONField(allow_null=True)
    status = serializers.CharField(source="standing")
    boxes = serializers.JSONField()
    confirmed_by = serializers.SerializerMethodField()

    class Meta:
        model = Value
        fields = (
            "path", "value", "extracted", "answer", "status", "evidence", "confidence", "page", "boxes",
            "corrected", "confirmed_by", "version",
        )  # fmt: skip

    @extend_schema_field(OpenApiTypes.ANY)
    def get_current_value(self, value: Value) -> Any:
        return current(value)

    @extend_schema_field({"type": ["string", "null"]})
    def get_confirmed_by(self, value: Value) -> str | None:
        return str(value.confirmed_by) if value.confirmed_by else None


@extend_schema_serializer(component_name="Document")
class DocumentSerializer(serializers.ModelSerializer[Extraction]):
    """A document in lists."""

    id = serializers.UUIDField(source="key")
    schema = serializers.SerializerMethodField()
    received_at = serializers.SerializerMethodField()

    class Meta:
        model = Extraction
        fields = (
            "id", "name", "state", "review_state", "needs", "broken_count", "schema", "classifier_result", "server",
            "page_count", "credit_used", "metadata", "received_at",
        )  # fmt: skip

    @extend_schema_field({"type": ["string", "null"]})
    def get_schema(self, extraction: Extraction) -> str | None:
        return extraction.schema.name if extraction.schema else None

    @extend_schema_field(OpenApiTypes.DATETIME)
    def get_received_at(self, extraction: Extraction) -> str:
        return moment(extraction.received_at)


@extend_schema_serializer(component_name="ReviewedDocument")
class ReviewedDocumentSerializer(DocumentSerializer):
    """A document with its current data, and with each value's evidence and state."""

    data = serializers.SerializerMethodField()  # type: ignore[assignment]
    values = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()
    approved_by = serializers.SerializerMethodField()
    first_approved_by = serializers.SerializerMethodField()

    class Meta:
        model = Extraction
        fields = (
            *DocumentSerializer.Meta.fields, "second_wanted", "first_approved_by", "approved_by", "reject_reason",
            "error", "data", "values",
        )  # fmt: skip

    @extend_schema_field(OpenApiTypes.ANY)
    def get_data(self, extraction: Extraction) -> Any:
        return extract_data(extraction)

    @extend_schema_field(ValueSerializer(many=True))
    def get_values(self, extraction: Extraction) -> Any:
        rows = extraction.values.filter(removed=False).select_related("confirmed_by").order_by("position")
        return ValueSerializer(rows, many=True).data

    @extend_schema_field({"type": ["string", "null"]})
    def get_error(self, extraction: Extraction) -> str | None:
        return error_of(extraction)

    @extend_schema_field({"type": ["string", "null"]})
    def get_approved_by(self, extraction: Extraction) -> str | None:
        return str(extraction.approved_by) if extraction.approved_by else None

    @extend_schema_field({"type": ["string", "null"]})
    def get_first_approved_by(self, extraction: Extraction) -> str | None:
        return str(extraction.first_approved_by) if extraction.first_approved_by else None


class DocumentQuerySerializer(serializers.Serializer[Any]):
    """The filters of the list."""

    state = serializers.ChoiceField(Extraction.State.choices, required=False)
    review_state = serializers.ChoiceField(Extraction.Review.choices, required=False)


class EditSerializer(serializers.Serializer[Any]):
    """What to do with one value. `value` counts for `set` only."""

    do = serializers.ChoiceField(EDITS)
    path = serializers.CharField(max_length=1000)
    value = serializers.JSONField(required=False, allow_null=True)
    version = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1)

    def validate_value(self, value: Any) -> Any:
        if isinstance(value, dict | list):
            raise serializers.ValidationError(_("One value at a time: a text, a number, true, false or null."))
        return value


class ActionSerializer(serializers.Serializer[Any]):
    """An end of the review, or a new beginning. Rejecting takes a reason, approving against what asks as well."""

    action = serializers.ChoiceField(["approve", "reject", "reopen"])
    reason = serializers.CharField(required=False, allow_blank=True, max_length=500)
