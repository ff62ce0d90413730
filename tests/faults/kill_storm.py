"""`python -m tests.faults.kill_storm --documents 200 --kills 60 --workers 3 [--database-url postgres://…]`

Uploads documents through the real form while web and workers are killed and frozen at random, against an API that
accepts late, answers errors for what it accepted, cuts the line and says nothing, and rings with webhooks that come
early, twice, forged or never. Its search earns trust and then lies: it stands still for a while, shows documents long
after anybody waits for them, and has pages without an end. With `--put-backs`, backups are copied back over the portal.
Afterwards the ledger of the API is the judge.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import itertools
import json
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, Queue
from typing import Any

from fpdf import FPDF

from tests.fake_api import Ledger
from tests.faults.judging import (
    DONE,
    Verdict,
    attempts_of,
    double_payments_of,
    judge,
    open_attempts,
    plain,
    rows_of,
    search_is_trusted,
    unpriced,
)
from tests.faults.processes import Person, Portal, own_database
from tests.faults.put_back import Backup
from tests.faults.storm_plan import CALM, first_plan, late_appearance, lies
from tests.running import PATIENCE, wait_for

SENDS_PER_DOCUMENT = 1.1
ENOUGH_TO_COUNT = 200  # of fewer documents, a few refusals by chance are too many
SENDERS = 4
LOOK_AGAIN = (
    "from extractions.services.recovery import search_again; from portal.people.models import User; "
    "search_again(User.objects.order_by('pk').first())"
)
LEASE = 60.0  # as forwarding has it, before it is scaled


@dataclass
class Storm:
    portal: Portal
    documents: int
    kills: int
    scale: float
    seed: int
    taken: dict[str, bool] = field(default_factory=dict)
    mistakes: list[str] = field(default_factory=list)
    put_backs: int = 0
    calm: bool = False
    killed: int = 0
    frozen: int = 0
    put_back: int = 0
    forgotten: set[str] = field(default_factory=set)
    """Documents of which the portal knows nothing, because an older backup was put back."""

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.backup = Backup(self.portal)
        self._seats = threading.Semaphore(SENDERS)
        self._sessions = 0

    def rage(self, deadline: float) -> None:
        """Send and kill until both are done; then everything runs again."""
        self._send_one("first")
        wait_for(lambda: search_is_trusted(self.portal.database_url))
        if not self.calm:
            self.portal.control(lies(self.scale))
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

    def settle(self, deadline: float) -> list[dict[str, Any]]:
        """Wait until all is done. What stays in doubt gets what it gets in life: a calmer day, one more document, and
        somebody who presses "look again"."""
        calmed = False
        for number in itertools.count():
            rows = rows_of(self.portal.database_url)
            if self._is_done(rows) or time.monotonic() > deadline:
                return rows
            if all(row["state"] in {*DONE, "UNDECIDED"} for row in rows) and any(
                row["state"] == "UNDECIDED" for row in rows
            ):
                if not calmed:
                    self.portal.control(CALM)
                    calmed = True
                self._send_one(f"later {number}")
                time.sleep(4 * 60 * self.scale)
                self.portal.manage("shell", "--verbosity", "0", "--command", LOOK_AGAIN)
            time.sleep(1)
        raise AssertionError

    def _is_done(self, rows: list[dict[str, Any]]) -> bool:
        at_rest = all(row["state"] in DONE and row["duplicate_search_at"] is None for row in rows)
        return at_rest and not open_attempts(self.portal.database_url) and not unpriced(self.portal.database_url)

    def _send_one(self, name: str) -> None:
        person = Person(self.portal)
        person.sign_in()
        content = document(self.random, name)
        received = person.upload(f"{name}.pdf", content, deadline=time.monotonic() + PATIENCE)
        self.taken[hashlib.sha256(content).hexdigest()] = received

    def _queue(self) -> Queue[bytes]:
        queue: Queue[bytes] = Queue()
        for number in range(1, self.documents):
            queue.put(document(self.random, f"{self.seed}-{number}"))
        return queue

    def _send(self, queue: Queue[bytes], deadline: float) -> None:
        person, session = Person(self.portal), -1
        pause = self._pause()
        with contextlib.suppress(Empty):
            while time.monotonic() < deadline:
                content = queue.get_nowait()
                sha256 = hashlib.sha256(content).hexdigest()
                with self._seats:
                    self.taken[sha256] = False
                    try:
                        while session != self._sessions:
                            with contextlib.suppress(OSError):
                                person = Person(self.portal)
                                person.sign_in()
                                session = self._sessions
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
        plans = self._put_back_plans()
        while self.killed < self.kills and time.monotonic() < deadline:
            time.sleep(self.random.uniform(0.3, 1.7) * self._between_kills())
            if plans and self.killed >= plans[0][0]:
                for timer in thawing:
                    timer.join()
                self._with_nobody_sending(plans.pop(0)[1])
            awake = [item for item in self.portal.processes if not item.frozen]
            if not awake:
                continue
            process, fate = self.random.choice(awake), self.random.random()
            if fate < 0.35:
                process.freeze()
                self.frozen += 1
                thawing.append(
                    threading.Timer(self.random.choice((0.1, 0.5, 1.3, 3)) * LEASE * self.scale, process.thaw)
                )
                thawing[-1].start()
                continue
            if fate < 0.5:
                process.stop()  # with all that it started, as a container ends
            else:
                process.kill()
            self.killed += 1
            time.sleep(self.random.uniform(0, 0.5))
            process.start()
        for timer in thawing:
            timer.join()

    def _put_back_plans(self) -> list[tuple[int, Callable[[], None]]]:
        """After how many kills a backup is taken, and after how many it is put back."""
        share = self.kills / max(self.put_backs, 1)
        plans: list[tuple[int, Callable[[], None]]] = []
        for number in range(self.put_backs):
            plans += [(int(share * (number + 0.2)), self.backup.take), (int(share * (number + 0.7)), self._put_back)]
        return plans

    def _put_back(self) -> None:
        forgotten, noticed = self.backup.put_back()
        self.forgotten |= forgotten
        self.put_back += 1
        self._sessions += 1
        if not noticed:
            self.mistakes.append("a backup was put back and the portal did not notice")

    def _with_nobody_sending(self, work: Callable[[], None]) -> None:
        for _ in range(SENDERS):
            self._seats.acquire()
        try:
            work()
        finally:
            self._seats.release(SENDERS)


def document(chance: random.Random, text: str) -> bytes:
    """A small PDF that is like no other; its size is anything from two to four hundred kilobytes."""
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica")
    pdf.cell(text=f"Storm {text}")
    pdf.embed_file(bytes=chance.randbytes(int(2 ** chance.uniform(8, 18.5))), basename="weight.bin", compress=False)
    return bytes(pdf.output())


def run(options: argparse.Namespace, folder: Path, database_url: str) -> int:
    begun = time.monotonic()
    deadline = begun + options.minutes * 60
    # A day and a week, in a storm of minutes: half a minute and a minute and a half.
    hours = ",".join(f"{seconds / 3600 / options.scale:.4f}" for seconds in (30, 90))
    settings = {"FORWARDING_TIME_SCALE": str(options.scale), "DUPLICATE_SEARCH_HOURS": hours}
    portal = Portal(folder, options.workers, "", database_url, settings)
    portal.plan = json.dumps(first_plan(options.seed, options.scale, portal.hook))
    portal.prepare()
    storm = Storm(portal, options.documents, options.kills, options.scale, options.seed)
    storm.put_backs, storm.calm = options.put_backs, options.calm
    try:
        portal.start()
        storm.rage(deadline)
        rows = storm.settle(deadline)
        known = {sha256: received for sha256, received in storm.taken.items() if sha256 not in storm.forgotten}
        charges = [charge for charge in Ledger(portal.ledger).charges() if charge.sha256 not in storm.forgotten]
        verdict = judge(known, charges, rows, folder / "files", double_payments_of(portal.database_url))
        verdict.lost += [f"{sha256[:8]}: its file is gone" for sha256 in storm.forgotten - hashes_below(folder)]
        verdict.unfinished += ["a send without an end"] * open_attempts(portal.database_url)
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
        if row["attempts"] > 1 or row["state"] not in DONE or row["error_code"]:
            print(f"== {row}")
            for attempt in attempts_of(portal.database_url, row["key"]):
                print(f"   {attempt}")
            for at, kind, label, subject in journal["entries"]:
                if plain(row["key"]) == plain(subject):
                    print(f"   {datetime.fromtimestamp(at, UTC)} {kind} {label}")


def report(storm: Storm, verdict: Verdict, journal: dict[str, Any]) -> bool:
    """Print what happened; whether every goal was met."""
    taken = len(storm.taken)
    whole, begun = (journal["kinds"].get(kind, 0) / max(taken, 1) for kind in ("whole", "create"))
    faults = [f"{count}x {fault}" for fault, count in sorted(journal["faults"].items()) if not fault.endswith(" ok")]
    print(f"documents          {taken} of {storm.documents}, {sum(storm.taken.values())} received")
    print(f"kills              {storm.killed}, and {storm.frozen} times frozen")
    print(f"sends per document {whole:.3f} whole ones, {begun:.3f} begun")
    late = journal["faults"].get(f"whole {late_appearance(storm.scale)}", 0)
    told = len(verdict.paid_twice_and_told)
    print(f"put back           {storm.put_back} times, {len(storm.forgotten)} documents forgotten by it")
    print(f"paid twice, told   {told}, of {late} that showed long after the portal had stopped waiting")
    print(f"paid twice, untold {len(verdict.paid_twice)}")
    print(f"lost               {len(verdict.lost)}")
    print(f"unfinished         {len(verdict.unfinished)}")
    print(f"webhooks           {', '.join(f'{count} {label}' for label, count in sorted(journal['webhooks'].items()))}")
    print(f"faults             {', '.join(faults)}")
    for line in [*verdict.paid_twice, *verdict.lost, *verdict.unfinished, *storm.mistakes]:
        print(f"  {line}")
    complete = taken >= storm.documents and all(storm.taken.values()) and not storm.mistakes
    return verdict.good and complete and told <= late and (whole <= SENDS_PER_DOCUMENT or taken < ENOUGH_TO_COUNT)


def hashes_below(folder: Path) -> set[str]:
    return {hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


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
    parser.add_argument("--put-backs", type=int, default=0, help="how often a backup is taken and copied back")
    parser.add_argument("--calm", action="store_true", help="the API behaves")
    parser.add_argument("--keep", default="", help="a folder to work in and to leave behind")
    options = parser.parse_args()
    with place(options.database_url, options.keep) as (folder, database_url):
        return run(options, folder, database_url)


if __name__ == "__main__":
    sys.exit(main())
