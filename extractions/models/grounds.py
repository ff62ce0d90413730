"""What evidence is found with: the words of each page, and the rules that people wrote for a schema."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from extractions.models.extraction import Extraction
from extractions.models.options import Schema
from extractions.models.ordered import OrderedJSONField
from portal.people.models import Team, User


class PageWords(models.Model):
    """The words of a page in reading order. Number from 1 in the original file; a page without words has a row, too."""

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
    """What a team demands of each of its documents of a schema, such as `total = subtotal + tax`."""

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
