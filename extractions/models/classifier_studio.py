"""Classifiers that teams write themselves: their versions, the documents that serve as examples, and tests."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from extractions.models.extraction import Extraction
from extractions.models.options import Classifier
from extractions.models.written import OfTeamQuerySet, Written, WrittenVersion
from portal.people.models import Team

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

JsonList = list[dict[str, object]]


class StudioClassifierQuerySet(OfTeamQuerySet["StudioClassifier"]):
    def due(self, now: datetime) -> Self:
        """Those with a version that is to be published now."""
        return self.filter(wanted__isnull=False, next_try_at__lte=now)


class StudioClassifier(Written):
    """A classifier that a team writes.

    At the service it has one id for all versions: publishing replaces its categories there.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="studio_classifiers", verbose_name=_("team"))
    remote_id = models.UUIDField(_("id at the service"), default=uuid.uuid4, editable=False)
    """Chosen here, so that publishing can be repeated."""
    classifier = models.ForeignKey(
        Classifier, models.SET_NULL, null=True, blank=True, related_name="studios", verbose_name=_("classifier")
    )
    published = models.ForeignKey(
        "ClassifierVersion", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("published")
    )
    wanted = models.ForeignKey(
        "ClassifierVersion", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("to be published")
    )
    """The row is the job: the worker publishes this version."""
    next_try_at = models.DateTimeField(_("next try"), null=True, blank=True)
    error_code = models.CharField(_("error code"), max_length=40, blank=True)
    error_detail = models.TextField(_("the service's words"), blank=True)

    if TYPE_CHECKING:
        versions: RelatedManager[ClassifierVersion]
        examples: RelatedManager[ClassifierExample]

    objects = StudioClassifierQuerySet.as_manager()

    class Meta(Written.Meta):
        verbose_name = _("classifier of a team")
        verbose_name_plural = _("classifiers of teams")
        indexes = (
            models.Index(
                fields=("next_try_at",), name="classifiers_to_publish", condition=Q(next_try_at__isnull=False)
            ),
        )

    def get_absolute_url(self) -> str:
        return reverse("extractions:studio_classifier", args=[self.pk])

    @property
    def newest(self) -> ClassifierVersion:
        return self.versions.latest("number")

    @property
    def underway(self) -> bool:
        return self.wanted_id is not None and not self.refused

    @property
    def refused(self) -> bool:
        """Whether the service will not take it, however often it is sent."""
        return self.wanted_id is not None and self.next_try_at is None


class ClassifierVersion(WrittenVersion):
    studio = models.ForeignKey(StudioClassifier, models.CASCADE, related_name="versions", verbose_name=_("classifier"))
    categories = models.JSONField(_("categories"), default=list)
    """Objects with name, description and the id of the schema for the next step, or null; `automatic` if that starts by
    itself."""

    class Meta(WrittenVersion.Meta):
        verbose_name = _("version of a classifier")
        verbose_name_plural = _("versions of classifiers")
        constraints = (models.UniqueConstraint(fields=("studio", "number"), name="one_row_per_classifier_version"),)

    @property
    def names(self) -> list[str]:
        return [str(category["name"]) for category in self.categories]

    def starts_by_itself(self, category: str) -> bool:
        """Whether its schema reads the document without anybody pressing a button."""
        return any(item.get("automatic") is True for item in self.categories if item["name"] == category)

    def schema_for(self, category: str) -> int | None:
        found = next((item.get("schema") for item in self.categories if item["name"] == category), None)
        return found if isinstance(found, int) else None


class NextStep(models.Model):
    """A document whose category starts the next step by itself. The row is the job."""

    extraction = models.ForeignKey(Extraction, models.CASCADE, related_name="next_steps", verbose_name=_("document"))
    due_at = models.DateTimeField(_("due"), default=timezone.now)

    class Meta:
        verbose_name = _("next step of a document")
        verbose_name_plural = _("next steps of documents")
        ordering = ("due_at",)
        indexes = (models.Index(fields=("due_at",), name="next_steps_due"),)
        constraints = (models.UniqueConstraint(fields=("extraction",), name="one_next_step_per_document"),)

    def __str__(self) -> str:
        return str(self.extraction_id)

    @classmethod
    def plan(cls, extraction: Extraction, category: str) -> bool:
        """If the category of this document, which was read without a schema, starts one by itself."""
        if not category or extraction.schema_id is not None or extraction.classifier_id is None:
            return False
        studios = StudioClassifier.objects.filter(classifier=extraction.classifier_id, removed_at=None)
        version = next((row.published for row in studios.select_related("published")), None)
        if version is None or not version.starts_by_itself(category):
            return False
        cls.objects.get_or_create(extraction=extraction)
        return True


class ClassifierExample(models.Model):
    """A person's word on the category of a document. The row is the job: the service learns from it."""

    studio = models.ForeignKey(StudioClassifier, models.CASCADE, related_name="examples", verbose_name=_("classifier"))
    extraction = models.ForeignKey(
        Extraction, models.CASCADE, related_name="classifier_examples", verbose_name=_("document")
    )
    category = models.CharField(_("category"), max_length=200)
    answered = models.CharField(_("answer of the classifier"), max_length=500, null=True, blank=True)  # noqa: DJ001
    """Before the person said it; empty if it answered with none, null if it was not asked."""
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    teach_at = models.DateTimeField(_("taught from"), null=True, blank=True)
    """When the service is to be told; null once it was, or cannot be."""
    taught_at = models.DateTimeField(_("taught"), null=True, blank=True)

    class Meta:
        verbose_name = _("example of a category")
        verbose_name_plural = _("examples of categories")
        ordering = ("-created_at", "-pk")
        indexes = (models.Index(fields=("teach_at",), name="examples_to_teach", condition=Q(teach_at__isnull=False)),)
        constraints = (models.UniqueConstraint(fields=("studio", "extraction"), name="one_example_per_document"),)

    def __str__(self) -> str:
        return f"{self.extraction_id}: {self.category}"


class ClassifierTest(models.Model):
    """A run of one version on documents whose category is known."""

    version = models.ForeignKey(ClassifierVersion, models.CASCADE, related_name="tests", verbose_name=_("version"))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    remote_id = models.UUIDField(_("id at the service"), default=uuid.uuid4, editable=False)
    """Of a classifier for this run alone, so that no document is compared with itself as an example."""
    begun_at = models.DateTimeField(_("begun"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    if TYPE_CHECKING:
        documents: RelatedManager[ClassifierTestDocument]

    class Meta:
        verbose_name = _("test of a classifier")
        verbose_name_plural = _("tests of classifiers")
        ordering = ("-begun_at", "-pk")

    def __str__(self) -> str:
        return f"{self.version} ({self.begun_at:%Y-%m-%d})"


class ClassifierTestDocument(models.Model):
    """One document of a run. The row is the job."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("test", "waits")
        READING = "reading", pgettext_lazy("test", "is being read")
        DONE = "done", pgettext_lazy("test", "read")
        FAILED = "failed", pgettext_lazy("test", "could not be read")

    test = models.ForeignKey(ClassifierTest, models.CASCADE, related_name="documents", verbose_name=_("test"))
    extraction = models.ForeignKey(
        Extraction, models.CASCADE, related_name="classifier_tests", verbose_name=_("document")
    )
    expected = models.CharField(_("category"), max_length=200)
    answered = models.CharField(_("answer of the classifier"), max_length=500, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    remote_id = models.CharField(_("id at the service"), max_length=100, blank=True)
    next_try_at = models.DateTimeField(_("next try"), null=True, blank=True, default=timezone.now)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)

    class Meta:
        verbose_name = _("document of a test")
        verbose_name_plural = _("documents of tests")
        ordering = ("pk",)
        indexes = (
            models.Index(fields=("next_try_at",), name="test_documents_due", condition=Q(next_try_at__isnull=False)),
        )

    def __str__(self) -> str:
        return f"{self.test}: {self.extraction_id}"
