"""`python -m tests`: the tests, on SQLite, and the portal's again on PostgreSQL where one answers.

`python -m tests --long` runs those that are marked `long` instead: storms, attacks, proxies, backups put back.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import psycopg

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")

# Much of a test here is waiting for a process, a socket or a clock, so three share two cores well.
AT_ONCE = ["-n", "3"]
LONG = "--long"
SHORT = ["-m", "not long"]
SLOWEST = "--durations=25"
# Where a database can differ: what writes, locks, searches and counts. Pages only read what these keep.
ON_POSTGRES = [
    "people", "audit", "fuzz", "forwarding", "review/test_reviewing.py", "review/test_races.py",
    "review/test_rows.py", "review/test_row_migration.py", "review/test_second_person.py", "review/test_claiming.py",
    "portal/test_busy_database.py",
    "faults/test_races.py",
    *(f"extractions/test_{name}.py" for name in (
        "actions", "bulk", "budget", "column", "credits", "drafts", "export", "pages_lists", "pages_lists_dashboard",
        "plans", "polling", "receiving", "search", "submitting", "transferring", "verbs", "visibility", "worker_page",
    )),
]  # fmt: skip


@dataclass(frozen=True)
class Run:
    name: str
    arguments: list[str]
    environment: dict[str, str] = field(default_factory=dict)


def main() -> int:
    lanes = long_lanes() if LONG in sys.argv else usual_lanes()
    with ThreadPoolExecutor(len(lanes)) as pool:
        waited_for = [pool.submit(failures, lane, aloud=lane is lanes[0]) for lane in lanes]
        failed = [name for lane in waited_for for name in lane.result()]
    print(f"FAILED: {', '.join(failed)}" if failed else "All passed.", flush=True)
    return 1 if failed else 0


def long_lanes() -> list[list[Run]]:
    """One test at a time, for several of them judge how others fare while they run."""
    return [[Run("long tests", ["tests", "--ignore=tests/engine", "-m", "long"])]]


def usual_lanes() -> list[list[Run]]:
    """Lanes run beside each other, and what is in one of them one after the other."""
    portal = Run(
        "portal, reading and pipeline, on SQLite",
        ["tests", "--ignore=tests/engine", "--ignore=tests/browser", *SHORT, *AT_ONCE],
    )
    browser = Run("browser", ["tests/browser", *SHORT])
    engine = Run("engine", ["tests/engine", "--ds=engine.settings", "--confcutdir=tests/engine"])
    # The engine's and the browser's are one process and wait much; the browser's come beside those that wait, too.
    lanes = [[portal], [engine, browser]]
    if postgres_answers():
        chosen = [f"tests/{name}" for name in ON_POSTGRES]
        lanes[0].append(Run("portal, on PostgreSQL", [*chosen, *SHORT, *AT_ONCE], {"DATABASE_URL": POSTGRES_URL}))
    else:
        print("No PostgreSQL answers: the tests on PostgreSQL are skipped.", flush=True)
    return lanes


def failures(lane: list[Run], *, aloud: bool) -> list[str]:
    """One after the other; those that are not to speak as they go do so when they have ended."""
    failed = []
    for run in lane:
        begun = time.monotonic()
        if aloud:
            print(f"== {run.name}", flush=True)
        given = [word for word in sys.argv[1:] if word != LONG]
        command = [sys.executable, "-m", "pytest", "-q", SLOWEST, *run.arguments, *given]
        output = None if aloud else subprocess.PIPE
        done = subprocess.run(
            command, env=os.environ | run.environment, stdout=output, stderr=subprocess.STDOUT, text=True, check=False
        )
        said = "" if aloud else f"== {run.name}\n{done.stdout}"
        print(f"{said}== {run.name}: {time.monotonic() - begun:.0f} s", flush=True)
        if done.returncode:
            failed.append(run.name)
    return failed


def postgres_answers() -> bool:
    try:
        psycopg.connect(POSTGRES_URL, connect_timeout=2).close()
    except psycopg.Error:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
