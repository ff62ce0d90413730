"""The folder of files vanishes and comes back, as a mount does that is late at boot or lost for some seconds."""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
import time

import pytest

from tests.fake_api import FakeApi
from tests.faults.judging import DONE, rows_of
from tests.faults.kill_storm import document
from tests.faults.processes import KEY, Process
from tests.running import ROOT, wait_for

pytestmark = pytest.mark.long
DOCUMENTS, SECONDS_AWAY = 20, 6.0


@pytest.fixture
def portal(portal_with):
    return portal_with(LOG_LEVEL="INFO", WORKER_THREADS="2")


@pytest.fixture
def api(portal):
    # Slow enough that most documents still wait when the folder vanishes.
    slow = {"rates": {"create": {"late_ok": 1.0}}, "late_seconds": 0.5, "job_seconds": [0, 0.1]}
    with FakeApi(portal.ledger, slow, port=portal.api_port, key=KEY) as api:
        yield api


@contextlib.contextmanager
def working(portal):
    worker: Process = portal._process("worker", "manage.py", "worker")
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


def upload_all(portal):
    pairs = []
    for number in range(DOCUMENTS):
        file = portal.folder / f"document-{number}.pdf"
        file.write_bytes(document(random.Random(number), str(number)))
        pairs += [str(file), f"token-{number}"]
    command = [sys.executable, "-m", "tests.faults.one_step", "upload", *pairs]
    subprocess.run(command, cwd=ROOT, env=portal.environment, check=True, capture_output=True)


def mark(portal):
    """The first worker writes the markers."""
    with working(portal):
        wait_for((portal.folder / "files" / "documents" / ".store.json").exists)


def states(portal):
    return [row["state"] for row in rows_of(portal.database_url)]


def log_of(portal):
    return (portal.folder / "worker.log").read_text()


@contextlib.contextmanager
def away(folder, empty_in_place):
    """Moved out of sight; where something is mounted, an empty directory is left to be seen."""
    hidden = folder.with_name(f"{folder.name}.away")
    folder.rename(hidden)
    if empty_in_place:
        folder.mkdir()
    try:
        yield
    finally:
        if empty_in_place:
            folder.rmdir()  # fails if anything was written below the unmounted path
        hidden.rename(folder)


@pytest.mark.parametrize(("name", "empty_in_place"), [("files", True), ("files/documents", False)])
def test_a_folder_that_is_mounted_late_costs_no_document(portal, api, name, empty_in_place):
    mark(portal)
    upload_all(portal)
    folder = portal.folder / name
    with contextlib.ExitStack() as stack:
        with away(folder, empty_in_place):
            stack.enter_context(working(portal))
            wait_for(lambda: "refuses to work" in log_of(portal))
            time.sleep(SECONDS_AWAY)
            assert states(portal) == ["QUEUED"] * DOCUMENTS
            assert not api.ledger.times_paid()

        wait_for(lambda: all(state in DONE for state in states(portal)))

    assert states(portal) == ["EXTRACTED"] * DOCUMENTS
    assert sorted(api.ledger.times_paid().values()) == [1] * DOCUMENTS


def test_a_folder_that_vanishes_under_a_working_worker_costs_no_document(portal, api):
    mark(portal)
    upload_all(portal)
    with working(portal):
        wait_for(lambda: len(api.ledger.times_paid()) >= 2)
        with away(portal.folder / "files", empty_in_place=True):
            time.sleep(SECONDS_AWAY)
            before = states(portal)

        wait_for(lambda: all(state in DONE for state in states(portal)))

    assert before.count("QUEUED") >= DOCUMENTS // 4
    assert "REJECTED" not in before
    assert states(portal) == ["EXTRACTED"] * DOCUMENTS
    assert sorted(api.ledger.times_paid().values()) == [1] * DOCUMENTS
