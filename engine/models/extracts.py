"""Documents with what was extracted from them, and the rows that belong to them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now

from engine import credits, metadata
from engine.models.accounts import Account
from engine.models.choices import UNFINISHED, ExtractionStep, Server, Status
from engine.models.configuration import Classifier, ExtractSchema, Workflow


class ExtractQuerySet(models.QuerySet["Extract"]):
    def waiting(self, shorter_than: int | None = None) -> ExtractQuerySet:
        waiting = self.filter(status__in=UNFINISHED, claimed_at__isnull=True)
        return waiting if shorter_than is None else waiting.filter(pages__lt=shorter_than)

    def running(self) -> ExtractQuerySet:
        return self.filter(status__in=UNFINISHED, claimed_at__isnull=False)

    def search(self, text: str) -> ExtractQuerySet:
        return self.filter(Q(document_name__icontains=text) | Q(schema__name__icontains=text))

    def with_metadata(self, key: str | None, value: str | None) -> ExtractQuerySet:
        """Filter by metadata key, value, or a value at a key; values are compared as text."""
        conditions = {name: text for name, text in (("key", key), ("value", value)) if text is not None}
        entries = MetadataEntry.objects.filter(**conditions)
        return self.filter(pk__in=entries.values("extract")) if conditions else self


class Extract(models.Model):
    """A document with its options and its result. The row is the job, too."""

    # The API's object, with its names and in its order.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    document_name = models.CharField(max_length=255, null=True)  # noqa: DJ001 - null in the API
    server = models.CharField(max_length=10, choices=Server)
    content = models.TextField(null=True)  # noqa: DJ001 - null until it has been read
    extracted_data = models.JSONField(null=True)
    schema = models.ForeignKey(ExtractSchema, models.SET_NULL, null=True)
    classifier = models.ForeignKey(Classifier, models.SET_NULL, null=True)
    classifier_result = models.CharField(max_length=200, null=True)  # noqa: DJ001 - null in the API
    workflow = models.ForeignKey(Workflow, models.SET_NULL, null=True, related_name="extracts")
    workflow_session_id = models.BigIntegerField(null=True)
    status = models.CharField(max_length=20, choices=Status, default=Status.CREATED)
    extraction_step = models.CharField(max_length=20, choices=ExtractionStep, default=ExtractionStep.OCR)
    extraction_time = models.FloatField(null=True)
    credit_used = models.PositiveIntegerField(null=True)
    metadata = models.JSONField(null=True)
    created_at = models.DateTimeField(default=now)

    # Internal fields.
    account = models.ForeignKey(Account, models.CASCADE, related_name="extracts")
    document_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    media_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64, db_index=True)
    page_start = models.PositiveIntegerField(null=True)
    page_end = models.PositiveIntegerField(null=True)
    pages = models.PositiveIntegerField(help_text="How many pages are to be read.")
    price = models.PositiveIntegerField()
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    step_seconds = models.JSONField(default=dict)
    notes = models.JSONField(default=list, help_text="What did not go as it should on the way.")
    classifier_confidence = models.FloatField(null=True)
    x_locations = models.JSONField(null=True)
    x_confidence = models.JSONField(null=True)
    propose = models.BooleanField(default=False, help_text="Whether fields for a schema are proposed.")
    x_proposal = models.JSONField(null=True)
    error = models.TextField(blank=True)

    objects = ExtractQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "id")
        indexes = (
            models.Index(fields=["account", "-created_at", "id"], name="extract_newest"),
            models.Index(fields=["workflow", "workflow_session_id"], name="extract_session"),
            models.Index(fields=["status", "account", "created_at"], name="extract_unfinished"),
        )

    def __str__(self) -> str:
        return self.document_name or str(self.pk)

    def compute_price(self) -> int:
        return credits.price(self.pages, schema=bool(self.schema_id), classifier=bool(self.classifier_id))

    def save_new(self) -> None:
        """Insert the row, and its metadata as rows that can be searched."""
        self.save(force_insert=True)
        MetadataEntry.objects.bulk_create(MetadataEntry.for_extract(self))

    @property
    def folder(self) -> Path:
        return Path(settings.ENGINE_DATA_DIR) / "extracts" / str(self.pk)[:2] / str(self.pk)

    @property
    def path(self) -> Path:
        return self.folder / "document"

    @property
    def pictures_folder(self) -> Path:
        return self.folder / "pictures"

    def claim(self) -> bool:
        """Claim the document; of several concurrent claims only the first succeeds."""
        change = {"claimed_at": now(), "attempts": F("attempts") + 1, "status": Status.IN_PROGRESS}
        return bool(Extract.objects.waiting().filter(pk=self.pk).update(**change))

    def update_running(self, **values: object) -> bool:
        """Update the row while it is being processed; False when the document has been deleted meanwhile."""
        return bool(Extract.objects.filter(pk=self.pk, status=Status.IN_PROGRESS).update(**values))

    def release(self) -> None:
        """Release the claim without counting the attempt: the engine is stopping."""
        self.update_running(claimed_at=None, attempts=F("attempts") - 1)

    def requeue(self) -> None:
        """Release the claim; the attempt counts."""
        self.update_running(claimed_at=None)

    def finish(self, seconds: float) -> bool:
        return self.update_running(
            status=Status.FINISHED,
            extraction_time=round(seconds, 2),
            credit_used=self.price,
            finished_at=now(),
        )

    def fail(self, reason: str) -> bool:
        return self.update_running(status=Status.ERROR, error=reason, finished_at=now())


class MetadataEntry(models.Model):
    """One top-level key of an extract's metadata with its value as text."""

    extract = models.ForeignKey(Extract, models.CASCADE, related_name="metadata_entries")
    key = models.TextField()
    value = models.TextField()

    class Meta:
        indexes = (models.Index(fields=["key", "value"], name="metadata_key_value"),)

    def __str__(self) -> str:
        return f"{self.key}={self.value}"

    @classmethod
    def for_extract(cls, extract: Extract) -> Iterable[MetadataEntry]:
        return [
            cls(extract=extract, key=key, value=metadata.as_text(value))
            for key, value in (extract.metadata or {}).items()
        ]


class ContentImage(models.Model):
    """An image cut out of a document."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    extract = models.ForeignKey(Extract, models.CASCADE, related_name="content_images")
    name = models.CharField(max_length=255)
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ("position",)

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> Path:
        return self.extract.pictures_folder / f"{self.pk}.jpeg"
