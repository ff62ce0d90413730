"""Tells senders that their mail was refused, if the team wants that; never other programs (RFC 3834)."""

from __future__ import annotations

from email.message import EmailMessage as Header
from email.utils import parseaddr

from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from extractions.intake.file_names import clean_name
from extractions.models import IncomingMail
from extractions.presentation.operations.incoming_mail import why_refused
from extractions.presentation.upload.refusals import refusal
from portal.people.mail_queue import mail_queue
from portal.rate_limits import Limit, consume

NO_REPLY = ("mailer-daemon", "postmaster", "no-reply", "noreply", "donotreply", "do-not-reply", "bounce")
ANSWERS_A_DAY = 3
"""To one sender from one mailbox, so that two programs cannot go on answering each other."""


def answer_refusal(mail: IncomingMail, header: Header) -> None:
    """At most once per mail."""
    if not mail.refused or not mail.mailbox.answers or not _wants_answers(header):
        return
    address = parseaddr(str(header.get("Reply-To") or header.get("From") or ""))[1]
    if not IncomingMail.objects.filter(pk=mail.pk, answered=False).update(answered=True):
        return
    limit = Limit("mail-answers", ANSWERS_A_DAY, 24 * 3600)
    if not consume([limit.counter(f"{mail.mailbox_id}:{address.lower()}")]):
        return
    with translation.override(mail.mailbox.language):
        message = EmailMessage(
            _("Your mail could not be taken: %(subject)s") % {"subject": mail.subject},
            _words(mail),
            to=[address],
            headers={
                "Auto-Submitted": "auto-replied",
                "Precedence": "bulk",
                "In-Reply-To": " ".join(str(header.get("Message-ID") or "").split()),
            },
        )
    mail_queue.enqueue(message.send)


def _words(mail: IncomingMail) -> str:
    refused = [part for part in mail.attachments.all() if part.reason]
    lines = [f"- {refusal(clean_name(part.name), part.reason, part.facts)}" for part in refused]
    return "\n".join([why_refused(mail.refused), "", *lines, "", _("This is an automatic answer.")])


def _wants_answers(header: Header) -> bool:
    """Not bounces, lists, newsletters and other automatic mail."""
    sender = parseaddr(str(header.get("From") or ""))[1].lower()
    local = sender.partition("@")[0]
    if "@" not in sender or any(word in local for word in NO_REPLY):
        return False
    if str(header.get("Auto-Submitted") or "no").strip().lower() != "no":
        return False
    if str(header.get("Precedence") or "").strip().lower() in ("bulk", "list", "junk", "auto_reply"):
        return False
    if str(header.get("Return-Path") or "-").strip() == "<>":
        return False
    return not any(header.get(name) for name in ("List-Id", "List-Unsubscribe", "X-Auto-Response-Suppress", "X-Loop"))
