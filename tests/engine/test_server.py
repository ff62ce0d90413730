"""The engine as a process: started, killed, started again, stopped."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.documents import make
from tests.engine.running import RunningEngine
from tests.running import PATIENCE, ROOT, wait_for


@pytest.fixture
def start(tmp_path):
    started = []

    def start(**options) -> RunningEngine:
        started.append(RunningEngine(tmp_path / "engine", ENGINE_PROCESSES="1", **options))
        return started[-1]

    yield start
    for engine in started:
        engine.process.kill()
        engine.process.wait()


@pytest.fixture
def engine(start):
    return start()


@pytest.fixture
def faulty_engine(start):
    """Its jobs are slow where a test says so."""
    return start(faulty_jobs=True)


def _seconds_to_load():
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "engine.settings"}
    subprocess.run(
        [sys.executable, "-c", "import django; django.setup(); import engine.urls"], check=True, env=environment
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_it_answers_soon_and_says_when_it_is_ready(engine):
    # Of the processor, against what its pages alone take to load: models would add many times that.
    assert engine.cpu_seconds_to_start < 2 * _seconds_to_load()

    wait_for(lambda: engine.get("/x/health/").json() == {"status": "ready"})


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_clean_in_the_middle_of_a_document(faulty_engine, tmp_path, number):
    faulty_engine.inject_job("slow:60")
    identity = faulty_engine.upload(make.one_page_pdf(tmp_path)).json()["id"]
    wait_for(lambda: faulty_engine.get(f"/extract/{identity}/").json()["status"] == "IN_PROGRESS")
    wait_for(faulty_engine.job_faults_are_taken)

    code = faulty_engine.stop(number)

    assert code == 0
    assert wait_for(lambda: faulty_engine.processes() == [])
    assert "Traceback" not in faulty_engine.log_file.read_text()


def test_nothing_is_left_of_a_killed_engine(engine):
    wait_for(lambda: engine.get("/x/health/").json()["status"] == "ready")
    assert len(engine.processes()) > 1

    engine.stop(signal.SIGKILL)

    wait_for(lambda: engine.processes() == [])


def test_a_killed_engine_goes_on_where_it_was(faulty_engine, tmp_path):
    faulty_engine.inject_job("slow:60")
    pdf = make.one_page_pdf(tmp_path)
    running, waiting = (faulty_engine.upload(pdf).json()["id"] for _ in range(2))
    wait_for(lambda: faulty_engine.get(f"/extract/{running}/").json()["status"] == "IN_PROGRESS")
    wait_for(faulty_engine.job_faults_are_taken)

    faulty_engine.stop(signal.SIGKILL)
    faulty_engine.start()

    assert faulty_engine.ended(running)["status"] == "FINISHED"
    assert faulty_engine.ended(waiting)["status"] == "FINISHED"
    assert faulty_engine.get("/extract/").json()["count"] == 2


def test_two_engines_do_not_share_a_folder(engine):
    with pytest.raises(AssertionError, match="Another engine is running"):
        RunningEngine(engine.data_dir)


def test_a_changed_key_opens_the_same_account(engine, tmp_path):
    engine.upload(make.one_page_pdf(tmp_path))
    engine.stop()

    before = engine.session.headers["Authorization"]
    engine.environment["ENGINE_KEY"] = engine.session.headers["Authorization"] = "another-key"
    engine.start()

    assert engine.get("/extract/").json()["count"] == 1
    engine.session.headers["Authorization"] = before
    assert engine.get("/extract/").status_code == 401


def test_a_key_of_the_command_line_outlives_a_change_of_that_of_the_settings(engine):
    key = engine.command("createkey", "First account")
    engine.stop()
    engine.environment["ENGINE_KEY"] = "another-key"
    engine.start()

    engine.session.headers["Authorization"] = key

    assert engine.get("/extract/").status_code == 200


def test_keys_can_be_withdrawn_at_once(engine):
    keys = [engine.command("createkey", "Bookkeeping") for _ in range(2)]
    other = engine.command("createkey", "Warehouse")

    said = engine.command("revokekey", "Bookkeeping")

    answers = [requests.get(engine.root + "/extract/", headers={"Authorization": key}) for key in [*keys, other]]
    assert [answer.status_code for answer in answers] == [401, 401, 200]
    assert said == "2 keys of 'Bookkeeping' have been revoked."


@pytest.mark.parametrize("command", [(), ("read", "nothing.pdf")])
def test_a_reading_that_there_is_not_is_refused_at_the_start(tmp_path, command):
    ended = subprocess.run(
        [sys.executable, "-m", "engine", *command],
        cwd=ROOT,
        env=os.environ | {"ENGINE_DATA_DIR": str(tmp_path), "ENGINE_PORT": "0", "ENGINE_READING": "quick"},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )

    assert (ended.returncode, ended.stderr) == (1, "ENGINE_READING must be 'accurate' or 'fast', not 'quick'.\n")


def test_the_balance_comes_from_the_environment(faulty_engine, tmp_path):
    pdf = make.one_page_pdf(tmp_path)
    faulty_engine.stop()
    faulty_engine.environment["ENGINE_BALANCE"] = "3"
    faulty_engine.start()
    faulty_engine.inject_job("slow:60", times=None)  # what fails is not paid

    codes = [faulty_engine.upload(pdf).status_code for _ in range(2)]

    assert codes == [201, 403]


def test_commands_make_keys_and_webhooks_and_grant_credits(engine, tmp_path):
    engine.session.headers["Authorization"] = engine.command("createkey", "Bookkeeping", "--expires", "3m")
    engine.command("grant", "Bookkeeping", "2")
    engine.command("addwebhook", "Bookkeeping", "extract.completed", "https://example.org/hook")

    assert engine.get("/schema/").json()["count"] == 3
    assert engine.upload(make.five_page_pdf(tmp_path)).status_code == 403


def test_a_large_upload_goes_to_the_disk(engine, tmp_path):
    large = tmp_path / "large.pdf"
    pdf = make.one_page_pdf(tmp_path).read_bytes()
    with large.open("wb") as file:
        file.write(pdf + b"\n%")
        for _ in range(90):
            file.write(os.urandom(1024 * 1024).replace(b"%%EOF", b""))
        file.write(b"\n" + pdf[pdf.rindex(b"startxref") :])
    before = peak_memory(engine.process.pid)

    answer = engine.upload(large)

    assert answer.status_code == 201, answer.text
    assert peak_memory(engine.process.pid) - before < 30


def test_half_an_upload_is_no_document(engine, tmp_path):
    host, port = engine.root.removeprefix("http://").split(":")
    head = (
        f"POST /extract/ HTTP/1.1\r\nHost: x\r\nAuthorization: {engine.session.headers['Authorization']}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="server"\r\n\r\nFR-1\r\n'
        '--b\r\nContent-Disposition: form-data; name="document"; filename="a.pdf"\r\n\r\n%PDF-1.4'
    )
    with socket.create_connection((host, int(port))) as line:
        line.sendall(head.encode())

    assert engine.get("/extract/").json()["count"] == 0
    assert [path for path in (engine.data_dir / "extracts").rglob("*") if path.is_file()] == []


def peak_memory(pid: int) -> float:
    """Megabytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024
