"""The examples of docs/client.md are run as they stand there, from a folder beside which the client lies."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading

import pytest

from extractions.models import Extraction, Value
from portal.people import api_tokens
from portal.people.api_tokens import TokenOptions
from portal.people.models import ApiToken
from tests.docs.documents import document
from tests.factories import State, make_connection, make_schema, pdf
from tests.running import PATIENCE, ROOT, wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", document("docs/client.md").text, re.DOTALL)


@pytest.fixture
def given(alice, live_server, tmp_path):
    """The environment of a program with a token, in a folder with an invoice and the client."""
    make_connection()
    make_schema("Invoice")
    (tmp_path / "invoice.pdf").write_bytes(pdf())
    (tmp_path / "client").symlink_to(ROOT / "client")
    options = TokenOptions("program", tuple(ApiToken.Scope.values), None)
    _token, key = api_tokens.issue(alice, alice.memberships.get().team, options, by=alice)
    return {"PORTAL_ADDRESS": f"{live_server.url}/api/0.8.1", "PORTAL_TOKEN": key, "PATH": os.environ["PATH"]}


def run(command, given, folder):
    done = subprocess.run(command, cwd=folder, env=given, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def finish():
    """As the worker does: it has read the document."""
    row = wait_for(lambda: Extraction.objects.first())
    Value.objects.create(extraction=row, position=0, path="total", text="1", extracted=1, page=1)
    finished = {"state": State.EXTRACTED, "next_try_at": None, "evidence_due_at": None, "review_state": "waiting"}
    Extraction.objects.update(**finished, extracted_data={"total": 1})


def test_the_program_prints_the_values_of_its_document(given, tmp_path):
    (tmp_path / "program.py").write_text(blocks("python")[0])
    printed = []
    program = threading.Thread(
        target=lambda: printed.append(run([sys.executable, "program.py"], given, tmp_path)), daemon=True
    )

    program.start()
    finish()
    program.join(PATIENCE)

    assert printed[0].startswith("total 1 1 ")
    assert Extraction.objects.get().metadata == {"order": "4711"}


def test_the_command_line_sends_fetches_and_approves(given, tmp_path):
    export, *commands = blocks("sh")[0].splitlines()
    assert export.startswith("export PORTAL_ADDRESS=")
    upload, *others = (line.replace("python ", f"{sys.executable} ", 1) for line in commands)
    printed = []
    sending = threading.Thread(target=lambda: printed.append(run(["bash", "-c", upload], given, tmp_path)), daemon=True)

    sending.start()
    finish()
    sending.join(PATIENCE)
    sent = json.loads(printed[0])
    told = [run(["bash", "-c", line], given | {"ID": sent["id"]}, tmp_path) for line in others]

    assert (sent["outcome"], sent["extracted_data"]) == ("read", {"total": 1})
    assert (tmp_path / "result.csv").read_text("utf-8-sig").startswith("key,document,")
    assert json.loads(told[1])["path"] == "total"
    assert told[2].strip() == "approved"
