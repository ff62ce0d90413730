"""The API as one address and one key: working, or paused and why."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from extractions.models.installation import Installation
from portal.connection import connection_key, connection_url, is_embedded, key_fingerprint

TRUST_LASTS = timedelta(days=2)


class Connection(models.Model):
    """One API address with one key. The key itself is not kept here, only its fingerprint."""

    class Pause(models.TextChoices):
        """Why nothing is sent. Each is one banner with one sentence."""

        NONE = "", _("Working")
        KEY_REFUSED = "key_refused", _("Key refused")
        NO_CREDITS = "no_credits", _("Out of credits")
        RATE = "rate", _("Asked to slow down")
        WRONG_ADDRESS = "wrong_address", _("Wrong address")
        UNREACHABLE = "unreachable", _("No answer")
        BY_HAND = "by_hand", _("Paused by staff")
        COPIED = "copied", _("Restored or copied")

    HURRIED = (Pause.KEY_REFUSED, Pause.NO_CREDITS, Pause.WRONG_ADDRESS, Pause.UNREACHABLE)
    """Pauses whose end a person may know of before us."""

    base_url = models.URLField(_("address"), max_length=500)
    key_fingerprint = models.CharField(_("key fingerprint"), max_length=64)
    embedded = models.BooleanField(_("embedded engine"), default=False)
    pause = models.CharField(_("paused because"), max_length=20, choices=Pause.choices, default=Pause.NONE, blank=True)
    pause_detail = models.TextField(_("the service's words"), blank=True)
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True)
    next_probe_at = models.DateTimeField(_("next probe"), null=True, blank=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    trial = models.ForeignKey(
        "Extraction", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("trial document")
    )
    search_trusted_at = models.DateTimeField(_("search proved"), null=True, blank=True)
    answered_at = models.DateTimeField(_("engine answered"), null=True, blank=True)
    """When the embedded engine last answered the worker's question whether it is there."""
    schemas_refreshed_at = models.DateTimeField(_("schemas refreshed"), null=True, blank=True)
    refresh_wanted_at = models.DateTimeField(_("refresh wanted"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    WORKING: ClassVar[dict[str, Any]] = {
        "pause": "",
        "pause_detail": "",
        "paused_at": None,
        "next_probe_at": None,
        "failures": 0,
        "trial": None,
    }

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")
        constraints = (models.UniqueConstraint(fields=("base_url", "key_fingerprint"), name="one_row_per_api_and_key"),)

    def __str__(self) -> str:
        return f"{self.base_url} ({self.get_pause_display()})"

    @classmethod
    def current(cls) -> Connection:
        """The row for the address and the key in the settings."""
        row, _created = cls.objects.get_or_create(
            base_url=connection_url(), key_fingerprint=key_fingerprint(), defaults={"embedded": is_embedded()}
        )
        return row

    @staticmethod
    def configured_key() -> str:
        return connection_key()

    @property
    def paused(self) -> bool:
        return bool(self.pause)

    def want_refresh(self) -> bool:
        """Ask the worker to fetch the schemas again."""
        return bool(Connection.objects.filter(pk=self.pk).update(refresh_wanted_at=timezone.now()))

    @property
    def refresh_pending(self) -> bool:
        """Whether the worker has yet to do what was asked."""
        wanted, done = self.refresh_wanted_at, self.schemas_refreshed_at
        return wanted is not None and (done is None or done < wanted)

    def search_is_trusted(self, now: datetime | None = None) -> bool:
        return self.search_trusted_at is not None and (now or timezone.now()) - self.search_trusted_at < TRUST_LASTS

    def pause_for(self, pause: Connection.Pause, *, until: datetime | None, detail: str = "") -> bool:
        """Stop sending. A pause that only staff can end is not replaced by another."""
        rows = Connection.objects.exclude(pause__in=(self.Pause.BY_HAND, self.Pause.COPIED)).filter(pk=self.pk)
        return bool(
            rows.update(pause=pause, pause_detail=detail, paused_at=timezone.now(), next_probe_at=until, trial=None)
        )

    def probe_now(self) -> bool:
        """Do not wait for the next probe. What the service asked us to wait for, and what staff paused, is kept."""
        rows = Connection.objects.filter(pk=self.pk, pause__in=self.HURRIED, trial__isnull=True)
        return bool(rows.update(next_probe_at=timezone.now()))

    def resume(self) -> bool:
        """Send again. Where this may be a copy of the portal, that takes a word more (`forwarding.copies`)."""
        rows = Connection.objects.exclude(pause=self.Pause.NONE).filter(pk=self.pk)
        if not Installation.in_doubt():
            return bool(rows.update(**self.WORKING))
        doubtful = self.WORKING | {"pause": self.Pause.COPIED, "paused_at": timezone.now()}
        return bool(rows.exclude(pause=self.Pause.COPIED).update(**doubtful))
