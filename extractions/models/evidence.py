"""Inputs of verification: words of pages, rules for a schema, and policies of teams."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from extractions.models.extraction import Extraction
from extractions.models.options import Schema
from extractions.models.ordered_json import OrderedJSONField
from portal.people.models import Team, User


class PageWords(models.Model):
    """The words of a page in reading order. Numbered from 1 in the original file; blank pages have rows too."""

    class Source(models.TextChoices):
        TEXT_LAYER = "text layer", _("the document's own text")
        OCR = "ocr", _("text recognised from the picture")
        UNREADABLE = "unreadable", _("cannot be read")

    extraction = models.ForeignKey(Extraction, models.CASCADE, related_name="page_words", verbose_name=_("extraction"))
    number = models.PositiveIntegerField(_("page"))
    words = OrderedJSONField(
        _("words"),
        default=list,
        blank=True,
        help_text=_("[x0, y0, x1, y1, text], in fractions of the page as displayed"),
    )
    source = models.CharField(_("source"), max_length=20, choices=Source.choices)

    class Meta:
        verbose_name = _("words of a page")
        verbose_name_plural = _("words of pages")
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=("extraction", "number"), name="one_list_of_words_per_page"),)

    def __str__(self) -> str:
        return f"{self.extraction}, {self.number}"


class Rule(models.Model):
    """A validation rule of a team for a schema, such as `total = subtotal + tax`."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="rules", verbose_name=_("team"))
    schema = models.ForeignKey(Schema, models.CASCADE, related_name="rules", verbose_name=_("schema"))
    text = models.CharField(_("rule"), max_length=500)
    message = models.CharField(_("what to say when it is broken"), max_length=300, blank=True)
    author = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("author"))
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.text


class SecondPersonPolicy(models.Model):
    """Which documents of a schema need a second approval (four-eyes principle). 0 and null disable a criterion."""

    MOST_FIRST = 10_000

    team = models.ForeignKey(Team, models.CASCADE, related_name="second_person_policies", verbose_name=_("team"))
    schema = models.ForeignKey(Schema, models.CASCADE, related_name="second_person_policies", verbose_name=_("schema"))
    above = models.DecimalField(_("amounts above"), max_digits=30, decimal_places=10, null=True, blank=True)
    first = models.PositiveIntegerField(_("the first so many documents"), default=0)
    share = models.PositiveSmallIntegerField(_("so many of a hundred"), default=0)

    class Meta:
        verbose_name = _("policy for a second person")
        verbose_name_plural = _("policies for a second person")
        constraints = (models.UniqueConstraint(fields=("team", "schema"), name="one_policy_per_schema_and_team"),)

    def __str__(self) -> str:
        return f"second person for {self.schema}"


class EvidencePolicy(models.Model):
    """How many of the values that evidence confirms may be wrong without anybody seeing it; a team's choice."""

    USUAL = Decimal("1.0")
    MOST = Decimal("20.0")

    team = models.OneToOneField(Team, models.CASCADE, related_name="evidence_policy", verbose_name=_("team"))
    wrong_unseen = models.DecimalField(
        _("may be wrong unseen, in %"),
        max_digits=4,
        decimal_places=1,
        default=USUAL,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(MOST)],
    )

    class Meta:
        verbose_name = _("policy for evidence")
        verbose_name_plural = _("policies for evidence")

    def __str__(self) -> str:
        return f"{self.team}: {self.wrong_unseen} %"
