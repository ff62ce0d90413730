"""The objects of /api/v1/team-classifiers/."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from extractions.api.serializers import moment
from extractions.models import ClassifierVersion, StudioClassifier
from extractions.presentation.schemas.classifier_studio import ClassifierPage, Confusion, TestReport

TEXT, COUNT = {"type": "string"}, {"type": "integer", "minimum": 0}
CATEGORIES = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["name", "description", "examples", "schema"],
        "properties": {
            "name": TEXT,
            "description": TEXT,
            "examples": COUNT,
            "schema": {"type": ["string", "null"], "description": "The service's id of the schema of the next step."},
        },
    },
}
CONFUSION = {
    "type": "object",
    "description": "How often each answer was given about documents of each category. An empty answer is none of them.",
    "required": ["total", "right", "rows"],
    "properties": {
        "total": COUNT,
        "right": COUNT,
        "rows": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["category", "total", "right", "answers"],
                "properties": {
                    "category": TEXT,
                    "total": COUNT,
                    "right": COUNT,
                    "answers": {"type": "object", "additionalProperties": COUNT},
                },
            },
        },
    },
}
WRONG = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["document", "name", "category", "answer"],
        "properties": {
            "document": {"type": "string", "format": "uuid"},
            "name": TEXT,
            "category": TEXT,
            "answer": TEXT,
        },
    },
}


class ClassifierVersionSerializer(serializers.ModelSerializer[ClassifierVersion]):
    author = serializers.SerializerMethodField()
    created_at = serializers.SerializerMethodField()

    class Meta:
        model = ClassifierVersion
        fields = ("number", "name", "reason", "author", "created_at")

    @extend_schema_field({"type": ["string", "null"]})
    def get_author(self, version: ClassifierVersion) -> str | None:
        return str(version.author) if version.author else None

    @extend_schema_field(OpenApiTypes.DATETIME)
    def get_created_at(self, version: ClassifierVersion) -> str:
        return moment(version.created_at)


@extend_schema_serializer(component_name="TeamClassifier")
class StudioClassifierSerializer(serializers.ModelSerializer[StudioClassifier]):
    """A classifier that the team writes itself. `published` is the version that documents are read with now, under
    `classifier_id` at the service."""

    versions = ClassifierVersionSerializer(many=True)
    published = serializers.SerializerMethodField()
    classifier_id = serializers.SerializerMethodField()
    changed_at = serializers.SerializerMethodField()

    class Meta:
        model = StudioClassifier
        fields = ("id", "name", "changed_at", "published", "classifier_id", "versions")

    @extend_schema_field({"type": ["integer", "null"]})
    def get_published(self, studio: StudioClassifier) -> int | None:
        return studio.published.number if studio.published else None

    @extend_schema_field({"type": ["string", "null"]})
    def get_classifier_id(self, studio: StudioClassifier) -> str | None:
        return studio.classifier.remote_id if studio.classifier else None

    @extend_schema_field(OpenApiTypes.DATETIME)
    def get_changed_at(self, studio: StudioClassifier) -> str:
        return moment(studio.changed_at)


@extend_schema_serializer(component_name="MeasuredTeamClassifier")
class MeasuredClassifierSerializer(serializers.Serializer[ClassifierPage]):
    """With the categories of the newest version, and what people said of documents that it read."""

    classifier = StudioClassifierSerializer(source="studio")
    categories = serializers.SerializerMethodField()
    reviewed = serializers.SerializerMethodField()

    @extend_schema_field(CATEGORIES)
    def get_categories(self, page: ClassifierPage) -> list[dict[str, object]]:
        return [
            {
                "name": item["name"],
                "description": item["description"],
                "examples": item["examples"],
                "schema": getattr(item["next"], "remote_id", None),
            }
            for item in page.categories
        ]

    @extend_schema_field(CONFUSION)
    def get_reviewed(self, page: ClassifierPage) -> dict[str, object]:
        return confusion_table(page.reviewed)


@extend_schema_serializer(component_name="ClassifierTest")
class ClassifierTestSerializer(serializers.Serializer[TestReport]):
    """A run of one version on documents whose category people have said. `ended_at` is null while it runs."""

    version = serializers.IntegerField(source="test.version.number")
    begun_at = serializers.SerializerMethodField()
    ended_at = serializers.SerializerMethodField()
    documents = serializers.SerializerMethodField()
    read = serializers.SerializerMethodField()
    failed = serializers.IntegerField()
    confusion = serializers.SerializerMethodField()
    wrong = serializers.SerializerMethodField()

    @extend_schema_field(OpenApiTypes.DATETIME)
    def get_begun_at(self, report: TestReport) -> str:
        return moment(report.test.begun_at)

    @extend_schema_field({"type": ["string", "null"], "format": "date-time"})
    def get_ended_at(self, report: TestReport) -> str | None:
        return moment(report.test.ended_at) if report.test.ended_at else None

    @extend_schema_field(COUNT)
    def get_documents(self, report: TestReport) -> int:
        return len(report.documents)

    @extend_schema_field(COUNT)
    def get_read(self, report: TestReport) -> int:
        return len(report.done)

    @extend_schema_field(CONFUSION)
    def get_confusion(self, report: TestReport) -> dict[str, object]:
        return confusion_table(report.table)

    @extend_schema_field(WRONG)
    def get_wrong(self, report: TestReport) -> list[dict[str, object]]:
        """Without documents that were deleted meanwhile."""
        return [
            {
                "document": str(row.extraction.key),
                "name": row.extraction.name,
                "category": row.expected,
                "answer": row.answered,
            }
            for row in report.wrong
        ]


@extend_schema_serializer(component_name="ClassifierTestRequest")
class TestRequestSerializer(serializers.Serializer[Any]):
    """Which version; the newest, if left out."""

    version = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)


def confusion_table(table: Confusion) -> dict[str, object]:
    return {
        "total": table.total,
        "right": table.right,
        "rows": [
            {
                "category": row.category,
                "total": row.total,
                "right": row.right,
                "answers": {
                    answer: cell.count for answer, cell in zip(table.answers, row.cells, strict=True) if cell.count
                },
            }
            for row in table.rows
        ],
    }
