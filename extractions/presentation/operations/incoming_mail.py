"""What pages say of mailboxes and their mails."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from extractions.intake.file_names import clean_name
from extractions.models import Extraction, IncomingAttachment, IncomingMail, Mailbox
from extractions.models.incoming import IncomingOutcome
from extractions.presentation.operations.connection_checks import Outcome
from extractions.presentation.operations.incoming import trouble_of
from extractions.presentation.upload.refusals import refusal


@dataclass(frozen=True, slots=True)
class PartLine:
    name: str
    outcome: str
    why: str
    extraction: Extraction | None


@dataclass(frozen=True, slots=True)
class MailLine:
    """One mail with its attachments, and what became of them."""

    mail: IncomingMail
    why: str
    parts: list[PartLine]


def mail_lines(mails: Iterable[IncomingMail], visible: Mapping[int, Extraction]) -> list[MailLine]:
    """`visible` are the documents that the reader may see."""
    return [
        MailLine(mail, why_refused(mail.refused), [_part(part, visible) for part in mail.attachments.all()])
        for mail in mails
    ]


def _part(part: IncomingAttachment, visible: Mapping[int, Extraction]) -> PartLine:
    label = str(part.get_outcome_display())
    if part.outcome == IncomingOutcome.REFUSED:
        said = refusal(clean_name(part.name), part.reason, part.facts)
        return PartLine(part.name, label, f"{said.why} {said.remedy}", None)
    extraction = visible.get(part.extraction_id) if part.extraction_id else None
    return PartLine(part.name or extraction.name if extraction else _("a deleted document"), label, "", extraction)


def why_refused(code: str) -> str:
    sentences = {
        "nothing": _("The mail has no PDF, PNG or JPEG file attached."),
        "refused": _("None of the attachments could be taken."),
        "sender": _("This mailbox takes no documents from this sender."),
        "size": _("The mail is too large."),
        "damaged": _("The mail could not be opened."),
        "unexpected": _("The mail was put aside after several tries, because of an error that is in the log."),
    }
    return sentences.get(code, "")


def trouble_of_mailbox(mailbox: Mailbox) -> str:
    """Why nothing comes in; empty while all is well."""
    return _server_trouble(mailbox.error_code) or trouble_of(mailbox)


def check_of(mailbox: Mailbox) -> Outcome | None:
    """None if never tested, or while a test is pending."""
    if mailbox.checked_at is None or mailbox.check_pending:
        return None
    if not mailbox.check_outcome:
        return Outcome(_("The mail server answers, accepts the password, and has the folder."), works=True)
    return Outcome(_server_trouble(mailbox.check_outcome), detail=mailbox.check_detail)


def _server_trouble(code: str) -> str:
    sentences = {
        "unreachable": _("The mail server does not answer, or the connection broke."),
        "certificate": _("The mail server’s certificate cannot be trusted, so no password was sent."),
        "login": _("The mail server refuses the user name or the password."),
        "folder": _("The mail server has no such folder."),
        "target": _("The folder to which mails are to be moved does not exist. They were taken, and are moved later."),
        "protocol": _("The mail server gave an answer that we cannot use."),
        "key_lost": _("The stored password cannot be read, because the portal’s secret has changed. Enter it again."),
    }
    return sentences.get(code, "")
