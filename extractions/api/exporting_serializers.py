"""An export as a program asks for it and follows it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from extractions.api.serializers import moment
from extractions.exports.making import FORMATS, PEOPLE, PROGRAMS
from extractions.models import Export

MAX_DOCUMENTS = 5000
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}


@extend_schema_serializer(component_name="ExportRequest")
class ExportRequestSerializer(serializers.Serializer[object]):
    """Either `documents`, their ids, or `query`, the query string of a list; without both, all of the team.

    `separator` is for CSV. `style` `people` has titles and words instead of names and codes.
    """

    format = serializers.ChoiceField(list(FORMATS), source="form")
    documents = serializers.ListField(
        child=serializers.UUIDField(), required=False, min_length=1, max_length=MAX_DOCUMENTS
    )
    query = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    separator = serializers.ChoiceField(list(SEPARATORS), required=False)
    style = serializers.ChoiceField([PROGRAMS, PEOPLE], required=False)  # type: ignore[assignment]

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if given.get("documents") and given.get("query"):
            raise serializers.ValidationError({"query": [_("Either documents or a query, not both.")]})
        separator = SEPARATORS[given.get("separator", "comma")]
        return given | {"separator": separator, "style": given.get("style", PROGRAMS)}


@extend_schema_serializer(component_name="Export")
class ExportSerializer(serializers.ModelSerializer[Export]):
    """An export. `file` is null until it is READY, and gone after `expires_at`."""

    id = serializers.UUIDField(source="key")
    format = serializers.CharField(source="form")
    created_at = serializers.SerializerMethodField()
    expires_at = serializers.SerializerMethodField()
    file = serializers.SerializerMethodField()

    class Meta:
        model = Export
        fields = (
            "id", "format", "state", "query", "total", "done", "failed_files", "size", "created_at", "expires_at",
            "file",
        )  # fmt: skip

    @extend_schema_field(OpenApiTypes.DATETIME)
    def get_created_at(self, export: Export) -> str:
        return moment(export.created_at)

    @extend_schema_field({"type": ["string", "null"], "format": "date-time"})
    def get_expires_at(self, export: Export) -> str | None:
        return moment(export.expires_at) if export.expires_at else None

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_file(self, export: Export) -> str | None:
        if export.state != Export.State.READY:
            return None
        where = reverse("extractions:v1:export_file", args=[export.key])
        return str(self.context["request"].build_absolute_uri(where))
