"""The history of backups, for those who watch over them."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Backup(models.Model):
    """A backup that was begun. Without `finished_at` it is running, was interrupted, or has failed (`error`)."""

    begun_at = models.DateTimeField(_("begun"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    place = models.CharField(_("place"), max_length=500)
    name = models.CharField(_("name"), max_length=20, blank=True)
    documents = models.PositiveIntegerField(_("documents"), default=0)
    files = models.PositiveIntegerField(_("files"), default=0)
    bytes = models.PositiveBigIntegerField(_("bytes"), default=0)
    has_keys = models.BooleanField(_("with keys"), default=False)
    missing = models.PositiveIntegerField(_("files that were not there"), default=0)
    error = models.TextField(_("why it failed"), blank=True)

    class Meta:
        verbose_name = _("backup")
        verbose_name_plural = _("backups")
        ordering = ("-begun_at",)
        indexes = (models.Index(fields=("-begun_at",), name="backups_newest_first"),)

    def __str__(self) -> str:
        return self.name or str(self.begun_at)
