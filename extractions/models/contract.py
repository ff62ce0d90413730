"""How the answers of a service differ from the contract that this portal knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from extractions import clock
from extractions.models.connection import Connection
from portal.people.models import Membership

if TYPE_CHECKING:
    from portal.people.models import User


class ContractDifferenceQuerySet(models.QuerySet["ContractDifference"]):
    def visible_to(self, person: User) -> Self:
        """All for staff; those of their team's own connection for its administrators."""
        if person.is_staff:
            return self
        administered = Membership.objects.filter(person=person.pk, role=Membership.Role.ADMINISTRATOR)
        return self.filter(connection__team__in=administered.values("team"))

    def news(self) -> Self:
        """What nobody has acknowledged yet."""
        return self.filter(acknowledged_at__isnull=True)


class ContractDifference(models.Model):
    """A field or word of the service's answers that the contract does not know, or describes otherwise.

    It holds types only, never contents.
    """

    class Kind(models.TextChoices):
        NEW_FIELD = "new_field", pgettext_lazy("contract", "new field")
        MISSING_FIELD = "missing_field", pgettext_lazy("contract", "missing field")
        OTHER_TYPE = "other_type", pgettext_lazy("contract", "other type")
        UNKNOWN_VALUE = "unknown_value", pgettext_lazy("contract", "unknown word")

    MOST = 100
    """Kept for a connection; more would be names that the service makes up as it goes."""

    connection = models.ForeignKey(
        Connection, models.CASCADE, related_name="contract_differences", verbose_name=_("connection")
    )
    form = models.CharField(_("answer"), max_length=60)
    """Its name in the contract, such as "Extract"."""
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    path = models.CharField(_("field"), max_length=200)
    expected = models.CharField(_("as the contract says"), max_length=200, blank=True)
    found = models.CharField(_("found"), max_length=100, blank=True)
    """A type, or the unknown word."""
    outline = models.JSONField(_("example"), default=dict, blank=True)
    """The fields of the object around it, with their types."""
    remote_id = models.CharField(_("id at the service"), max_length=100, blank=True)
    """Of the document in whose answer it was first seen."""
    first_seen_at = models.DateTimeField(_("first seen"), default=timezone.now)
    last_seen_at = models.DateTimeField(_("last seen"), default=timezone.now)
    """At most an hour too old."""
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )

    objects = ContractDifferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("difference from the contract")
        verbose_name_plural = _("differences from the contract")
        ordering = ("-first_seen_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("connection", "form", "kind", "path", "found"), name="one_row_per_contract_difference"
            ),
        )

    def __str__(self) -> str:
        return f"{self.form}: {self.path} ({self.get_kind_display()})"

    def acknowledge(self, person: User) -> bool:
        rows = ContractDifference.objects.news().filter(pk=self.pk)
        return bool(rows.update(acknowledged_at=clock.now(), acknowledged_by=person))

    def reopen(self) -> bool:
        rows = ContractDifference.objects.filter(pk=self.pk, acknowledged_at__isnull=False)
        return bool(rows.update(acknowledged_at=None, acknowledged_by=None))
