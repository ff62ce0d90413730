"""Mails of strangers who want to stop the mailbox, or to write to others by it."""

from __future__ import annotations

import time

import pytest
from django.core import mail as outbox

from extractions.incoming import mails
from extractions.incoming.mail_headers import MailHeaders
from extractions.models import Extraction, IncomingMail, Mailbox, MailRule
from tests.factories import pdf
from tests.intake.test_mailboxes import PDF, a_mail, run_due

pytestmark = pytest.mark.django_db


def test_hostile_mails_are_refused_and_hold_up_no_other(mailbox, server):
    nested = a_mail(("deep.pdf", PDF, pdf(text="deep")))
    for depth in range(50):
        edge = b"edge%d" % depth
        nested = b'Content-Type: multipart/mixed; boundary="%s"\r\n\r\n--%s\r\n%s\r\n--%s--\r\n' % (
            edge,
            edge,
            nested,
            edge,
        )
    server.add(b"From: a@b.example\r\nMessage-ID: <h1@b>\r\n" + nested)
    server.add(b"From: =?utf-8?q?=00=ff?= <\xff\xfe>\r\nSubject: =?nope?b?!?=\r\nMessage-ID: <h2@b>\r\n\r\n\x00\xff")
    server.add(b"Message-ID: <h3@b>\r\nContent-Type: multipart/mixed; boundary=\r\n\r\nx")
    server.add(a_mail(("good.pdf", PDF, pdf(text="good")), number=9))

    assert run_due(mailbox).error_code == ""

    assert [row.name for row in Extraction.objects.all()] == ["good.pdf"]
    assert IncomingMail.objects.exclude(refused="").count() == 3


@pytest.mark.parametrize("broken", ["reading.mail.part", "headers"])
def test_a_mail_that_raises_the_unforeseen_is_put_aside_and_the_others_go_on(mailbox, server, monkeypatch, broken):
    server.add(a_mail(("bad.pdf", PDF, pdf(text="bad")), subject="Poison", number=1))
    server.add(a_mail(("good.pdf", PDF, pdf(text="good")), number=2))
    if broken == "headers":
        monkeypatch.setattr(MailHeaders, "identity", property(_raise_for_poison))
    else:
        real = mails._receive
        monkeypatch.setattr(mails, "_receive", lambda *given: real(*given) if given[1].name != "bad.pdf" else 1 // 0)

    codes = [run_due(mailbox).error_code for _run in range(mails.MAX_TRIES)]

    aside = IncomingMail.objects.get(refused="unexpected")
    assert codes == ["unexpected", "unexpected", ""]
    assert aside.settled_at
    assert [row.name for row in Extraction.objects.all()] == ["good.pdf"]
    assert run_due(mailbox).error_code == ""
    assert IncomingMail.objects.count() == 2


def _raise_for_poison(headers):
    if headers.subject == "Poison":
        raise LookupError("unknown encoding: poison")
    return headers.text("Message-ID").rjust(64, "0")[-64:]


HOSTILE = (b"(" * 30_000, b'"' * 30_000, b"a " * 30_000, b"a@b.example, " * 10_000, b"=?utf-8?q?a?= " * 10_000)


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: value[:5].decode().strip())
def test_hostile_headers_neither_stop_the_mailbox_nor_keep_it_busy(mailbox, server, value):
    Mailbox.objects.update(answers=True)
    names = (b"From", b"To", b"Cc", b"Subject", b"Reply-To", b"Date", b"Precedence")
    for number, name in enumerate(names):
        server.add(b"Message-ID: <%d@b>\r\n%s: %s\r\n\r\nx" % (number, name, value))
    server.add(b"Message-ID: %s\r\n\r\nx" % value)
    server.add(a_mail(("good.pdf", PDF, pdf(text="good")), number=99))

    began = time.process_time()
    after = run_due(mailbox)

    assert (after.error_code, Extraction.objects.get().name) == ("", "good.pdf")
    assert time.process_time() - began < 10


def test_a_recipient_behind_many_others_is_still_found(mailbox, server):
    rule = MailRule.objects.create(mailbox=mailbox, recipient="last@larkspur.example", metadata={"by": "rule"})
    assert rule.pk
    many = ", ".join(f"somebody.{number}@example.com" for number in range(300))
    content = a_mail(("good.pdf", PDF, pdf()))
    server.add(content.replace(b"To: ", f"To: {many}, last@larkspur.example\r\nX-Was: ".encode(), 1))

    run_due(mailbox)

    assert Extraction.objects.get().metadata == {"by": "rule"}


def test_invented_senders_get_so_many_answers_a_day_in_all(mailbox, server, monkeypatch):
    monkeypatch.setattr("extractions.incoming.answers.ANSWERS_A_DAY_IN_ALL", 4)
    Mailbox.objects.update(answers=True)
    for number in range(8):
        server.add(a_mail(number=number, sender=f"victim{number}@example.com"))

    run_due(mailbox)

    assert len(outbox.outbox) == 4
