"""A worker that was started with another DATA_DIR on the portal's database."""

from __future__ import annotations

import contextlib
import random
import shutil
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


@pytest.fixture
def portal(portal_with):
    return portal_with(LOG_LEVEL="INFO")


def upload(portal, *names):
    pairs = []
    for name in names:
        file = portal.folder.with_name(f"{name}.original")
        file.write_bytes(document(random.Random(name), name))
        pairs += [str(file), name]
    command = [sys.executable, "-m", "tests.faults.one_step", "upload", *pairs]
    subprocess.run(command, cwd=ROOT, env=portal.environment, check=True, capture_output=True)


@contextlib.contextmanager
def working(portal, name, data_dir):
    environment = portal.environment | {"DATA_DIR": str(data_dir)}
    log = portal.folder.with_name(f"{name}.log")
    worker = Process(name, [sys.executable, "manage.py", "worker"], environment, log)
    worker.start()
    try:
        yield lambda: log.read_text()
    finally:
        worker.stop()


def empty(portal):
    folder = portal.folder.with_name("elsewhere")
    folder.mkdir()
    return folder


def copied(portal):
    ignored = shutil.ignore_patterns("wakeup")  # sockets
    return shutil.copytree(portal.folder, portal.folder.with_name("elsewhere"), ignore=ignored)


@pytest.mark.parametrize("make_other", [empty, copied])
def test_it_rejects_nothing_and_stops_nobody(portal, make_other):
    def states():
        return sorted(row["state"] for row in rows_of(portal.database_url))

    def all_done(count):
        return lambda: len(states()) == count and all(state in DONE for state in states())

    with FakeApi(portal.ledger, {"job_seconds": [0, 0.1]}, port=portal.api_port, key=KEY) as api:
        with working(portal, "right", portal.folder):
            upload(portal, "first")
            wait_for(all_done(1))
            other = make_other(portal)
            with working(portal, "wrong", other) as log:
                wait_for(lambda: "This worker refuses to work" in log())
                upload(portal, "second", "third")
                wait_for(all_done(3))

        # Nobody is at home now, and the wrong one is alone.
        with working(portal, "wrong", other):
            upload(portal, "fourth", "fifth")
            time.sleep(8)
            assert states() == ["EXTRACTED"] * 3 + ["QUEUED"] * 2
            with working(portal, "right", portal.folder):
                wait_for(all_done(5))

        assert sorted(api.ledger.times_paid().values()) == [1] * 5
    assert not list((other / "files").rglob("pages/**/*.jpg")) or make_other is copied
