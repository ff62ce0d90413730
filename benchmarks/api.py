"""What the API costs a program: taking documents, and asking for one among very many and with a thousand tokens.

python -m benchmarks.api [--rows N] [--database postgres://…] [--times N]

Documents are taken by a running portal, beside a plain view behind the same server that streams, hashes, syncs and
inserts. Questions are asked of databases with a thousand documents and with very many, by turns, in processor time,
that of the database's process, too.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import requests

from benchmarks._measuring import Report, median_of_runs, pdf_of
from benchmarks.forwarding import Yardstick, cpu_of, pid_of, portal_in
from benchmarks.million import FEW, MANY, MEMBER, Side, on_server, p95, spent_by
from tests.faults.processes import Portal

AT_ONCE = 4  # programs
BURST = 40  # documents
TAKEN = 20  # documents of a run
TOKENS = 1_000
TIMES = 60
ASKED = 10  # requests of a turn
DETAIL, LIST = "detail", "list"
NAMES = {DETAIL: "GET /extract/{id}/", LIST: "GET /extract/"}
ISSUE = """
from portal.people import api_tokens
from portal.people.models import *
person = User.objects.get()
options = api_tokens.TokenOptions("program", list(api_tokens.Scope.values), None)
print("KEY", api_tokens.issue(person, person.memberships.get().team, options, by=person)[1])
"""


class Program:
    """Uploads by token."""

    def __init__(self, portal: Portal) -> None:
        said = portal.manage("shell", "--verbosity", "0", "--command", ISSUE)
        self.url = f"{portal.root}/api/0.8.1/extract/"
        self.headers = {"Authorization": said.split("KEY ")[1].split()[0]}
        self.session = requests.Session()

    def send(self, content: bytes) -> None:
        files = {"document": ("measured.pdf", content, "application/pdf")}
        answer = self.session.post(self.url, data={"server": "FR-1"}, files=files, headers=self.headers, timeout=300)
        assert answer.status_code == 201, answer.text


class ApiSide(Side):
    module = "benchmarks.api"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=MANY)
    parser.add_argument("--database", default="", help="a PostgreSQL server; databases of our own are made and dropped")
    parser.add_argument("--times", type=int, default=TIMES, help="how many turns")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        return answer()
    report = Report()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with portal_in(folder / "portal", workers=0, job_seconds=1, API_REQUESTS_PER_MINUTE="1000000") as portal:
            taking(report, portal, folder)
        try:
            sides = [ApiSide(folder, options.database, count) for count in (FEW, options.rows)]
            asking(report, sides, options.rows, options.times)
        finally:
            for count in (FEW, options.rows) if options.database else ():
                on_server(options.database, f'DROP DATABASE IF EXISTS "million_{count}" WITH (FORCE)')
    return 1 if report.missed else 0


def taking(report: Report, portal: Portal, folder: Path) -> None:
    """Both are warm, and take turns, so that both see the same machine."""
    program, yardstick = Program(portal), Yardstick(folder)
    for _ in range(5):
        content = pdf_of(50_000)
        program.send(content)
        yardstick.upload(content)
    for kilobytes, goal in ((100, ""), (1_000, "<= 3")):
        ratio, detail = median_of_runs(partial(cpu_of_taking, portal, program, yardstick, kilobytes * 1000))
        report.line(f"CPU to take {kilobytes} kB by token / plain view", ratio, goal, "x", detail)
    ratio, detail = median_of_runs(lambda: speed_of_taking(program, yardstick))
    report.line(f"documents a second, {AT_ONCE} programs / plain view", ratio, ">= 0.2", "x", detail)
    yardstick.process.stop()


def cpu_of_taking(portal: Portal, program: Program, yardstick: Yardstick, size: int) -> tuple[float, str]:
    ours, theirs = [], []
    for content in [pdf_of(size) for _ in range(TAKEN)]:
        theirs.append(cpu_of(pid_of(yardstick.process), yardstick.upload, content))
        ours.append(cpu_of(pid_of(portal.web), program.send, content))
    detail = f"{1000 * statistics.mean(ours):.0f} ms against {1000 * statistics.mean(theirs):.0f} ms"
    return sum(ours) / max(sum(theirs), 1e-9), detail


def speed_of_taking(program: Program, yardstick: Yardstick) -> tuple[float, str]:
    contents = [pdf_of(100_000) for _ in range(2 * BURST)]
    rates = []
    for send, part in ((yardstick.upload, contents[:BURST]), (program.send, contents[BURST:])):
        begun = time.monotonic()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(send, part))
        rates.append(BURST / (time.monotonic() - begun))
    plain, ours = rates
    return ours / plain, f"{ours:.1f} a second against {plain:.1f}"


def asking(report: Report, sides: list[ApiSide], rows: int, turns: int) -> None:
    few, many = sides
    for side in sides:
        side.ask(DETAIL, TOKENS, 2 * TOKENS)  # each token's first use of a time is written down
    for what, goal in ((DETAIL, "<= 1.3"), (LIST, "")):
        pairs = [(few.ask(what, 1, ASKED), many.ask(what, 1, ASKED)) for _turn in range(turns)]
        small, large = (p95(times) for times in zip(*pairs, strict=True))
        shown = f"p95 {1000 * large:.1f} ms against {1000 * small:.1f} ms"
        report.line(f"{NAMES[what]}, {rows} / {FEW} documents", large / small, goal, "x", shown)
    pairs = [(many.ask(DETAIL, 1, ASKED), many.ask(DETAIL, TOKENS, ASKED)) for _turn in range(turns)]
    one, thousand = (p95(times) for times in zip(*pairs, strict=True))
    shown = f"p95 {1000 * thousand:.1f} ms against {1000 * one:.1f} ms"
    report.line(f"{NAMES[DETAIL]}, {TOKENS} tokens / one", thousand / one, "<= 1.3", "x", shown)
    for side in sides:
        side.close()


def answer() -> int:
    """The other process: a question a line, the seconds of one request a line."""
    import django

    django.setup()
    from django.conf import settings

    settings.ALLOWED_HOSTS, settings.API_REQUESTS_PER_MINUTE = ["*"], 10**9
    reader = Reader()
    for line in sys.stdin:
        what, tokens, times = json.loads(line)
        print(json.dumps(reader.seconds_of(what, tokens, times)), flush=True)
    return 0


class Reader:
    """Programs of one team, each with a token, that ask for documents of it at random."""

    def __init__(self) -> None:
        from django.test import Client

        from extractions.models import Extraction
        from portal.people import api_tokens
        from portal.people.models import User

        person = User.objects.get(email=MEMBER)
        team = person.memberships.order_by("team").first().team
        options = api_tokens.TokenOptions("program", ["read"], None)
        self.keys = [api_tokens.issue(person, team, options, by=person)[1] for _number in range(TOKENS)]
        rows = Extraction.objects.visible_to(person).filter(team=team, state=Extraction.State.EXTRACTED)
        self.documents = list(rows.values_list("key", flat=True)[:5_000])
        self.client, self.chance = Client(), random.Random(1)
        self.next = 0

    def seconds_of(self, what: str, tokens: int, times: int) -> float:
        return spent_by(lambda: [self._ask(what, tokens) for _number in range(times)]) / times

    def _ask(self, what: str, tokens: int) -> Any:
        key = self.keys[self.next % tokens]
        self.next += 1
        address = (
            f"/api/0.8.1/extract/{self.chance.choice(self.documents)}/" if what == DETAIL else "/api/0.8.1/extract/"
        )
        found = self.client.get(address, headers={"Authorization": key})
        assert found.status_code == 200, (address, found.status_code)
        return found


if __name__ == "__main__":
    sys.exit(main())
