"""The few IMAP commands that mailboxes need, each with a deadline, over verified TLS."""

from __future__ import annotations

import base64
import contextlib
import imaplib
import re
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from extractions.models.mailbox import Mailbox
from portal.sealing import Unreadable

TIMEOUT_SECONDS = 30.0
HEADER_BYTES = 64 * 1024
"""Of a mail's header; its sender may have made it as long as the whole mail."""
WRITABLE_FLAGS = {True: r"(\Seen)", False: r"(\Seen \Flagged)"}


class MailServerError(Exception):
    """`code` is key_lost, unreachable, certificate, login, folder, target or protocol; `detail` the server's words."""

    def __init__(self, code: str, detail: object = "") -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, str(detail)[:500]


@dataclass(frozen=True, slots=True)
class MailHeader:
    header: bytes
    size: int
    arrived_at: datetime
    """By the server's clock."""


class ImapFolder:
    """An open folder. `uidnext` may be missing from old servers."""

    def __init__(self, connection: imaplib.IMAP4, folder: str) -> None:
        self._connection = connection
        # Most servers say only after the login what all they can do, and imaplib asks before it.
        listed = b" ".join(part for part in self._command("protocol", connection.capability) if part)
        self._capabilities = set(listed.decode("ascii", "replace").upper().split())
        self._command("folder", connection.select, _quoted(folder))
        self.uidvalidity = self._number("UIDVALIDITY") or 0
        self.uidnext = self._number("UIDNEXT")

    def uids_after(self, last: int) -> list[int]:
        """Ascending. `n:*` always names the last mail, so smaller ones are left out here."""
        [found] = self._uid("SEARCH", None, f"UID {last + 1}:*")
        return sorted(uid for uid in map(int, (found or b"").split()) if uid > last)

    def header(self, uid: int) -> MailHeader | None:
        """None for a mail that is gone."""
        answer = self._uid("FETCH", str(uid), f"(RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER]<0.{HEADER_BYTES}>)")
        facts = b" ".join(item if isinstance(item, bytes) else item[0] for item in answer if item)
        size = re.search(rb"RFC822\.SIZE (\d+)", facts)
        arrived = imaplib.Internaldate2tuple(facts)
        at = datetime.fromtimestamp(time.mktime(arrived), UTC) if arrived else datetime.now(UTC)
        for part in answer:
            if isinstance(part, tuple):
                return MailHeader(part[1], int(size[1]) if size else 0, at)
        return None

    def whole(self, uid: int) -> bytes:
        for part in self._uid("FETCH", str(uid), "(BODY.PEEK[])"):
            if isinstance(part, tuple):
                content: bytes = part[1]
                return content
        return b""

    def mark(self, uid: int, *, taken: bool) -> None:
        self._uid("STORE", str(uid), "+FLAGS.SILENT", WRITABLE_FLAGS[taken])

    def move(self, uid: int, folder: str) -> None:
        """MOVE, or where the server lacks it, a copy and the removal of this very mail."""
        if "MOVE" in self._capabilities:
            self._command("target", self._connection.uid, "MOVE", str(uid), _quoted(folder))
            return
        self._command("target", self._connection.uid, "COPY", str(uid), _quoted(folder))
        self._uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Deleted)")
        if "UIDPLUS" in self._capabilities:
            self._uid("EXPUNGE", str(uid))

    def _uid(self, *command: Any) -> list[Any]:
        return self._command("protocol", self._connection.uid, *command)

    def _command(self, code: str, call: Any, *arguments: Any) -> list[Any]:
        status, answer = call(*arguments)
        if status != "OK":
            words = b" ".join(part for part in answer if isinstance(part, bytes))
            raise MailServerError(code, words.decode("utf-8", "replace"))
        return list(answer)

    def _number(self, name: str) -> int | None:
        _name, answer = self._connection.response(name)
        return int(answer[0]) if answer and answer[0] else None


@contextlib.contextmanager
def opened(mailbox: Mailbox) -> Iterator[ImapFolder]:
    """Raises `MailServerError`, also for a connection that breaks while the folder is in use."""
    connection: imaplib.IMAP4 | None = None
    try:
        connection = _connect(mailbox)
        _log_in(connection, mailbox)
        yield ImapFolder(connection, mailbox.folder)
    except ssl.SSLCertVerificationError as error:
        raise MailServerError("certificate", error.verify_message) from error
    except imaplib.IMAP4.abort as error:
        raise MailServerError("unreachable", error) from error
    except imaplib.IMAP4.error as error:
        raise MailServerError("protocol", error) from error
    except (socket.gaierror, TimeoutError, ConnectionError, ssl.SSLError, EOFError) as error:
        raise MailServerError("unreachable", error) from error
    finally:
        if connection is not None:
            with contextlib.suppress(Exception):  # it may be broken; nothing is lost by it
                connection.logout()


def _connect(mailbox: Mailbox) -> imaplib.IMAP4:
    context = ssl.create_default_context()
    try:
        if mailbox.security == Mailbox.Security.TLS:
            return imaplib.IMAP4_SSL(mailbox.host, mailbox.port, ssl_context=context, timeout=TIMEOUT_SECONDS)
        connection = imaplib.IMAP4(mailbox.host, mailbox.port, timeout=TIMEOUT_SECONDS)
        connection.starttls(context)
    except ssl.SSLCertVerificationError:
        raise
    except (OSError, UnicodeError) as error:  # a name that cannot be one in the DNS fails to be encoded
        raise MailServerError("unreachable", error) from error
    return connection


def _log_in(connection: imaplib.IMAP4, mailbox: Mailbox) -> None:
    try:
        password = mailbox.password()
    except Unreadable as error:
        raise MailServerError("key_lost") from error
    try:
        connection.login(mailbox.username, password)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, UnicodeError) as error:  # LOGIN takes nothing but ASCII
        if "[UNAVAILABLE]" in str(error):  # its own trouble (RFC 5530), and no word about the password
            raise MailServerError("unreachable", error) from error
        raise MailServerError("login", error if isinstance(error, imaplib.IMAP4.error) else "") from error


def _quoted(folder: str) -> str:
    r"""A mailbox name in modified UTF-7, quoted; backslashes and quotes escaped."""
    encoded = re.sub(r"[^\x20-\x7e]+|&", lambda found: _shifted(found[0]), folder)
    escaped = encoded.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _shifted(text: str) -> str:
    if text == "&":
        return "&-"
    coded = base64.b64encode(text.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
    return f"&{coded}-"
