"""The API as one address and one key: whose it is, working, or paused and why."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.db.models import Exists, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from extractions.models.installation import Installation
from portal.connection import connection_key, connection_url, is_embedded, key_fingerprint
from portal.people.models import Membership, Team
from portal.sealing import unseal

if TYPE_CHECKING:
    from portal.people.models import User

TRUST_LASTS = timedelta(days=2)
WARNED_BEFORE = timedelta(days=14)
IN_USE = Q(retired_at__isnull=True)


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def own(self) -> Self:
        """Those that were entered on a page, with a key that is kept here, sealed."""
        return self.exclude(scope=Connection.Scope.SETTINGS)

    def default(self) -> Self:
        """What a team without a connection of its own may use: that of the site, and that of the settings."""
        return self.filter(Q(IN_USE, scope=Connection.Scope.SITE) | _of_settings())


class Connection(models.Model):
    """One API address with one key.

    The key of the settings is not kept here, only its fingerprint. A team, or the site, can have a connection of its
    own, whose key is kept sealed. One that is replaced or removed is retired: nothing new is sent by it, and what was
    sent by it is followed, and deleted there, with its key.
    """

    class Scope(models.TextChoices):
        """Where it is set, and so for whom it is."""

        SETTINGS = "settings", _("Settings")
        SITE = "site", _("Site")
        TEAM = "team", _("Team")

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
        KEY_LOST = "key_lost", _("Key cannot be read")

    class Readiness(models.TextChoices):
        """What the embedded engine last said of itself."""

        UNKNOWN = "", _("Unknown")
        WARMING = "warming", _("Warming up")
        READY = "ready", _("Ready")
        BROKEN = "broken", _("Broken")

    HURRIED = (Pause.KEY_REFUSED, Pause.NO_CREDITS, Pause.WRONG_ADDRESS, Pause.UNREACHABLE)
    """Pauses whose end a person may know of before us."""

    scope = models.CharField(_("set in"), max_length=10, choices=Scope.choices, default=Scope.SETTINGS)
    team = models.ForeignKey(
        Team, models.CASCADE, null=True, blank=True, related_name="connections", verbose_name=_("team")
    )
    base_url = models.URLField(_("address"), max_length=500)
    key_fingerprint = models.CharField(_("key fingerprint"), max_length=64)
    sealed_key = models.TextField(_("sealed key"), blank=True, editable=False)
    key_ending = models.CharField(_("key ends in"), max_length=4, blank=True)
    key_expires_on = models.DateField(_("key expires on"), null=True, blank=True)
    default_server = models.CharField(_("server"), max_length=20, blank=True)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)
    successor = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="predecessors", verbose_name=_("successor")
    )
    """The connection that took its place, as long as it is not known whether both are one account at the service."""
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
    readiness = models.CharField(
        _("engine is"), max_length=10, choices=Readiness.choices, default=Readiness.UNKNOWN, blank=True
    )
    schemas_refreshed_at = models.DateTimeField(_("schemas refreshed"), null=True, blank=True)
    refresh_wanted_at = models.DateTimeField(_("refresh wanted"), null=True, blank=True)
    check_wanted_at = models.DateTimeField(_("test wanted"), null=True, blank=True)
    checked_at = models.DateTimeField(_("tested"), null=True, blank=True)
    check_outcome = models.CharField(_("outcome of the test"), max_length=40, blank=True)
    """Empty where the service answered as it should; else the code of the failure."""
    check_detail = models.TextField(_("the service's words at the test"), blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    WORKING: ClassVar[dict[str, Any]] = {
        "pause": "",
        "pause_detail": "",
        "paused_at": None,
        "next_probe_at": None,
        "failures": 0,
        "trial": None,
    }

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")
        constraints = (
            models.UniqueConstraint(
                fields=("base_url", "key_fingerprint"), condition=Q(scope="settings"), name="one_row_per_api_and_key"
            ),
            models.UniqueConstraint(
                fields=("scope",), condition=Q(scope="site", retired_at__isnull=True), name="one_connection_of_the_site"
            ),
            models.UniqueConstraint(
                fields=("team",), condition=Q(scope="team", retired_at__isnull=True), name="one_connection_per_team"
            ),
            models.CheckConstraint(
                condition=Q(scope="team", team__isnull=False) | (~Q(scope="team") & Q(team__isnull=True)),
                name="connection_of_a_team_has_one",
            ),
        )

    def __str__(self) -> str:
        return f"{self.base_url} ({self.get_pause_display()})"

    @classmethod
    def current(cls) -> Connection:
        """The row for the address and the key in the settings."""
        row, _created = cls.objects.get_or_create(
            base_url=connection_url(),
            key_fingerprint=key_fingerprint(),
            scope=cls.Scope.SETTINGS,
            defaults={"embedded": is_embedded()},
        )
        return row

    @classmethod
    def of_team(cls, team: Team | int) -> Connection:
        """What this team's new documents are sent by: its own, that of the site, or that of the settings."""
        number = team.pk if isinstance(team, Team) else team
        rows = cls.objects.filter(Q(IN_USE, team=number) | Q(IN_USE, scope=cls.Scope.SITE) | _of_settings())
        return min(rows, key=_nearest, default=None) or cls.current()

    @classmethod
    def used_by(cls, person: User) -> list[Connection]:
        """What new documents of this person's teams are sent by; without a team, what one would use."""
        teams = Membership.objects.filter(person=person.pk)
        served = cls.objects.filter(IN_USE, scope=cls.Scope.TEAM).values("team")
        rows = list(
            cls.objects.filter(
                Q(IN_USE, team__in=teams.values("team")) | Q(IN_USE, scope=cls.Scope.SITE) | _of_settings()
            )
            .annotate(fallen_back_on=Exists(teams.exclude(team__in=served)))
            .order_by("pk")
        )
        own = [row for row in rows if row.team_id]
        default = min((row for row in rows if not row.team_id), key=_nearest, default=None) or cls.current()
        return [default, *own] if not own or getattr(default, "fallen_back_on", True) else own

    @staticmethod
    def configured_key() -> str:
        return connection_key()

    @property
    def paused(self) -> bool:
        return bool(self.pause)

    @property
    def is_own(self) -> bool:
        return self.scope != self.Scope.SETTINGS

    def key(self) -> str:
        """The key of one that was entered on a page; raises `portal.sealing.Unreadable`."""
        return unseal(self.sealed_key)

    def is_like(self, other: Connection) -> bool:
        """Whether schemas of the one mean something to the other: the same address for the same people."""
        return (self.base_url, self.scope, self.team_id) == (other.base_url, other.scope, other.team_id)

    @property
    def days_left(self) -> int | None:
        """Until the key expires; 0 on its last day, negative afterwards, None where nobody knows."""
        return None if self.key_expires_on is None else (self.key_expires_on - timezone.localdate()).days

    @property
    def expires_soon(self) -> bool:
        return self.days_left is not None and self.days_left <= WARNED_BEFORE.days

    def want_check(self) -> bool:
        """Ask the worker whether the service answers to this key."""
        return bool(Connection.objects.filter(pk=self.pk).update(check_wanted_at=timezone.now()))

    @property
    def check_pending(self) -> bool:
        wanted, done = self.check_wanted_at, self.checked_at
        return wanted is not None and (done is None or done < wanted)

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


def _of_settings() -> Q:
    return Q(scope="settings", base_url=connection_url(), key_fingerprint=key_fingerprint())


def _nearest(connection: Connection) -> int:
    return ("team", "site", "settings").index(connection.scope)
