"""Tells senders that their mail was refused, if the team wants that; never other programs (RFC 3834)."""

from __future__ import annotations

from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from extractions.incoming.mail_headers import MailHeaders
from extractions.intake.file_names import clean_name
from extractions.models import IncomingMail
from extractions.presentation.operations.incoming_mail import why_refused
from extractions.presentation.upload.refusals import refusal
from portal.people.mail_queue import mail_queue
from portal.rate_limits import Limit, consume

NO_REPLY = ("mailer-daemon", "postmaster", "no-reply", "noreply", "donotreply", "do-not-reply", "bounce")
PROGRAMS = ("List-Id", "List-Unsubscribe", "X-Auto-Response-Suppress", "X-Loop")
DAY_SECONDS = 24 * 3600
ANSWERS_A_DAY = 3
"""To one sender from one mailbox, so that two programs cannot go on answering each other."""
ANSWERS_A_DAY_IN_ALL = 100
"""From one mailbox: whoever invents senders must not have the portal write to all of them."""


def answer_refusal(mail: IncomingMail, headers: MailHeaders) -> None:
    """At most once per mail."""
    if not mail.refused or not mail.mailbox.answers or not _wants_answers(headers):
        return
    address = headers.address("Reply-To") or headers.sender
    if not IncomingMail.objects.filter(pk=mail.pk, answered=False).update(answered=True):
        return
    in_all = Limit("mail-answers-in-all", ANSWERS_A_DAY_IN_ALL, DAY_SECONDS)
    to_one = Limit("mail-answers", ANSWERS_A_DAY, DAY_SECONDS)
    if not consume([in_all.counter(mail.mailbox_id), to_one.counter(f"{mail.mailbox_id}:{address.lower()}")]):
        return
    with translation.override(mail.mailbox.language):
        message = EmailMessage(
            _("Your mail could not be taken: %(subject)s") % {"subject": mail.subject},
            _words(mail),
            to=[address],
            headers={
                "Auto-Submitted": "auto-replied",
                "Precedence": "bulk",
                "In-Reply-To": headers.text("Message-ID"),
            },
        )
    mail_queue.enqueue(message.send)


def _words(mail: IncomingMail) -> str:
    refused = [part for part in mail.attachments.all() if part.reason]
    lines = [f"- {refusal(clean_name(part.name), part.reason, part.facts)}" for part in refused]
    return "\n".join([why_refused(mail.refused), "", *lines, "", _("This is an automatic answer.")])


def _wants_answers(headers: MailHeaders) -> bool:
    """Not bounces, lists, newsletters and other automatic mail."""
    local = headers.sender.lower().partition("@")[0]
    if "@" not in headers.sender or any(word in local for word in NO_REPLY):
        return False
    if (headers.text("Auto-Submitted") or "no").lower() != "no":
        return False
    if headers.text("Precedence").lower() in ("bulk", "list", "junk", "auto_reply"):
        return False
    if headers.text("Return-Path") == "<>":
        return False
    return not any(headers.text(name) for name in PROGRAMS)
