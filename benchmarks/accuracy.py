"""The accuracy page with a thousand documents and with very many, as a ratio of the same run.

python -m benchmarks.accuracy [--rows N] [--confirmed N] [--database postgres://…] [--times N]

The few are a thousand documents with a thousand values that people judged; the many have ten thousand of them unless
another number is asked for. Values are judged and documents approved as the product does it. Times are processor time,
the database's included; few and many take turns.
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
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks._measuring import Report
from benchmarks.million import MEMBER, on_server, spent_by

FEW, MANY = 1_000, 100_000
FEW_CONFIRMED, MANY_CONFIRMED = 1_000, 10_000
TIMES = 20
PER_DOCUMENT = 5
EVERY = 20
"""One value in so many was changed."""
PAGES = {
    "accuracy page": "/accuracy/",
    "one supplier": "/accuracy/?supplier=Supplier+40",
    "one schema": "/accuracy/?schema={schema}",
    "one field": "/accuracy/?field=total",
    "export": "/accuracy/accuracy.csv",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=MANY)
    parser.add_argument("--confirmed", type=int, default=MANY_CONFIRMED)
    parser.add_argument(
        "--database", default="", help="a PostgreSQL server, such as postgres://name@host:5432/postgres"
    )
    parser.add_argument("--times", type=int, default=TIMES, help="how often each page is asked for")
    parser.add_argument("--measure", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        return answer(options.measure)
    sizes = ((FEW, FEW_CONFIRMED), (options.rows, options.confirmed))
    with tempfile.TemporaryDirectory(prefix="accuracy-") as folder:
        sides = []
        try:
            sides = [start(Path(folder), options.database, rows, confirmed) for rows, confirmed in sizes]
            return compare(sides[0], sides[1], options)
        finally:
            for side in sides:
                side.terminate()
                side.wait()
            if options.database:
                for rows, _confirmed in sizes:
                    on_server(options.database, f'DROP DATABASE IF EXISTS "accuracy_{rows}" WITH (FORCE)')


def start(folder: Path, server: str, rows: int, confirmed: int) -> subprocess.Popen[str]:
    """A filled database, and a process that measures in it when told to."""
    data = folder / str(rows)
    data.mkdir()
    environment = os.environ | {"DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "portal.settings"}
    environment["DATABASE_URL"] = f"sqlite:///{data / 'portal.sqlite3'}"
    if server:
        environment["DATABASE_URL"] = urlsplit(server)._replace(path=f"/accuracy_{rows}").geturl()
        on_server(server, f'CREATE DATABASE "accuracy_{rows}"')
    fill = [sys.executable, "-m", "benchmarks._generate", str(rows), "1" if rows == FEW else "20"]
    subprocess.run(fill, env=environment, check=True)
    command = [sys.executable, "-m", "benchmarks.accuracy", "--measure", str(confirmed)]
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def ask(side: subprocess.Popen[str], name: str) -> Any:
    assert side.stdin is not None
    assert side.stdout is not None
    print(name, file=side.stdin, flush=True)
    return json.loads(side.stdout.readline())


def compare(few: subprocess.Popen[str], many: subprocess.Popen[str], options: argparse.Namespace) -> int:
    report = Report()
    documents = f"{options.rows} / {FEW} documents"
    for side in (few, many):
        print(ask(side, "filled"), flush=True)
    for name in PAGES:
        ask(few, name), ask(many, name)
        found = [(ask(few, name), ask(many, name)) for _turn in range(options.times)]
        small, large = (statistics.median(times) for times in zip(*found, strict=True))
        report.line(f"{name}, {documents}", large / small, "<= 1.3", "x", f"{large:.0f} ms against {small:.0f} ms")
    cost = ask(many, "approval")
    report.line("counting an approval, each", cost, "", " ms")
    return 1 if report.missed else 0


def answer(confirmed: int) -> int:
    """The other process: a question a line, an answer a line."""
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client

    from portal.people.models import User

    settings.ALLOWED_HOSTS = ["*"]
    filled, cost, schema = judge(confirmed)
    client = Client()
    client.force_login(User.objects.get(email=MEMBER))
    for line in sys.stdin:
        match line.strip():
            case "filled":
                found: object = filled
            case "approval":
                found = cost
            case name:
                address = PAGES[name].format(schema=schema)
                found = spent_by(lambda address=address: _open(client, address)) * 1000  # type: ignore[misc]
        print(json.dumps(found), flush=True)
    return 0


def _open(client: Any, address: str) -> None:
    page = client.get(address)
    assert page.status_code == 200, (address, page.status_code)


def judge(confirmed: int) -> tuple[str, float, int]:
    """Let a reviewer confirm and change values of one team's documents, over the months in which they came."""
    from extractions.accuracy import counting
    from extractions.models import Correction, Extraction, FieldCount, Schema, Value

    Schema.objects.update(schema=SCHEMA)
    documents = Extraction.objects.filter(team=1, state="EXTRACTED").select_related("schema").order_by("-pk")
    chosen = list(documents.defer("content", "raw")[: confirmed // PER_DOCUMENT])
    numbers = [row.pk for row in chosen]
    values = Value.objects.filter(extraction__in=numbers, position__lt=PER_DOCUMENT)
    values.update(confirmed_at=chosen[0].received_at)
    changed = list(values.values_list("pk", flat=True)[::EVERY])
    for at in range(0, len(changed), 500):
        Value.objects.filter(pk__in=changed[at : at + 500]).update(corrected=True, typed="other", text="other")
    begun = time.thread_time()
    for row in chosen:
        Extraction.objects.filter(pk=row.pk).update(review_state="approved", approved_at=row.received_at)
        counting.count_approval(row, row.received_at, seconds=40)
    cost = (time.thread_time() - begun) * 1000 / len(chosen)
    facts = (Extraction.objects.count(), FieldCount.objects.filter(issuer="").count(), Correction.objects.count())
    filled = "{} documents, {} judged values, {} rows of counts over all suppliers, {} corrections"
    return filled.format(facts[0], confirmed, *facts[1:]), cost, chosen[0].schema_id or 0


SCHEMA = {
    "type": "object",
    "properties": {
        "supplier": {"type": "object", "properties": {"name": {"type": "string"}}},
        "invoice_no": {"type": "string"},
        "total": {"type": "number"},
        "date": {"type": "string", "format": "date"},
        "lines": {
            "type": "array",
            "items": {"type": "object", "properties": {"text": {"type": "string"}, "amount": {"type": "number"}}},
        },
    },
}


if __name__ == "__main__":
    sys.exit(main())
