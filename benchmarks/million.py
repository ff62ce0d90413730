"""The list, search, dashboard and export with a thousand documents and with a million, as ratios of the same run.

python -m benchmarks.million [--rows N] [--folder FOLDER], on SQLite. Times are processor time, for machines are shared.
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

from benchmarks._measuring import Report, forget_peak, peak_mb

FEW = 1_000
TIMES = 12
EXPORTED = 100_000
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
SEARCHES = {
    "a rare word": "walnut",
    "a common word": "parts",
    "the beginning of a word": "wal",
    "a number": "total>19990",
    "a text": "invoice_no:INV-800",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="keep the databases there, and use those that are there")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure()))
        return 0
    if options.folder:
        return compare(options.folder, options.rows)
    with tempfile.TemporaryDirectory(prefix="million-") as folder:
        return compare(Path(folder), options.rows)


def compare(folder: Path, rows: int) -> int:
    few, many = (measured(folder, count) for count in (FEW, rows))
    report = Report()
    for name in PAGES:
        ratio = many["pages"][name] / few["pages"][name]
        detail = f"p95 {many['pages'][name]:.0f} ms against {few['pages'][name]:.0f} ms"
        report.line(f"{name}, {rows} / {FEW} documents", ratio, "<= 1.3", "x", detail)
    for name in SEARCHES:
        detail = f"{many['searches'][name]:.0f} ms against {many['like']:.0f} ms"
        report.line(f"search for {name} / LIKE", many["searches"][name] / many["like"], "<= 0.2", "x", detail)
    export = many["export"]
    detail = f"{export['seconds']:.1f} s against {export['dump']:.1f} s for {export['documents']} documents"
    report.line("export as CSV / the database's own", export["seconds"] / export["dump"], "<= 6", "x", detail)
    report.line("memory that the export takes", export["memory"], "<= 30", " MB")
    return 1 if report.missed else 0


def measured(folder: Path, rows: int) -> dict[str, Any]:
    data = folder / str(rows)
    environment = os.environ | {"DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "portal.settings"}
    if not (data / "portal.sqlite3").exists():
        # The few all belong to one team, so that either page is full: what is compared is the finding, not the drawing.
        teams = "1" if rows == FEW else "20"
        command = [sys.executable, "-m", "benchmarks._generate", str(rows), teams]
        data.mkdir(parents=True, exist_ok=True)
        subprocess.run(command, env=environment, check=True)
    command = [sys.executable, "-m", "benchmarks.million", "--measure"]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure() -> dict[str, Any]:
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client

    from portal.people.models import User

    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(User.objects.get(email="p0@example.com"))
    pages = {name: page_time(client, address) for name, address in PAGES.items()}
    searches = {name: search_time(words) for name, words in SEARCHES.items()}
    return {"pages": pages, "searches": searches, "like": like_time(), "export": export()}


def page_time(client: Any, address: str) -> float:
    """The 95th percentile of one page in milliseconds."""
    if address == "deep":
        address = deep(client)

    def ask() -> None:
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)

    ask()
    return statistics.quantiles([spent_by(ask) for _number in range(TIMES)], n=20)[18] * 1000


def search_time(words: str) -> float:
    """Finding and fetching the rows of the first page, as the plain query beside it does."""
    from django.http import QueryDict
    from django.utils.http import urlencode

    from extractions.presentation.listing import Listing
    from portal.people.models import User

    person = User.objects.get(email="p0@example.com")

    def find() -> None:
        assert Listing(person, QueryDict(urlencode({"q": words}))).rows is not None

    find()
    return statistics.median(spent_by(find) for _number in range(TIMES)) * 1000


def deep(client: Any) -> str:
    """The address of a page in the middle of everything."""
    from extractions.models import Extraction

    count = Extraction.objects.filter(team=1).count()
    row = Extraction.objects.filter(team=1).newest_first()[count // 2]
    moment = row.received_at.isoformat().replace("+", "%2B")
    return f"/extractions/?before={moment}~{row.pk}"


def like_time() -> float:
    """What searching without an index costs: the plain query, without any page around it."""
    from extractions.models import Extraction
    from portal.people.models import User

    rows = Extraction.objects.visible_to(User.objects.get(email="p0@example.com"))
    found = rows.filter(content__icontains="walnut").for_lists().newest_first()
    return statistics.median(spent_by(lambda: list(found.all()[:50])) for _number in range(3)) * 1000


def export() -> dict[str, Any]:
    """Documents with their values as CSV: ours, and as the database writes them by itself."""
    from extractions.exports.making import Stream, teams_of
    from extractions.exports.reading import numbers_of
    from portal.people.models import User

    boss = User.objects.get(email="boss@example.com")
    # Once for everything that is loaded with the first one.
    for _block in Stream("csv", numbers_of(boss, "")[:50], teams_of(boss.pk), ",", lambda count: None):
        pass
    forget_peak(os.getpid())
    before = peak_mb(os.getpid())
    begun = time.thread_time()
    numbers = numbers_of(boss, "")[:EXPORTED]
    size = sum(len(block) for block in Stream("csv", numbers, teams_of(boss.pk), ",", lambda count: None))
    seconds = time.thread_time() - begun
    memory = peak_mb(os.getpid()) - before
    assert size
    return {"seconds": seconds, "memory": memory, "documents": len(numbers), "dump": dump(teams_of(boss.pk))}


def dump(teams: list[int]) -> float:
    from django.db import connection

    joined = ", ".join(str(team) for team in teams)
    sql = (
        "SELECT document.*, value.path, value.text FROM (SELECT id, key, name, state, server, received_at, finished_at,"
        f" page_count, credit_used, metadata FROM extractions_extraction WHERE team_id IN ({joined})"
        f" ORDER BY received_at DESC LIMIT {EXPORTED}) AS document"
        " JOIN extractions_value AS value ON value.extraction_id = document.id"
    )
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        command = ["sqlite3", "-csv", str(settings["NAME"]), sql]
    else:
        address = f"postgresql://{settings['USER']}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
        command = ["psql", address, "-c", f"COPY ({sql}) TO STDOUT CSV"]
    return seconds_of(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))


def spent_by(action: Callable[[], object]) -> float:
    """Processor time of this thread alone, finer than `seconds_of`; for what starts no child."""
    begun = time.thread_time()
    action()
    return time.thread_time() - begun


def seconds_of(action: Callable[[], object]) -> float:
    """Processor time, of children too: machines are shared. What the disk waits for is in the cache by then."""
    before = os.times()
    action()
    after = os.times()
    return sum(after[:4]) - sum(before[:4])


if __name__ == "__main__":
    sys.exit(main())
