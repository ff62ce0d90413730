"""Mailboxes whose attachments become documents, and what became of each mail."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from extractions import clock
from extractions.models.extraction import Extraction
from extractions.models.incoming import IncomingOptions, IncomingOutcome, IncomingSource, is_due
from portal.sealing import unseal


class MailboxQuerySet(models.QuerySet["Mailbox"]):
    def due(self, now: datetime) -> Self:
        return self.filter(is_due(now)).order_by("next_run_at", "pk")


class Mailbox(IncomingSource):
    """A folder of an IMAP account. `last_uid` is the highest that was dealt with under `uidvalidity`."""

    class Security(models.TextChoices):
        TLS = "tls", _("TLS")
        STARTTLS = "starttls", _("STARTTLS")

    class Unmatched(models.TextChoices):
        """What is done with mails for which there is no rule."""

        TAKE = "take", _("take them with the options of the mailbox")
        REFUSE = "refuse", _("refuse them")

    host = models.CharField(_("mail server"), max_length=250)
    port = models.PositiveIntegerField(_("port"), default=993)
    security = models.CharField(_("security"), max_length=10, choices=Security.choices, default=Security.TLS)
    username = models.CharField(_("user name"), max_length=250)
    sealed_password = models.TextField(_("sealed password"), blank=True, editable=False)
    folder = models.CharField(_("mail folder"), max_length=200, default="INBOX")
    done_folder = models.CharField(_("folder for mails that were taken"), max_length=200, blank=True)
    refused_folder = models.CharField(_("folder for mails that were refused"), max_length=200, blank=True)
    unmatched = models.CharField(
        _("mails without a rule"), max_length=10, choices=Unmatched.choices, default=Unmatched.TAKE
    )
    answers = models.BooleanField(_("answer mails that were refused"), default=False)
    from_start = models.BooleanField(_("also take mails that are there already"), default=False)
    uidvalidity = models.PositiveBigIntegerField(null=True, editable=False)
    last_uid = models.PositiveBigIntegerField(default=0, editable=False)
    failing_uid = models.PositiveBigIntegerField(null=True, editable=False)
    failing_tries = models.PositiveIntegerField(default=0, editable=False)
    """How often the mail `failing_uid` has raised what nobody foresaw."""
    check_wanted_at = models.DateTimeField(_("test wanted"), null=True, blank=True)
    checked_at = models.DateTimeField(_("tested"), null=True, blank=True)
    check_outcome = models.CharField(_("outcome of the test"), max_length=40, blank=True)
    check_detail = models.CharField(_("the server’s words at the test"), max_length=500, blank=True)

    objects = MailboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")
        ordering = ("username", "pk")
        constraints = (
            models.UniqueConstraint(fields=("host", "username", "folder"), name="one_mailbox_per_folder_of_an_account"),
        )

    def __str__(self) -> str:
        return f"{self.username} ({self.host}, {self.folder})"

    def password(self) -> str:
        """Raises `portal.sealing.Unreadable`."""
        return unseal(self.sealed_password)

    def request_check(self) -> bool:
        return bool(Mailbox.objects.filter(pk=self.pk).update(check_wanted_at=clock.now()))

    @property
    def check_pending(self) -> bool:
        wanted, done = self.check_wanted_at, self.checked_at
        return wanted is not None and (done is None or done < wanted)


class MailRule(IncomingOptions):
    """Options for the mails that match: every part that is given must be contained, in any case."""

    mailbox = models.ForeignKey(Mailbox, models.CASCADE, related_name="rules", verbose_name=_("mailbox"))
    sender = models.CharField(_("sender"), max_length=250, blank=True)
    recipient = models.CharField(_("recipient"), max_length=250, blank=True)
    subject = models.CharField(_("subject"), max_length=250, blank=True)

    class Meta:
        verbose_name = _("mail rule")
        verbose_name_plural = _("mail rules")
        ordering = ("pk",)

    def __str__(self) -> str:
        return " · ".join(part for part in (self.sender, self.recipient, self.subject) if part)

    def matches(self, sender: str, recipients: str, subject: str) -> bool:
        pairs = ((self.sender, sender), (self.recipient, recipients), (self.subject, subject))
        return all(part.casefold() in text.casefold() for part, text in pairs)


class IncomingMail(models.Model):
    """A mail, recognised by `identity` when the server numbers its mails anew. Written with its documents' rows,
    before the mail is flagged or moved."""

    RETENTION: ClassVar[timedelta] = timedelta(days=90)

    mailbox = models.ForeignKey(Mailbox, models.CASCADE, related_name="mails", verbose_name=_("mailbox"))
    identity = models.CharField(_("identity"), max_length=64)
    uidvalidity = models.PositiveBigIntegerField()
    uid = models.PositiveBigIntegerField()
    sender = models.CharField(_("sender"), max_length=250, blank=True)
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    refused = models.CharField(_("refused because"), max_length=20, blank=True)
    left_out = models.PositiveIntegerField(_("small pictures left out"), default=0)
    found_at = models.DateTimeField(_("found"), default=timezone.now)
    settled_at = models.DateTimeField(_("flagged"), null=True, blank=True)
    answered = models.BooleanField(_("answered"), default=False)

    class Meta:
        verbose_name = _("incoming mail")
        verbose_name_plural = _("incoming mails")
        ordering = ("-pk",)
        constraints = (models.UniqueConstraint(fields=("mailbox", "identity"), name="one_row_per_mail"),)

    def __str__(self) -> str:
        return self.subject


class IncomingAttachment(models.Model):
    """What became of one attachment."""

    mail = models.ForeignKey(IncomingMail, models.CASCADE, related_name="attachments", verbose_name=_("mail"))
    extraction = models.ForeignKey(
        Extraction, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("document")
    )
    name = models.CharField(_("name"), max_length=250, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=IncomingOutcome.choices)
    reason = models.CharField(_("reason"), max_length=20, blank=True)
    facts = models.JSONField(_("facts"), default=dict, blank=True)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name
