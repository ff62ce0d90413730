"""Which request made which document, for programs that repeat a request because they never saw the answer."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from extractions.models.extraction import Extraction
from portal.people.models import Team, User


class IdempotencyKey(models.Model):
    """An `Idempotency-Key` of one sender in one team, with a digest of the request that came with it first."""

    person = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("sent by"))
    team = models.ForeignKey(Team, models.CASCADE, related_name="+", verbose_name=_("team"))
    key_hash = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    extraction = models.ForeignKey(Extraction, models.CASCADE, related_name="+", verbose_name=_("extraction"))
    created_at = models.DateTimeField(_("made"), default=timezone.now)

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints = (
            models.UniqueConstraint(fields=("person", "team", "key_hash"), name="one_request_per_idempotency_key"),
        )

    def __str__(self) -> str:
        return f"{self.person_id}: {self.extraction_id}"
