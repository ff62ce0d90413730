"""Mailboxes: each mail once, whatever breaks in between."""

from __future__ import annotations

import errno
import os
import threading
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.core import mail as outbox
from django.utils import timezone

from extractions.incoming import mails
from extractions.models import Extraction, IncomingAttachment, IncomingMail, Mailbox, MailRule
from extractions.models.spending import Budget
from extractions.storage import durable_files
from portal.sealing import seal
from tests.factories import State, jpeg, make_schema, pdf
from tests.intake.conftest import killed_run
from tests.intake.imap_server import PASSWORD, USER, ImapServer, certificate

pytestmark = pytest.mark.django_db
PDF = ("application", "pdf")


def a_mail(*parts, subject="Invoice", sender="ana@larkspur.example", number=1, **headers) -> bytes:
    """`parts` are triples of name, type and content."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, USER, subject
    message["Message-ID"] = f"<{number}@larkspur.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("See the attached file.")
    for name, kind, content in parts:
        message.add_attachment(content, *kind, filename=name)
    return message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def run_due(mailbox) -> Mailbox:
    Mailbox.objects.filter(pk=mailbox.pk).update(lease_until=None)
    mailbox.run_now()
    mails.run(Mailbox.objects.get(pk=mailbox.pk), threading.Event())
    return Mailbox.objects.get(pk=mailbox.pk)


def test_an_attachment_becomes_a_document_and_the_mail_is_marked(mailbox, server, alice, team):
    there = server.add(a_mail(("facture.pdf", PDF, pdf())))

    after = run_due(mailbox)

    row = Extraction.objects.get()
    assert (row.owner, row.team, row.name, row.state) == (alice, team, "facture.pdf", State.QUEUED)
    assert Path(row.document.path).read_bytes() == pdf()
    assert there.flags == {"\\Seen"}
    assert (after.error_code, after.last_uid, after.lease_until) == ("", there.uid, None)
    mail = IncomingMail.objects.get()
    assert (mail.sender, mail.subject, mail.refused) == ("ana@larkspur.example", "Invoice", "")
    assert mail.settled_at is not None
    assert mail.attachments.get().extraction == row


def test_every_accepted_attachment_counts_and_small_pictures_in_the_text_do_not(mailbox, server):
    inner = EmailMessage()
    inner["Subject"], inner["From"] = "Forwarded", "x@example.com"
    inner.set_content("inside")
    inner.add_attachment(pdf(text="inner"), *PDF, filename="inner.pdf")
    message = EmailMessage()
    message["From"], message["Subject"], message["Message-ID"] = "a@example.com", "Several", "<m@example.com>"
    message.set_content("text")
    message.add_attachment(pdf(text="outer"), *PDF, filename="outer.pdf")
    message.add_attachment(pdf(text="octets"), "application", "octet-stream", filename="octets.PDF")
    message.add_attachment(jpeg(), "image", "jpeg", filename="logo.jpg", disposition="inline")
    message.add_attachment(b"words", "application", "msword", filename="notes.doc")
    message.add_attachment(b"broken", *PDF, filename="broken.pdf")
    message.add_attachment(inner)
    server.add(message.as_bytes().replace(b"\n", b"\r\n"))

    run_due(mailbox)

    assert sorted(row.name for row in Extraction.objects.all()) == ["inner.pdf", "octets.PDF", "outer.pdf"]
    mail = IncomingMail.objects.get()
    assert (mail.left_out, mail.refused) == (1, "")
    reasons = dict(mail.attachments.exclude(reason="").values_list("name", "reason"))
    assert reasons.keys() == {"notes.doc", "broken.pdf"}


def test_the_same_file_in_two_mails_is_paid_once(mailbox, server):
    server.add(a_mail(("a.pdf", PDF, pdf()), number=1))
    server.add(a_mail(("b.pdf", PDF, pdf()), number=2, subject="Again"))

    run_due(mailbox)

    assert Extraction.objects.count() == 1
    assert list(IncomingAttachment.objects.values_list("outcome", flat=True)) == ["received", "known"]


def test_mails_numbered_anew_are_not_taken_twice(mailbox, server):
    server.add(a_mail(("a.pdf", PDF, pdf())))
    run_due(mailbox)
    Extraction.objects.update(state=State.FAILED)

    server.renumber()
    server.add(a_mail(("b.pdf", PDF, pdf(text="new")), number=2))
    run_due(mailbox)

    assert sorted(row.name for row in Extraction.objects.all()) == ["a.pdf", "b.pdf"]
    assert IncomingMail.objects.count() == 2


def test_only_new_mails_are_taken_unless_wanted_also_when_numbered_anew(mailbox, server):
    Mailbox.objects.update(from_start=False, created_at=timezone.now())
    server.add(a_mail(("old.pdf", PDF, pdf())), arrived_at=datetime.now(UTC) - timedelta(days=2))
    run_due(mailbox)
    assert not Extraction.objects.exists()

    server.renumber()
    server.add(a_mail(("new.pdf", PDF, pdf(text="new")), number=2), arrived_at=datetime.now(UTC) + timedelta(seconds=5))
    run_due(mailbox)

    assert [row.name for row in Extraction.objects.all()] == ["new.pdf"]


def test_an_idle_run_on_a_large_mailbox_costs_little(mailbox, server):
    content = a_mail()
    for _each in range(10_000):
        server.add(content)
    Mailbox.objects.update(uidvalidity=1, last_uid=10_000)
    server.sent = 0

    assert run_due(mailbox).error_code == ""

    assert server.sent < 10_000
    assert "FETCH" not in server.commands


def test_rules_choose_options_and_others_can_be_refused(mailbox, server):
    schema = make_schema("Invoice")
    rule = MailRule(mailbox=mailbox, sender="@larkspur.example", subject="invoice", server="EU-1")
    rule.choose(schema, None)
    rule.save()
    server.add(a_mail(("a.pdf", PDF, pdf()), subject="Your INVOICE 4711", number=1))
    other = server.add(a_mail(("b.pdf", PDF, pdf(text="b")), sender="eve@example.com", number=2))
    Mailbox.objects.update(unmatched="refuse")

    run_due(mailbox)

    row = Extraction.objects.get()
    assert (row.schema, row.server) == (schema, "EU-1")
    assert other.flags == {"\\Seen", "\\Flagged"}
    assert IncomingMail.objects.get(sender="eve@example.com").refused == "sender"


@pytest.mark.parametrize("capabilities", ["MOVE UIDPLUS", "UIDPLUS"])
def test_mails_are_moved_where_the_team_wants_it(mailbox, server, capabilities):
    server._capabilities = capabilities
    Mailbox.objects.update(done_folder="Done", refused_folder="Refused")
    server.add(a_mail(("a.pdf", PDF, pdf()), number=1))
    server.add(a_mail(number=2, subject="Nothing attached"))

    run_due(mailbox)

    assert [len(server.folders[name]) for name in ("INBOX", "Done", "Refused")] == [0, 1, 1]
    assert IncomingMail.objects.get(subject="Nothing attached").refused == "nothing"


def test_a_missing_target_folder_is_told_and_nothing_is_paid_twice(mailbox, server):
    Mailbox.objects.update(done_folder="Later")
    server.add(a_mail(("a.pdf", PDF, pdf())))
    assert run_due(mailbox).error_code == "target"
    Extraction.objects.update(state=State.FAILED)

    server.folders["Later"] = []
    assert run_due(mailbox).error_code == ""

    assert (Extraction.objects.count(), len(server.folders["Later"])) == (1, 1)


def test_names_are_forgotten_in_time_but_mails_are_still_recognised(mailbox, server):
    server.add(a_mail(("a.pdf", PDF, pdf())))
    run_due(mailbox)
    IncomingMail.objects.update(found_at=timezone.now() - timedelta(days=91))
    Extraction.objects.update(state=State.FAILED)
    run_due(mailbox)
    server.renumber()
    run_due(mailbox)

    assert (IncomingMail.objects.get().subject, IncomingAttachment.objects.get().name) == ("", "")
    assert Extraction.objects.count() == 1


def test_refused_mails_are_answered_once_and_programs_never(mailbox, server):
    Mailbox.objects.update(answers=True, language="fr")
    server.add(a_mail(("n.doc", ("application", "msword"), b"x"), number=1))
    server.add(a_mail(number=2, sender="robot@example.com", Auto_Submitted="auto-generated"))
    server.add(a_mail(number=3, sender="news@example.com", Precedence="bulk"))
    server.add(a_mail(number=4, sender="list@example.com", List_Id="<list.example.com>"))
    server.add(a_mail(number=5, sender="mailer-daemon@example.com", Return_Path="<>"))

    run_due(mailbox)
    server.renumber()
    run_due(mailbox)

    [answer] = outbox.outbox
    assert answer.to == ["ana@larkspur.example"]
    assert answer.extra_headers["Auto-Submitted"] == "auto-replied"
    assert "n.doc" in answer.body
    assert "pièce" in answer.body


def test_two_programs_do_not_answer_each_other_for_ever(mailbox, server):
    Mailbox.objects.update(answers=True)
    for number in range(8):
        server.add(a_mail(number=number))

    run_due(mailbox)

    assert len(outbox.outbox) == 3


@pytest.mark.parametrize("when", ["", " done", " half"])
@pytest.mark.parametrize(
    ("capabilities", "command"),
    [
        *(("MOVE UIDPLUS", name) for name in ("CAPABILITY", "LOGIN", "SELECT", "SEARCH", "FETCH", "STORE", "MOVE")),
        *(("UIDPLUS", name) for name in ("COPY", "EXPUNGE")),
    ],
)
def test_a_connection_cut_at_any_command_neither_loses_nor_doubles(pem, mailbox, capabilities, command, when):
    server = ImapServer(pem, capabilities=capabilities)
    Mailbox.objects.update(done_folder="Done", port=server.port)
    server.add(a_mail(("a.pdf", PDF, pdf())))
    server.cut_at = command + when
    assert run_due(mailbox).error_code == "unreachable"
    assert not server.cut_at
    # Should the service have failed meanwhile, it may have been paid for.
    Extraction.objects.update(state=State.FAILED)

    assert run_due(mailbox).error_code == ""

    assert Extraction.objects.count() == 1
    assert len(server.folders["INBOX"]) == 0
    assert server.folders["Done"]
    server.close()


def test_a_server_that_cannot_ask_for_the_password_at_the_moment_does_not_call_it_wrong(mailbox, server):
    server.unavailable = True
    assert run_due(mailbox).error_code == "unreachable"

    server.unavailable = False
    assert run_due(mailbox).error_code == ""


def test_a_full_disk_and_a_used_up_cap_leave_the_mail_unread(mailbox, server, team, monkeypatch):
    there = server.add(a_mail(("a.pdf", PDF, pdf()), ("b.pdf", PDF, pdf(text="b"))))
    with monkeypatch.context() as full:
        full.setattr(durable_files, "sync", _no_space)
        assert run_due(mailbox).error_code == "disk"
    budget = Budget.objects.create(team=team, cap=0)
    assert run_due(mailbox).error_code == "budget"
    assert there.flags == set()
    assert not IncomingMail.objects.exists()
    assert not list(Path(durable_files.settings.MEDIA_ROOT, "documents").rglob("*.pdf"))

    budget.delete()
    run_due(mailbox)
    assert Extraction.objects.count() == 2
    assert there.flags == {"\\Seen"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("attribute", "moment"),
    [("Run._register", "before"), ("Run._register", "after"), ("Run._mark", "after")],
)
def test_killed_at_any_point_it_neither_loses_nor_doubles(settings, mailbox, server, attribute, moment):
    there = server.add(a_mail(("a.pdf", PDF, pdf())))
    Mailbox.objects.update(sealed_password=seal(PASSWORD))
    settings_key = {"SECRET_KEY": settings.SECRET_KEY}

    killed_run(settings, "extractions.incoming.mails", attribute, moment, **settings_key)
    Extraction.objects.update(state=State.FAILED)
    run_due(mailbox)

    assert Extraction.objects.count() == 1
    assert there.flags == {"\\Seen"}
    assert IncomingMail.objects.get().settled_at is not None


def test_passwords_go_only_to_servers_whose_certificate_is_trusted(mailbox, server, monkeypatch, tmp_path):
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate(tmp_path / "other")))

    assert run_due(mailbox).error_code == "certificate"
    assert "LOGIN" not in server.commands


def test_starttls_is_spoken_before_the_password(pem, mailbox):
    server = ImapServer(pem, starttls=True)
    Mailbox.objects.update(port=server.port, security="starttls")
    server.add(a_mail(("a.pdf", PDF, pdf())))

    assert run_due(mailbox).error_code == ""

    server.close()
    assert server.commands.index("STARTTLS") < server.commands.index("LOGIN")
    assert Extraction.objects.count() == 1


def test_what_is_wrong_is_told_in_words(mailbox, server):
    Mailbox.objects.update(folder="Nowhere")
    mails.check(Mailbox.objects.get())
    assert Mailbox.objects.get().check_outcome == "folder"

    Mailbox.objects.update(folder="INBOX", sealed_password=seal("wrong"))
    mails.check(Mailbox.objects.get())
    after = Mailbox.objects.get()
    assert (after.check_outcome, after.check_pending) == ("login", False)
    assert "wrong user or password" in after.check_detail

    Mailbox.objects.update(sealed_password=seal(PASSWORD))
    mails.check(Mailbox.objects.get())
    assert Mailbox.objects.get().check_outcome == ""


def test_names_and_passwords_that_cannot_be_sent_are_reported(mailbox):
    Mailbox.objects.update(host="mail..example.com")
    mails.check(Mailbox.objects.get())
    assert Mailbox.objects.get().check_outcome == "unreachable"

    Mailbox.objects.update(host="127.0.0.1", sealed_password=seal("mot de passé"))
    mails.check(Mailbox.objects.get())
    after = Mailbox.objects.get()
    assert (after.check_outcome, after.check_detail) == ("login", "")


def test_a_deleted_document_leaves_no_name_behind(mailbox, server):
    from extractions.forwarding.steps.erase import erase

    server.add(a_mail(("Larkspur.pdf", PDF, pdf()), subject="About Mr Larkspur", sender="x@larkspur.example"))
    run_due(mailbox)
    row = Extraction.objects.get()
    Extraction.objects.filter(pk=row.pk).update(state=State.CANCELLED, delete_requested_at=timezone.now())
    row.refresh_from_db()

    erase(row)

    left = repr(list(IncomingMail.objects.values())) + repr(list(IncomingAttachment.objects.values()))
    assert "larkspur" not in left.lower()


def _no_space(*_arguments, **_named):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
