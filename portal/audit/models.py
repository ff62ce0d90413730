"""The lines of the audit log."""

from __future__ import annotations

from typing import Any, NoReturn, Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.people.models import Membership


class AppendOnly(Exception):
    """A line of the log is never changed and never deleted."""


class EntryQuerySet(models.QuerySet["Entry"]):
    def visible_to(self, person: AbstractBaseUser | AnonymousUser) -> Self:
        """Site administrators see every line, team administrators those of their teams, others none."""
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
    """One deed. Names are kept beside the keys: the line outlives the person, the team and the thing.

    `before` and `after` tell options and settings; of a document's values they name the field only, since the values
    themselves stand in the document's own history.
    """

    class Action(models.TextChoices):
        SIGNED_IN = "signed_in", _("signed in")
        SIGN_IN_FAILED = "sign_in_failed", _("failed to sign in")
        SIGNED_OUT = "signed_out", _("signed out")
        RECEIVED = "received", _("sent a document")
        SEEN = "seen", _("looked at a document")
        FILE_SEEN = "file_seen", _("opened the file")
        CANCELLED = "cancelled", _("cancelled")
        TRIED_AGAIN = "tried_again", _("tried again")
        DECIDED = "decided", _("decided")
        DELETED = "deleted", _("deleted")
        EDITED = "edited", _("changed a value")
        CONFIRMED = "confirmed", _("confirmed a value")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")
        POSTPONED = "postponed", _("postponed")
        REOPENED = "reopened", _("reopened")
        ASSIGNED = "assigned", _("assigned")
        TAGGED = "tagged", _("tagged")
        TRANSFERRED = "transferred", _("transferred")
        EXPORTED = "exported", _("exported")
        SETTING = "setting", _("changed a setting")
        PAUSED = "paused", _("paused sending")
        RESUMED = "resumed", _("resumed sending")
        INVITED = "invited", _("invited")
        INVITATION_WITHDRAWN = "invitation_withdrawn", _("withdrew an invitation")
        JOINED = "joined", _("joined")
        ROLE_CHANGED = "role_changed", _("changed a role")
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

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit line")
        verbose_name_plural = _("audit lines")
        indexes = (
            models.Index(fields=("team", "-id"), name="audit_team"),
            models.Index(fields=("person", "-id"), name="audit_person"),
            models.Index(fields=("subject_kind", "subject_id", "-id"), name="audit_subject"),
            models.Index(fields=("at",), name="audit_at"),
        )

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.person_name}: {self.action} {self.subject_name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly
