"""The receiver in the documentation takes what the portal signs, and nothing else."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
import requests
from django.utils import timezone

from extractions.forwarding.webhooks.payload import headers_of
from tests.docs.documents import FENCED, document
from tests.factories import SIGNING_SECRET
from tests.running import free_port, wait_for

BODY = '{"type": "document.finished", "timestamp": "2026-11-30T14:02:11.482Z", "data": {"id": "the-document"}}'
OTHER = "whsec_b3RoZXIgc2VjcmV0IG9mIHRoaXJ0eS10d28gYnl0ZQ=="


@pytest.fixture(scope="module")
def receiver(tmp_path_factory):
    (program,) = (block for block in FENCED.findall(document("docs/webhooks.md").text) if block.startswith("```python"))
    folder = tmp_path_factory.mktemp("receiver")
    (folder / "receiver.py").write_text("\n".join(program.splitlines()[1:-1]))
    port = free_port()
    environment = os.environ | {"SECRET": SIGNING_SECRET, "PORT": str(port)}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "receiver.py"], cwd=folder, env=environment, stdout=log, stderr=subprocess.DEVNULL
        )
    url = f"http://127.0.0.1:{port}/"

    def answers():
        try:
            return requests.post(url, timeout=5).status_code
        except requests.ConnectionError:
            return None

    wait_for(answers)
    yield url, folder / "log"
    process.kill()
    process.wait()


def send(url, headers, body=BODY):
    return requests.post(url, data=body, headers=headers, timeout=10).status_code


def signed(*secrets, number="msg_1", at=None):
    return headers_of(number, at or timezone.now(), BODY, list(secrets))


def test_genuine_messages_are_taken_once(receiver):
    url, log = receiver

    assert [send(url, signed(SIGNING_SECRET)) for _ in range(2)] == [204, 204]
    assert log.read_text().splitlines() == ["document.finished the-document"]


def test_during_a_rotation_either_secret_will_do(receiver):
    assert send(receiver[0], signed(OTHER, SIGNING_SECRET, number="msg_2")) == 204


def test_forged_messages_are_refused(receiver):
    url, _log = receiver
    genuine = signed(SIGNING_SECRET, number="msg_3")
    old = signed(SIGNING_SECRET, at=timezone.now() - timedelta(minutes=6))
    early = signed(SIGNING_SECRET, at=timezone.now() + timedelta(minutes=6))

    forged = [
        (signed(OTHER), BODY),
        (genuine, BODY.replace("the-document", "another")),
        (genuine | {"webhook-id": "msg_4"}, BODY),
        (genuine | {"webhook-timestamp": str(int(genuine["webhook-timestamp"]) + 1)}, BODY),
        (genuine | {"webhook-signature": ""}, BODY),
        (genuine | {"webhook-signature": genuine["webhook-signature"].replace("v1,", "v1a,")}, BODY),
        ({}, BODY),
        (old, BODY),
        (early, BODY),
    ]

    assert [send(url, headers, body) for headers, body in forged] == [401] * len(forged)
