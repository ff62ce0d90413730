"""The short form of the storm through the other doors; `python -m tests.faults.door_storm` is the long one."""

from __future__ import annotations

import os
import subprocess
import sys

import psycopg
import pytest

from tests.running import ROOT

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")
SHORT = ["--documents", "15", "--kills", "5", "--workers", "2", "--minutes", "15"]

pytestmark = pytest.mark.long


def storm(*arguments):
    command = [sys.executable, "-m", "tests.faults.door_storm", *SHORT, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_what_comes_in_by_itself_is_neither_lost_nor_paid_twice_on_sqlite():
    done = storm("--seed", "21")

    assert done.returncode == 0, done.stdout + done.stderr


def test_what_comes_in_by_itself_is_neither_lost_nor_paid_twice_on_postgresql():
    try:
        psycopg.connect(POSTGRES_URL, connect_timeout=2).close()
    except psycopg.Error as error:
        pytest.skip(f"No PostgreSQL answers: {error}")

    done = storm("--seed", "22", "--database-url", POSTGRES_URL)

    assert done.returncode == 0, done.stdout + done.stderr
