"""How long a single document waits behind a heap that somebody else has dropped, beside how long it waits when idle."""

from __future__ import annotations

import json
import sqlite3
import statistics
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from benchmarks._measuring import Report
from tests.faults.processes import Portal
from tests.running import wait_for

HEAP = 300
THREADS = 4
# A service that takes a while to take a document, so that the heap lasts.
PLAN = json.dumps({"job_seconds": [0, 0], "rates": {"create": {"late_ok:1.0": 1.0}}})
ROUNDS = 5
SUBMIT = """
import uuid
from django.core.files.uploadedfile import SimpleUploadedFile
from extractions.intake.receiving import receive
from extractions.intake.submitting import Options, submit
from portal.people.models import Membership, Team, User
from benchmarks._measuring import pdf_of
team, _ = Team.objects.get_or_create(name={name!r})
person, _ = User.objects.get_or_create(email={name!r} + "@example.com", defaults={{"name": {name!r}}})
Membership.objects.get_or_create(person=person, team=team, defaults={{"role": "uploader"}})
for number in range({number}):
    stored = receive(SimpleUploadedFile(f"{{number}}.pdf", pdf_of(20_000)))
    submit(stored, Options(server="FR-1"), owner=person, team=team, form_token=uuid.uuid4().hex)
"""


def main() -> int:
    report = Report()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        portal = Portal(Path(folder), 1, PLAN, settings={"WORKER_THREADS": str(THREADS), "LOG_LEVEL": "WARNING"})
        portal.prepare()
        try:
            portal.start()
            wait_of_one(portal)
            idle = [wait_of_one(portal) for _ in range(ROUNDS)]
            submit(portal, "heap", HEAP)
            behind = [wait_of_one(portal) for _ in range(ROUNDS)]
            left = len(ask(portal, "SELECT 1 FROM extractions_extraction WHERE state = 'QUEUED'"))
        finally:
            portal.stop()
    middle, usual = statistics.median(behind), statistics.median(idle)
    beside = f"{middle:.2f} s, and {usual:.2f} s idle; {left} of the heap were left at the end"
    report.line(f"one document behind {HEAP} of another person", middle / usual, "<= 2", "x", beside)
    return 1 if report.missed or not left else 0


def wait_of_one(portal: Portal) -> float:
    """From "received" until the service has it."""
    before = len(waits(portal))
    submit(portal, "single", 1)
    wait_for(lambda: len(waits(portal)) > before)
    return waits(portal)[-1]


def waits(portal: Portal) -> list[float]:
    moments = ask(
        portal,
        "SELECT e.received_at, a.ended_at FROM extractions_extraction e JOIN people_team t ON t.id = e.team_id"
        " JOIN extractions_attempt a ON a.extraction_id = e.id"
        " WHERE t.name = 'single' AND a.outcome = 'accepted' ORDER BY e.id",
    )
    return [(datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds() for begin, end in moments]


def ask(portal: Portal, question: str) -> list[tuple[str, ...]]:
    with sqlite3.connect(portal.folder / "portal.sqlite3", timeout=20) as database:
        return database.execute(question).fetchall()


def submit(portal: Portal, name: str, number: int) -> None:
    portal.manage("shell", "--verbosity", "0", "--command", SUBMIT.format(name=name, number=number))


if __name__ == "__main__":
    begun = time.monotonic()
    code = main()
    print(f"{time.monotonic() - begun:.0f} s")
    sys.exit(code)
