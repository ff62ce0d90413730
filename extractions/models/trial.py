"""Schemas tried on existing documents, and the documents that a schema is tested on before publishing."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from extractions.models.connection import Connection
from extractions.models.extraction import Extraction
from extractions.models.options import Schema
from extractions.models.ordered_json import OrderedJSONField
from extractions.models.studio import SchemaVersion, StudioSchema
from portal.people.models import Membership, Team

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from portal.people.models import User


class TrialQuerySet(models.QuerySet["Trial"]):
    def visible_to(self, person: User) -> Self:
        """Those of the person's teams: they show values of documents."""
        return self.filter(team__in=Membership.objects.filter(person=person.pk).values("team"))


class Trial(models.Model):
    """What a schema would extract from existing documents. The row is the job of the worker."""

    class State(models.TextChoices):
        CHOOSING = "choosing", pgettext_lazy("trial", "documents are being chosen")
        WAITING = "waiting", pgettext_lazy("trial", "the service is given the schema")
        RUNNING = "running", pgettext_lazy("trial", "is running")
        DONE = "done", pgettext_lazy("trial", "done")
        CANCELLED = "cancelled", pgettext_lazy("trial", "cancelled")
        IMPOSSIBLE = "impossible", pgettext_lazy("trial", "not possible")

    UNDERWAY = (State.WAITING, State.RUNNING)

    team = models.ForeignKey(Team, models.CASCADE, related_name="trials", verbose_name=_("team"))
    studio = models.ForeignKey(
        StudioSchema, models.CASCADE, null=True, blank=True, related_name="trials", verbose_name=_("schema")
    )
    version = models.ForeignKey(
        SchemaVersion, models.CASCADE, null=True, blank=True, related_name="trials", verbose_name=_("version")
    )
    """Null for a draft that is not saved."""
    base = models.PositiveIntegerField(_("drafted on top of version"), default=0)
    of_test_set = models.BooleanField(_("on the test set"), default=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.CHOOSING)
    next_try_at = models.DateTimeField(_("next try"), null=True, blank=True)
    connection = models.ForeignKey(
        Connection, models.CASCADE, null=True, blank=True, related_name="trials", verbose_name=_("connection")
    )
    schema = models.ForeignKey(
        Schema, models.SET_NULL, null=True, blank=True, related_name="trials", verbose_name=_("schema at the service")
    )
    error_code = models.CharField(_("error code"), max_length=40, blank=True)
    error_detail = models.TextField(_("the service's words"), blank=True)

    # What is tried.
    name = models.CharField(_("name"), max_length=150)
    description = models.TextField(_("description"), blank=True)
    additional_informations = models.TextField(_("additional information"), blank=True)
    definition = OrderedJSONField(_("schema"))

    if TYPE_CHECKING:
        documents: RelatedManager[TrialDocument]

    objects = TrialQuerySet.as_manager()

    class Meta:
        verbose_name = _("trial of a schema")
        verbose_name_plural = _("trials of schemas")
        ordering = ("-pk",)
        indexes = (models.Index(fields=("state",), name="trial_open", condition=Q(state__in=("waiting", "running"))),)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("extractions:trial", args=[self.pk])

    @property
    def underway(self) -> bool:
        return self.state in self.UNDERWAY

    @property
    def remote_name(self) -> str:
        """Its name at the service, by which it is recognised there."""
        return f"{self.name} · trial {str(self.key)[:8]}"


class TrialDocument(models.Model):
    """One document of a trial: handed over to the service once at most, whatever becomes of the answer."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("document of a trial", "waits")
        SENDING = "sending", pgettext_lazy("document of a trial", "is being sent")
        SENT = "sent", pgettext_lazy("document of a trial", "sent, no answer yet")
        LOOKING = "looking", pgettext_lazy("document of a trial", "is looked for at the service")
        RUNNING = "running", pgettext_lazy("document of a trial", "is being read")
        DONE = "done", pgettext_lazy("document of a trial", "read")
        FAILED = "failed", pgettext_lazy("document of a trial", "not read")
        LOST = "lost", pgettext_lazy("document of a trial", "not known whether it arrived")
        CANCELLED = "cancelled", pgettext_lazy("document of a trial", "not sent")

    UNDERWAY = (State.WAITING, State.SENDING, State.SENT, State.LOOKING, State.RUNNING)
    AT_SERVICE = (State.SENT, State.LOOKING, State.RUNNING)

    trial = models.ForeignKey(Trial, models.CASCADE, related_name="documents", verbose_name=_("trial"))
    extraction = models.ForeignKey(
        Extraction, models.CASCADE, related_name="trial_documents", verbose_name=_("extraction")
    )
    position = models.PositiveIntegerField(_("position"))
    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.WAITING)
    lease = models.PositiveIntegerField(_("lease"), default=0)
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    next_try_at = models.DateTimeField(_("next try"), null=True, blank=True)
    handed_over_at = models.DateTimeField(_("handed over"), null=True, blank=True)
    search_misses = models.PositiveIntegerField(_("searches without a hit"), default=0)
    remote_id = models.CharField(_("id at the service"), max_length=100, blank=True)
    removed_at = models.DateTimeField(_("removed at the service"), null=True, blank=True)
    server = models.CharField(_("server"), max_length=20)
    credits_expected = models.PositiveIntegerField(_("credits expected"), default=0)
    credit_used = models.IntegerField(_("credits"), null=True, blank=True)
    extracted_data = OrderedJSONField(_("extracted data"), null=True, blank=True)
    error_code = models.CharField(_("error code"), max_length=40, blank=True)
    error_detail = models.TextField(_("the service's words"), blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("document of a trial")
        verbose_name_plural = _("documents of trials")
        ordering = ("position",)
        indexes = (
            models.Index(
                fields=("state",),
                name="trial_document_open",
                condition=Q(state__in=("waiting", "sending", "sent", "looking", "running")),
            ),
            models.Index(
                fields=("trial",), name="trial_document_left", condition=Q(removed_at__isnull=True) & ~Q(remote_id="")
            ),
        )
        constraints = (models.UniqueConstraint(fields=("trial", "extraction"), name="one_row_per_tried_document"),)

    def __str__(self) -> str:
        return f"{self.trial}: {self.extraction}"

    # What `Spending` asks of whoever was charged.
    @property
    def team_id(self) -> int:
        return self.trial.team_id

    @property
    def owner_id(self) -> int | None:
        return self.trial.person_id

    @property
    def schema_id(self) -> int | None:
        return self.trial.schema_id


class TestDocument(models.Model):
    """An approved document on which schemas are tested before they are published."""

    __test__ = False

    extraction = models.OneToOneField(
        Extraction, models.CASCADE, related_name="test_document", verbose_name=_("extraction")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    added_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("test document")
        verbose_name_plural = _("test documents")

    def __str__(self) -> str:
        return str(self.extraction)
