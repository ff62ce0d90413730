"""`python -m tests`: the tests, on SQLite, and on PostgreSQL, where one answers, what is written for it.

`python -m tests --long` runs those that are marked `long` instead: storms, attacks, proxies, backups put back; and on
PostgreSQL whatever else a database can decide.

Several run at a time, and machines are shared. A few that fail run once more at the end with nothing beside them; those
that pass then are named, and do not fail the run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg
import pytest

from tests.failures import FAILURES_FILE

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")

# Much of a test here is waiting for a process, a socket or a clock; what runs beside takes the rest of two cores.
AT_ONCE = ["-n", "2"]
LONG = "--long"
SHORT = ["-m", "not long"]
SLOWEST = "--durations=25"
FEW = 10
"""As many failures of one run may come from what ran beside it. With more, something is broken."""
# Where a database can differ: what writes, locks, searches and counts. Pages only read what these keep.
FIRST_ON_POSTGRES = [
    "audit/test_guard.py", "faults/test_races.py", "forwarding/test_worker.py", "portal/test_busy_database.py",
    "review/test_races.py", "review/test_claiming.py",
    *(f"extractions/test_{name}.py" for name in (
        "budget", "column", "plans", "search", "search_index", "search_words", "visibility",
    )),
]  # fmt: skip
"""What goes beside the usual tests: locks, triggers, plans and the search, which are written twice."""
ON_POSTGRES = [
    "api", "people", "audit", "fuzz", "forwarding", "guests", "intake", "mcp_server", "proof",
    "accuracy/test_counting.py", "accuracy/test_backfill.py", "accuracy/test_second_looks.py",
    "backups/test_suspended_access.py",
    "review/test_reviewing.py", "review/test_rows.py", "review/test_row_migration.py",
    "review/test_second_person.py", "review/test_same_invoices.py",
    *(f"extractions/test_{name}.py" for name in (
        "actions", "bulk", "credits", "draft_pages", "drafts", "error_code_migration", "export", "pages_lists",
        "pages_lists_dashboard", "polling", "proposals", "receipts", "receiving", "retention_page", "routing",
        "schema_studio", "submitting", "transferring", "verbs", "webhook_events", "webhooks_page", "worker_page",
    )),
]  # fmt: skip
"""The others, among the long ones."""


@dataclass(frozen=True)
class Run:
    name: str
    where: list[str]
    """Files and folders with tests, or node ids."""
    options: list[str] = field(default_factory=list)
    """Those that also hold for a single test."""
    choice: list[str] = field(default_factory=list)
    """Options that choose tests and share them out."""
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    run: Run
    returncode: int
    tests: list[str]
    """Node ids, as pytest takes them."""


def main() -> int:
    lanes = long_lanes() if LONG in sys.argv else usual_lanes()
    with ThreadPoolExecutor(len(lanes)) as pool:
        waited_for = [pool.submit(failures, lane, aloud=lane is lanes[0]) for lane in lanes]
        failed = [failure for lane in waited_for for failure in lane.result()]
    broken = [failure for failure in failed if not passes_alone(failure)]
    for failure in failed:
        if failure not in broken:
            print(f"FAILED BESIDE OTHERS, PASSED ALONE: {', '.join(failure.tests)}", flush=True)
    print(f"FAILED: {', '.join(failure.run.name for failure in broken)}" if broken else "All passed.", flush=True)
    return 1 if broken else 0


def long_lanes() -> list[list[Run]]:
    """One test at a time, for several of them judge how others fare while they run; then the rest on PostgreSQL."""
    lane = [Run("long tests", ["tests"], choice=["--ignore=tests/engine", "-m", "long"])]
    if postgres_answers():
        done = [f"--deselect=tests/{name}" for name in FIRST_ON_POSTGRES]
        lane.append(on_postgres("portal, the rest on PostgreSQL", ON_POSTGRES, *done))
    return [lane]


def usual_lanes() -> list[list[Run]]:
    """Lanes run beside each other, and what is in one of them one after the other."""
    portal = Run(
        "portal, reading and pipeline, on SQLite",
        ["tests"],
        choice=["--ignore=tests/engine", "--ignore=tests/browser", *SHORT, *AT_ONCE],
    )
    browser = Run("browser", ["tests/browser"], choice=SHORT)
    engine = Run("engine", ["tests/engine"], ["--ds=engine.settings", "--confcutdir=tests/engine"])
    # The engine's and the browser's are one process and wait much.
    lanes = [[portal], [engine, browser]]
    if postgres_answers():
        lanes[1].append(on_postgres("portal, on PostgreSQL", FIRST_ON_POSTGRES))
    else:
        print("No PostgreSQL answers: the tests on PostgreSQL are skipped.", flush=True)
    return lanes


def on_postgres(name: str, where: list[str], *choice: str) -> Run:
    return Run(
        name,
        [f"tests/{path}" for path in where],
        choice=[*choice, *SHORT, *AT_ONCE],
        environment={"DATABASE_URL": POSTGRES_URL},
    )


def failures(lane: list[Run], *, aloud: bool) -> list[Failure]:
    """One after the other; those that are not to speak as they go do so when they have ended."""
    return [failure for run in lane if (failure := execute(run, aloud=aloud))]


def execute(run: Run, *, aloud: bool) -> Failure | None:
    begun = time.monotonic()
    if aloud:
        print(f"== {run.name}", flush=True)
    given = [word for word in sys.argv[1:] if word != LONG]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.failures", "-p", "tests.deadline", SLOWEST]
    command += [*run.where, *run.options, *run.choice, *given]
    output = None if aloud else subprocess.PIPE
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder, "failures")
        environment = os.environ | run.environment | {FAILURES_FILE: str(written)}
        done = subprocess.run(command, env=environment, stdout=output, stderr=subprocess.STDOUT, text=True, check=False)
        tests = written.read_text().splitlines() if written.exists() else []
    said = "" if aloud else f"== {run.name}\n{done.stdout}"
    print(f"{said}== {run.name}: {time.monotonic() - begun:.0f} s", flush=True)
    return Failure(run, done.returncode, tests) if done.returncode else None


def passes_alone(failure: Failure) -> bool:
    if failure.returncode != pytest.ExitCode.TESTS_FAILED or not 0 < len(failure.tests) <= FEW:
        return False
    alone = replace(failure.run, name=f"{failure.run.name}, once more", where=failure.tests, choice=[])
    return execute(alone, aloud=True) is None


def postgres_answers() -> bool:
    try:
        psycopg.connect(POSTGRES_URL, connect_timeout=2).close()
    except psycopg.Error:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
