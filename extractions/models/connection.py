"""API connections: address and key, owner, and whether sending is paused."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Exists, Q
from django.db.models.expressions import Combinable
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from extractions import clock
from extractions.models.installation import Installation
from portal.default_api import connection_url, is_embedded, key_fingerprint
from portal.people.models import Membership, Team
from portal.sealing import unseal

if TYPE_CHECKING:
    from portal.people.models import User

SEARCH_TRUST_LIFETIME = timedelta(days=2)
EXPIRY_WARNING = timedelta(days=14)
IN_USE = Q(retired_at__isnull=True)


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def own(self) -> Self:
        """Connections of teams and of the site, whose sealed keys are stored here."""
        return self.exclude(scope=Connection.Scope.SETTINGS)

    def default(self) -> Self:
        """Fallbacks for teams without their own connection: the site's and the settings'."""
        return self.filter(Q(IN_USE, scope=Connection.Scope.SITE) | _from_settings())


class Connection(models.Model):
    """One API address with one key.

    Of the settings' key only the fingerprint is stored. A team, or the site, can have its own connection, whose key is
    stored sealed. A replaced or removed connection is retired: nothing new is sent over it, but documents sent over it
    are still followed, and deleted at the service, with its key.
    """

    class Scope(models.TextChoices):
        """Where it is configured, and thus who uses it."""

        SETTINGS = "settings", _("Settings")
        SITE = "site", _("Site")
        TEAM = "team", _("Team")

    class Dialect(models.TextChoices):
        """Which API the service speaks."""

        V0_8_1 = "0.8.1", "0.8.1"
        V0 = "v0", "v0"

    class Pause(models.TextChoices):
        """Why nothing is sent. Each has its banner."""

        NONE = "", _("Working")
        KEY_REFUSED = "key_refused", _("Key refused")
        NO_CREDITS = "no_credits", _("Out of credits")
        RATE = "rate", _("Asked to slow down")
        WRONG_ADDRESS = "wrong_address", _("Wrong address")
        UNREACHABLE = "unreachable", _("No answer")
        BY_HAND = "by_hand", _("Paused by staff")
        COPIED = "copied", _("Restored or copied")
        KEY_LOST = "key_lost", _("Key cannot be read")
        STORE_AWAY = "store_away", _("Files unreachable")

    class Readiness(models.TextChoices):
        """The embedded engine's last reported status."""

        UNKNOWN = "", _("Unknown")
        WARMING = "warming", _("Warming up")
        READY = "ready", _("Ready")
        BROKEN = "broken", _("Broken")

    PROBEABLE = (Pause.KEY_REFUSED, Pause.NO_CREDITS, Pause.WRONG_ADDRESS, Pause.UNREACHABLE)
    """Pauses that a person may know to be over before the next probe."""

    scope = models.CharField(_("set in"), max_length=10, choices=Scope.choices, default=Scope.SETTINGS)
    team = models.ForeignKey(
        Team, models.CASCADE, null=True, blank=True, related_name="connections", verbose_name=_("team")
    )
    base_url = models.URLField(_("address"), max_length=500)
    dialect = models.CharField(_("version of the API"), max_length=10, choices=Dialect.choices, default=Dialect.V0_8_1)
    key_fingerprint = models.CharField(_("key fingerprint"), max_length=64)
    sealed_key = models.TextField(_("sealed key"), blank=True, editable=False)
    key_ending = models.CharField(_("key ends in"), max_length=4, blank=True)
    key_expires_on = models.DateField(_("key expires on"), null=True, blank=True)
    default_server = models.CharField(_("server"), max_length=20, blank=True)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)
    successor = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="predecessors", verbose_name=_("successor")
    )
    """The connection that replaced it, until it is known whether both use the same account at the service."""
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
    search_window_at = models.DateTimeField(_("searches counted since"), null=True, blank=True)
    search_extra = models.PositiveIntegerField(_("requests beyond those of a plain search"), default=0, db_default=0)
    answered_at = models.DateTimeField(_("engine answered"), null=True, blank=True)
    """When the embedded engine last responded to the worker's health check."""
    readiness = models.CharField(
        _("engine is"), max_length=10, choices=Readiness.choices, default=Readiness.UNKNOWN, blank=True
    )
    schemas_refreshed_at = models.DateTimeField(_("schemas refreshed"), null=True, blank=True)
    refresh_wanted_at = models.DateTimeField(_("refresh wanted"), null=True, blank=True)
    check_wanted_at = models.DateTimeField(_("test wanted"), null=True, blank=True)
    checked_at = models.DateTimeField(_("tested"), null=True, blank=True)
    check_outcome = models.CharField(_("outcome of the test"), max_length=40, blank=True)
    """Empty after success, else an error code."""
    check_detail = models.TextField(_("the service's words at the test"), blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    WORKING: ClassVar[dict[str, object]] = {
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
        """The connection of the settings, created on first use."""
        row, _created = cls.objects.get_or_create(
            base_url=connection_url(),
            key_fingerprint=key_fingerprint(),
            scope=cls.Scope.SETTINGS,
            defaults={"embedded": is_embedded()},
        )
        return row

    @classmethod
    def for_team(cls, team: Team | int) -> Connection:
        """The connection for this team's new documents: its own, else the site's, else the settings'."""
        number = team.pk if isinstance(team, Team) else team
        rows = cls.objects.filter(Q(IN_USE, team=number) | Q(IN_USE, scope=cls.Scope.SITE) | _from_settings())
        return min(rows, key=_precedence, default=None) or cls.current()

    @classmethod
    def used_by(cls, person: User, **facts: Combinable) -> list[Connection]:
        """Connections used for new documents of this person's teams; without a team, the fallback. `facts` are
        annotations."""
        teams = Membership.objects.filter(person=person.pk)
        served = cls.objects.filter(IN_USE, scope=cls.Scope.TEAM).values("team")
        rows = list(
            cls.objects.filter(
                Q(IN_USE, team__in=teams.values("team")) | Q(IN_USE, scope=cls.Scope.SITE) | _from_settings()
            )
            .annotate(is_fallback=Exists(teams.exclude(team__in=served)), **facts)
            .order_by("pk")
        )
        own = [row for row in rows if row.team_id]
        default = min((row for row in rows if not row.team_id), key=_precedence, default=None) or cls.current()
        return [default, *own] if not own or getattr(default, "is_fallback", True) else own

    @property
    def paused(self) -> bool:
        return bool(self.pause)

    @property
    def lists_extracts(self) -> bool:
        """Whether the service can be asked what has arrived, and which schemas it has."""
        return self.dialect == self.Dialect.V0_8_1

    @property
    def has_sites(self) -> bool:
        """Whether it matters which server is chosen."""
        return not self.embedded and self.dialect == self.Dialect.V0_8_1

    @property
    def is_own(self) -> bool:
        return self.scope != self.Scope.SETTINGS

    def key(self) -> str:
        """The unsealed key of an own connection; raises `portal.sealing.Unreadable`."""
        return unseal(self.sealed_key)

    def is_equivalent_to(self, other: Connection) -> bool:
        """Whether schemas are interchangeable: same address and same owner."""
        return (self.base_url, self.scope, self.team_id) == (other.base_url, other.scope, other.team_id)

    @property
    def days_left(self) -> int | None:
        """Days until the key expires; 0 on the last day, negative afterwards, None if unknown."""
        return None if self.key_expires_on is None else (self.key_expires_on - timezone.localdate()).days

    @property
    def expires_soon(self) -> bool:
        return self.days_left is not None and self.days_left <= EXPIRY_WARNING.days

    def request_check(self) -> bool:
        """Request a connection test by the worker."""
        return bool(Connection.objects.filter(pk=self.pk).update(check_wanted_at=clock.now()))

    @property
    def check_pending(self) -> bool:
        wanted, done = self.check_wanted_at, self.checked_at
        return wanted is not None and (done is None or done < wanted)

    def request_refresh(self) -> bool:
        """Request a refresh of the schemas by the worker."""
        return bool(Connection.objects.filter(pk=self.pk).update(refresh_wanted_at=clock.now()))

    @property
    def refresh_pending(self) -> bool:
        """Whether a requested refresh is still outstanding."""
        wanted, done = self.refresh_wanted_at, self.schemas_refreshed_at
        return wanted is not None and (done is None or done < wanted)

    def search_is_trusted(self, now: datetime | None = None) -> bool:
        return (
            self.search_trusted_at is not None and (now or clock.now()) - self.search_trusted_at < SEARCH_TRUST_LIFETIME
        )

    def pause_for(self, pause: Connection.Pause, *, until: datetime | None, detail: str = "") -> bool:
        """Pause sending. Pauses that only staff can lift (BY_HAND, COPIED) are not overwritten."""
        rows = Connection.objects.exclude(pause__in=(self.Pause.BY_HAND, self.Pause.COPIED)).filter(pk=self.pk)
        return bool(
            rows.update(pause=pause, pause_detail=detail, paused_at=clock.now(), next_probe_at=until, trial=None)
        )

    def probe_now(self) -> bool:
        """Probe at once, if the pause is one of `PROBEABLE`: rate limits and manual pauses are respected."""
        rows = Connection.objects.filter(pk=self.pk, pause__in=self.PROBEABLE, trial__isnull=True)
        return bool(rows.update(next_probe_at=clock.now()))

    def resume(self) -> bool:
        """Lift the pause; if the portal may be a copy, pause as COPIED instead (see `forwarding.steps.clone_guard`)."""
        rows = Connection.objects.exclude(pause=self.Pause.NONE).filter(pk=self.pk)
        if not Installation.in_doubt():
            return bool(rows.update(**self.WORKING))
        doubtful = self.WORKING | {"pause": self.Pause.COPIED, "paused_at": clock.now()}
        return bool(rows.exclude(pause=self.Pause.COPIED).update(**doubtful))


def _from_settings() -> Q:
    return Q(scope="settings", base_url=connection_url(), key_fingerprint=key_fingerprint())


def _precedence(connection: Connection) -> int:
    return ("team", "site", "settings").index(connection.scope)
