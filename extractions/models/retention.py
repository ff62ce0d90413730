"""How long a team keeps what it deleted, and what it has finished with."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.people.models import Team

MOST_DAYS = 36_500


class TrashPolicy(models.Model):
    """How long a team's deleted documents can be restored; without a row, TRASH_DAYS holds."""

    team = models.OneToOneField(Team, models.CASCADE, related_name="trash_policy", verbose_name=_("team"))
    days = models.PositiveSmallIntegerField(_("days in the trash"), validators=[MaxValueValidator(3650)])

    class Meta:
        verbose_name = _("policy for the trash")
        verbose_name_plural = _("policies for the trash")

    def __str__(self) -> str:
        return f"{self.team}: {self.days}"


def trash_days(team: int) -> int:
    """How many days the team's trash keeps documents; 0 erases them at once."""
    own = TrashPolicy.objects.filter(team=team).values_list("days", flat=True).first()
    return int(settings.TRASH_DAYS) if own is None else own


def time_in_trash(team: int) -> timedelta:
    return timedelta(days=trash_days(team))
