"""The one command, for real: processes are started, killed and stopped."""

import os
import signal
import subprocess
import sys

import pytest
import requests

from tests.running import PATIENCE, ROOT, RunningPortal, wait_for


@pytest.fixture
def from_nothing() -> bool:
    return False


@pytest.fixture
def portal(tmp_path, from_nothing):
    portal = RunningPortal(tmp_path, from_nothing=from_nothing)
    yield portal
    portal.stop()


@pytest.mark.parametrize("from_nothing", [True])
def test_first_start_prints_a_setup_link_that_opens(portal):
    answer = requests.get(portal.address, timeout=PATIENCE)

    assert "/setup/" in portal.address
    assert portal.log_file.read_text().count("http://") == 1
    assert answer.status_code == 200
    assert "csrfmiddlewaretoken" in answer.text


def test_a_killed_worker_comes_back(portal):
    web, worker, engine = wait_for(lambda: len(portal.children()) == 3 and portal.children())

    os.kill(worker, signal.SIGKILL)

    wait_for(lambda: worker not in portal.children() and len(portal.children()) == 3)
    assert {web, engine} < set(portal.children())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_everything(portal, number):
    portal.process.send_signal(number)

    assert portal.process.wait(timeout=PATIENCE) == 0
    wait_for(lambda: not portal.processes())


def test_nothing_outlives_a_killed_supervisor(portal):
    wait_for(lambda: len(portal.children()) == 3)

    portal.process.kill()
    portal.process.wait()

    wait_for(lambda: not portal.processes())


def test_a_second_supervisor_on_the_same_data_says_so(portal):
    second = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=ROOT,
        env=portal.environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert second.returncode != 0
    assert "running already" in second.stderr
