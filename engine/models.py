"""The rows of the engine: accounts and their keys, what they made, and the documents that they sent."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, Substr
from django.utils.timezone import now

from engine import credits, keys, metadata


class Server(models.TextChoices):
    EU_1 = "EU-1", "Eu1"
    FR_1 = "FR-1", "Fr1"
    FR_2 = "FR-2", "Fr2"
    FR_3 = "FR-3", "Fr3"


class Status(models.TextChoices):
    CREATED = "CREATED", "Created"
    IN_PROGRESS = "IN_PROGRESS", "In Progress"
    FINISHED = "FINISHED", "Finished"
    ERROR = "ERROR", "Error"


class ExtractionStep(models.TextChoices):
    """PARSING is the extraction of the target data; reading the document is OCR."""

    OCR = "OCR", "Document parsing"
    CLASSIFICATION = "CLASSIFICATION", "Document classification"
    IMAGES = "IMAGES", "Document image analysis"
    PARSING = "PARSING", "Target data extraction"
    LOCATION = "LOCATION", "Visual rendering of data"


EXAMPLE_LENGTH = 4000
UNFINISHED = (Status.CREATED, Status.IN_PROGRESS)


class AccountQuerySet(models.QuerySet["Account"]):
    def by_turn(self, shorter_than: int | None = None) -> AccountQuerySet:
        """Those who have a document waiting; who has least under way, and then who has waited longest, comes first."""
        theirs = Q(account=OuterRef("pk"))
        running = Extract.objects.running().filter(theirs).order_by().values("account").annotate(count=Count("pk"))
        return (
            self.filter(Exists(Extract.objects.waiting(shorter_than).filter(theirs)))
            .annotate(running=Coalesce(Subquery(running.values("count")), 0))
            .order_by("running", F("last_turn_at").asc(nulls_first=True), "created_at")
        )


class Account(models.Model):
    """Whose documents, schemas and credits. Nobody sees anything of another account."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200, unique=True)
    credits_granted = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: no limit.")
    credits_used = models.PositiveIntegerField(default=0)
    last_turn_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    # What Django REST framework asks of the one who calls.
    is_authenticated = True

    objects = AccountQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def balance(self) -> int | None:
        """Credits left when all documents under way will have been paid; None means without limit."""
        if self.credits_granted is None:
            return None
        pending = self.extracts.filter(status__in=UNFINISHED).aggregate(sum=Sum("price"))["sum"] or 0
        return self.credits_granted - self.credits_used - pending

    def pay(self, price: int) -> None:
        Account.objects.filter(pk=self.pk).update(credits_used=F("credits_used") + price)


class ApiKey(models.Model):
    """A key, known only by its hash. It is long and random, so a fast hash is enough."""

    LIFETIMES: ClassVar[dict[str, int | None]] = {"1m": 30, "3m": 91, "6m": 182, "inf": None}

    account = models.ForeignKey(Account, models.CASCADE, related_name="keys")
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def make(cls, account: Account, name: str, lifetime: str, key: str = "") -> str:
        """The key itself, which can be had only now."""
        key = key or keys.new_key()
        days = cls.LIFETIMES[lifetime]
        expires_at = None if days is None else now() + timedelta(days=days)
        cls.objects.create(account=account, name=name, digest=keys.digest(key), expires_at=expires_at)
        return key

    @property
    def expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= now()


class ExtractSchema(models.Model):
    """What is to be found in a document."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="schemas")
    name = models.CharField(max_length=200)
    description = models.TextField()
    additional_informations = models.TextField(null=True, blank=True)  # noqa: DJ001 - the API tells null from empty
    schema = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-created_at", "id")
        indexes = (models.Index(fields=["account", "-created_at"], name="schema_newest"),)

    def __str__(self) -> str:
        return self.name

    @property
    def context(self) -> str:
        parts = (self.name, self.description, self.additional_informations or "")
        return "\n".join(part for part in parts if part)


class Classifier(models.Model):
    """A choice of labels for a document."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="classifiers")
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name


class ClassifierCategory(models.Model):
    classifier = models.ForeignKey(Classifier, models.CASCADE, related_name="categories")
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=["classifier", "name"], name="category_once"),)

    def __str__(self) -> str:
        return self.name

    def examples(self) -> tuple[str, ...]:
        """The beginnings of the documents that a person has put into this category, newest first."""
        newest = self.corrections.exclude(extract__content=None).order_by("-created_at")[: Correction.USED]
        texts = newest.values_list(Substr("extract__content", 1, EXAMPLE_LENGTH), flat=True)
        return tuple(text for text in texts if text)


class Correction(models.Model):
    """The category of a document by a person's word: an example for later ones, as long as the document is kept."""

    USED: ClassVar[int] = 5
    """The newest of each category are enough to compare with, and more would take their time."""

    category = models.ForeignKey(ClassifierCategory, models.CASCADE, related_name="corrections")
    extract = models.OneToOneField("Extract", models.CASCADE, related_name="correction")
    created_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ("-created_at", "id")

    def __str__(self) -> str:
        return f"{self.category}: {self.extract}"


class Workflow(models.Model):
    """What is done with documents that come without a word about it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="workflows")
    name = models.CharField(max_length=200)
    server = models.CharField(max_length=10, choices=Server, default=Server.FR_1)
    schema = models.ForeignKey(ExtractSchema, models.SET_NULL, null=True, blank=True)
    classifier = models.ForeignKey(Classifier, models.SET_NULL, null=True, blank=True)
    last_session_id = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    def open_session(self) -> int:
        """A new session id: the time in seconds, or the next number when two calls share a second."""
        self.last_session_id = max(int(now().timestamp()), self.last_session_id + 1)
        self.save(update_fields=["last_session_id"])
        return self.last_session_id


class ExtractQuerySet(models.QuerySet["Extract"]):
    def waiting(self, shorter_than: int | None = None) -> ExtractQuerySet:
        waiting = self.filter(status__in=UNFINISHED, claimed_at__isnull=True)
        return waiting if shorter_than is None else waiting.filter(pages__lt=shorter_than)

    def running(self) -> ExtractQuerySet:
        return self.filter(status__in=UNFINISHED, claimed_at__isnull=False)

    def search(self, words: str) -> ExtractQuerySet:
        return self.filter(Q(document_name__icontains=words) | Q(schema__name__icontains=words))

    def with_metadata(self, key: str | None, value: str | None) -> ExtractQuerySet:
        """Whose metadata have this key, this value, or this value at this key; compared as text."""
        wanted = {name: text for name, text in (("key", key), ("value", value)) if text is not None}
        entries = MetadataEntry.objects.filter(**wanted)
        return self.filter(pk__in=entries.values("extract")) if wanted else self


class Extract(models.Model):
    """A document, what is wanted of it, and what was found. The row is the job."""

    # The object of the API, by its names and in its order.
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

    # Ours.
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

    def price_of_pages(self) -> int:
        return credits.price(self.pages, schema=bool(self.schema_id), classifier=bool(self.classifier_id))

    def save_new(self) -> None:
        """First save; the metadata also become rows, by which they are found."""
        self.save(force_insert=True)
        MetadataEntry.objects.bulk_create(MetadataEntry.of(self))

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
        """Take the document to work on it; only the first of several who try gets it."""
        change = {"claimed_at": now(), "attempts": F("attempts") + 1, "status": Status.IN_PROGRESS}
        return bool(Extract.objects.waiting().filter(pk=self.pk).update(**change))

    def note(self, **values: Any) -> bool:
        """Write what is known so far; False when the document has been deleted meanwhile."""
        return bool(Extract.objects.filter(pk=self.pk, status=Status.IN_PROGRESS).update(**values))

    def release(self) -> None:
        """Give it back as if it had not been started, for a stop that is not its own fault."""
        self.note(claimed_at=None, attempts=F("attempts") - 1)

    def put_back(self) -> None:
        """Give it back to be started once more."""
        self.note(claimed_at=None)

    def finish(self, seconds: float) -> bool:
        return self.note(
            status=Status.FINISHED,
            extraction_time=round(seconds, 2),
            credit_used=self.price,
            finished_at=now(),
        )

    def fail(self, reason: str) -> bool:
        return self.note(status=Status.ERROR, error=reason, finished_at=now())


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
    def of(cls, extract: Extract) -> Iterable[MetadataEntry]:
        return [
            cls(extract=extract, key=key, value=metadata.as_text(value))
            for key, value in (extract.metadata or {}).items()
        ]


class ContentImage(models.Model):
    """A picture cut out of a document."""

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


class WebhookTarget(models.Model):
    """Who is told of what."""

    class Event(models.TextChoices):
        EXTRACT_COMPLETED = "extract.completed"
        EXTRACT_FAILED = "extract.failed"
        WORKFLOW_COMPLETED = "workflow.completed"
        WORKFLOW_FAILED = "workflow.failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="webhook_targets")
    event = models.CharField(max_length=30, choices=Event)
    url = models.URLField(max_length=1000)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.event} to {self.url}"


class WebhookDelivery(models.Model):
    """One event for one target. The body is made when it is sent, so a deleted document leaves nothing here."""

    target = models.ForeignKey(WebhookTarget, models.CASCADE, related_name="deliveries")
    extract = models.ForeignKey(Extract, models.CASCADE, related_name="deliveries")
    happened_at = models.DateTimeField(default=now)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, default=now, db_index=True)
    delivered_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"{self.target} about {self.extract_id}"
