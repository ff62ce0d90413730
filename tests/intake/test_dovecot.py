"""Mailboxes of a real IMAP server."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest

from extractions.models import Extraction, IncomingMail, Mailbox
from portal.sealing import seal
from tests.factories import State, pdf
from tests.intake.dovecot import PROGRAM, Dovecot
from tests.intake.imap_server import PASSWORD, USER, certificate
from tests.intake.test_mailboxes import PDF, a_mail, run_due

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(PROGRAM is None, reason="there is no dovecot (on Debian: apt-get install dovecot-imapd)"),
]


@pytest.fixture
def dovecot(monkeypatch):
    folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
    folder.chmod(0o755)
    pem = certificate(folder)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    server = Dovecot(folder, pem)
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture
def account(dovecot, alice, team):
    facts = {"host": "127.0.0.1", "username": USER, "sealed_password": seal(PASSWORD), "server": "FR-1"}
    return Mailbox.objects.create(team=team, person=alice, from_start=True, port=dovecot.tls, **facts)


@pytest.mark.parametrize("security", list(Mailbox.Security))
def test_mails_are_taken_marked_and_moved(account, dovecot, security):
    port = dovecot.tls if security == Mailbox.Security.TLS else dovecot.starttls
    Mailbox.objects.update(security=security, port=port, done_folder="Done", refused_folder="Refused")
    dovecot.add(a_mail(("a.pdf", PDF, pdf()), ("b.pdf", PDF, pdf(text="b"))))
    dovecot.add(a_mail(number=2))

    assert run_due(account).error_code == ""

    assert sorted(row.name for row in Extraction.objects.all()) == ["a.pdf", "b.pdf"]
    assert (dovecot.flags(), dovecot.flags("Done"), dovecot.flags("Refused")) == ([], ["S"], ["FS"])


def test_mails_that_a_restored_server_numbers_anew_are_not_taken_twice(account, dovecot):
    dovecot.add(a_mail(("a.pdf", PDF, pdf())))
    known = run_due(account).uidvalidity
    Extraction.objects.update(state=State.FAILED)

    dovecot.renumber()
    dovecot.add(a_mail(("b.pdf", PDF, pdf(text="new")), number=2))
    account = run_due(account)

    assert account.uidvalidity != known
    assert sorted(row.name for row in Extraction.objects.all()) == ["a.pdf", "b.pdf"]
    assert IncomingMail.objects.count() == 2
    assert dovecot.flags() == ["S", "S"]


def test_a_server_that_is_away_and_a_wrong_password_are_told_and_cost_nothing(account, dovecot):
    dovecot.add(a_mail(("a.pdf", PDF, pdf())))
    Mailbox.objects.update(sealed_password=seal("wrong"))
    refused = run_due(account).error_code
    Mailbox.objects.update(sealed_password=seal(PASSWORD))
    dovecot.stop()
    away = run_due(account).error_code
    dovecot.start()

    assert (refused, away, run_due(account).error_code) == ("login", "unreachable", "")
    assert Extraction.objects.count() == 1
