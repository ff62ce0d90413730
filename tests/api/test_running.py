"""The whole product with a program before it: large files, a killed web process, and a portal behind a portal."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from pathlib import Path

import pytest
import requests

from tests.api.served import Served
from tests.factories import pdf
from tests.running import PATIENCE, wait_for

pytestmark = [pytest.mark.long]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    served = Served(tmp_path_factory.mktemp("served") / "portal")
    yield served
    served.stop()


def test_a_program_gets_its_result(served):
    sent = served.send(pdf(1, "Invoice INV-77, total 12.50 EUR"), schema=served.schema())

    body = served.ended(sent.json()["id"])

    assert sent.status_code == 201
    assert body["status"] == "FINISHED"
    assert isinstance(body["extracted_data"], dict)
    assert "INV-77" in body["content"]


def test_large_files_come_in_by_a_token_only(served):
    large = pdf(2) + b"\n%" + b"x" * 3_000_000

    refused = requests.post(
        f"{served.root}/extract/", headers={"Authorization": "wrong"}, files={"document": large}, timeout=PATIENCE
    )
    taken = served.send(large)

    assert (refused.status_code, list(refused.json())) == (401, ["detail"])
    assert taken.status_code == 201
    assert served.get(taken.json()["document_url"]).content == large


def web_process(portal):
    """The child that listens at the port; None while it is being started again."""
    port = int(portal.environment["PORTAL_PORT"])
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    sockets = {f"socket:[{row[9]}]" for row in rows if row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port}
    for pid in portal.children():
        with contextlib.suppress(OSError):
            if sockets & {str(file.readlink()) for file in Path(f"/proc/{pid}/fd").iterdir()}:
                return pid
    return None


@pytest.mark.parametrize("delay", [0.0, 0.05, 0.1, 0.2, 0.4])
def test_a_killed_web_process_and_the_same_key_make_one_document(served, delay):
    content, key = pdf(3, f"Killed after {delay}"), {"Idempotency-Key": f"killed {delay}"}
    name, first = f"killed-{delay}.pdf", []

    def send():
        with contextlib.suppress(requests.RequestException):
            first.append(served.send(content, name, key))

    sending = threading.Thread(target=send)
    sending.start()
    time.sleep(delay)
    os.kill(wait_for(lambda: web_process(served.portal)), signal.SIGKILL)
    sending.join(PATIENCE)

    def again():
        with contextlib.suppress(requests.RequestException):
            answer = served.send(content, name, key)
            return answer if answer.status_code == 201 else None
        return None

    repeated = wait_for(again)
    everything = served.get("/extract/?size=200").json()["results"]
    once_more = served.send(content, name, key)

    assert [item["id"] for item in everything if item["document_name"] == name] == [repeated.json()["id"]]
    assert once_more.json()["id"] == repeated.json()["id"]
    assert not first or first[0].json()["id"] == repeated.json()["id"]


def test_a_portal_can_stand_behind_a_portal(served, tmp_path):
    front = Served(tmp_path / "front", ANESYA_BASE_URL=served.root, ANESYA_API_KEY=served.key)
    before = served.get("/extract/").json()["count"]
    try:
        sent = front.send(pdf(1, "Invoice INV-88, total 20.00 EUR"), schema=front.schema(), metadata='{"a": "b"}')

        body = front.ended(sent.json()["id"])

        behind = served.get("/extract/?meta_key=portal_key").json()["results"]
        assert body["status"] == "FINISHED"
        assert isinstance(body["extracted_data"], dict)
        assert served.get("/extract/").json()["count"] == before + 1
        assert [item["metadata"]["a"] for item in behind] == ["b"]
        assert body["metadata"] == {"a": "b"}
    finally:
        front.stop()
