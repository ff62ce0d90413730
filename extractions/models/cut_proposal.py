"""Where a file that is not sent yet could be cut into documents, as the worker proposes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from extractions.models.draft import Draft

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class CutProposal(models.Model):
    """Asked for when the pages of a draft are arranged. It goes with the draft."""

    draft = models.OneToOneField(
        Draft, models.CASCADE, related_name="cut_proposal", verbose_name=_("file not sent yet")
    )
    recognise = models.BooleanField(_("scans are recognised, too"), default=False)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    """When the worker reads on; null once it has proposed, or cannot."""
    texts_read = models.PositiveIntegerField(_("pages whose text was looked at"), default=0)
    scans = models.PositiveIntegerField(_("scanned pages that were not read"), default=0)
    cuts = models.JSONField(_("cuts"), default=list, blank=True, help_text="[[page, probability, [reasons]]]")
    empty = models.JSONField(_("pages to leave out"), default=list, blank=True)
    failed = models.BooleanField(_("the file cannot be read"), default=False)

    if TYPE_CHECKING:
        pages: RelatedManager[CutProposalPage]

    class Meta:
        verbose_name = _("proposal of cuts")
        verbose_name_plural = _("proposals of cuts")
        indexes = (models.Index(fields=("due_at",), name="cut_proposal_due", condition=Q(due_at__isnull=False)),)

    def __str__(self) -> str:
        return str(self.draft)


class CutProposalPage(models.Model):
    """What a page shows of the boundaries between documents (`reading.boundaries.facts`)."""

    proposal = models.ForeignKey(CutProposal, models.CASCADE, related_name="pages", verbose_name=_("proposal of cuts"))
    number = models.PositiveIntegerField(_("page"))
    facts: models.JSONField[Any, Any] = models.JSONField(_("what it shows"), null=True, blank=True)
    """Null for a page that cannot be read."""

    class Meta:
        verbose_name = _("page of a proposal of cuts")
        verbose_name_plural = _("pages of proposals of cuts")
        constraints = (models.UniqueConstraint(fields=("proposal", "number"), name="one_cut_proposal_page"),)

    def __str__(self) -> str:
        return f"{self.proposal}, {self.number}"
