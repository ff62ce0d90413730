"""Takes documents out of a mailbox, each mail exactly once.

The order makes it safe to be killed anywhere: stored files, then one transaction with the documents' rows and the
`IncomingMail`, then the flag or the move. A mail is recognised by its `Message-ID`, so that a server may number its
mails anew.
"""

from __future__ import annotations

import hashlib
import imaplib
import logging
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.uploadedfile import UploadedFile
from django.db import DatabaseError, IntegrityError

from extractions import clock
from extractions.forwarding.serialized import serialized_atomic
from extractions.incoming import imap
from extractions.incoming.answers import answer_refusal
from extractions.incoming.imap import ImapFolder, MailServerError
from extractions.incoming.leases import LeaseLost, settle
from extractions.incoming.mail_headers import MailHeaders, clean
from extractions.incoming.options import Stopped, arrival_of, options_of
from extractions.intake import inspection, receiving
from extractions.intake.receiving import DISK_FULL, Refused, StoredFile
from extractions.intake.submitting import Options
from extractions.intake.unattended import Arrival, submit_once
from extractions.models import IncomingAttachment, IncomingMail, Mailbox, MailRule
from extractions.models.incoming import IncomingOutcome as Outcome
from extractions.storage import durable_files
from extractions.storage.file_store import StoreUnavailable
from reading.errors import CannotRead
from reading.mail import Attachment

INTERVAL = timedelta(seconds=60)
MAX_MAILS_PER_RUN = 20
"""Then the others' turn comes."""
SMALL_PICTURE_BYTES = 20 * 1024
"""Smaller pictures that the text of a mail shows are logos and signatures."""
MAIL_SIZE_FACTOR = 3
"""Attachments grow by a third on their way, and there may be several."""
MAX_TRIES = 3
"""Then a mail that raises the unforeseen is put aside, and the others go on."""
TEMPORARY = ("disk", "budget", "option")

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Part:
    """An attachment that was received, or refused."""

    name: str
    stored: StoredFile | None = None
    reason: str = ""
    facts: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Envelope:
    """A mail of which only the headers are known so far."""

    headers: MailHeaders
    uid: int
    size: int


def run(mailbox: Mailbox, stop: threading.Event) -> None:
    """Deal with new mails under a lease; what cannot be taken now stays unread for the next run."""
    lease = mailbox.claim()
    if lease is None:
        return
    taking = Run(mailbox, lease, stop)
    stopped = Stopped("")
    try:
        taking.all()
    except LeaseLost:
        return
    except Stopped as reason:
        stopped = reason
    except StoreUnavailable:
        stopped = Stopped("store")
    except MailServerError as error:
        stopped = Stopped(error.code, error.detail)
    except DatabaseError:
        raise  # the lease expires
    except Exception:
        log.exception("The mailbox %s", mailbox)
        stopped = Stopped("unexpected")
    settle(mailbox, lease, stopped, interval=INTERVAL, more=taking.more, waiting=0)


def check(mailbox: Mailbox) -> None:
    """Connect as a run does, and note what came of it."""
    outcome = detail = ""
    try:
        with imap.opened(mailbox):
            pass
    except MailServerError as error:
        outcome, detail = error.code, error.detail
    rows = Mailbox.objects.filter(pk=mailbox.pk)
    rows.update(checked_at=clock.now(), check_outcome=outcome, check_detail=detail)


class Run:
    def __init__(self, mailbox: Mailbox, lease: int, stop: threading.Event) -> None:
        self.mailbox, self.lease, self.stop = mailbox, lease, stop
        self.more = False
        self._rules = list(mailbox.rules.all())

    def all(self) -> None:
        arrival = arrival_of(self.mailbox)
        with imap.opened(self.mailbox) as folder:
            last = self._begin(folder)
            for number, uid in enumerate(folder.uids_after(last)):
                if self.stop.is_set() or number >= MAX_MAILS_PER_RUN:
                    self.more = not self.stop.is_set()
                    return
                if not self.mailbox.renew(self.lease):
                    raise LeaseLost
                self._deal_with_or_put_aside(folder, uid, arrival)
                Mailbox.objects.filter(pk=self.mailbox.pk, lease=self.lease).update(last_uid=uid)
        self._forget_names()

    def _forget_names(self) -> None:
        """After a while only the identities remain, by which mails that are numbered anew are recognised."""
        old = IncomingMail.objects.filter(mailbox=self.mailbox, found_at__lt=clock.now() - IncomingMail.RETENTION)
        old = old.exclude(settled_at=None).exclude(sender="", subject="")
        IncomingAttachment.objects.filter(mail__in=old).update(name="")
        old.update(sender="", subject="")

    def _begin(self, folder: ImapFolder) -> int:
        """The last number that was dealt with: 0 after the server numbered its mails anew."""
        if self.mailbox.uidvalidity == folder.uidvalidity:
            return self.mailbox.last_uid
        is_new = self.mailbox.uidvalidity is None
        last = 0
        if is_new and not self.mailbox.from_start:
            last = (folder.uidnext or max(folder.uids_after(0), default=0) + 1) - 1
        rows = Mailbox.objects.filter(pk=self.mailbox.pk, lease=self.lease)
        if not rows.update(uidvalidity=folder.uidvalidity, last_uid=last):
            raise LeaseLost
        self.mailbox.uidvalidity = folder.uidvalidity
        return last

    def _deal_with_or_put_aside(self, folder: ImapFolder, uid: int, arrival: Arrival) -> None:
        try:
            self._deal_with(folder, uid, arrival)
        except (Stopped, LeaseLost, StoreUnavailable, MailServerError, DatabaseError, OSError, imaplib.IMAP4.error):
            raise
        except Exception:
            again = self.mailbox.failing_uid == uid
            self.mailbox.failing_uid, self.mailbox.failing_tries = uid, self.mailbox.failing_tries + 1 if again else 1
            self.mailbox.save(update_fields=["failing_uid", "failing_tries"])
            if self.mailbox.failing_tries < MAX_TRIES:
                raise
            log.exception("A mail in %s is put aside after %d tries", self.mailbox, MAX_TRIES)
            self._put_aside(folder, uid)

    def _put_aside(self, folder: ImapFolder, uid: int) -> None:
        """Refuse it with what can still be said of it; unless its documents are committed already."""
        facts = {"sender": "", "subject": ""}
        identity = hashlib.sha256(f"{self.mailbox.uidvalidity} {uid}".encode()).hexdigest()
        try:
            found = folder.header(uid)
            if found is not None:
                headers = MailHeaders(found.header)
                identity, facts = headers.identity, {"sender": headers.sender, "subject": headers.subject}
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            log.exception("Nor can its headers be read")
        numbers = {"uidvalidity": self.mailbox.uidvalidity or 0, "uid": uid, "refused": "unexpected"}
        mail, _new = IncomingMail.objects.get_or_create(
            mailbox=self.mailbox, identity=identity, defaults=facts | numbers
        )
        self._mark(folder, uid, mail)

    def _deal_with(self, folder: ImapFolder, uid: int, arrival: Arrival) -> None:
        found = folder.header(uid)
        if found is None:
            return  # somebody moved it away
        envelope = Envelope(MailHeaders(found.header), uid, found.size)
        mail = IncomingMail.objects.filter(mailbox=self.mailbox, identity=envelope.headers.identity).first()
        if mail is None:
            if not self.mailbox.from_start and found.arrived_at < self.mailbox.created_at:
                return  # there before, and shown again because the server numbered its mails anew
            mail = self._take(folder, envelope, arrival)
        if mail is not None:
            self._mark(folder, uid, mail)
            answer_refusal(mail, envelope.headers)

    def _take(self, folder: ImapFolder, envelope: Envelope, arrival: Arrival) -> IncomingMail | None:
        facts = envelope.headers.sender, envelope.headers.recipients, envelope.headers.subject
        rule = next((rule for rule in self._rules if rule.matches(*facts)), None)
        if rule is None and self.mailbox.unmatched == Mailbox.Unmatched.REFUSE:
            return self._register(envelope, [], "sender", 0, rule, arrival)
        if envelope.size > MAIL_SIZE_FACTOR * settings.UPLOAD_MAX_BYTES:
            return self._register(envelope, [], "size", 0, rule, arrival)
        with _scratch() as scratch:
            (scratch / "mail").write_bytes(folder.whole(envelope.uid))
            (scratch / "parts").mkdir()
            try:
                found = inspection.open_mail(scratch / "mail", scratch / "parts")
            except CannotRead:
                return self._register(envelope, [], "damaged", 0, rule, arrival)
            small = [part for part in found.found if part.inline and part.size < SMALL_PICTURE_BYTES]
            parts = [Part(name, reason="type") for name in found.others]
            try:
                for part in found.found:
                    if part not in small:
                        parts.append(_receive(scratch / "parts", part))  # noqa: PERF401 - what was received by then
                refused = "" if any(part.stored for part in parts) else "refused" if parts else "nothing"
                return self._register(envelope, parts, refused, len(small), rule, arrival)
            except (Refused, Stopped, LeaseLost, IntegrityError) as error:
                # After any other error the rows may have been committed all the same: then they need their files.
                for stored in (part.stored for part in parts if part.stored):
                    receiving.discard(stored)
                if isinstance(error, Refused):
                    raise Stopped(error.reason) from error
                if isinstance(error, IntegrityError):
                    return None  # another worker took it
                raise

    def _register(
        self, envelope: Envelope, parts: list[Part], refused: str, small: int, rule: MailRule | None, arrival: Arrival
    ) -> IncomingMail:
        """The mail and its documents, all or none."""
        options = options_of(self.mailbox, rule, {}) if any(part.stored for part in parts) else Options()
        with serialized_atomic():
            if not self.mailbox.renew(self.lease):
                raise LeaseLost
            mail = IncomingMail.objects.create(
                mailbox=self.mailbox,
                identity=envelope.headers.identity,
                uidvalidity=self.mailbox.uidvalidity or 0,
                uid=envelope.uid,
                sender=envelope.headers.sender,
                subject=envelope.headers.subject,
                refused=refused,
                left_out=small,
            )
            for part in parts:
                row = IncomingAttachment(mail=mail, name=clean(part.name)[:250], reason=part.reason, facts=part.facts)
                row.outcome = Outcome.REFUSED
                if part.stored:
                    taken = submit_once(part.stored, options, arrival)
                    row.extraction = taken.extraction
                    row.outcome = Outcome.RECEIVED if taken.is_new else Outcome.KNOWN
                row.save()
        return mail

    def _mark(self, folder: ImapFolder, uid: int, mail: IncomingMail) -> None:
        folder.mark(uid, taken=not mail.refused)
        target = self.mailbox.refused_folder if mail.refused else self.mailbox.done_folder
        if target:
            folder.move(uid, target)
        IncomingMail.objects.filter(pk=mail.pk, settled_at=None).update(settled_at=clock.now())


def _receive(folder: Path, part: Attachment) -> Part:
    try:
        with (folder / part.file).open("rb") as file:
            return Part(part.name, receiving.receive(UploadedFile(File(file), name=part.name, size=part.size)))
    except Refused as refused:
        if refused.reason in TEMPORARY:
            raise
        # Nobody is there to enter a password.
        reason = "locked" if refused.reason == "password" else refused.reason
        return Part(part.name, reason=reason, facts=refused.facts)


@contextmanager
def _scratch() -> Iterator[Path]:
    """A folder on the disk of the documents; a full disk stops the run."""
    folder = Path(tempfile.mkdtemp(dir=durable_files.temporary_path().parent))
    try:
        yield folder
    except OSError as error:
        if error.errno in DISK_FULL:
            raise Stopped("disk") from error
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)
