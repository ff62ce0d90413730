"""Receipts: what was erased of a document, where, and when. They hold nothing that stood in it."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.people.models import Membership, Team, User

FORMAT = 1
Facts = dict[str, Any]
"""In the form in which they are stored and hashed."""


class ReceiptQuerySet(models.QuerySet["ErasureReceipt"]):
    def visible_to(self, person: User) -> Self:
        """Site administrators see all, administrators those of their teams."""
        if person.is_superuser:
            return self
        administered = Membership.objects.filter(person=person.pk, role=Membership.Role.ADMINISTRATOR)
        return self.filter(team__in=administered.values("team"))


class ErasureReceipt(models.Model):
    """Written with the erasure of the rows. Once no file and no trace in the index is left, it is finished: hashed, and
    noted in the audit log. From then on it does not change.

    `facts` name people by their keys only, so that a receipt need not change when an account is erased.
    """

    class Scope(models.TextChoices):
        DOCUMENT = "document", _("The document and all its values")
        ORIGINAL = "original", _("The original; its values stay")

    class Reason(models.TextChoices):
        PERSON = "person", _("Erased by a person")
        TRASH = "trash", _("Its time in the trash was over")
        RETENTION = "retention", _("Its retention period was over")

    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    team = models.ForeignKey(Team, models.PROTECT, related_name="receipts", verbose_name=_("team"))
    extraction = models.ForeignKey(
        "extractions.Extraction", models.CASCADE, related_name="receipts", verbose_name=_("extraction")
    )
    scope = models.CharField(_("what"), max_length=20, choices=Scope.choices, default=Scope.DOCUMENT)
    reason = models.CharField(_("why"), max_length=20, choices=Reason.choices)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by")
    )
    file_sha256 = models.CharField(_("SHA-256 of the file"), max_length=64, db_index=True)
    erased_at = models.DateTimeField(_("erased"), default=timezone.now)
    finished_at = models.DateTimeField(_("nothing left since"), null=True, blank=True)
    facts = models.JSONField(_("facts"), default=dict)
    files = models.JSONField(_("files that are being deleted"), default=list)
    """Their names in the folder of files; empty once they are gone."""
    sha256 = models.CharField(_("SHA-256 of the receipt"), max_length=64, blank=True)
    entry_number = models.PositiveBigIntegerField(_("audit line"), null=True)

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = _("receipt of an erasure")
        verbose_name_plural = _("receipts of erasures")
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("team", "-id"), name="receipt_of_team"),
            models.Index(fields=("id",), name="receipt_unfinished", condition=Q(finished_at__isnull=True)),
        )

    def __str__(self) -> str:
        return str(self.key)

    def get_absolute_url(self) -> str:
        return reverse("extractions:receipt", args=[self.key])

    @property
    def is_genuine(self) -> bool:
        """Whether the facts are those that the hash was made of."""
        return bool(self.sha256) and self.sha256 == digest_of(self.facts)


def digest_of(facts: Facts) -> str:
    canonical = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()
