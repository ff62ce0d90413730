"""A small IMAP server over TLS, which can cut the line at a command, number its mails anew, and count its bytes.

`cut_at` names a command: at "FETCH" the line is cut before it is carried out, at "FETCH done" afterwards, before the
answer, and at "FETCH half" in the middle of the answer.
"""

from __future__ import annotations

import contextlib
import datetime as dates
import ipaddress
import re
import socket
import ssl
import threading
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "invoices@example.com", "a secret of mails"


@dataclass
class Mail:
    uid: int
    content: bytes
    flags: set[str] = field(default_factory=set)
    arrived_at: dates.datetime = field(default_factory=lambda: dates.datetime.now(dates.UTC))

    @property
    def header(self) -> bytes:
        return self.content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


def certificate(folder: Path) -> Path:
    """A self-signed certificate for 127.0.0.1, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dates.datetime.now(dates.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dates.timedelta(days=1))
        .not_valid_after(now + dates.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    path = folder / "mail.pem"
    path.write_bytes(
        built.public_bytes(pem) + key.private_bytes(pem, serialization.PrivateFormat.TraditionalOpenSSL, plain)
    )
    return path


class ImapServer:
    def __init__(self, pem: Path, *, starttls: bool = False, capabilities: str = "MOVE UIDPLUS") -> None:
        self.folders: dict[str, list[Mail]] = {"INBOX": [], "Done": [], "Refused": []}
        self.uidvalidity, self.next_uid = 1, 1
        self.cut_at = ""
        self.unavailable = False
        self._known = False
        self.sent = 0
        self.commands: list[str] = []
        self._plain, self._capabilities = starttls, capabilities
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(pem)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def add(self, content: bytes, **fields) -> Mail:
        mail = Mail(self.next_uid, content, **fields)
        self.next_uid += 1
        self.folders["INBOX"].append(mail)
        return mail

    def renumber(self) -> None:
        """As after a restored backup: another UIDVALIDITY, other numbers, and nobody is connected any more."""
        self.uidvalidity += 1
        for mail in self.folders["INBOX"]:
            mail.uid += 1000
        self.next_uid += 1000

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            if not self._plain:
                client = self._context.wrap_socket(client, server_side=True)
            self._send(client, b"* OK ready\r\n")
            file = client.makefile("rb")
            numbering, self._known = self.uidvalidity, False
            while (line := file.readline()) and numbering == self.uidvalidity:
                tag, _, rest = line.decode().strip().partition(" ")
                words = rest.split(" ", 2)
                name = (words[1] if words[0].upper() == "UID" else words[0]).upper()
                self.commands.append(name)
                at, _, when = self.cut_at.partition(" ")
                cut = name == at
                if cut:
                    self.cut_at = ""
                if cut and not when:
                    break
                answer = self._answer(tag, name, rest)
                if cut:
                    self._send(client, answer[: len(answer) // 2] if when == "half" else b"")
                    break
                self._send(client, answer)
                if name == "STARTTLS":
                    client = self._context.wrap_socket(client, server_side=True)
                    file = client.makefile("rb")
                if name == "LOGOUT":
                    break
        with contextlib.suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)
        client.close()

    def _send(self, client: socket.socket, content: bytes) -> None:
        self.sent += len(content)
        client.sendall(content)

    def _answer(self, tag: str, name: str, rest: str) -> bytes:
        lines, status = getattr(self, f"_{name.lower()}", self._unknown)(rest)
        return b"".join(lines) + f"{tag} {status}\r\n".encode()

    def _unknown(self, _rest):
        return [], "BAD unknown command"

    def _capability(self, _rest):
        """As most servers do: before the login only what somebody needs for it."""
        can = self._capabilities if self._known else "STARTTLS" if self._plain else ""
        return [f"* CAPABILITY IMAP4rev1 {can}\r\n".encode()], "OK done"

    def _starttls(self, _rest):
        return [], "OK begin"

    def _login(self, rest):
        if self.unavailable:
            return [], "NO [UNAVAILABLE] Temporary authentication failure."
        self._known = rest == f'LOGIN {USER} "{PASSWORD}"'
        return [], "OK welcome" if self._known else "NO [AUTHENTICATIONFAILED] wrong user or password"

    def _select(self, rest):
        folder = rest.split(" ", 1)[1].strip('"')
        if folder not in self.folders:
            return [], "NO no such mailbox"
        facts = f"* {len(self.folders[folder])} EXISTS\r\n* OK [UIDVALIDITY {self.uidvalidity}] here\r\n"
        return [f"{facts}* OK [UIDNEXT {self.next_uid}] next\r\n".encode()], "OK [READ-WRITE] selected"

    def _search(self, rest):
        first = int(re.search(r"UID (\d+):\*", rest)[1])
        uids = [mail.uid for mail in self.folders["INBOX"]]
        found = [uid for uid in uids if uid >= first] or uids[-1:]
        return [f"* SEARCH {' '.join(map(str, found))}\r\n".encode()], "OK searched"

    def _fetch(self, rest):
        mail = self._mail(rest)
        if mail is None:
            return [], "OK fetched"
        content, name = (mail.header, "HEADER") if "HEADER" in rest else (mail.content, "")
        end = "]"
        if partial := re.search(r"<0\.(\d+)>", rest):
            content, end = content[: int(partial[1])], "]<0>"
        at = mail.arrived_at.strftime("%d-%b-%Y %H:%M:%S +0000")
        facts = f'UID {mail.uid} RFC822.SIZE {len(mail.content)} INTERNALDATE "{at}"'
        facts += f" BODY[{name}{end} {{{len(content)}}}"
        return [f"* 1 FETCH ({facts}\r\n".encode(), content, b")\r\n"], "OK fetched"

    def _store(self, rest):
        if mail := self._mail(rest):
            mail.flags |= set(re.findall(r"\\\w+", rest))
        return [], "OK stored"

    def _move(self, rest):
        lines, status = self._copy(rest)
        if not status.startswith("OK"):
            return lines, status
        self.folders["INBOX"].remove(self._mail(rest))
        return [], "OK moved"

    def _copy(self, rest):
        target = rest.rsplit(" ", 1)[1].strip('"')
        if target not in self.folders:
            return [], "NO [TRYCREATE] no such mailbox"
        mail = self._mail(rest)
        self.folders[target].append(Mail(mail.uid, mail.content, set(mail.flags)))
        return [], "OK copied"

    def _expunge(self, _rest):
        self.folders["INBOX"] = [mail for mail in self.folders["INBOX"] if "\\Deleted" not in mail.flags]
        return [], "OK expunged"

    def _logout(self, _rest):
        return [b"* BYE\r\n"], "OK bye"

    def _mail(self, rest) -> Mail | None:
        uid = int(rest.split(" ")[2])
        return next((mail for mail in self.folders["INBOX"] if mail.uid == uid), None)
