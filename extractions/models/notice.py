"""Notices: what a person is told of documents, on the page and by mail."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Self
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from extractions import clock
from portal.people.models import User

if TYPE_CHECKING:
    from extractions.models.extraction import Extraction
    from extractions.models.extraction_queryset import ExtractionQuerySet
    from extractions.models.review import Comment

GRACE = timedelta(seconds=90)
"""Mail waits so long for more of its kind, and for the person to see it on the page."""
DIGEST_HOUR = 7


class NoticeKind(models.TextChoices):
    MENTIONED = "mentioned", _("Somebody mentions me in a comment")
    COMMENTED = "commented", _("A comment on a document of mine, or on one that I commented on")
    ASSIGNED = "assigned", _("A document is assigned to me")
    SECOND = "second", _("A document needs a second approval, which I may give")
    FAILED = "failed", _("A document of mine could not be read")
    DONE = "done", _("A document of mine has been read")


COUNTED = (NoticeKind.ASSIGNED, NoticeKind.SECOND, NoticeKind.FAILED, NoticeKind.DONE)
"""Many of these are told in one notice with their number."""


class MailChoice(models.TextChoices):
    NEVER = "", _("never")
    AT_ONCE = "now", _("at once")
    DAILY = "daily", _("once a day")


class NoticeSettings(models.Model):
    """What a person wants to be told. Without a row: everything on the page, nothing by mail."""

    person = models.OneToOneField(User, models.CASCADE, related_name="notice_settings", verbose_name=_("person"))
    hidden = models.JSONField(_("not on the page"), default=list, blank=True)
    mails = models.JSONField(_("by mail"), default=dict, blank=True)
    """{kind: MailChoice}; kinds that are missing are never mailed."""
    language = models.CharField(_("language"), max_length=10, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True)
    portal_url = models.CharField(_("address of the portal"), max_length=300, blank=True)
    """As the person reached it, for the links in mails: the worker knows no address."""

    class Meta:
        verbose_name = _("notice settings")
        verbose_name_plural = _("notice settings")

    def __str__(self) -> str:
        return str(self.person)

    def due(self, choice: str, now: datetime) -> datetime | None:
        """When a mail about what happens now is sent: soon, or at the next 7 o'clock of the person's time zone."""
        if choice == MailChoice.AT_ONCE:
            return now + GRACE
        if choice != MailChoice.DAILY:
            return None
        local = now.astimezone(ZoneInfo(self.time_zone) if self.time_zone else timezone.get_default_timezone())
        digest = local.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
        return digest if digest > local else digest + timedelta(days=1)


class NoticeQuerySet(models.QuerySet["Notice"]):
    def of(self, person: User, visible: ExtractionQuerySet) -> Self:
        """The person's notices of documents that are `visible` to them now: a notice ends with that right.

        Asked for each notice, which are few; a planner would else read all visible documents.
        """
        return self.filter(Exists(visible.filter(pk=OuterRef("extraction"))), person=person)

    def unread(self) -> Self:
        return self.filter(read_at=None, listed=True)

    def mark_read(self) -> int:
        return self.filter(read_at=None).update(read_at=clock.now())


class Notice(models.Model):
    """Something that happened to a document, as one person is told; without any of its content."""

    person = models.ForeignKey(User, models.CASCADE, related_name="notices", verbose_name=_("person"), db_index=False)
    kind = models.CharField(_("kind"), max_length=20, choices=NoticeKind.choices)
    extraction = models.ForeignKey("Extraction", models.CASCADE, related_name="notices", verbose_name=_("extraction"))
    """The latest, if there are several."""
    count = models.PositiveIntegerField(_("documents"), default=1)
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by"))
    comment = models.ForeignKey(
        "Comment", models.CASCADE, null=True, blank=True, related_name="notices", verbose_name=_("comment")
    )
    made_at = models.DateTimeField(_("when"), default=timezone.now)
    listed = models.BooleanField(_("on the page"), default=True)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    mail_at = models.DateTimeField(_("mail due"), null=True, blank=True)
    """Null if no mail is wanted, or it has been sent."""

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes: ClassVar = [
            models.Index(fields=("person", "-made_at"), name="notice_list"),
            models.Index(fields=("person",), name="notice_unread", condition=Q(read_at=None, listed=True)),
            models.Index(fields=("mail_at",), name="notice_mail", condition=Q(mail_at__isnull=False)),
            models.Index(fields=("made_at",), name="notice_age"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.kind}"


def notify(
    extraction: Extraction,
    kind: NoticeKind,
    people: Collection[int],
    *,
    by: User | None = None,
    comment: Comment | None = None,
) -> None:
    """Tell people of the document, as they wish; never the one who did it.

    Call it in the transaction of what happened.
    """
    recipients = User.objects.filter(pk__in=set(people) - {by.pk if by else None}, is_active=True)
    now = clock.now()
    for person in recipients.select_related("notice_settings"):
        wishes = getattr(person, "notice_settings", None) or NoticeSettings()
        notice = Notice(
            person=person, kind=kind, extraction_id=extraction.pk, by=by, comment=comment, made_at=now,
            listed=kind not in wishes.hidden, mail_at=wishes.due(_choice(wishes.mails, kind), now),
        )  # fmt: skip
        if notice.listed or notice.mail_at:
            _add(notice)


def _choice(mails: Mapping[str, str], kind: str) -> str:
    return mails.get(kind, MailChoice.NEVER)


def _add(notice: Notice) -> None:
    """Store the notice, or count it in one of its kind that is neither read nor mailed."""
    if notice.kind in COUNTED:
        rows = Notice.objects.filter(
            person=notice.person, kind=notice.kind, read_at=None, listed=notice.listed,
            mail_at__isnull=notice.mail_at is None,
        )  # fmt: skip
        another = Case(When(extraction=notice.extraction_id, then=0), default=1)
        latest = {"extraction": notice.extraction_id, "by": notice.by, "made_at": notice.made_at}
        if rows.update(count=F("count") + another, **latest):
            return
    notice.save(force_insert=True)
