"""Schemas that teams write themselves, their versions, and how these get to the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from extractions.models.connection import Connection
from extractions.models.options import Schema
from extractions.models.ordered_json import OrderedJSONField
from extractions.models.written import OfTeamQuerySet, Written, WrittenVersion
from extractions.schemas.schema_files import canonical
from portal.people.models import Team

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class StudioSchema(Written):
    """A schema that a team writes."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="studio_schemas", verbose_name=_("team"))

    if TYPE_CHECKING:
        versions: RelatedManager[SchemaVersion]

    objects = OfTeamQuerySet["StudioSchema"].as_manager()

    class Meta(Written.Meta):
        verbose_name = _("schema of a team")
        verbose_name_plural = _("schemas of teams")

    def get_absolute_url(self) -> str:
        return reverse("extractions:studio_schema", args=[self.pk])

    @property
    def newest(self) -> SchemaVersion:
        return self.versions.latest("number")


class SchemaVersion(WrittenVersion):
    """Fields from `name` on have the API's names."""

    studio = models.ForeignKey(StudioSchema, models.CASCADE, related_name="versions", verbose_name=_("schema"))
    description = models.TextField(_("description"), blank=True)
    additional_informations = models.TextField(_("additional information"), blank=True)
    schema = OrderedJSONField(_("schema"))

    if TYPE_CHECKING:
        publications: RelatedManager[SchemaPublication]

    class Meta(WrittenVersion.Meta):
        verbose_name = _("version of a schema")
        verbose_name_plural = _("versions of schemas")
        constraints = (models.UniqueConstraint(fields=("studio", "number"), name="one_row_per_schema_version"),)

    @property
    def published_name(self) -> str:
        """Its name at the service, where versions stand side by side."""
        return str(self)


class SchemaPublication(models.Model):
    """A version on its way to the service, and the service's schema once it is there. The row is the job."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("publication", "waits to be sent")
        SENDING = "sending", pgettext_lazy("publication", "is being sent")
        UNCLEAR = "unclear", pgettext_lazy("publication", "is looked for at the service")
        PUBLISHED = "published", pgettext_lazy("publication", "published")
        REFUSED = "refused", pgettext_lazy("publication", "refused by the service")
        BY_HAND = "by_hand", pgettext_lazy("publication", "to be entered at the service")
        UNDECIDED = "undecided", pgettext_lazy("publication", "not known whether it arrived")

    UNDERWAY = (State.WAITING, State.SENDING, State.UNCLEAR)
    OPEN = (*UNDERWAY, State.BY_HAND, State.UNDECIDED)

    version = models.ForeignKey(SchemaVersion, models.CASCADE, related_name="publications", verbose_name=_("version"))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    requested_at = models.DateTimeField(_("requested"), default=timezone.now, editable=False)
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.WAITING)
    connection = models.ForeignKey(
        Connection, models.CASCADE, null=True, blank=True, related_name="publications", verbose_name=_("connection")
    )
    """By which it was last sent; while it waits, that of the team at the time of sending."""
    schema = models.ForeignKey(
        Schema, models.SET_NULL, null=True, blank=True, related_name="publications", verbose_name=_("schema")
    )
    gate_reason = models.CharField(_("published although fields got worse, because"), max_length=300, blank=True)
    gate_fields: models.JSONField[Any, Any] = models.JSONField(_("fields that got worse"), default=list, blank=True)
    adopted = models.BooleanField(_("was at the service before"), default=False)
    lease = models.PositiveIntegerField(_("lease"), default=0)
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    next_try_at = models.DateTimeField(_("next try"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    searches = models.PositiveIntegerField(_("searches without a hit"), default=0)
    error_code = models.CharField(_("error code"), max_length=40, blank=True)
    error_detail = models.TextField(_("the service's words"), blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("publication of a schema")
        verbose_name_plural = _("publications of schemas")
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("state",), name="publication_open", condition=~Q(state__in=("published", "refused"))),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("version",),
                name="one_open_publication_per_version",
                condition=Q(state__in=("waiting", "sending", "unclear", "by_hand", "undecided")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.version}: {self.get_state_display()}"

    @property
    def underway(self) -> bool:
        return self.state in self.UNDERWAY

    @property
    def offered(self) -> bool:
        """Whether documents can be read with it."""
        return self.schema is not None and self.schema.missing_since is None


def version_of(schema: Schema) -> str:
    """The number of the studio's version, or since when the service's own schema says what it says; "" if not known.

    A schema that was changed at the service after it was published is no version of the studio's any more.
    """
    published = SchemaPublication.objects.filter(schema=schema, state=SchemaPublication.State.PUBLISHED)
    row = published.select_related("version").order_by("-pk").first()
    if row is not None and canonical(row.version.schema) == canonical(schema.schema):
        return str(row.version.number)
    return f"{schema.updated_at:%Y-%m-%d %H:%M}" if schema.updated_at else ""
