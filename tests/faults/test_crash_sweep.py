"""A process that is killed, or a disk that fails, at every single system call of an upload and of a forward."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fake_api import FakeApi
from tests.faults import strace
from tests.faults.judging import DONE, judge, rows_of
from tests.faults.kill_storm import document
from tests.faults.processes import KEY
from tests.running import wait_for

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(bool(strace.why_not()), reason=f"Skipped, {strace.why_not()}."),
]
SETTINGS = {"FORWARDING_TIME_SCALE": "0.03", "LOG_LEVEL": "WARNING", "PYTHONDONTWRITEBYTECODE": "1"}
MOST_OF_A_KIND = 5
KILLED = {-signal.SIGKILL, 128 + signal.SIGKILL}


@dataclass
class Case:
    """One document and what happens to it."""

    fault: strace.Fault
    file: Path
    sha256: str
    received: bool = False
    died: bool = False

    @property
    def token(self) -> str:
        return f"token-{self.file.stem}"


@pytest.fixture
def portal(portal_with):
    return portal_with(**SETTINGS)


def faults_at(calls, *, failing):
    """Every call is once the last one; some of them also fail. Of long series a few are taken, first and last too."""
    found = []
    for name in dict.fromkeys(call.name for call in calls):
        numbers = [call.number for call in calls if call.name == name]
        if len(numbers) > MOST_OF_A_KIND:
            numbers = [
                numbers[round(index * (len(numbers) - 1) / (MOST_OF_A_KIND - 1))] for index in range(MOST_OF_A_KIND)
            ]
        found += [strace.Fault(name, number, "signal=KILL") for number in numbers]
        found += [strace.Fault(name, number, f"error={failing[name]}") for number in numbers if name in failing]
    return found


def cases_for(faults, folder, name="case"):
    cases = []
    for number, fault in enumerate(faults):
        content = document(random.Random(number), f"{name} {number}")
        file = folder / f"{name}-{number}.pdf"
        file.write_bytes(content)
        cases.append(Case(fault, file, hashlib.sha256(content).hexdigest()))
    return cases


def step(portal, *arguments):
    command = ["tests.faults.one_step", *arguments]
    return command, portal.environment


def run_each(cases, portal, arguments_of):
    def one(case):
        done = strace.run(*step(portal, *arguments_of(case)), case.fault)
        case.received = "RECEIVED" in done.stdout
        case.died = done.returncode in KILLED

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(one, cases))
    # Start-up is not the same to the last call each time, so a few may get away.
    killed = [case.died for case in cases if "KILL" in case.fault.how]
    assert sum(killed) > 0.8 * len(killed), [str(case.fault) for case in cases if not case.died]


def upload_calmly(portal, cases):
    pairs = [word for case in cases for word in (str(case.file), case.token)]
    command = [sys.executable, "-m", "tests.faults.one_step", "upload", *pairs]
    done = subprocess.run(command, env=portal.environment, capture_output=True, text=True, check=False)
    assert done.stdout.count("RECEIVED") == len(cases), done.stderr


def whole(portal):
    database = sqlite3.connect(portal.folder / "portal.sqlite3")
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()
    return rows_of(portal.database_url)


def has_its_bytes(portal, row):
    file = portal.folder / "files" / row["document"]
    return file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == row["sha256"]


def test_upload_is_on_the_disk_before_anybody_is_reported(portal, tmp_path):
    """What a power cut leaves is what was synced: file, then its name, then the row, and only then the word."""
    (case,) = cases_for([strace.Fault("", 0, "")], tmp_path)

    calls = strace.calls_of(*step(portal, "upload", str(case.file), case.token), tmp_path / "log")

    def last(name, part):
        return max(index for index, call in enumerate(calls) if call.name == name and part in call.arguments)

    written = last("write", "/incoming/")
    renamed = last("rename", "/documents/")
    told = last("write", "RECEIVED")
    synced = [index for index, call in enumerate(calls) if call.name in {"fsync", "fdatasync"}]
    # After the row, the line of the audit log gets its place in the chain; that write may be lost and is made up for.
    logged = min(
        index
        for index, call in enumerate(calls)
        if index > renamed and call.name == "pwrite64" and "portal.sqlite3-wal" in call.arguments
    )
    assert any(written < index < renamed and "/incoming/" in calls[index].arguments for index in synced)
    assert any(renamed < index < logged and "/documents/" in calls[index].arguments for index in synced)
    assert any(logged < index < told and "portal.sqlite3-wal" in calls[index].arguments for index in synced)


def test_upload_survives_every_fault(portal, tmp_path):
    (calm,) = cases_for([strace.Fault("", 0, "")], tmp_path, "calm")
    calls = strace.calls_of(*step(portal, "upload", str(calm.file), calm.token), tmp_path / "log")
    failing = {"fsync": "EIO", "fdatasync": "EIO", "rename": "EIO", "pwrite64": "ENOSPC"}
    cases = cases_for(faults_at(calls, failing=failing), tmp_path)
    assert len(cases) > 20

    run_each(cases, portal, lambda case: ("upload", str(case.file), case.token))

    rows = {row["sha256"]: row for row in whole(portal)}
    for case in cases:
        assert not case.received or case.sha256 in rows, f"{case.fault}: received and lost"
        assert case.sha256 not in rows or has_its_bytes(portal, rows[case.sha256]), (
            f"{case.fault}: a row without its file"
        )
    assert {case.received for case in cases} == {True, False}

    upload_calmly(portal, cases)
    rows = whole(portal)
    for case in cases:
        mine = [row for row in rows if row["sha256"] == case.sha256]
        assert len(mine) == 1, f"{case.fault}: {len(mine)} rows for one form"
        assert has_its_bytes(portal, mine[0]), case.fault


def test_forward_survives_every_fault(portal, tmp_path):
    """Killed or failing at any call of a send, the worker that comes after finishes each document, paid for once."""
    plan = {"job_seconds": [0, 0.3]}
    with FakeApi(portal.ledger, plan, port=portal.api_port, key=KEY) as api:
        (calm, other) = cases_for([strace.Fault("", 0, "")] * 2, tmp_path, "calm")
        upload_calmly(portal, [calm, other])
        calls = strace.calls_of(*step(portal, "forward", calm.sha256), tmp_path / "log")
        failing = {"fdatasync": "EIO", "sendto": "ECONNRESET", "pwrite64": "EIO"}
        cases = cases_for(faults_at(calls, failing=failing), tmp_path)
        assert {fault.fault.call for fault in cases} >= {"fdatasync", "sendto", "pwrite64"}
        upload_calmly(portal, cases)

        run_each(cases, portal, lambda case: ("forward", case.sha256))
        before = {row["sha256"]: row["state"] for row in whole(portal)}
        worker = portal._process("worker", "manage.py", "worker")
        worker.start()
        try:
            wait_for(lambda: all(row["state"] in DONE for row in rows_of(portal.database_url)))
        except AssertionError:
            left = [row for row in whole(portal) if row["state"] not in DONE]
            pytest.fail(f"unfinished: {left}\n{worker.log.read_text()[-3000:]}")
        finally:
            worker.stop()

    assert {"SENDING", "SENT"} <= set(before.values()), "the faults did not hit both sides of the gate"
    taken = {case.sha256: True for case in cases}
    rows = [row for row in whole(portal) if row["sha256"] in taken]
    charges = [charge for charge in api.ledger.charges() if charge.sha256 in taken]
    verdict = judge(taken, charges, rows, portal.folder / "files")
    assert verdict.good, verdict
