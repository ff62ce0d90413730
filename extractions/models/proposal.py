"""Schemas proposed from examples: which documents, and what the embedded engine found in each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from extractions.models.extraction import Extraction
from portal.people.models import Membership, Team

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from portal.people.models import User


class SchemaProposalQuerySet(models.QuerySet["SchemaProposal"]):
    def visible_to(self, person: User) -> Self:
        """Those of the person's teams: they show values of documents."""
        return self.filter(team__in=Membership.objects.filter(person=person.pk).values("team"))


class SchemaProposal(models.Model):
    """A schema in the making: what several documents of a kind have in common."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="schema_proposals", verbose_name=_("team"))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    language = models.CharField(_("language of the fields"), max_length=10)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    if TYPE_CHECKING:
        documents: RelatedManager[ProposalDocument]

    objects = SchemaProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposal of a schema")
        verbose_name_plural = _("proposals of schemas")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.team} ({self.created_at:%Y-%m-%d})"

    def get_absolute_url(self) -> str:
        return reverse("extractions:schema_proposal", args=[self.pk])


class ProposalDocument(models.Model):
    """One example. The row is the job of the worker."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("example", "waits")
        READING = "reading", pgettext_lazy("example", "is being read")
        DONE = "done", pgettext_lazy("example", "read")
        FAILED = "failed", pgettext_lazy("example", "could not be read")

    UNDERWAY = (State.WAITING, State.READING)

    proposal = models.ForeignKey(
        SchemaProposal, models.CASCADE, related_name="documents", verbose_name=_("proposal of a schema")
    )
    extraction = models.ForeignKey(
        Extraction, models.CASCADE, related_name="proposal_documents", verbose_name=_("document")
    )
    position = models.PositiveIntegerField(_("position"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    remote_id = models.CharField(_("id at the service"), max_length=100, blank=True)
    next_try_at = models.DateTimeField(_("next try"), null=True, blank=True, default=timezone.now)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    found: models.JSONField[Any, Any] = models.JSONField(_("what was found"), null=True, blank=True)
    error_detail = models.TextField(_("the service's words"), blank=True)

    class Meta:
        verbose_name = _("example of a proposal")
        verbose_name_plural = _("examples of proposals")
        ordering = ("position",)
        indexes = (
            models.Index(
                fields=("next_try_at",), name="proposal_documents_due", condition=Q(next_try_at__isnull=False)
            ),
        )
        constraints = (models.UniqueConstraint(fields=("proposal", "extraction"), name="one_row_per_example"),)

    def __str__(self) -> str:
        return f"{self.proposal}: {self.extraction_id}"

    @property
    def underway(self) -> bool:
        return self.state in self.UNDERWAY
