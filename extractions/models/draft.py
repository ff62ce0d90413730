"""Files that were dropped and not sent yet."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from portal.people.models import User

LASTS = timedelta(hours=20)
"""Shorter than a file without a row may lie about (forwarding/sweep.py), so that none vanishes while it is sent."""


class DraftQuerySet(models.QuerySet["Draft"]):
    def of(self, person: User) -> Self:
        """Nobody else sees what a person has not sent yet."""
        return self.filter(owner=person.pk, received_at__gt=timezone.now() - LASTS)

    def of_page(self, person: User, batch: uuid.UUID) -> Self:
        """Those dropped on one showing of the upload page, in their order."""
        return self.of(person).filter(batch=batch).order_by("pk")

    def over(self) -> Self:
        return self.filter(received_at__lte=timezone.now() - LASTS)


class Draft(models.Model):
    """A file that is safe here, was looked into, and waits for its sender's button. Sent, it becomes an Extraction."""

    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts", verbose_name=_("from"))
    batch = models.UUIDField(_("page"), db_index=True)
    received_at = models.DateTimeField(_("received"), default=timezone.now, db_index=True)
    name = models.CharField(_("document"), max_length=255)
    document = models.CharField(_("file"), max_length=300)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    mime = models.CharField(_("type"), max_length=100)
    page_count = models.PositiveIntegerField(_("pages"))
    chosen = models.JSONField(_("options of its own"), default=dict, blank=True)
    """What differs from the options of the page: schema, classifier ("" is none), server, pages, metadata."""

    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("file not sent yet")
        verbose_name_plural = _("files not sent yet")

    def __str__(self) -> str:
        return self.name

    @property
    def is_pdf(self) -> bool:
        return self.mime == "application/pdf"

    @property
    def first_page(self) -> int:
        return int(self.chosen.get("pdf_page_start") or 1)

    @property
    def last_page(self) -> int:
        return int(self.chosen.get("pdf_page_end") or self.page_count)

    @property
    def pages_asked(self) -> int:
        return self.last_page - self.first_page + 1

    @property
    def differs(self) -> bool:
        """Whether it has options of its own beside its pages."""
        return bool(self.chosen.keys() - {"pdf_page_start", "pdf_page_end"})
