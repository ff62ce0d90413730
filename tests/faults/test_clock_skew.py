"""A worker whose machine tells a wrong time, or another one from one moment to the next."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import time

import psycopg
import pytest

from tests.fake_api import FakeApi
from tests.faults.judging import rows_of
from tests.faults.kill_storm import document
from tests.faults.processes import KEY, Portal, own_database
from tests.running import ROOT, wait_for

pytestmark = pytest.mark.long
POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")
# A worker that sleeps until its clock catches up would sleep for two hours.
PATIENCE = 60.0


@pytest.fixture(params=["sqlite", "postgresql"])
def portal(request, portal_with, tmp_path):
    settings = {"LOG_LEVEL": "INFO"}
    if request.param == "sqlite":
        yield portal_with(**settings)
        return
    try:
        psycopg.connect(POSTGRES_URL, connect_timeout=2).close()
    except psycopg.Error as error:
        pytest.skip(f"No PostgreSQL answers: {error}")
    folder = tmp_path / "portal"
    folder.mkdir()
    with own_database(POSTGRES_URL) as url:
        portal = Portal(folder, 0, "{}", url, settings)
        portal.prepare()
        yield portal


def upload(portal, *names):
    pairs = []
    for name in names:
        file = portal.folder.with_name(f"{name}.original")
        file.write_bytes(document(random.Random(name), name))
        pairs += [str(file), name]
    command = [sys.executable, "-m", "tests.faults.one_step", "upload", *pairs]
    subprocess.run(command, cwd=ROOT, env=portal.environment, check=True, capture_output=True)


@contextlib.contextmanager
def working(portal, *arguments):
    worker = portal._process("worker", "-m", "tests.faults.skewed_worker", *map(str, arguments))
    worker.start()
    try:
        wait_for((portal.folder / "files" / "documents" / ".store.json").exists)
        yield
    finally:
        worker.stop()


def states(portal):
    return [row["state"] for row in rows_of(portal.database_url)]


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_worker_that_is_hours_off_sends_at_once(portal, hours):
    with (
        FakeApi(portal.ledger, {"job_seconds": [0, 0.1]}, port=portal.api_port, key=KEY) as api,
        working(portal, hours),
    ):
        upload(portal, "first", "second")
        wait_for(lambda: states(portal) == ["EXTRACTED"] * 2, PATIENCE)
        upload(portal, "third")
        wait_for(lambda: states(portal) == ["EXTRACTED"] * 3, PATIENCE)

        assert sorted(api.ledger.times_paid().values()) == [1] * 3


@pytest.mark.parametrize("portal", ["sqlite"], indirect=True)  # that has no other clock
@pytest.mark.parametrize("hours", [-2, 2])
def test_a_clock_that_jumps_under_a_working_worker_costs_nothing(portal, hours):
    """Documents are on the way when it happens."""
    plan = {"rates": {"create": {"late_ok": 0.7}}, "late_seconds": 2, "job_seconds": [2, 6]}
    names = [f"document-{number}" for number in range(8)]
    with FakeApi(portal.ledger, plan, port=portal.api_port, key=KEY) as api:
        begun = time.monotonic()
        with working(portal, hours, 12):
            upload(portal, *names)
            time.sleep(max(0.0, begun + 12 - time.monotonic()))
            upload(portal, "after")
            wait_for(lambda: states(portal) == ["EXTRACTED"] * 9, 5 * PATIENCE)

        assert sorted(api.ledger.times_paid().values()) == [1] * 9
