"""Credits spent and monthly budgets."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.people.models import Team


def month_of(moment: datetime) -> date:
    """First day of the month in the site's time zone, independent of the viewer's."""
    return moment.astimezone(timezone.get_default_timezone()).date().replace(day=1)


class Charged(Protocol):
    """Whatever the service charges for: a document, or one of a trial."""

    @property
    def team_id(self) -> int: ...
    @property
    def owner_id(self) -> int | None: ...
    @property
    def schema_id(self) -> int | None: ...
    @property
    def server(self) -> str: ...


class SpendingManager(models.Manager["Spending"]):
    def add(self, charged: Charged, credits: int, moment: datetime, *, documents: int = 1) -> None:
        """Add a document's cost. Call in the transaction that records it."""
        kind = {
            "team_number": charged.team_id,
            "month": month_of(moment),
            "person_number": charged.owner_id or 0,
            "schema_number": charged.schema_id or 0,
            "server": charged.server,
        }
        more = {"credits": F("credits") + credits, "documents": F("documents") + documents}
        if not self.filter(**kind).update(**more):
            # Concurrent first inserts: the loser adds to the winner's row.
            self.bulk_create([Spending(**kind, credits=0, documents=0)], ignore_conflicts=True)
            self.filter(**kind).update(**more)

    def in_month(self, team: int, month: date) -> int:
        summed = self.filter(team_number=team, month=month).aggregate(sum=Sum("credits"))
        return int(summed["sum"] or 0)


class Spending(models.Model):
    """Credits per month and dimension. Plain ids instead of foreign keys, so that rows survive deletions."""

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
    """A team's monthly credit cap and warning threshold."""

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
