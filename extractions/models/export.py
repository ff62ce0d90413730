"""Exports: files that the worker builds from many documents. The row is the job."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from extractions import clock, wakeup
from extractions.models.extraction import Extraction
from portal.people.models import Membership, User

RETENTION = timedelta(days=1)
MOST_UNDERWAY, MOST_KEPT = 20, 200
"""Exports of one person."""


class TooManyExports(Exception):
    """The person has as many exports as they may have; older ones end within a day."""


class ExportQuerySet(models.QuerySet["Export"]):
    def visible_to(self, person: User) -> Self:
        """The person's own, while they are a member of every team whose documents may be included."""
        teams = set(Membership.objects.filter(person=person.pk).values_list("team_id", flat=True))
        own = self.filter(person=person.pk)
        return own.filter(pk__in=[row.pk for row in own.only("pk", "teams") if set(row.teams) <= teams])

    def due(self, now: datetime) -> Self:
        held = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
        return self.filter(held, next_try_at__lte=now).order_by("next_try_at", "pk")


class Export(models.Model):
    """An export job: request, progress, and the file, kept for `RETENTION`."""

    class State(models.TextChoices):
        WAITING = "WAITING", _("Waiting")
        MAKING = "MAKING", _("Being made")
        READY = "READY", _("Ready")
        FAILED = "FAILED", _("Could not be made")
        CANCELLED = "CANCELLED", _("Cancelled")
        WITHDRAWN = "WITHDRAWN", _("Withdrawn: a document in it was erased")

    UNDERWAY = (State.WAITING, State.MAKING)

    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(User, models.CASCADE, related_name="exports", verbose_name=_("for"))
    teams = models.JSONField(_("teams"), default=list)
    form = models.CharField(_("format"), max_length=20)
    query = models.CharField(_("search"), max_length=2000, blank=True)
    numbers = models.JSONField(_("chosen documents"), default=list, blank=True)
    options = models.JSONField(_("options"), default=dict, blank=True)
    created_at = models.DateTimeField(_("asked"), default=timezone.now)
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.WAITING)
    total = models.PositiveIntegerField(_("documents"), default=0)
    done = models.PositiveIntegerField(_("documents done"), default=0)
    failed_files = models.PositiveIntegerField(_("files that are missing"), default=0)
    file = models.FileField(_("file"), max_length=300, blank=True)
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    lease = models.PositiveIntegerField(_("lease"), default=0)
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    next_try_at = models.DateTimeField(_("next try"), null=True, blank=True, default=timezone.now)
    expires_at = models.DateTimeField(_("kept until"), null=True, blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ("-pk",)
        indexes = (models.Index(fields=("next_try_at",), name="export_due", condition=Q(next_try_at__isnull=False)),)

    def __str__(self) -> str:
        return f"{self.form}, {self.total}"

    def get_absolute_url(self) -> str:
        return reverse("extractions:export", args=[self.key])

    @property
    def underway(self) -> bool:
        return self.state in self.UNDERWAY

    @property
    def share(self) -> int:
        """Progress in percent."""
        return min(100, self.done * 100 // self.total) if self.total else 0

    def claim(self, lasts: timedelta) -> bool:
        """Claim it for one attempt; only one of two concurrent workers succeeds."""
        rows = Export.objects.filter(pk=self.pk, lease=self.lease, state__in=self.UNDERWAY)
        until = clock.now() + lasts
        # next_try_at stays set: when the lease of a lost worker expires, another one starts over.
        taken = rows.update(
            state=self.State.MAKING, lease=F("lease") + 1, lease_until=until, attempts=F("attempts") + 1, done=0
        )
        self.lease += bool(taken)
        self.attempts += bool(taken)
        return bool(taken)

    def progress(self, done: int, lasts: timedelta) -> bool:
        """Record progress and renew the lease; False if the lease is lost."""
        rows = Export.objects.filter(pk=self.pk, lease=self.lease, state=self.State.MAKING)
        return bool(rows.update(done=done, lease_until=clock.now() + lasts))

    def finish(self, file: str, size: int, failed_files: int) -> bool:
        return self._end(
            self.State.READY, file=file, size=size, failed_files=failed_files, expires_at=clock.now() + RETENTION
        )

    def fail(self) -> bool:
        return self._end(self.State.FAILED, expires_at=clock.now() + RETENTION)

    def cancel(self) -> bool:
        rows = Export.objects.filter(pk=self.pk, state__in=self.UNDERWAY)
        return bool(
            rows.update(state=self.State.CANCELLED, next_try_at=None, lease=F("lease") + 1, expires_at=clock.now())
        )

    def _end(self, state: str, **fields: object) -> bool:
        rows = Export.objects.filter(pk=self.pk, lease=self.lease, state=self.State.MAKING)
        return bool(rows.update(state=state, next_try_at=None, lease_until=None, **fields))

    @classmethod
    def check_room(cls, person: User) -> None:
        """Raises `TooManyExports`. Their files are kept for a day, and may each be as large as all documents."""
        own = cls.objects.filter(person=person).exclude(state__in=(cls.State.CANCELLED, cls.State.FAILED))
        if own.filter(state__in=cls.UNDERWAY).count() >= MOST_UNDERWAY or own.count() >= MOST_KEPT:
            raise TooManyExports

    @classmethod
    def request(cls, **fields: object) -> Export:
        """Create an export and wake the worker."""
        row = cls.objects.create(**({"next_try_at": clock.now()} | fields))
        transaction.on_commit(wakeup.notify_workers, robust=True)
        return row


class ExportedDocument(models.Model):
    """Links a document to the audit entry of an export that contained it."""

    extraction = models.ForeignKey(Extraction, models.CASCADE, related_name="exported", verbose_name=_("extraction"))
    entry_number = models.PositiveBigIntegerField(_("audit line"))

    class Meta:
        verbose_name = _("exported document")
        verbose_name_plural = _("exported documents")
        constraints = (models.UniqueConstraint(fields=("entry_number", "extraction"), name="exported_once_a_line"),)

    def __str__(self) -> str:
        return f"{self.extraction_id}, {self.entry_number}"
