"""The list, search, dashboard and export with a thousand documents and with very many, as ratios of the same run.

python -m benchmarks.million [--rows N] [--database postgres://…] [--folder FOLDER] [--times N]

A hundred thousand in 20 teams unless another number is asked for, on SQLite unless a PostgreSQL server is named, on
which two databases are made and dropped. Times are processor time, of the database's process, too: machines are shared.
The pages of few and of many take turns, so that what else the machine does slows both.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks._measuring import Report, forget_peak, peak_mb

FEW, MANY = 1_000, 100_000
TIMES = 20
EXPORTED = 100_000
MEMBER, ADMINISTRATOR = "p0@example.com", "boss@example.com"
PAGES = {
    "list": "/extractions/",
    "filter: state": "/extractions/?state=FAILED",
    "filter: common state": "/extractions/?state=EXTRACTED",
    "filter: rare schema": "/extractions/?q=schema:%22Schema+3%22",
    "filter: schema and state": "/extractions/?q=schema:%22Schema+1%22&state=EXTRACTED",
    "filter: server": "/extractions/?server=FR-2",
    "filter: classified as": "/extractions/?kind=Invoice",
    "filter: person": "/extractions/?person=me",
    "filter: metadata": "/extractions/?meta=project:p0",
    "sort: name": "/extractions/?sort=name",
    "deep page": "deep",
    "dashboard": "/",
}
ALIKE = ("list", "filter: state", "filter: server", "sort: name", "deep page", "dashboard")
SEARCHES = {
    # what is typed, and what a LIKE would look for
    "a rare word": ("walnut", "walnut"),
    "a common word": ("parts", "parts"),
    "the beginning of a word": ("wal", "wal"),
    "a number": ("total>19900", "19900"),
    "a text": ("invoice_no:INV-800", "INV-800"),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=MANY)
    parser.add_argument(
        "--database", default="", help="a PostgreSQL server, such as postgres://name@host:5432/postgres"
    )
    parser.add_argument("--folder", type=Path, help="keep the databases, and use those that are there")
    parser.add_argument("--times", type=int, default=TIMES, help="how often each page is asked for")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        return answer()
    with tempfile.TemporaryDirectory(prefix="million-") as folder:
        place = options.folder or Path(folder)
        try:
            sides = [Side(place, options.database, count) for count in (FEW, options.rows)]
            return compare(sides[0], sides[1], options.rows, options.times)
        finally:
            if options.database and not options.folder:
                for count in (FEW, options.rows):
                    on_server(options.database, f'DROP DATABASE IF EXISTS "million_{count}" WITH (FORCE)')


class Side:
    """A database of so many documents, and a process that measures in it when told to."""

    module = "benchmarks.million"

    def __init__(self, folder: Path, server: str, rows: int) -> None:
        data = folder / str(rows)
        there = data.exists()
        data.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {"DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "portal.settings"}
        environment["DATABASE_URL"] = f"sqlite:///{data / 'portal.sqlite3'}"
        if server:
            environment["DATABASE_URL"] = urlsplit(server)._replace(path=f"/million_{rows}").geturl()
        if not there:
            if server:
                on_server(server, f'CREATE DATABASE "million_{rows}"')
            # The few all belong to one team, so that either page is full: what is compared is the finding, not the
            # drawing.
            command = [sys.executable, "-m", "benchmarks._generate", str(rows), "1" if rows == FEW else "20"]
            subprocess.run(command, env=environment, check=True)
        command = [sys.executable, "-m", self.module, "--measure"]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True)

    def ask(self, *question: str) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps(question), file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def on_server(server: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement.encode())


def compare(few: Side, many: Side, rows: int, turns: int) -> int:
    report = Report()
    for name in PAGES:
        asked = [(few, MEMBER), (many, MEMBER)] + [(many, ADMINISTRATOR)] * (name in ALIKE)
        for side, person in asked:
            side.ask("page", name, person)
        found = [[side.ask("page", name, person) for side, person in asked] for _turn in range(turns)]
        small, large, *all_teams = (p95(times) for times in zip(*found, strict=True))
        detail = f"p95 {large:.0f} ms against {small:.0f} ms"
        report.line(f"{name}, {rows} / {FEW} documents", large / small, "<= 1.3", "x", detail)
        for theirs in all_teams:
            detail = f"p95 {theirs:.0f} ms against {large:.0f} ms"
            report.line(f"{name}, administrator of all teams / member", theirs / large, "<= 1.3", "x", detail)
    for name in SEARCHES:
        ours, like = many.ask("search", name)
        detail = f"{ours:.0f} ms against {like:.0f} ms"
        report.line(f"search for {name} / LIKE", ours / like, "<= 0.2", "x", detail)
    export = many.ask("export")
    detail = f"{export['seconds']:.1f} s against {export['dump']:.1f} s for {export['documents']} documents"
    report.line("export as CSV / the database's own", export["seconds"] / export["dump"], "<= 6", "x", detail)
    report.line("memory that the export takes", export["memory"], "<= 30", " MB")
    few.close()
    many.close()
    return 1 if report.missed else 0


def p95(times: tuple[float, ...]) -> float:
    return statistics.quantiles(times, n=20, method="inclusive")[18]


def answer() -> int:
    """The other process: a question a line, an answer a line."""
    import django

    django.setup()
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["*"]
    clients: dict[str, Any] = {}
    for line in sys.stdin:
        match json.loads(line):
            case ["page", name, person]:
                found: object = page_time(clients, name, person)
            case ["search", name]:
                found = search_times(*SEARCHES[name])
            case _:
                found = export()
        print(json.dumps(found), flush=True)
    return 0


def page_time(clients: dict[str, Any], name: str, email: str) -> float:
    """Of one page in milliseconds."""
    from django.test import Client

    from portal.people.models import User

    if email not in clients:
        clients[email] = Client()
        clients[email].force_login(User.objects.get(email=email))
    client = clients[email]
    address = deep() if PAGES[name] == "deep" else PAGES[name]

    def ask() -> None:
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)

    return spent_by(ask) * 1000


def deep() -> str:
    """The address of a page in the middle of everything."""
    from extractions.models import Extraction

    count = Extraction.objects.filter(team=1).count()
    row = Extraction.objects.filter(team=1).newest_first().only("received_at")[count // 2]
    moment = row.received_at.isoformat().replace("+", "%2B")
    return f"/extractions/?before={moment}~{row.pk}"


def search_times(typed: str, like: str) -> tuple[float, float]:
    """The rows of the first page and how many there are: ours, and as a plain LIKE in the order of the list finds and
    counts them."""
    from django.http import QueryDict
    from django.utils.http import urlencode

    from extractions.models import Extraction
    from extractions.presentation.lists.listing import Listing
    from portal.people.models import User

    person = User.objects.get(email=MEMBER)

    def find() -> None:
        listing = Listing(person, QueryDict(urlencode({"q": typed})))
        assert listing.rows
        assert listing.total

    def plainly() -> None:
        found = Extraction.objects.visible_to(person).filter(content__contains=like).for_lists().newest_first()
        list(found[:50])
        found.count()

    find()
    ours = statistics.median(spent_by(find) for _number in range(TIMES))
    return ours * 1000, statistics.median(spent_by(plainly) for _number in range(3)) * 1000


def export() -> dict[str, Any]:
    """Documents with their values as CSV: ours, and as the database writes them by itself; of as many teams as have
    so many documents together."""
    from extractions.exports.making import Stream, teams_of
    from extractions.exports.reading import document_ids

    person = exporter()
    # Once for everything that is loaded with the first one.
    for _block in Stream("csv", document_ids(person, "")[:50], teams_of(person.pk), ",", lambda count: None):
        pass
    forget_peak(os.getpid())
    before = peak_mb(os.getpid())
    size = 0
    numbers: list[int] = []

    def write() -> None:
        nonlocal size, numbers
        numbers = document_ids(person, "")[:EXPORTED]
        size = sum(len(block) for block in Stream("csv", numbers, teams_of(person.pk), ",", lambda count: None))

    seconds = spent_by(write)
    memory = peak_mb(os.getpid()) - before
    assert size
    return {"seconds": seconds, "memory": memory, "documents": len(numbers), "dump": dump(teams_of(person.pk))}


def exporter() -> Any:
    """Somebody who is in as many teams as have EXPORTED documents together."""
    from extractions.search import counters
    from portal.people.models import Membership, Team, User

    person, _new = User.objects.get_or_create(email="export@example.com", defaults={"name": "Exporter"})
    found = 0
    for team in Team.objects.order_by("pk"):
        if found < EXPORTED:
            Membership.objects.get_or_create(person=person, team=team, defaults={"role": "reviewer"})
            found += counters.by_state([team.pk]).total()
    return person


def dump(teams: list[int]) -> float:
    from django.db import connection

    joined = ", ".join(str(team) for team in teams)
    sql = (
        "SELECT document.*, value.path, value.text FROM (SELECT id, key, name, state, server, received_at, finished_at,"
        f" page_count, credit_used, metadata FROM extractions_extraction WHERE team_id IN ({joined})"
        f" ORDER BY received_at DESC LIMIT {EXPORTED}) AS document"
        " JOIN extractions_value AS value ON value.extraction_id = document.id"
    )
    if connection.vendor == "sqlite":
        command = ["sqlite3", "-csv", str(connection.settings_dict["NAME"]), sql]
        return seconds_of(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))

    def copy() -> None:
        with connection.cursor() as cursor, cursor.copy(f"COPY ({sql}) TO STDOUT CSV") as copied:
            for _block in copied:
                pass

    return spent_by(copy)


def spent_by(action: Callable[[], object]) -> float:
    """Processor time of this thread and of the database's process that serves it; for what starts no child."""
    served = server_seconds()
    begun = time.thread_time()
    action()
    return time.thread_time() - begun + server_seconds() - served


def server_seconds() -> float:
    """What the process of a PostgreSQL on this machine has worked for this connection."""
    from django.db import connection

    if connection.vendor == "sqlite":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def seconds_of(action: Callable[[], object]) -> float:
    """Processor time, of children too: machines are shared. What the disk waits for is in the cache by then."""
    before = os.times()
    action()
    after = os.times()
    return sum(after[:4]) - sum(before[:4])


if __name__ == "__main__":
    sys.exit(main())
