"""Worker processes and their heartbeats."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from extractions import clock

QUEUE_POOL = "queue"
"""The pool name of Celery consumers."""
STARTING = "starting"
"""`error_code` of a worker that has not yet verified its data folder."""
SILENT_AFTER = timedelta(seconds=60)


class WorkerProcessQuerySet(models.QuerySet["WorkerProcess"]):
    def alive(self, now: datetime | None = None) -> Self:
        """Not stopped, with a recent heartbeat."""
        return self.filter(stopped_at__isnull=True, seen_at__gt=(now or clock.now()) - SILENT_AFTER)

    def operational(self) -> Self:
        """Alive, with a data folder that matches the database. Others refuse to work."""
        return self.alive().filter(error_code="")

    def schedulers(self) -> Self:
        """Alive and polling for due rows, unlike mere Celery consumers."""
        return self.alive().exclude(lanes__has_key=QUEUE_POOL)


class WorkerProcess(models.Model):
    """A worker process, with a heartbeat every few seconds and a stop time."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    host = models.CharField(_("machine"), max_length=100)
    pid = models.PositiveIntegerField(_("process"))
    started_at = models.DateTimeField(_("since"), default=timezone.now)
    seen_at = models.DateTimeField(_("last seen"), default=timezone.now)
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    lanes = models.JSONField(
        _("lanes"), default=dict, blank=True, help_text=_("Name, and how many are busy of how many")
    )

    error_code = models.CharField(_("refuses to work because"), max_length=20, blank=True)
    """One of `Installation.Doubt`, or STARTING; empty while it works."""
    data_dir = models.CharField(_("folder"), max_length=500, blank=True)

    objects = WorkerProcessQuerySet.as_manager()

    class Meta:
        verbose_name = _("worker process")
        verbose_name_plural = _("worker processes")
        ordering = ("-seen_at",)

    def __str__(self) -> str:
        return self.name

    @property
    def alive(self) -> bool:
        return self.stopped_at is None and clock.now() - self.seen_at < SILENT_AFTER
