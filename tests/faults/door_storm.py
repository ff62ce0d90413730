"""`python -m tests.faults.door_storm --documents 60 --kills 30 --workers 2 [--database-url postgres://…]`

Documents come in through all the doors without a browser: programs upload them by token, with idempotency keys and now
and then twice; a scanner puts them into a watched folder; senders mail them. Meanwhile web and workers are killed, the
mail server cuts its lines at any command, and numbers its mails anew. The Python client is the program. Afterwards the
ledger of the API is the judge: each document came in and was paid once, each file was moved, and each mail marked.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
import threading
import time
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from client import ApiError, Client
from tests.fake_api import Ledger
from tests.faults.judging import DONE, Verdict, double_payments_of, judge, open_attempts, rows_of, search_is_trusted
from tests.faults.kill_storm import document, place
from tests.faults.processes import Portal
from tests.faults.storm_plan import CALM, SETTLING
from tests.intake.imap_server import PASSWORD, USER, ImapServer, certificate
from tests.running import PATIENCE, wait_for

SCALE = 0.05  # FORWARDING_TIME_SCALE
PROGRAMS = 3
COMMANDS = ("LOGIN", "SELECT", "SEARCH", "FETCH", "STORE")
OPEN_DOORS = """
from extractions.models import *
from portal.people import api_tokens
from portal.people.models import *
from portal.sealing import seal
person = User.objects.get()
team = person.memberships.get().team
options = api_tokens.TokenOptions("storm", list(api_tokens.Scope.values), None)
facts = dict(team=team, person=person, server="FR-1")
WatchedFolder.objects.create(path={folder!r}, **facts)
Mailbox.objects.create(host="127.0.0.1", port={port}, username={user!r}, sealed_password=seal({password!r}), **facts)
print("KEY", api_tokens.issue(person, team, options, by=person)[1])
"""


@dataclass
class DoorStorm:
    portal: Portal
    inbox: Path
    mail: ImapServer
    documents: int
    kills: int
    seed: int
    taken: dict[str, bool] = field(default_factory=dict)
    """The hash of each document that was handed in, and whether its sender was told that it had come in."""
    mistakes: list[str] = field(default_factory=list)
    killed: int = 0
    mailed: int = 0
    repeated: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def open_doors(self) -> None:
        script = OPEN_DOORS.format(folder=str(self.inbox), port=self.mail.port, user=USER, password=PASSWORD)
        said = self.portal.manage("shell", "--verbosity", "0", "--command", script)
        self.client = Client(f"{self.portal.root}/api/0.8.1", said.split("KEY ")[1].split()[0], patience=2 * PATIENCE)

    def rage(self, deadline: float) -> None:
        """Hand in and kill until both are done; then everything runs again. The first earns the search its trust."""
        self._upload([document(self.random, f"{self.seed}-first")], deadline, rests=False)
        wait_for(lambda: search_is_trusted(self.portal.database_url))
        shares = [self._contents(number) for number in range(PROGRAMS + 2)]
        senders = [threading.Thread(target=self._upload, args=(share, deadline)) for share in shares[:PROGRAMS]]
        senders.append(threading.Thread(target=self._put, args=(shares[PROGRAMS], deadline)))
        senders.append(threading.Thread(target=self._mail, args=(shares[PROGRAMS + 1], deadline)))
        for sender in senders:
            sender.start()
        self._kill(deadline)
        for sender in senders:
            sender.join()

    def settle(self, deadline: float) -> list[dict[str, Any]]:
        while True:
            rows = rows_of(self.portal.database_url)
            handed_in = len(rows) >= len(self.taken) and not self.left_behind()
            done = all(row["state"] in DONE for row in rows) and not open_attempts(self.portal.database_url)
            if (handed_in and done) or time.monotonic() > deadline:
                return rows
            time.sleep(1)

    def left_behind(self) -> list[str]:
        """Files that still lie where they were put, and mails that are not marked."""
        files = [path.name for path in self.inbox.iterdir() if path.is_file()]
        return files + [f"mail {mail.uid}" for mail in list(self.mail.folders["INBOX"]) if "\\Seen" not in mail.flags]

    def _contents(self, sender: int) -> list[bytes]:
        numbers = range(sender, self.documents - 1, PROGRAMS + 2)
        return [document(self.random, f"{self.seed}-{number}") for number in numbers]

    def _upload(self, contents: list[bytes], deadline: float, *, rests: bool = True) -> None:
        """A program that repeats a request now and then, as after a crash of its own."""
        for content in contents:
            sha256 = hashlib.sha256(content).hexdigest()
            self.taken[sha256] = False
            file = self.portal.folder / f"{sha256[:12]}.pdf"
            file.write_bytes(content)
            try:
                sent = self.client.upload(file, key=f"order {sha256}")
                self.taken[sha256] = True
                if random.random() < 0.4:
                    self.repeated += 1
                    again = self.client.upload(file, key=f"order {sha256}")
                    if again.id != sent.id:
                        self.mistakes.append(f"{sha256[:8]}: the same key made {sent.id} and {again.id}")
            except ApiError as error:
                self.mistakes.append(f"{sha256[:8]}: {error!r}")
            if rests:
                self._rest(contents, deadline)

    def _put(self, contents: list[bytes], deadline: float) -> None:
        """A scanner: it writes under a name that is left alone, and renames."""
        for content in contents:
            sha256 = hashlib.sha256(content).hexdigest()
            written = self.inbox / f"{sha256[:12]}.part"
            written.write_bytes(content)
            self.taken[sha256] = True
            written.rename(written.with_suffix(".pdf"))
            self._rest(contents, deadline)

    def _mail(self, contents: list[bytes], deadline: float) -> None:
        for number, content in enumerate(contents):
            message = EmailMessage()
            message["From"], message["To"], message["Subject"] = "ana@larkspur.example", USER, "Invoice"
            message["Message-ID"] = f"<{self.seed}.{number}@larkspur.example>"
            message.set_content("See the attached file.")
            message.add_attachment(content, "application", "pdf", filename=f"{number}.pdf")
            self.taken[hashlib.sha256(content).hexdigest()] = True
            self.mail.add(message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
            self.mailed += 1
            if number == len(contents) // 2:
                self.mail.renumber()
            self._rest(contents, deadline)

    def _rest(self, contents: list[bytes], deadline: float) -> None:
        """Between two documents of one sender, so that handing in lasts about as long as killing."""
        if time.monotonic() < deadline:
            time.sleep(random.uniform(0, 2) * self.kills * self._between_kills() / max(len(contents), 1) * 0.8)

    @staticmethod
    def _between_kills() -> float:
        return 40 * SCALE

    def _kill(self, deadline: float) -> None:
        while self.killed < self.kills and time.monotonic() < deadline:
            time.sleep(self.random.uniform(0.3, 1.7) * self._between_kills())
            if self.random.random() < 0.5:
                self.mail.cut_at = self.random.choice(COMMANDS)
            process = self.random.choice(self.portal.processes)
            if self.random.random() < 0.3:
                process.stop()  # with all that it started, as a container ends
            else:
                process.kill()
            self.killed += 1
            time.sleep(self.random.uniform(0, 0.5))
            process.start()
        self.mail.cut_at = ""


def run(options: argparse.Namespace, folder: Path, database_url: str) -> int:
    begun = time.monotonic()
    deadline = begun + options.minutes * 60
    inbox = folder / "inbox"
    inbox.mkdir()
    pem = certificate(folder)
    mail = ImapServer(pem)
    settings = {
        "FORWARDING_TIME_SCALE": str(SCALE),
        "API_REQUESTS_PER_MINUTE": "100000",
        "WATCHED_FOLDER_ROOTS": str(inbox),
        "INCOMING_MAIL_HOSTS": f"127.0.0.1:{mail.port}",
        "SSL_CERT_FILE": str(pem),
    }
    worker = ("-m", "tests.faults.hurried_worker")
    portal = Portal(folder, options.workers, json.dumps(plan(options.seed)), database_url, settings, worker)
    portal.prepare()
    storm = DoorStorm(portal, inbox, mail, options.documents, options.kills, options.seed)
    try:
        portal.start()
        storm.open_doors()
        storm.rage(deadline)
        rows = storm.settle(deadline)
        told = double_payments_of(portal.database_url)
        verdict = judge(storm.taken, Ledger(portal.ledger).charges(), rows, folder / "files", told)
    finally:
        portal.stop()
        mail.close()
    good = report(storm, verdict)
    print(f"seconds            {time.monotonic() - begun:.0f}")
    return 0 if good else 1


def plan(seed: int) -> dict[str, Any]:
    """The API behaves: what comes in is the matter here."""
    return {"seed": seed, "job_seconds": [0.2, 1.5], "late_seconds": SETTLING * SCALE} | CALM


def report(storm: DoorStorm, verdict: Verdict) -> bool:
    """Print what happened; whether every goal was met."""
    left = storm.left_behind()
    moved = len(list((storm.inbox / "done").glob("*.pdf"))) if (storm.inbox / "done").is_dir() else 0
    print(f"documents          {len(storm.taken)} of {storm.documents}, {sum(storm.taken.values())} received")
    print(f"doors              {moved} files moved, {storm.mailed} mails, {storm.repeated} uploads repeated")
    print(f"kills              {storm.killed}")
    print(f"paid twice         {len(verdict.paid_twice)}, and {len(verdict.paid_twice_and_told)} told")
    print(f"lost               {len(verdict.lost)}")
    print(f"unfinished         {len(verdict.unfinished)}, and {len(left)} left behind")
    for line in [*verdict.paid_twice, *verdict.lost, *verdict.unfinished, *left, *storm.mistakes]:
        print(f"  {line}")
    complete = len(storm.taken) == storm.documents and all(storm.taken.values()) and not storm.mistakes
    return verdict.good and complete and not left and not verdict.paid_twice_and_told


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=60)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--database-url", default="", help="a PostgreSQL; a database of our own is made and dropped")
    parser.add_argument("--minutes", type=float, default=30, help="when to give up")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", default="", help="a folder to work in and to leave behind")
    options = parser.parse_args()
    with place(options.database_url, options.keep) as (folder, database_url):
        return run(options, folder.resolve(), database_url)


if __name__ == "__main__":
    sys.exit(main())
