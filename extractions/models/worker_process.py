"""Which workers there are, and whether they live."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

QUEUE = "queue"
"""The name of Celery's threads."""
SILENT_AFTER = timedelta(seconds=60)


class WorkerProcessQuerySet(models.QuerySet["WorkerProcess"]):
    def alive(self, now: datetime | None = None) -> Self:
        """Heard of a moment ago, and not stopped."""
        return self.filter(stopped_at__isnull=True, seen_at__gt=(now or timezone.now()) - SILENT_AFTER)

    def minding(self) -> Self:
        """Alive, and finding by itself what is due: more than those that take rows off a queue."""
        return self.alive().exclude(lanes__has_key=QUEUE)


class WorkerProcess(models.Model):
    """One process that sends documents. It says every few seconds that it lives, and at its end that it stops."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    host = models.CharField(_("machine"), max_length=100)
    pid = models.PositiveIntegerField(_("process"))
    started_at = models.DateTimeField(_("since"), default=timezone.now)
    seen_at = models.DateTimeField(_("last seen"), default=timezone.now)
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    lanes = models.JSONField(
        _("lanes"), default=dict, blank=True, help_text=_("Name, and how many are busy of how many")
    )

    objects = WorkerProcessQuerySet.as_manager()

    class Meta:
        verbose_name = _("worker process")
        verbose_name_plural = _("worker processes")
        ordering = ("-seen_at",)

    def __str__(self) -> str:
        return self.name

    @property
    def alive(self) -> bool:
        return self.stopped_at is None and timezone.now() - self.seen_at < SILENT_AFTER
