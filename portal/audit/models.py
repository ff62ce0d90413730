"""The entries of the audit log."""

from __future__ import annotations

from typing import Any, NoReturn, Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.people.models import Membership


class AppendOnly(Exception):
    """Entries can be neither changed nor deleted."""


class EntryQuerySet(models.QuerySet["Entry"]):
    def visible_to(self, person: AbstractBaseUser | AnonymousUser) -> Self:
        """Site administrators see all entries, team administrators those of their teams, others none."""
        if not person.is_authenticated:
            return self.none()
        if getattr(person, "is_superuser", False):
            return self
        administered = Membership.objects.filter(person=person.pk, role=Membership.Role.ADMINISTRATOR)
        return self.filter(team__in=administered.values("team"))

    def about(self, kind: str, number: str) -> Self:
        return self.filter(subject_kind=kind, subject_id=number)

    def newest_first(self) -> Self:
        return self.order_by("-pk")

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnly

    def delete(self) -> NoReturn:
        raise AppendOnly


class Entry(models.Model):
    """One action. Names are stored beside keys, since the entry outlives the person, the team and the subject.

    `before` and `after` hold options and settings; for a document's values they name the field only, since the values
    are in the document's own history.
    """

    class Action(models.TextChoices):
        SIGNED_IN = "signed_in", _("signed in")
        SIGN_IN_FAILED = "sign_in_failed", _("failed to sign in")
        SIGN_IN_REFUSED = "sign_in_refused", _("was refused to sign in")
        SIGNED_OUT = "signed_out", _("signed out")
        SESSIONS_ENDED = "sessions_ended", _("signed out everywhere")
        PASSWORD_CHANGED = "password_changed", _("changed a password")
        PASSWORD_RESET = "password_reset", _("set a new password by mail")
        EMAIL_ADDED = "email_added", _("added an e-mail address")
        EMAIL_CONFIRMED = "email_confirmed", _("confirmed an e-mail address")
        EMAIL_CHANGED = "email_changed", _("changed the e-mail address")
        EMAIL_REMOVED = "email_removed", _("removed an e-mail address")
        SECOND_FACTOR_ADDED = "second_factor_added", _("switched on a second factor")
        SECOND_FACTOR_REMOVED = "second_factor_removed", _("switched off a second factor")
        RECOVERY_CODES_MADE = "recovery_codes_made", _("made new recovery codes")
        SECOND_FACTOR_FAILED = "second_factor_failed", _("gave a wrong second factor")
        ACCESS_REFUSED = "access_refused", _("was refused access")
        ACCOUNT_MADE = "account_made", _("made an account")
        ACCOUNT_CHANGED = "account_changed", _("changed an account")
        ACCOUNT_DELETED = "account_deleted", _("deleted an account")
        TEAM_DELETED = "team_deleted", _("deleted a team")
        RECEIVED = "received", _("sent a document")
        SEEN = "seen", _("looked at a document")
        FILE_SEEN = "file_seen", _("opened the file")
        CANCELLED = "cancelled", _("cancelled")
        TRIED_AGAIN = "tried_again", _("tried again")
        DECIDED = "decided", _("decided")
        DELETED = "deleted", pgettext_lazy("audit", "deleted")
        RESTORED = "restored", pgettext_lazy("audit", "took out of the trash")
        ERASED = "erased", pgettext_lazy("audit", "erased for good")
        HELD = "held", _("placed under a legal hold")
        RELEASED = "released", _("released from a legal hold")
        EDITED = "edited", _("changed a value")
        CONFIRMED = "confirmed", _("confirmed a value")
        APPROVED = "approved", pgettext_lazy("audit", "approved")
        REJECTED = "rejected", _("rejected")
        POSTPONED = "postponed", _("postponed")
        REOPENED = "reopened", _("reopened")
        ASSIGNED = "assigned", _("assigned")
        TAGGED = "tagged", _("tagged")
        TRANSFERRED = "transferred", _("transferred")
        EXPORTED = "exported", _("exported")
        MCP_CALLED = "mcp_called", _("called an MCP tool")
        SETTING = "setting", _("changed a setting")
        PAUSED = "paused", _("paused sending")
        RESUMED = "resumed", _("resumed sending")
        INVITED = "invited", _("invited")
        INVITATION_WITHDRAWN = "invitation_withdrawn", _("withdrew an invitation")
        TOKEN_MADE = "token_made", _("made an API token")
        TOKEN_REVOKED = "token_revoked", _("revoked an API token")
        ACCESS_CONFIRMED = "access_confirmed", _("let work again after a restore")
        PROOF_MADE = "proof_made", _("made a proof sheet")
        LINK_MADE = "link_made", _("made a guest link")
        LINK_OPENED = "link_opened", _("opened a guest link")
        LINK_REFUSED = "link_refused", _("was refused a guest link")
        LINK_REVOKED = "link_revoked", _("ended a guest link")
        JOINED = "joined", _("joined")
        ROLE_CHANGED = "role_changed", _("changed a role")
        CHARGED_TWICE = "charged_twice", _("charged twice by the service")
        SETTLED = "settled", _("settled a double payment")
        REMOVED = "removed", _("removed from the team")
        DEACTIVATED = "deactivated", _("closed an account")
        REACTIVATED = "reactivated", _("opened an account again")

    at = models.DateTimeField(_("when"), default=timezone.now, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, db_constraint=False, related_name="+",
        verbose_name=_("person"),
    )  # fmt: skip
    person_name = models.CharField(_("name"), max_length=254, blank=True)
    team = models.ForeignKey(
        "people.Team", models.DO_NOTHING, null=True, db_constraint=False, related_name="+", verbose_name=_("team")
    )
    action = models.CharField(_("action"), max_length=40, choices=Action.choices)
    subject_kind = models.CharField(_("kind"), max_length=40, blank=True)
    subject_id = models.CharField(_("id"), max_length=100, blank=True)
    subject_name = models.CharField(_("what"), max_length=255, blank=True)
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)
    address = models.CharField(_("from where"), max_length=45, blank=True)
    # The position in the hash chain (see chain.py), set right after the transaction that adds the entry.
    position = models.PositiveBigIntegerField(_("place in the chain"), null=True, editable=False, unique=True)
    previous_hash = models.CharField(_("hash of the line before"), max_length=64, blank=True, editable=False)
    hash = models.CharField(_("hash"), max_length=64, blank=True, editable=False)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit line")
        verbose_name_plural = _("audit lines")
        indexes = (
            models.Index(fields=("team", "-id"), name="audit_team"),
            models.Index(fields=("person", "-id"), name="audit_person"),
            models.Index(fields=("subject_kind", "subject_id", "-id"), name="audit_subject"),
            models.Index(fields=("at",), name="audit_at"),
            models.Index(fields=("id",), name="audit_unchained", condition=models.Q(hash="")),
        )

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.person_name}: {self.action} {self.subject_name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly
