"""What was spent, and how much may be."""

from __future__ import annotations

from datetime import date, datetime

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from extractions.models.extraction import Extraction
from portal.people.models import Team


def month_of(moment: datetime) -> date:
    """The month in which something is spent: that of the site's time zone, whoever looks."""
    return moment.astimezone(timezone.get_default_timezone()).date().replace(day=1)


class SpendingManager(models.Manager["Spending"]):
    def add(self, extraction: Extraction, credits: int, moment: datetime) -> None:
        """Count what a document cost. Belongs into the transaction that writes the fact down."""
        kind = {
            "team_number": extraction.team_id,
            "month": month_of(moment),
            "person_number": extraction.owner_id or 0,
            "schema_number": extraction.schema_id or 0,
            "server": extraction.server,
        }
        more = {"credits": F("credits") + credits, "documents": F("documents") + 1}
        if not self.filter(**kind).update(**more):
            # Of two who make the first row at the same time, the second one adds to it.
            self.bulk_create([Spending(**kind, credits=0, documents=0)], ignore_conflicts=True)
            self.filter(**kind).update(**more)

    def in_month(self, team: int, month: date) -> int:
        summed = self.filter(team_number=team, month=month).aggregate(sum=Sum("credits"))
        return int(summed["sum"] or 0)


class Spending(models.Model):
    """Credits of one kind in one month. Numbers instead of relations: what was spent stays when the rest is deleted."""

    team_number = models.BigIntegerField()
    month = models.DateField(_("month"))
    person_number = models.BigIntegerField()
    schema_number = models.BigIntegerField()
    server = models.CharField(_("server"), max_length=20)
    credits = models.BigIntegerField(_("credits"), default=0)
    documents = models.BigIntegerField(_("documents"), default=0)

    objects = SpendingManager()

    class Meta:
        verbose_name = _("spending")
        verbose_name_plural = _("spending")
        constraints = (
            models.UniqueConstraint(
                fields=("team_number", "month", "person_number", "schema_number", "server"), name="one_row_per_spending"
            ),
        )

    def __str__(self) -> str:
        return f"{self.team_number}, {self.month:%Y-%m}: {self.credits}"


class Budget(models.Model):
    """How many credits a team may spend in a month, and from how many on it is warned."""

    team = models.OneToOneField(Team, models.CASCADE, related_name="budget", verbose_name=_("team"))
    cap = models.PositiveIntegerField(_("credits a month at most"), null=True, blank=True)
    warn_at = models.PositiveSmallIntegerField(
        _("warn from"), default=80, validators=(MinValueValidator(1), MaxValueValidator(100))
    )
    """Percent of the cap."""

    class Meta:
        verbose_name = _("budget")
        verbose_name_plural = _("budgets")

    def __str__(self) -> str:
        return f"{self.team}: {self.cap}"
