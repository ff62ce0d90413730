"""Documents that the service accepted, and charged, more than once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from extractions import clock
from extractions.models.extraction import Extraction
from portal.audit.recording import Action, record
from portal.people.models import Membership

if TYPE_CHECKING:
    from portal.people.models import User


class DoublePaymentQuerySet(models.QuerySet["DoublePayment"]):
    def open(self) -> Self:
        """Not yet claimed back or written off."""
        return self.filter(settled_at__isnull=True)

    def concerning(self, person: User | AnonymousUser) -> Self:
        """Of teams that this person administers; all of them for staff."""
        if not person.is_authenticated:
            return self.none()
        if person.is_staff:
            return self
        administered = Membership.objects.filter(person=person.pk, role=Membership.Role.ADMINISTRATOR)
        return self.filter(extraction__team__in=administered.values("team"))


class DoublePayment(models.Model):
    """A duplicate acceptance of a document, charged for nothing.

    Survives the document's deletion, which keeps its key, server and remote ids.
    """

    extraction = models.ForeignKey(
        Extraction, models.CASCADE, related_name="double_payments", verbose_name=_("extraction")
    )
    remote_id = models.CharField(_("id at the service"), max_length=100)
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    noticed_at = models.DateTimeField(_("noticed"), default=timezone.now)
    credits = models.PositiveIntegerField(_("credits"), null=True, blank=True)
    estimated = models.BooleanField(_("estimated"), default=False)
    """The service did not tell; the credits are those of the first acceptance."""
    credits_due_at = models.DateTimeField(_("credits asked for"), null=True, blank=True)
    """When to ask for the price next; null once it is known."""
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("settled by"),
    )

    objects = DoublePaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("double payment")
        verbose_name_plural = _("double payments")
        ordering = ("-noticed_at", "-pk")
        indexes = (
            models.Index(
                fields=("credits_due_at",), name="double_payment_due", condition=Q(credits_due_at__isnull=False)
            ),
            models.Index(fields=("extraction",), name="double_payment_open", condition=Q(settled_at__isnull=True)),
        )
        constraints = (
            models.UniqueConstraint(fields=("extraction", "remote_id"), name="one_double_payment_per_acceptance"),
        )

    def __str__(self) -> str:
        return f"{self.extraction_id}: {self.remote_id}"

    def settle(self, person: User) -> bool:
        """Mark it as claimed back or written off; False if it already was."""
        with transaction.atomic():
            rows = DoublePayment.objects.open().filter(pk=self.pk)
            happened = bool(rows.update(settled_at=clock.now(), settled_by=person))
            if happened:
                after = {"remote_id": self.remote_id, "credits": self.credits}
                record(Action.SETTLED, self.extraction, person=person, after=after)
        return happened
