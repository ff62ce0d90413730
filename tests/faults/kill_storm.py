"""`python -m tests.faults.kill_storm --documents 200 --kills 60 --workers 3 [--database-url postgres://…]`

Uploads documents through the real form while web and workers are killed and frozen at random, against an API that
accepts late, answers errors for what it accepted, cuts the line and says nothing, and rings with webhooks that come
early, twice, forged or never. Afterwards its ledger is the judge.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, Queue
from typing import Any

from fpdf import FPDF

from tests.faults.judging import DONE, Verdict, attempts_of, judge, plain, rows_of, search_is_trusted
from tests.faults.processes import Person, Portal, own_database
from tests.running import PATIENCE, wait_for
from tests.stand_in.ledger import Ledger

SENDS_PER_DOCUMENT = 1.1
ENOUGH_TO_COUNT = 200  # of fewer documents, a few refusals by chance are too many
SENDERS = 4
LEASE = 60.0  # as forwarding has it, before it is scaled
RATES = {
    "create": {
        "accept_502": 0.02,
        "accept_503": 0.01,
        "accept_cut": 0.02,
        "accept_half": 0.01,
        "accept_no_id": 0.01,
        "accept_hang": 0.005,
        "late_cut": 0.02,
        "late_502": 0.01,
        "hidden_cut": 0.01,
        "hidden_ok": 0.02,
        "accept_202": 0.02,
        "no_cut": 0.005,
        "no_503": 0.005,
        "401_as_502": 0.005,
        "cut_at:3000": 0.02,
        "early:503": 0.01,
        "429_slow": 0.003,
        "no_401": 0.003,
    },
    "read": {"500": 0.02, "cut": 0.02, "half": 0.01, "html": 0.01, "not_ready": 0.02, "unknown_status": 0.02},
    "list": {"502": 0.05, "cut": 0.03, "lie_empty": 0.02, "lie_everything": 0.05, "html": 0.02},
    "file": {"500": 0.1, "cut": 0.1, "not_ready": 0.1},
}


@dataclass
class Storm:
    portal: Portal
    documents: int
    kills: int
    scale: float
    seed: int
    taken: dict[str, bool] = field(default_factory=dict)
    mistakes: list[str] = field(default_factory=list)
    killed: int = 0
    frozen: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def rage(self, deadline: float) -> None:
        """Send and kill until both are done; then everything runs again."""
        self._send_first()
        arguments = (self._queue(), deadline)
        senders = [threading.Thread(target=self._send, args=arguments, daemon=True) for _ in range(SENDERS)]
        for sender in senders:
            sender.start()
        self._kill(deadline)
        for sender in senders:
            sender.join()
        for process in self.portal.processes:
            process.thaw()
            if not process.alive:
                process.start()

    def _send_first(self) -> None:
        """One document in calm weather: the API's search has to earn its trust, as on a first day."""
        person = Person(self.portal)
        person.sign_in()
        content = document(self.random, "first")
        received = person.upload("first.pdf", content, deadline=time.monotonic() + PATIENCE)
        self.taken[hashlib.sha256(content).hexdigest()] = received
        wait_for(lambda: search_is_trusted(self.portal.database_url))

    def _queue(self) -> Queue[bytes]:
        queue: Queue[bytes] = Queue()
        for number in range(1, self.documents):
            queue.put(document(self.random, f"{self.seed}-{number}"))
        return queue

    def _send(self, queue: Queue[bytes], deadline: float) -> None:
        person = Person(self.portal)
        signed_in = False
        pause = self._pause()
        with contextlib.suppress(Empty):
            while time.monotonic() < deadline:
                content = queue.get_nowait()
                sha256 = hashlib.sha256(content).hexdigest()
                self.taken[sha256] = False
                try:
                    while not signed_in:
                        with contextlib.suppress(OSError):
                            person.sign_in()
                            signed_in = True
                    self.taken[sha256] = person.upload(f"{sha256[:8]}.pdf", content, deadline=deadline)
                except Exception as error:
                    self.mistakes.append(f"{sha256[:8]}: {error!r}")
                time.sleep(random.uniform(0, 2 * pause))

    def _pause(self) -> float:
        """Between two documents of one sender, so that sending lasts about as long as killing."""
        return SENDERS * self.kills * self._between_kills() / max(self.documents, 1) * 0.8

    def _between_kills(self) -> float:
        return 40 * self.scale

    def _kill(self, deadline: float) -> None:
        thawing: list[threading.Timer] = []
        while self.killed < self.kills and time.monotonic() < deadline:
            time.sleep(self.random.uniform(0.3, 1.7) * self._between_kills())
            awake = [one for one in self.portal.processes if not one.frozen]
            if not awake:
                continue
            process = self.random.choice(awake)
            if self.random.random() < 0.35:
                process.freeze()
                self.frozen += 1
                thawing.append(
                    threading.Timer(self.random.choice((0.1, 0.5, 1.3, 3)) * LEASE * self.scale, process.thaw)
                )
                thawing[-1].start()
            else:
                process.kill()
                self.killed += 1
                time.sleep(self.random.uniform(0, 0.5))
                process.start()
        for timer in thawing:
            timer.join()


def document(chance: random.Random, text: str) -> bytes:
    """A small PDF that is like no other; its size is anything from two to four hundred kilobytes."""
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica")
    pdf.cell(text=f"Storm {text}")
    pdf.embed_file(bytes=chance.randbytes(int(2 ** chance.uniform(8, 18.5))), basename="weight.bin", compress=False)
    return bytes(pdf.output())


def wait_until_calm(database_url: str, deadline: float) -> list[dict[str, Any]]:
    while True:
        rows = rows_of(database_url)
        if all(row["state"] in DONE for row in rows) or time.monotonic() > deadline:
            return rows
        time.sleep(1)


def weather(options: argparse.Namespace, hook: str) -> str:
    """The plan of the stand-in. The first document is treated well."""
    plan: dict[str, Any] = {"seed": options.seed, "job_seconds": [0.2, 1.5], "failing": 0.02, "odd": 0.2}
    plan |= {"webhook": hook, "webhook_delay": [0, 0.3]}
    plan |= {"late_seconds": 60 * options.scale, "orders": {"create": ["ok"], "list": ["ok"] * 4, "read": ["ok"] * 4}}
    return json.dumps(plan | ({} if options.calm else {"rates": RATES}))


def run(options: argparse.Namespace, folder: Path, database_url: str) -> int:
    begun = time.monotonic()
    deadline = begun + options.minutes * 60
    settings = {"FORWARDING_TIME_SCALE": str(options.scale)}
    portal = Portal(folder, options.workers, "", database_url, settings)
    portal.plan = weather(options, portal.hook)
    portal.prepare()
    storm = Storm(portal, options.documents, options.kills, options.scale, options.seed)
    try:
        portal.start()
        storm.rage(deadline)
        rows = wait_until_calm(portal.database_url, deadline)
        verdict = judge(storm.taken, Ledger(portal.ledger).entries(), rows, folder / "files")
        journal = portal.journal()
        if not verdict.good:
            explain(portal, rows, journal)
    finally:
        portal.stop()
    good = report(storm, verdict, journal)
    print(f"seconds            {time.monotonic() - begun:.0f}")
    return 0 if good else 1


def explain(portal: Portal, rows: list[dict[str, Any]], journal: dict[str, Any]) -> None:
    """Everything about the documents that were sent more than once, or did not finish."""
    for row in rows:
        if row["attempts"] > 1 or row["state"] not in DONE or row["trouble"]:
            print(f"== {row}")
            for attempt in attempts_of(portal.database_url, row["key"]):
                print(f"   {attempt}")
            for line in journal["lines"]:
                if plain(row["key"]) == plain(line[3]):
                    print(f"   {datetime.fromtimestamp(line[0], UTC)} {line[1]} {line[2]}")


def report(storm: Storm, verdict: Verdict, journal: dict[str, Any]) -> bool:
    """Print what happened; whether every goal was met."""
    taken = len(storm.taken)
    whole, begun = (journal["kinds"].get(kind, 0) / max(taken, 1) for kind in ("whole", "create"))
    misbehaved = [f"{count}x {word}" for word, count in sorted(journal["words"].items()) if not word.endswith(" ok")]
    print(f"documents          {taken} of {storm.documents}, {sum(storm.taken.values())} received")
    print(f"kills              {storm.killed}, and {storm.frozen} times frozen")
    print(f"sends per document {whole:.3f} whole ones, {begun:.3f} begun")
    print(f"paid twice         {len(verdict.paid_twice)}")
    print(f"lost               {len(verdict.lost)}")
    print(f"unfinished         {len(verdict.unfinished)}")
    print(f"webhooks           {', '.join(f'{count} {word}' for word, count in sorted(journal['webhooks'].items()))}")
    print(f"misbehaved         {', '.join(misbehaved)}")
    for line in [*verdict.paid_twice, *verdict.lost, *verdict.unfinished, *storm.mistakes]:
        print(f"  {line}")
    complete = taken == storm.documents and all(storm.taken.values()) and not storm.mistakes
    return verdict.good and complete and (whole <= SENDS_PER_DOCUMENT or taken < ENOUGH_TO_COUNT)


@contextlib.contextmanager
def place(database_url: str, keep: str) -> Iterator[tuple[Path, str]]:
    with contextlib.ExitStack() as stack:
        folder = Path(
            keep or stack.enter_context(tempfile.TemporaryDirectory(prefix="storm-", ignore_cleanup_errors=True))
        )
        folder.mkdir(parents=True, exist_ok=True)
        yield folder, stack.enter_context(own_database(database_url)) if database_url else ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--database-url", default="", help="a PostgreSQL; a database of our own is made and dropped")
    parser.add_argument("--scale", type=float, default=0.05, help="FORWARDING_TIME_SCALE")
    parser.add_argument("--minutes", type=float, default=30, help="when to give up")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--calm", action="store_true", help="the API behaves")
    parser.add_argument("--keep", default="", help="a folder to work in and to leave behind")
    options = parser.parse_args()
    with place(options.database_url, options.keep) as (folder, database_url):
        return run(options, folder, database_url)


if __name__ == "__main__":
    sys.exit(main())
