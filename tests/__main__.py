"""`python -m tests`: every test there is, on SQLite, and the portal's again on PostgreSQL where one answers."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import psycopg

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")

TWO_AT_ONCE = ["-n", "2"]
# Where a database can differ: what writes, locks, searches and counts. Pages only read what these keep.
ON_POSTGRES = [
    "people", "audit", "forwarding", "review/test_reviewing.py", "faults/test_races.py",
    *(f"extractions/test_{name}.py" for name in (
        "actions", "bulk", "budget", "column", "credits", "drafts", "export", "pages_lists", "pages_lists_dashboard",
        "polling", "receiving", "search", "submitting", "transferring", "verbs", "visibility", "worker_page",
    )),
]  # fmt: skip


def main() -> int:
    extra = sys.argv[1:]
    runs = [
        (
            "portal, reading and pipeline, on SQLite",
            ["tests", "--ignore=tests/engine", "--ignore=tests/browser", *TWO_AT_ONCE],
            {},
        ),
        ("browser", ["tests/browser"], {}),
        ("engine", ["tests/engine", "--ds=engine.settings", "--confcutdir=tests/engine"], {}),
    ]
    postgres = [f"tests/{name}" for name in ON_POSTGRES] + TWO_AT_ONCE
    if postgres_answers():
        runs.append(("portal, on PostgreSQL", postgres, {"DATABASE_URL": POSTGRES_URL}))
    else:
        print("No PostgreSQL answers: the tests on PostgreSQL are skipped.", flush=True)
    failed = []
    for name, arguments, environment in runs:
        print(f"== {name}", flush=True)
        begun = time.monotonic()
        command = [sys.executable, "-m", "pytest", "-q", *arguments, *extra]
        if subprocess.run(command, env=os.environ | environment, check=False).returncode:
            failed.append(name)
        print(f"== {name}: {time.monotonic() - begun:.0f} s", flush=True)
    print(f"FAILED: {', '.join(failed)}" if failed else "All passed.", flush=True)
    return 1 if failed else 0


def postgres_answers() -> bool:
    try:
        psycopg.connect(POSTGRES_URL, connect_timeout=2).close()
    except psycopg.Error:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
