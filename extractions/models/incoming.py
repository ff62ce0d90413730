"""Where documents come in by themselves: what is watched, with which options, and what became of what was found."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from extractions import clock
from extractions.models.extraction import Extraction
from extractions.models.options import Classifier, Schema, Server
from portal.audit.recording import Action, recorded
from portal.people.models import Team, User


class IncomingOptions(models.Model):
    """Processing options. The names remain when a schema or classifier is deleted, so that it is missed."""

    schema = models.ForeignKey(
        Schema, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("schema")
    )
    schema_name = models.CharField(_("name of the schema"), max_length=500, blank=True)
    classifier = models.ForeignKey(
        Classifier, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("classifier")
    )
    classifier_name = models.CharField(_("name of the classifier"), max_length=500, blank=True)
    server = models.CharField(_("server"), max_length=20, choices=Server.choices, blank=True)
    metadata = models.JSONField(_("metadata"), default=dict, blank=True)

    class Meta:
        abstract = True

    def choose(self, schema: Schema | None, classifier: Classifier | None) -> None:
        self.schema, self.schema_name = schema, schema.name if schema else ""
        self.classifier, self.classifier_name = classifier, classifier.name if classifier else ""


def is_due(now: datetime) -> Q:
    """Of an `IncomingSource`: to be looked into now, and held by no worker."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    return Q(free, paused=False, next_run_at__lte=now)


class IncomingSource(IncomingOptions):
    """Something that workers look into again and again, one at a time under a lease."""

    LEASE = timedelta(minutes=5)

    team = models.ForeignKey(Team, models.CASCADE, related_name="+", verbose_name=_("team"))
    person = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("in the name of")
    )
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="en")
    paused = models.BooleanField(_("paused"), default=False)
    next_run_at = models.DateTimeField(_("next run"), default=timezone.now)
    lease = models.PositiveBigIntegerField(_("lease"), default=0)
    lease_until = models.DateTimeField(_("held until"), null=True, blank=True)
    ran_at = models.DateTimeField(_("last run"), null=True, blank=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    error_code = models.CharField(_("error code"), max_length=40, blank=True)
    error_detail = models.CharField(_("detail"), max_length=500, blank=True)
    waiting = models.PositiveIntegerField(_("left for later"), default=0)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        abstract = True

    def claim(self) -> int | None:
        """A lease on a due row, or None if another worker was faster."""
        now = clock.now()
        rows = type(self)._default_manager.filter(is_due(now), pk=self.pk, lease=self.lease)
        taken = rows.update(lease=F("lease") + 1, lease_until=now + self.LEASE)
        return self.lease + 1 if taken else None

    def renew(self, lease: int) -> bool:
        """Whether the lease still holds; a pause ends it."""
        rows = type(self)._default_manager.filter(pk=self.pk, lease=lease, paused=False)
        return bool(rows.update(lease_until=clock.now() + self.LEASE))

    def settle(self, lease: int, **facts: object) -> bool:
        """Give the lease back with what the run found."""
        return bool(type(self)._default_manager.filter(pk=self.pk, lease=lease).update(lease_until=None, **facts))

    def run_now(self) -> bool:
        return bool(type(self)._default_manager.filter(pk=self.pk, paused=False).update(next_run_at=clock.now()))

    @recorded(Action.SETTING, "paused")
    def set_paused(self, paused: bool) -> bool:
        rows = type(self)._default_manager.filter(pk=self.pk, paused=not paused)
        return bool(rows.update(paused=paused, next_run_at=clock.now(), lease_until=None, lease=F("lease") + 1))


class WatchedFolderQuerySet(models.QuerySet["WatchedFolder"]):
    def due(self, now: datetime) -> Self:
        return self.filter(is_due(now)).order_by("next_run_at", "pk")


class WatchedFolder(IncomingSource):
    """A folder whose files become documents."""

    path = models.CharField(_("folder"), max_length=700, unique=True)
    subfolder_key = models.CharField(_("metadata from the subfolder"), max_length=100, blank=True)
    """The name under which a file's metadata holds the name of its subfolder."""

    objects = WatchedFolderQuerySet.as_manager()

    class Meta:
        verbose_name = _("watched folder")
        verbose_name_plural = _("watched folders")
        ordering = ("path",)

    def __str__(self) -> str:
        return self.path


class FolderRule(IncomingOptions):
    """Other options for the files of a subfolder. Its metadata is added to the folder's."""

    folder = models.ForeignKey(WatchedFolder, models.CASCADE, related_name="rules", verbose_name=_("folder"))
    subfolder = models.CharField(_("subfolder"), max_length=200)

    class Meta:
        verbose_name = _("subfolder’s options")
        verbose_name_plural = _("subfolders’ options")
        ordering = ("subfolder",)
        constraints = (models.UniqueConstraint(fields=("folder", "subfolder"), name="one_rule_per_subfolder"),)

    def __str__(self) -> str:
        return self.subfolder


class IncomingOutcome(models.TextChoices):
    RECEIVED = "received", _("Received")
    KNOWN = "known", _("Already there")
    REFUSED = "refused", _("Refused")


class IncomingFile(models.Model):
    """A file found in a watched folder. Written with the document's row, before the file is moved away."""

    Outcome = IncomingOutcome
    RETENTION: ClassVar[timedelta] = timedelta(days=90)

    folder = models.ForeignKey(WatchedFolder, models.CASCADE, related_name="files", verbose_name=_("folder"))
    extraction = models.ForeignKey(
        Extraction, models.SET_NULL, null=True, blank=True, related_name="incoming_files", verbose_name=_("document")
    )
    path = models.CharField(_("file"), max_length=1000)
    """Relative to the folder; emptied with the document."""
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices)
    reason = models.CharField(_("reason"), max_length=20, blank=True)
    facts = models.JSONField(_("facts"), default=dict, blank=True)
    moved_to = models.CharField(_("moved to"), max_length=1000, blank=True)
    found_at = models.DateTimeField(_("found"), default=timezone.now)
    moved_at = models.DateTimeField(_("moved"), null=True, blank=True)

    class Meta:
        verbose_name = _("incoming file")
        verbose_name_plural = _("incoming files")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("folder", "path"), condition=Q(moved_at__isnull=True), name="one_pending_row_per_file"
            ),
        )

    def __str__(self) -> str:
        return self.path
