"""A real IMAP server, where Debian's dovecot-imapd is installed, with an account, ports and folders of its own."""

from __future__ import annotations

import contextlib
import mailbox
import os
import pwd
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from tests.intake.imap_server import PASSWORD, USER
from tests.running import free_port, wait_for

PROGRAM = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{pem}
ssl_key = <{pem}
disable_plaintext_auth = yes
mail_location = maildir:{folder}/mail
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/passwords
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {starttls}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
"""
AS_ONESELF = """
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
"""


class Dovecot:
    def __init__(self, folder: Path, pem: Path) -> None:
        self.folder, self.tls, self.starttls = folder, free_port(), free_port()
        root = os.geteuid() == 0
        owner = pwd.getpwnam("nobody") if root else pwd.getpwuid(os.geteuid())
        self._owner = owner.pw_uid, owner.pw_gid
        facts = {"folder": folder, "pem": pem, "tls": self.tls, "starttls": self.starttls, "uid": owner.pw_uid}
        text = CONFIGURATION.format(gid=owner.pw_gid, **facts)
        if not root:
            text += AS_ONESELF.format(user=owner.pw_name, group=os.getgid())
        self.configuration = folder / "dovecot.conf"
        self.configuration.write_text(text)
        passwords = folder / "passwords"
        passwords.write_text(f"{USER}:{PASSWORD}\n")
        passwords.chmod(0o644)  # for a user of its own
        self.inbox = mailbox.Maildir(folder / "mail")
        for name in ("Done", "Refused"):
            self.inbox.add_folder(name)
        self._give_away()
        self.start()

    def add(self, content: bytes) -> None:
        self.inbox.add(content.replace(b"\r\n", b"\n"))
        self._give_away()

    def flags(self, folder: str = "") -> list[str]:
        """Of each mail in a folder, as Maildir writes them: S is read, F is flagged."""
        place = self.inbox.get_folder(folder) if folder else self.inbox
        return sorted(mail.get_flags() for mail in place)

    def renumber(self) -> None:
        """As after a restored backup: the server knows none of its numbers any more."""
        self.stop()
        for path in (self.folder / "mail").rglob("dovecot*"):
            path.unlink()
        (self.folder / "mail" / "dovecot-uidvalidity").unlink(missing_ok=True)
        self.start()

    def start(self) -> None:
        assert PROGRAM is not None
        command = [PROGRAM, "-F", "-c", str(self.configuration)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self._listens)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)

    def _listens(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError((self.folder / "log").read_text())
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.tls), timeout=1):
            return True
        return False

    def _give_away(self) -> None:
        if os.geteuid() == 0:
            for path in [self.folder / "mail", *(self.folder / "mail").rglob("*")]:
                os.chown(path, *self._owner)
