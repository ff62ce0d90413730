"""Legal holds: documents that nobody and nothing may erase until they are released."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class LegalHold(models.Model):
    """One hold on one document. A document may be under several, each with its own reason."""

    REASON_LENGTH = 300

    extraction = models.ForeignKey(
        "extractions.Extraction", models.CASCADE, related_name="holds", verbose_name=_("extraction")
    )
    reason = models.CharField(_("reason"), max_length=REASON_LENGTH)
    placed_at = models.DateTimeField(_("placed"), default=timezone.now)
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("placed by")
    )
    released_at = models.DateTimeField(_("released"), null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("released by"),
    )
    release_reason = models.CharField(_("reason for the release"), max_length=REASON_LENGTH, blank=True)

    class Meta:
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        ordering = ("-pk",)
        indexes = (models.Index(fields=("extraction",), name="hold_open", condition=Q(released_at__isnull=True)),)
        constraints = (
            models.UniqueConstraint(
                fields=("extraction", "reason"), name="held_once_for_a_reason", condition=Q(released_at__isnull=True)
            ),
        )

    def __str__(self) -> str:
        return self.reason


def held() -> Exists:
    """Condition for queries and conditional updates of documents: under a hold."""
    return Exists(LegalHold.objects.filter(extraction=OuterRef("pk"), released_at__isnull=True))
