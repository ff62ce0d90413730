"""Processing options: servers, schemas, classifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from extractions.models.connection import Connection
from extractions.models.ordered_json import OrderedJSONField
from portal.people.models import Membership

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.people.models import User


class Server(models.TextChoices):
    """Where the service processes the document."""

    EU_1 = "EU-1", "EU-1"
    FR_1 = "FR-1", "FR-1"
    FR_2 = "FR-2", "FR-2"
    FR_3 = "FR-3", "FR-3"


class SchemaQuerySet(models.QuerySet["Schema"]):
    def visible_to(self, person: User | AnonymousUser) -> Self:
        """Schemas of shared connections and of the person's teams."""
        return self.filter(_offered_to(person), for_trials=False)

    def offered(self) -> Self:
        """For new documents."""
        return self.filter(missing_since__isnull=True, superseded_by__isnull=True, for_trials=False)


class Schema(models.Model):
    """An extraction schema of the service, cached here and refreshed by the worker.

    Fields from `name` on have the API's names. A schema that is no longer listed is kept for its documents but not
    offered.
    """

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="schemas", verbose_name=_("connection"))
    remote_id = models.CharField(_("id at the service"), max_length=100)
    name = models.CharField(_("name"), max_length=500)
    description = models.TextField(_("description"), blank=True)
    additional_informations = models.TextField(_("additional information"), blank=True)
    schema = OrderedJSONField(_("schema"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), null=True, blank=True)
    updated_at = models.DateTimeField(_("updated"), null=True, blank=True)
    refreshed_at = models.DateTimeField(_("refreshed"), default=timezone.now)
    missing_since = models.DateTimeField(_("no longer listed since"), null=True, blank=True)
    superseded_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("superseded by")
    )
    """The newest version, which is offered for new documents in its place."""
    for_trials = models.BooleanField(_("only for trials"), default=False)
    """Created so that a draft could be tried; never offered, and never shown."""

    objects = SchemaQuerySet.as_manager()

    class Meta:
        verbose_name = _("schema")
        verbose_name_plural = _("schemas")
        ordering = ("name", "pk")
        constraints = (models.UniqueConstraint(fields=("connection", "remote_id"), name="one_row_per_schema"),)

    def __str__(self) -> str:
        return self.name


class ClassifierQuerySet(models.QuerySet["Classifier"]):
    def visible_to(self, person: User | AnonymousUser) -> Self:
        """As for schemas."""
        return self.filter(_offered_to(person))

    def with_use(self) -> Self:
        """Annotate `used`: whether documents refer to it, so that it cannot be deleted."""
        uses = apps.get_model("extractions", "Extraction").objects.filter(classifier=models.OuterRef("pk"))
        return self.annotate(used=models.Exists(uses))


class Classifier(models.Model):
    """A classifier of the service. The API does not list them, so staff enter them; the engine lists its own."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="classifiers", verbose_name=_("connection"))
    remote_id = models.CharField(_("id at the service"), max_length=100)
    name = models.CharField(_("name"), max_length=500)
    categories = models.JSONField(_("categories"), default=list, blank=True)
    entered_by_hand = models.BooleanField(_("entered by hand"), default=True)
    missing_since = models.DateTimeField(_("no longer listed since"), null=True, blank=True)

    objects = ClassifierQuerySet.as_manager()

    class Meta:
        verbose_name = _("classifier")
        verbose_name_plural = _("classifiers")
        ordering = ("name", "pk")
        constraints = (models.UniqueConstraint(fields=("connection", "remote_id"), name="one_row_per_classifier"),)

    def __str__(self) -> str:
        return self.name


def _offered_to(person: User | AnonymousUser) -> Q:
    """A team's own connection, and what it offers, is visible to that team only."""
    teams = Membership.objects.filter(person=person.pk).values("team")
    return Q(connection__team__isnull=True) | Q(connection__team__in=teams)
