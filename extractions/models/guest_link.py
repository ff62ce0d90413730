"""Guest links: documents shown to people without an account."""

from __future__ import annotations

import uuid
from typing import Self

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from extractions.models.hold import LegalHold
from portal.people.models import Membership, Team, User


class GuestLinkPolicy(models.Model):
    """The lowest role in a team that may make guest links; without a row, reviewers. Empty: nobody may."""

    USUAL = Membership.Role.REVIEWER

    team = models.OneToOneField(Team, models.CASCADE, related_name="guest_link_policy", verbose_name=_("team"))
    role = models.CharField(_("role"), max_length=20, choices=Membership.Role.choices, blank=True)

    class Meta:
        verbose_name = _("policy for guest links")
        verbose_name_plural = _("policies for guest links")

    def __str__(self) -> str:
        return f"{self.team}: {self.role}"


class GuestLinkQuerySet(models.QuerySet["GuestLink"]):
    def open(self) -> Self:
        """Neither revoked nor expired; its maker and documents are another question (`GuestLink.state`)."""
        return self.filter(revoked_at__isnull=True, expires_at__gt=timezone.now())

    def with_role(self) -> Self:
        """Annotate `maker_role`, the maker's present one in the team; null for who left or cannot sign in."""
        rows = Membership.objects.filter(
            person=OuterRef("created_by"), team=OuterRef("team"), person__is_active=True
        ).values("role")
        policy = GuestLinkPolicy.objects.filter(team=OuterRef("team")).values("role")
        return self.annotate(maker_role=Subquery(rows[:1]), policy_role=Subquery(policy[:1]))


class GuestLink(models.Model):
    """A link by which anybody who has it sees some documents; only a hash of its token is stored."""

    class Ending(models.TextChoices):
        """Why it shows nothing any more; empty while it does."""

        OPEN = "", _("Open")
        REVOKED = "revoked", _("Revoked")
        EXPIRED = "expired", _("Expired")
        MAKER = "maker", _("Ended: its maker may not share documents any more")
        EMPTY = "empty", _("Ended: none of its documents can be shown any more")
        SUSPENDED = "suspended", _("Suspended: a backup was restored")

    MOST_DOCUMENTS = 50

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="guest_links", verbose_name=_("team"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("made by")
    )
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    name = models.CharField(_("for whom"), max_length=100)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    password = models.CharField(_("password"), max_length=128, blank=True, editable=False)
    masked = models.JSONField(_("masked fields"), default=list, blank=True)
    """General paths, such as `lines[].amount`."""
    pages_shown = models.BooleanField(_("shows the pages"), default=True)
    files_offered = models.BooleanField(_("offers files"), default=True)
    watermark = models.BooleanField(_("watermark"), default=False)
    expires_at = models.DateTimeField(_("good until"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("revoked by")
    )
    ending = models.CharField(_("why it ended"), max_length=20, choices=Ending.choices, blank=True)
    """Of one that was ended on purpose or for good; see `state`."""
    suspended_at = models.DateTimeField(_("suspended by a restore"), null=True, blank=True, editable=False)
    opened_count = models.PositiveIntegerField(_("times opened"), default=0)
    opened_at = models.DateTimeField(_("last opened"), null=True, blank=True)

    objects = GuestLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("guest link")
        verbose_name_plural = _("guest links")
        ordering = ("-pk",)
        indexes = (models.Index(fields=("team", "-id"), name="guest_links_of_team"),)

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> str:
        """One of `Ending`, but for EMPTY, which needs its documents. Wants a row of `with_role`."""
        if self.revoked_at is not None:
            return self.ending or self.Ending.REVOKED
        if self.expires_at <= timezone.now():
            return self.Ending.EXPIRED
        if not may_share(getattr(self, "maker_role", None), getattr(self, "policy_role", None)):
            return self.Ending.MAKER
        return self.Ending.OPEN if self.suspended_at is None else self.Ending.SUSPENDED

    @property
    def original_offered(self) -> bool:
        """The original has the pages and what is masked, and no watermark."""
        return self.files_offered and self.pages_shown and not self.masked and not self.watermark

    def has_password(self, given: str) -> bool:
        return check_password(given, self.password)

    def note_opening(self) -> None:
        GuestLink.objects.filter(pk=self.pk).update(opened_count=F("opened_count") + 1, opened_at=timezone.now())

    def end(self, why: str, person: User | None = None) -> bool:
        """End it for good; False if it had been ended."""
        rows = GuestLink.objects.filter(pk=self.pk, revoked_at__isnull=True)
        return bool(rows.update(revoked_at=timezone.now(), revoked_by=person, ending=why))


class GuestLinkDocumentQuerySet(models.QuerySet["GuestLinkDocument"]):
    def shown(self) -> Self:
        """Those that guests may see now: not in the trash, not under a legal hold, still of the team of the link."""
        held = LegalHold.objects.filter(extraction=OuterRef("extraction"), released_at__isnull=True)
        return self.filter(
            ~models.Exists(held),
            Q(extraction__team=F("link__team")),
            ended_at__isnull=True,
            extraction__delete_requested_at__isnull=True,
        )


class GuestLinkDocument(models.Model):
    """One document of a guest link. Once its part in the link has ended, it does not come back."""

    link = models.ForeignKey(GuestLink, models.CASCADE, related_name="documents", verbose_name=_("guest link"))
    extraction = models.ForeignKey(
        "extractions.Extraction", models.CASCADE, related_name="guest_documents", verbose_name=_("extraction")
    )
    number = models.PositiveIntegerField(_("number"))
    """From 1; what the addresses of guests have."""
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = GuestLinkDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document of a guest link")
        verbose_name_plural = _("documents of guest links")
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("link", "number"), name="one_guest_document_per_number"),
            models.UniqueConstraint(fields=("link", "extraction"), name="once_in_a_guest_link"),
        )

    def __str__(self) -> str:
        return f"{self.link}, {self.number}"


def may_share(role: str | None, policy_role: str | None) -> bool:
    """Whether a member with this role may make guest links; `policy_role` is that of the team's row, if any."""
    lowest = GuestLinkPolicy.USUAL if policy_role is None else policy_role
    if not role or not lowest or not settings.GUEST_LINK_MAX_DAYS:
        return False
    rank = Membership.Role.values.index
    return rank(role) >= rank(lowest)


def end_guest_access(extraction: models.Model) -> int:
    """Take the document out of all guest links for good; call it in the transaction of what ends its sharing."""
    rows = GuestLinkDocument.objects.filter(extraction=extraction.pk, ended_at__isnull=True)
    return rows.update(ended_at=timezone.now())
