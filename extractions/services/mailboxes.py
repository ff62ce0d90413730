"""Mailboxes of a team: set up, changed, tested, removed."""

from __future__ import annotations

from django.db import transaction

from extractions import clock, wakeup
from extractions.models import Mailbox, MailRule
from portal.audit.recording import Action, record
from portal.sealing import seal

ACCOUNT = ("host", "username", "folder")
"""With another account or folder, the server's numbers of mails mean nothing."""
SETTINGS = (
    *("host", "port", "security", "username", "sealed_password", "folder", "done_folder", "refused_folder"),
    *("unmatched", "answers", "from_start", "person", "language", "schema", "schema_name"),
    *("classifier", "classifier_name", "server", "metadata"),
)


@transaction.atomic
def save(mailbox: Mailbox, password: str) -> None:
    """Keep it, with the password if one was entered, and have it tested."""
    before = Mailbox.objects.select_for_update().filter(pk=mailbox.pk).first()
    if password:
        mailbox.sealed_password = seal(password)
    fields = [*SETTINGS, "error_code", "error_detail", "failures", "check_wanted_at"]
    mailbox.error_code, mailbox.error_detail, mailbox.failures = "", "", 0
    mailbox.check_wanted_at = clock.now()
    if before is None:
        mailbox.save()
    else:
        if any(getattr(before, name) != getattr(mailbox, name) for name in ACCOUNT):
            mailbox.uidvalidity, mailbox.last_uid = None, 0
            fields += ["uidvalidity", "last_uid"]
        mailbox.save(update_fields=fields)
    mailbox.run_now()
    record(Action.SETTING, mailbox, before=audit_facts(before) if before else None, after=audit_facts(mailbox))
    transaction.on_commit(wakeup.notify_workers, robust=True)


@transaction.atomic
def remove(mailbox: Mailbox) -> None:
    record(Action.SETTING, mailbox, before=audit_facts(mailbox), after={"mailbox": ""})
    mailbox.delete()


def test(mailbox: Mailbox) -> None:
    """Have the worker connect: pages never open connections to others."""
    mailbox.request_check()
    transaction.on_commit(wakeup.notify_workers, robust=True)


@transaction.atomic
def add_rule(rule: MailRule) -> None:
    rule.save()
    record(Action.SETTING, rule.mailbox, after={"rule": str(rule), "schema": rule.schema_name})


@transaction.atomic
def remove_rule(rule: MailRule) -> None:
    record(Action.SETTING, rule.mailbox, before={"rule": str(rule), "schema": rule.schema_name})
    rule.delete()


def audit_facts(mailbox: Mailbox) -> dict[str, object]:
    """Everything but the password."""
    return {
        "mailbox": str(mailbox),
        "person": str(mailbox.person or ""),
        "schema": mailbox.schema_name,
        "classifier": mailbox.classifier_name,
        "server": mailbox.server,
    }
