"""A row per send attempt."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from extractions.models.extraction import Extraction


class Attempt(models.Model):
    """One attempt to send a document; immutable once it has ended."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        REFUSED = "refused", _("Refused")
        NOT_SENT = "not_sent", _("Not sent")
        UNCLEAR = "unclear", _("Unclear")
        CRASHED = "crashed", _("Worker lost")

    extraction = models.ForeignKey(Extraction, models.CASCADE, related_name="tries", verbose_name=_("extraction"))
    number = models.PositiveIntegerField(_("number"))
    lease = models.PositiveIntegerField(_("lease"))
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    handed_over_at = models.DateTimeField(_("handed over"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome.choices, blank=True)
    http_status = models.PositiveIntegerField(_("HTTP status"), null=True, blank=True)
    remote_id = models.CharField(_("id at the service"), max_length=100, blank=True)
    detail = models.TextField(_("detail"), blank=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ("number", "pk")
        indexes = (
            models.Index(fields=("-started_at", "-id"), name="attempt_newest"),
            models.Index(fields=("outcome", "-started_at"), name="attempt_outcome"),
            models.Index(fields=("started_at",), name="attempt_open", condition=Q(ended_at__isnull=True)),
        )
        constraints = (models.UniqueConstraint(fields=("extraction", "lease"), name="one_attempt_per_claim"),)

    def __str__(self) -> str:
        return f"{self.number}: {self.get_outcome_display() or '…'}"

    @property
    def took(self) -> timedelta | None:
        return self.ended_at - self.started_at if self.ended_at else None
