"""Named sets of options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from extractions.models.connection import Connection
from extractions.models.options import Classifier, Schema, Server
from portal.people.models import Membership, Team

if TYPE_CHECKING:
    from portal.people.models import User


class PresetQuerySet(models.QuerySet["Preset"]):
    def visible_to(self, person: User) -> Self:
        """The person's own and their teams'."""
        teams = Membership.objects.filter(person=person.pk).values("team")
        return self.filter(Q(owner=person.pk, team=None) | Q(team__in=teams)).select_related("owner", "team")

    def changeable_by(self, person: User) -> Self:
        """The person's own, and those of teams in which they may send."""
        teams = Membership.objects.filter(person=person.pk).exclude(role=Membership.Role.VIEWER).values("team")
        return self.filter(Q(owner=person.pk, team=None) | Q(team__in=teams))


class Preset(models.Model):
    """A set of options: shared if it has a team, else private to its owner."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="presets",
        verbose_name=_("made by"),
    )
    team = models.ForeignKey(
        Team, models.CASCADE, null=True, blank=True, related_name="presets", verbose_name=_("team")
    )
    connection = models.ForeignKey(Connection, models.CASCADE, related_name="presets", verbose_name=_("connection"))
    name = models.CharField(_("name"), max_length=80)
    schema = models.ForeignKey(
        Schema, models.CASCADE, null=True, blank=True, related_name="presets", verbose_name=_("schema")
    )
    classifier = models.ForeignKey(
        Classifier, models.CASCADE, null=True, blank=True, related_name="presets", verbose_name=_("classifier")
    )
    server = models.CharField(_("server"), max_length=20, choices=Server.choices)
    pdf_page_start = models.PositiveIntegerField(_("first page"), null=True, blank=True)
    pdf_page_end = models.PositiveIntegerField(_("last page"), null=True, blank=True)
    metadata = models.JSONField(_("metadata"), default=dict, blank=True)

    objects = PresetQuerySet.as_manager()

    class Meta:
        verbose_name = _("preset")
        verbose_name_plural = _("presets")
        ordering = ("name", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("owner", "connection", "name"), condition=Q(team=None), name="one_preset_per_name_and_owner"
            ),
            models.UniqueConstraint(
                fields=("team", "connection", "name"), condition=~Q(team=None), name="one_preset_per_name_and_team"
            ),
        )

    def __str__(self) -> str:
        return self.name
