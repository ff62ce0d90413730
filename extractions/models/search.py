"""Search data: tags, metadata pairs, saved views, counters, export mappings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from extractions.models.extraction import Extraction
from extractions.models.options import Schema
from portal.people.models import Membership, Team, User

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class Tag(models.Model):
    """A team's label for documents."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="tags", verbose_name=_("team"))
    name = models.CharField(_("name"), max_length=60)

    if TYPE_CHECKING:
        taggings: RelatedManager[Tagging]

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("team", "name"), name="one_tag_per_name_and_team"),)

    def __str__(self) -> str:
        return self.name


class Tagging(models.Model):
    """Assigns a tag to a document."""

    tag = models.ForeignKey(Tag, models.CASCADE, related_name="taggings", verbose_name=_("tag"), db_index=False)
    extraction = models.ForeignKey(Extraction, models.CASCADE, related_name="taggings", verbose_name=_("extraction"))

    class Meta:
        verbose_name = _("tagging")
        verbose_name_plural = _("taggings")
        constraints = (models.UniqueConstraint(fields=("tag", "extraction"), name="one_tagging_per_tag"),)

    def __str__(self) -> str:
        return f"{self.extraction_id}: {self.tag_id}"


class MetadataPair(models.Model):
    """A key-value pair of a document's metadata, for search; maintained by a database trigger."""

    extraction = models.ForeignKey(Extraction, models.CASCADE, related_name="pairs", verbose_name=_("extraction"))
    team_number = models.BigIntegerField()
    key = models.CharField(_("key"), max_length=200)
    value = models.CharField(_("value"), max_length=500)

    class Meta:
        verbose_name = _("pair of metadata")
        verbose_name_plural = _("pairs of metadata")
        indexes = (models.Index(fields=("team_number", "key", "value", "extraction"), name="pair_looked_up"),)

    def __str__(self) -> str:
        return f"{self.key}: {self.value}"


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, person: User) -> Self:
        """The person's own and those shared with their teams."""
        teams = Membership.objects.filter(person=person.pk).values("team")
        return self.filter(Q(owner=person, team=None) | Q(team__in=teams))


class SavedView(models.Model):
    """A named search: private, or a tab for the whole team. `query` is a URL query string."""

    owner = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="saved_views", verbose_name=_("made by")
    )
    team = models.ForeignKey(
        Team, models.CASCADE, null=True, blank=True, related_name="saved_views", verbose_name=_("for the team")
    )
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(_("search"), max_length=2000, blank=True)
    created_at = models.DateTimeField(_("made"), default=timezone.now)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name


class Tally(models.Model):
    """An increment of the document counters: change in number and in credits.

    Triggers insert one with every change of a document, in the same transaction. Rows are never updated, so writers do
    not contend; the worker compacts old ones. Sums are always exact.
    """

    team_number = models.BigIntegerField()
    moment = models.DateTimeField(null=True)
    """Start of the 15-minute bucket of receipt; null in all-time counters."""
    state = models.CharField(max_length=20)
    schema_number = models.BigIntegerField(null=True)
    documents = models.IntegerField()
    credits = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("tally")
        verbose_name_plural = _("tallies")
        indexes = (
            models.Index(
                fields=("team_number", "moment", "state", "schema_number", "documents", "credits"), name="tally_read"
            ),
        )

    def __str__(self) -> str:
        return f"{self.team_number} {self.moment} {self.state}: {self.documents}"


class ExportMapping(models.Model):
    """A team's export columns for a schema: fields, order and headings."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="export_mappings", verbose_name=_("team"))
    schema = models.ForeignKey(Schema, models.CASCADE, related_name="export_mappings", verbose_name=_("schema"))
    columns = models.JSONField(_("columns"), default=list, help_text=_("[[path, heading], ...]"))

    class Meta:
        verbose_name = _("columns of an export")
        verbose_name_plural = _("columns of exports")
        constraints = (models.UniqueConstraint(fields=("team", "schema"), name="one_mapping_per_schema_and_team"),)

    def __str__(self) -> str:
        return f"{self.schema_id}"
