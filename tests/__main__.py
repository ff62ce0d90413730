"""`python -m tests`: every test there is, on SQLite, and the portal's again on PostgreSQL where one answers."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from typing import IO

import psycopg

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")

# Much of a test here is waiting for a process, a socket or a clock, so three share two cores well.
AT_ONCE = ["-n", "3"]
# Where a database can differ: what writes, locks, searches and counts. Pages only read what these keep.
ON_POSTGRES = [
    "people", "audit", "forwarding", "review/test_reviewing.py", "review/test_races.py",
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
    portal = Run(
        "portal, reading and pipeline, on SQLite",
        ["tests", "--ignore=tests/engine", "--ignore=tests/browser", *AT_ONCE],
    )
    # Each of these two is one process and leaves the other a core.
    browser = Run("browser", ["tests/browser"])
    engine = Run("engine", ["tests/engine", "--ds=engine.settings", "--confcutdir=tests/engine"])
    stages = [[portal], [browser, engine]]
    if postgres_answers():
        chosen = [f"tests/{name}" for name in ON_POSTGRES]
        stages.append([Run("portal, on PostgreSQL", [*chosen, *AT_ONCE], {"DATABASE_URL": POSTGRES_URL})])
    else:
        print("No PostgreSQL answers: the tests on PostgreSQL are skipped.", flush=True)
    failed = [name for stage in stages for name in failures(stage)]
    print(f"FAILED: {', '.join(failed)}" if failed else "All passed.", flush=True)
    return 1 if failed else 0


def failures(stage: list[Run]) -> list[str]:
    """Run these side by side; the first one speaks as it goes, the others when they have ended."""
    begun = time.monotonic()
    started = [(run, *start(run, aloud=not index)) for index, run in enumerate(stage)]
    failed = []
    for run, process, output in started:
        print(f"== {run.name}", flush=True)
        if process.wait():
            failed.append(run.name)
        if output:
            output.seek(0)
            print(output.read(), end="")
            output.close()
        print(f"== {run.name}: {time.monotonic() - begun:.0f} s", flush=True)
    return failed


def start(run: Run, *, aloud: bool) -> tuple[subprocess.Popen[str], IO[str] | None]:
    output = None if aloud else tempfile.TemporaryFile("w+")  # noqa: SIM115 - read and closed when it has ended
    command = [sys.executable, "-m", "pytest", "-q", *run.arguments, *sys.argv[1:]]
    environment = os.environ | run.environment
    return subprocess.Popen(command, env=environment, stdout=output, stderr=output, text=True), output


def postgres_answers() -> bool:
    try:
        psycopg.connect(POSTGRES_URL, connect_timeout=2).close()
    except psycopg.Error:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
