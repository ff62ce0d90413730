"""Parts of an extraction: content images, page images, values."""

from __future__ import annotations

from django.db import models, transaction
from django.db.models import Func, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from extractions import clock, wakeup
from extractions.folding import plain_words
from extractions.models.extraction import Extraction
from extractions.models.ordered_json import OrderedJSONField
from extractions.models.reviewable import ReviewableValue

FOLDED = 250
"""Characters of a value that searches by field look at."""


class ContentImage(models.Model):
    """An image that the service cut out of the document. `name` and `url` are the API's; neither is unique."""

    extraction = models.ForeignKey(
        Extraction, models.CASCADE, related_name="content_images", verbose_name=_("extraction")
    )
    position = models.PositiveIntegerField(_("position"))
    remote_id = models.CharField(_("id at the service"), max_length=100, blank=True)
    name = models.CharField(_("name"), max_length=500, null=True, blank=True)  # noqa: DJ001 - the API says null
    url = models.TextField(_("URL"))
    file = models.FileField(_("file"), max_length=300, blank=True)
    mime = models.CharField(_("type"), max_length=100, blank=True)
    error_code = models.CharField(_("why it could not be fetched"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("content image")
        verbose_name_plural = _("content images")
        ordering = ("position",)
        constraints = (models.UniqueConstraint(fields=("extraction", "position"), name="one_image_per_position"),)

    def __str__(self) -> str:
        return self.name or f"#{self.position}"


class PageImage(models.Model):
    """A rendered page. Numbered from 1 in the original file; width and height in pixels.

    `sharp` is rendered on demand for zooming; if that shows no more detail, it equals `file`.
    """

    extraction = models.ForeignKey(Extraction, models.CASCADE, related_name="pages", verbose_name=_("extraction"))
    number = models.PositiveIntegerField(_("page"))
    file = models.FileField(_("file"), max_length=300)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    small = models.FileField(_("thumbnail"), max_length=300, blank=True)
    sharp = models.FileField(_("sharp image"), max_length=300, blank=True)
    sharp_due_at = models.DateTimeField(_("sharp image due"), null=True, blank=True)

    class Meta:
        verbose_name = _("page image")
        verbose_name_plural = _("page images")
        ordering = ("number",)
        indexes = (
            models.Index(fields=("sharp_due_at",), name="page_sharp_due", condition=Q(sharp_due_at__isnull=False)),
        )
        constraints = (models.UniqueConstraint(fields=("extraction", "number"), name="one_image_per_page"),)

    def __str__(self) -> str:
        return f"{self.extraction}, {self.number}"

    def request_sharp(self) -> bool:
        """Request the high-resolution image from the worker."""
        rows = PageImage.objects.filter(pk=self.pk, sharp="", sharp_due_at__isnull=True)
        if not rows.update(sharp_due_at=clock.now()):
            return False
        transaction.on_commit(wakeup.notify_workers, robust=True)
        return True


class Beginning(Func):
    """The uppercased first `LENGTH` characters. Only for earlier migrations, which index it."""

    LENGTH = 60
    template = f"UPPER(SUBSTR(%(expressions)s, 1, {LENGTH}))"
    output_field = models.CharField()


class _FoldedText(models.CharField[str | None, str | None]):
    """The plain words of `text`, each between spaces; set on save."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        folded = folded_text(str(getattr(model_instance, "text", "")))
        setattr(model_instance, self.attname, folded)
        return folded


def folded_text(text: str) -> str:
    """As it is indexed: a long text by its beginning, up to the last word that fits."""
    words = " ".join(plain_words(text[:FOLDED]))
    if len(words) > FOLDED or len(text) > FOLDED:
        words = words[:FOLDED].rpartition(" ")[0] or words[:FOLDED]
    return f" {words} " if words else ""


class _NameOfPath(models.CharField[str, str]):
    """The last name in `path`, lowercased ("amount" for `lines[0].amount`); set on save."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        name = name_of_path(str(getattr(model_instance, "path", "")))
        setattr(model_instance, self.attname, name)
        return name


class _TeamOfExtraction(models.BigIntegerField[int, int]):
    """The document's team, denormalised for searches within a team; set on save."""

    def pre_save(self, model_instance: models.Model, add: bool) -> int:
        team = int(model_instance.extraction.team_id)  # type: ignore[attr-defined]
        setattr(model_instance, self.attname, team)
        return team


def name_of_path(path: str) -> str:
    return path.rpartition(".")[2].partition("[")[0].lower()[:100]


class Value(ReviewableValue):
    """One leaf of `extracted_data`, in document order, with its bounding boxes where known."""

    class Evidence(models.TextChoices):
        EXACT = "exact", _("in the document")
        NORMALISED = "normalised", _("in the document, written differently")
        FUZZY = "fuzzy", _("something similar in the document")
        MISSING = "missing", _("not in the document")
        NONE = "none", _("empty")

    extraction = models.ForeignKey(Extraction, models.CASCADE, related_name="values", verbose_name=_("extraction"))
    position = models.PositiveIntegerField(_("position"))
    path = models.CharField(_("path"), max_length=1000, help_text=_("Such as lines[0].amount"))
    text = models.TextField(_("text"), blank=True)
    number = models.DecimalField(
        pgettext_lazy("kind of field", "number"), max_digits=30, decimal_places=10, null=True, blank=True
    )
    date = models.DateField(_("date"), null=True, blank=True)
    page = models.PositiveIntegerField(_("page"), null=True, blank=True)
    boxes = models.JSONField(
        _("boxes"), default=list, blank=True, help_text=_("[x0, y0, x1, y1] as fractions of the page")
    )
    extracted = OrderedJSONField(_("as it was extracted"), null=True, blank=True)
    evidence = models.CharField(_("evidence"), max_length=20, choices=Evidence.choices, blank=True)
    """How well the value matches the document; empty until grounded."""
    evidence_text = models.TextField(_("words on the page"), blank=True)
    confidence = models.FloatField(_("confidence"), null=True, blank=True)
    """Calibrated probability that the extracted value is right, from 0 to 1; null until grounded."""
    broken = models.JSONField(
        _("broken rules"), default=list, blank=True, help_text='{"rule": code, "paths": [...], "params": {...}}'
    )

    # For searches; see the indexes.
    team_number = _TeamOfExtraction(editable=False)
    name = _NameOfPath(_("name"), max_length=100, editable=False, blank=True)
    folded = _FoldedText(max_length=FOLDED + 2, editable=False, null=True)
    """Null until the worker has indexed a value of an earlier version."""

    class Meta:
        verbose_name = _("value")
        verbose_name_plural = _("values")
        ordering = ("position",)
        indexes = (
            models.Index(
                fields=("team_number", "name", "number", "extraction"),
                name="value_number",
                condition=Q(number__isnull=False),
            ),
            models.Index(
                fields=("team_number", "name", "date", "extraction"),
                name="value_date",
                condition=Q(date__isnull=False),
            ),
            models.Index(
                fields=("team_number", "name", "folded", "extraction"),
                name="value_words",
                condition=Q(removed=False, number__isnull=True),
            ),
            models.Index(fields=("folded", "id"), name="value_unfolded", condition=Q(folded__isnull=True)),
        )
        constraints = (models.UniqueConstraint(fields=("extraction", "position"), name="one_value_per_position"),)

    def __str__(self) -> str:
        return f"{self.path}: {self.text}"
