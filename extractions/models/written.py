"""What teams write themselves, schemas and classifiers alike: a row that lasts, and a version for every save."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.people.models import Membership

if TYPE_CHECKING:
    from portal.people.models import User

Row = TypeVar("Row", bound=models.Model)


class OfTeamQuerySet(models.QuerySet[Row]):
    def visible_to(self, person: User) -> Self:
        """Those of the person's teams; all for site administrators."""
        if person.is_superuser:
            return self
        return self.filter(team__in=Membership.objects.filter(person=person.pk).values("team"))


class Written(models.Model):
    """Something that a team writes. What it says is in its versions; every save adds one.

    Subclasses have `team`, and versions that refer to them as `studio`.
    """

    name = models.CharField(_("name"), max_length=150)
    """That of the newest version."""
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("author")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now, editable=False)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    if TYPE_CHECKING:
        versions: Any

    class Meta:
        abstract = True
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name


class WrittenVersion(models.Model):
    """What it said from one save to the next; never changed."""

    number = models.PositiveIntegerField(_("version"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("author")
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    name = models.CharField(_("name"), max_length=150)

    class Meta:
        abstract = True
        ordering = ("-number",)

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"
