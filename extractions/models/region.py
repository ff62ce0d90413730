"""Regions that a team, or its documents of one schema, must not leave."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from extractions.models.options import Schema, Server
from portal.people.models import Team


class Region(models.TextChoices):
    """Where servers of the service stand; their names begin with it."""

    EU = "EU", _("European Union")
    FR = "FR", _("France")


class RegionTie(models.Model):
    """Documents of the team, or those of one schema, are processed in this region only."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="region_ties", verbose_name=_("team"))
    schema = models.ForeignKey(
        Schema, models.CASCADE, null=True, blank=True, related_name="region_ties", verbose_name=_("schema")
    )
    region = models.CharField(_("region"), max_length=10, choices=Region.choices)

    class Meta:
        verbose_name = _("tie to a region")
        verbose_name_plural = _("ties to regions")
        constraints = (
            models.UniqueConstraint(fields=("team", "schema"), name="one_tie_per_schema_and_team"),
            models.UniqueConstraint(fields=("team",), condition=Q(schema=None), name="one_tie_per_team"),
        )

    def __str__(self) -> str:
        return f"{self.team}, {self.schema}: {self.region}" if self.schema else f"{self.team}: {self.region}"


def region_of(server: str) -> str:
    return server.partition("-")[0]


def servers_in(region: str) -> list[str]:
    return [server for server in Server.values if region_of(server) == region]
