"""Forms for mailboxes and their rules."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from extractions.forms.incoming import IncomingOptionsForm, IncomingSourceForm
from extractions.models import Mailbox, MailRule
from extractions.models.incoming import IncomingOptions

PORTS = (993, 143)
OWN = (
    *("host", "port", "security", "username", "folder", "done_folder", "refused_folder"),
    *("unmatched", "answers", "from_start"),
)


class MailboxForm(IncomingSourceForm):
    """The stored password is never shown; an empty field keeps it.

    The worker connects to this host, so teams may only name hosts that the settings allow (against SSRF).
    """

    host = forms.CharField(max_length=250, label=gettext_lazy("Mail server"))
    port = forms.IntegerField(min_value=1, max_value=65535, initial=993, label=gettext_lazy("Port"))
    security = forms.ChoiceField(choices=Mailbox.Security.choices, label=gettext_lazy("Encryption"))
    username = forms.CharField(max_length=250, label=gettext_lazy("User name"))
    password = forms.CharField(
        required=False,
        strip=False,
        max_length=500,
        label=gettext_lazy("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    folder = forms.CharField(max_length=200, initial="INBOX", label=gettext_lazy("Mail folder"))
    done_folder = forms.CharField(
        required=False,
        max_length=200,
        label=gettext_lazy("Move taken mails to the folder"),
        help_text=gettext_lazy("Left empty, they stay and are marked as read."),
    )
    refused_folder = forms.CharField(
        required=False,
        max_length=200,
        label=gettext_lazy("Move refused mails to the folder"),
        help_text=gettext_lazy("Left empty, they stay and are flagged."),
    )
    unmatched = forms.ChoiceField(choices=Mailbox.Unmatched.choices, label=gettext_lazy("Mails without a rule"))
    answers = forms.BooleanField(
        required=False, label=gettext_lazy("Answer the senders of refused mails, but no other programs")
    )
    from_start = forms.BooleanField(required=False, label=gettext_lazy("Also take mails that are there already"))
    field_order = (
        *("host", "port", "security", "username", "password", "folder", "done_folder", "refused_folder"),
        *("person", "schema", "classifier", "server", "unmatched", "answers", "from_start", "language", "metadata"),
    )

    def __init__(self, data: Any, *, source: Mailbox, person: Any) -> None:
        super().__init__(data, source=source, person=person)
        self.mailbox = source
        self.any_host = bool(person.is_superuser)
        words = (
            _("Leave it empty to keep the password that is there. It is never shown again.")
            if source.pk
            else _("It is kept encrypted, and never shown again.")
        )
        self.fields["password"].help_text = words

    def clean_host(self) -> str:
        host: str = self.cleaned_data["host"].strip().lower().rstrip(".")
        try:
            is_host = urlsplit(f"imaps://{host}").hostname == host.strip("[]") and not any(map(str.isspace, host))
        except ValueError:
            is_host = False
        if not host or not is_host:
            raise ValidationError(_("This is not the name of a server, like imap.example.com."))
        return host

    def clean(self) -> dict[str, object]:
        cleaned = self.cleaned_data
        host, port = cleaned.get("host"), cleaned.get("port")
        if host and port and not self.any_host and not _is_allowed(host, port):
            message = _("This portal does not connect teams to %(host)s. Ask its administrator to allow that.")
            self.add_error("host", message % {"host": f"{host}:{port}" if port not in PORTS else host})
        same_account = all(cleaned.get(name) == getattr(self.mailbox, name) for name in ("host", "username"))
        if "password" in cleaned and not cleaned["password"] and not (self.mailbox.pk and same_account):
            # Never send the stored password to a server that somebody else entered.
            self.add_error("password", _("Enter the password that belongs to this account."))
        if any("\r" in str(value) or "\n" in str(value) for value in cleaned.values() if isinstance(value, str)):
            self.add_error(None, _("Line breaks are not allowed here."))
        self._check_unique(cleaned)
        return cleaned

    def _check_unique(self, cleaned: dict[str, object]) -> None:
        names = {name: cleaned.get(name) for name in ("host", "username", "folder")}
        if all(names.values()) and Mailbox.objects.filter(**names).exclude(pk=self.mailbox.pk or 0).exists():
            self.add_error("username", _("This folder of this account is read already."))

    def fill(self, row: IncomingOptions) -> None:
        super().fill(row)
        for name in OWN:
            setattr(row, name, self.cleaned_data[name])


class MailRuleForm(IncomingOptionsForm):
    sender = forms.CharField(
        required=False,
        max_length=250,
        label=gettext_lazy("Sender contains"),
        help_text=gettext_lazy("For example @larkspur.example"),
    )
    recipient = forms.CharField(required=False, max_length=250, label=gettext_lazy("Recipient contains"))
    subject = forms.CharField(required=False, max_length=250, label=gettext_lazy("Subject contains"))
    field_order = ("sender", "recipient", "subject", "schema", "classifier", "server")

    def __init__(self, data: object = None, *, mailbox: Mailbox) -> None:
        super().__init__(data, team=mailbox.team, auto_id="rule_%s")
        self.mailbox = mailbox

    def clean(self) -> dict[str, object]:
        if not any(self.cleaned_data.get(name) for name in ("sender", "recipient", "subject")):
            raise ValidationError(_("Say by which part the mails are recognised."))
        return self.cleaned_data

    def rule(self) -> MailRule:
        """For valid forms only."""
        names = ("sender", "recipient", "subject")
        rule = MailRule(mailbox=self.mailbox, **{name: self.cleaned_data[name] for name in names})
        self.fill(rule)
        return rule


def _is_allowed(host: str, port: int) -> bool:
    """An allowed host without a port allows the usual two."""
    if "*" in settings.INCOMING_MAIL_HOSTS:
        return True
    for item in settings.INCOMING_MAIL_HOSTS:
        allowed = urlsplit(f"imaps://{item}")
        if allowed.hostname == host and (port == allowed.port or (allowed.port is None and port in PORTS)):
            return True
    return False
