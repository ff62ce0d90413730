"""What identifies invoices, for finding the same one in another file; and what people said of pairs of them."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from extractions.models.extraction import Extraction
from portal.people.models import Team, User


class InvoiceKeys(models.Model):
    """The normalised identity of one document (see `evidence.invoice_identity`), written with its values."""

    extraction = models.OneToOneField(
        Extraction, models.CASCADE, related_name="invoice_keys", verbose_name=_("extraction")
    )
    team_number = models.BigIntegerField()
    number = models.CharField(_("number"), max_length=60, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=30, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    issued_on = models.DateField(_("date"), null=True, blank=True)
    supplier = models.CharField(_("supplier"), max_length=120, blank=True)
    supplier_ids = models.JSONField(_("tax numbers and IBANs of the supplier"), default=list, blank=True)
    is_credit = models.BooleanField(_("credit note"), default=False)
    printed_number = models.CharField(_("number as it was given"), max_length=200, blank=True)
    printed_supplier = models.CharField(_("supplier as it was given"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("keys of an invoice")
        verbose_name_plural = _("keys of invoices")
        indexes = (
            models.Index(fields=("team_number", "number", "amount"), name="same_number"),
            models.Index(
                fields=("team_number", "amount", "issued_on"),
                name="same_amount",
                condition=Q(amount__isnull=False, issued_on__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.extraction_id}: {self.number}"


class DistinctInvoices(models.Model):
    """Two documents that look like the same invoice and that a person said are not."""

    extraction = models.ForeignKey(
        Extraction, models.CASCADE, related_name="distinct_from", verbose_name=_("extraction")
    )
    other = models.ForeignKey(Extraction, models.CASCADE, related_name="distinct_of", verbose_name=_("other"))
    reason = models.CharField(_("reason"), max_length=500)
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("pair of different invoices")
        verbose_name_plural = _("pairs of different invoices")
        constraints = (models.UniqueConstraint(fields=("extraction", "other"), name="one_row_per_pair_of_invoices"),)

    def __str__(self) -> str:
        return f"{self.extraction_id}, {self.other_id}"


class DuplicateInvoicePolicy(models.Model):
    """A team's choice of when two documents are the same invoice."""

    MOST_MONTHS, MOST_DAYS = 120, 31
    MOST_AMOUNT = Decimal(1_000)

    team = models.OneToOneField(Team, models.CASCADE, related_name="duplicate_invoice_policy", verbose_name=_("team"))
    enabled = models.BooleanField(_("look for the same invoice in other files"), default=True)
    months = models.PositiveSmallIntegerField(
        _("months between them"), default=18, validators=[MinValueValidator(1), MaxValueValidator(MOST_MONTHS)]
    )
    amount = models.DecimalField(
        _("difference of the amounts"),
        max_digits=8,
        decimal_places=2,
        default=Decimal("1.00"),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(MOST_AMOUNT)],
    )
    days = models.PositiveSmallIntegerField(
        _("days between the dates"), default=3, validators=[MaxValueValidator(MOST_DAYS)]
    )

    class Meta:
        verbose_name = _("policy for duplicate invoices")
        verbose_name_plural = _("policies for duplicate invoices")

    def __str__(self) -> str:
        return f"duplicate invoices of {self.team}"
