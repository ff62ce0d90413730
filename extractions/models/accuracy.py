"""What reviews showed of the values: counts by field, what each document contributed to them, and second looks.

Counts have plain ids instead of foreign keys, so that rows survive deletions. A row without an issuer is the sum over
all issuers.
"""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from extractions.models.extraction import Extraction
from portal.people.models import Team, User

LONGEST_TEXT = 200


class AccuracyPolicy(models.Model):
    """How many of the documents that nobody touched are drawn for a blind second look; a team's choice."""

    team = models.OneToOneField(Team, models.CASCADE, related_name="accuracy_policy", verbose_name=_("team"))
    blind_share = models.PositiveSmallIntegerField(
        _("drawn for a second look, in %"), default=0, validators=[MaxValueValidator(100)]
    )

    class Meta:
        verbose_name = _("policy for second looks")
        verbose_name_plural = _("policies for second looks")

    def __str__(self) -> str:
        return f"{self.team}: {self.blind_share} %"


class _Dimensions(models.Model):
    team_number = models.BigIntegerField()
    schema_number = models.BigIntegerField(default=0)
    version = models.CharField(_("version of the schema"), max_length=40, blank=True)
    issuer = models.CharField(_("issuer"), max_length=LONGEST_TEXT, blank=True)
    month = models.DateField(_("month"))

    class Meta:
        abstract = True


class CountedDocument(_Dimensions):
    """What an approved document contributed to the counts, so that reopening it withdraws exactly that."""

    extraction = models.OneToOneField(
        Extraction, models.CASCADE, related_name="counted", verbose_name=_("extraction"), primary_key=True
    )
    approved_at = models.DateTimeField(_("approved"))
    touched = models.BooleanField(_("a person decided about a value"))
    seconds = models.FloatField(_("seconds in review"), null=True, blank=True)
    """From taking the document to approving it; null if nobody held it."""
    parts: models.JSONField[Any, Any] = models.JSONField(
        _("contribution"), default=list, help_text="[field, mark, bin, kept, changed, untouched, confidence]"
    )

    class Meta:
        verbose_name = _("counted document")
        verbose_name_plural = _("counted documents")
        indexes = (
            models.Index(fields=("team_number", "-approved_at"), name="counted_newest", condition=Q(touched=True)),
        )

    def __str__(self) -> str:
        return f"{self.extraction_id}, {self.month:%Y-%m}"


class DocumentCount(_Dimensions):
    """Approved documents of a month, and the values in them."""

    documents = models.BigIntegerField(default=0)
    untouched = models.BigIntegerField(default=0)
    """Documents of which no person confirmed or changed a value."""
    timed = models.BigIntegerField(default=0)
    """Documents of which the time in review is known."""
    seconds = models.BigIntegerField(default=0)
    timed_values = models.BigIntegerField(default=0)
    """Values that people confirmed or changed in the timed documents."""
    kept = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    untouched_values = models.BigIntegerField(default=0)
    confirmed = models.BigIntegerField(default=0)
    """Values that evidence confirmed."""
    confirmed_changed = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("count of documents")
        verbose_name_plural = _("counts of documents")
        constraints = (
            models.UniqueConstraint(
                fields=("team_number", "issuer", "schema_number", "version", "month"), name="one_document_count"
            ),
        )

    def __str__(self) -> str:
        return f"{self.team_number}, {self.month:%Y-%m}: {self.documents}"


class FieldCount(_Dimensions):
    """Values of one field with one mark and one range of confidence: kept, changed, or touched by nobody."""

    field = models.CharField(_("field"), max_length=1000)
    mark = models.CharField(_("mark before review"), max_length=20, blank=True)
    confidence_bin = models.SmallIntegerField(_("range of confidence"), default=-1)
    """Index in `accuracy.facts.BINS`; -1 without a confidence."""
    blind = models.BooleanField(_("from a blind second look"), default=False)
    kept = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    untouched = models.BigIntegerField(default=0)
    confidence = models.BigIntegerField(default=0)
    """Sum over the values that were kept or changed, in millionths."""

    class Meta:
        verbose_name = _("count of values")
        verbose_name_plural = _("counts of values")
        constraints = (
            models.UniqueConstraint(
                fields=(
                    "team_number", "issuer", "schema_number", "version", "month", "field", "mark", "confidence_bin",
                    "blind",
                ),
                name="one_field_count",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.field}, {self.month:%Y-%m}: {self.kept} + {self.changed}"


class Correction(_Dimensions):
    """A value of an approved document that a person corrected. Goes with the document."""

    counted = models.ForeignKey(CountedDocument, models.CASCADE, related_name="corrections")
    field = models.CharField(_("field"), max_length=1000)
    before = models.CharField(_("extracted"), max_length=LONGEST_TEXT, blank=True)
    after = models.CharField(_("corrected"), max_length=LONGEST_TEXT, blank=True)

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        indexes = (models.Index(fields=("team_number", "-id"), name="correction_newest"),)

    def __str__(self) -> str:
        return f"{self.field}: {self.before} → {self.after}"


class SecondLook(models.Model):
    """An approved document that nobody touched, drawn by chance: a person judges its values without seeing marks."""

    extraction = models.OneToOneField(
        Extraction, models.CASCADE, related_name="second_look", verbose_name=_("extraction")
    )
    drawn_at = models.DateTimeField(_("drawn"), default=timezone.now)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("done by")
    )

    class Meta:
        verbose_name = _("second look")
        verbose_name_plural = _("second looks")
        indexes = (models.Index(fields=("drawn_at",), name="second_look_open", condition=Q(done_at__isnull=True)),)

    def __str__(self) -> str:
        return str(self.extraction)


class AccuracyBackfill(models.Model):
    """A single row: how far documents that were approved before there were counts have been counted."""

    reached = models.BigIntegerField(default=0)
    until = models.BigIntegerField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("backfill of counts")
        verbose_name_plural = _("backfills of counts")

    def __str__(self) -> str:
        return f"{self.reached} of {self.until}"
