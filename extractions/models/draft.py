"""Uploaded files that have not been submitted."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from extractions.models.provenance import HasProvenance

if TYPE_CHECKING:
    from portal.people.models import User

LIFETIME = timedelta(hours=20)
GRACE = timedelta(hours=4)
"""Between hiding and deletion, so that none vanishes while it is being submitted."""


class DraftQuerySet(models.QuerySet["Draft"]):
    def of(self, person: User) -> Self:
        """The person's live drafts. Nobody else sees them."""
        return self.filter(owner=person.pk, received_at__gt=timezone.now() - LIFETIME)

    def in_batch(self, person: User, batch: uuid.UUID) -> Self:
        """Those of one upload page view, in order; a file that was split is represented by its parts."""
        return (
            self.of(person)
            .filter(batch=batch, split_at__isnull=True)
            .order_by(Coalesce("position", "pk", output_field=models.FloatField()), "pk")
        )

    def parts_of(self, draft: Draft) -> Self:
        """What the file was split into and has not been submitted."""
        return self.filter(owner=draft.owner_id, origin=draft.key)

    def used(self) -> tuple[int, int]:
        """Number of files and their total size in bytes."""
        sums = self.aggregate(files=Count("pk"), size=Sum("size"))
        return sums["files"], sums["size"] or 0

    def expired(self) -> Self:
        """Past their lifetime, no longer shown."""
        return self.filter(received_at__lte=timezone.now() - LIFETIME)

    def abandoned(self) -> Self:
        """Past lifetime and grace period, so that their files can be deleted."""
        return self.filter(received_at__lte=timezone.now() - LIFETIME - GRACE)


class Draft(HasProvenance):
    """A stored and inspected file waiting to be submitted, which turns it into an Extraction."""

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
    """Overrides of the page's options: schema, classifier ("" means none), server, page range, metadata."""
    arrangement = models.JSONField(_("arrangement of its pages"), default=list, blank=True)
    """Parts of pages, as `intake.arrangement` reads them; empty as long as nobody arranged them."""
    split_at = models.DateTimeField(_("split"), null=True, blank=True)
    """The file is kept until its parts are submitted, so that they can be put back together."""
    position = models.FloatField(_("position"), null=True, blank=True)
    """Parts stand where their file stood; all others in the order in which they came."""

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
    def requested_pages(self) -> int:
        return self.last_page - self.first_page + 1

    @property
    def differs(self) -> bool:
        """Whether it overrides any option other than the page range."""
        return bool(self.chosen.keys() - {"pdf_page_start", "pdf_page_end"})
