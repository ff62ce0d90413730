"""The examples of docs/api.md are run as they stand there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest

from extractions.models import Extraction, Value
from tests.api.program import BASE
from tests.docs.documents import document
from tests.factories import State, make_schema, pdf
from tests.running import PATIENCE

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl"),
]


def examples():
    return re.findall(r"```sh\n(.*?)```", document("docs/api.md").text, re.DOTALL)


@pytest.fixture
def run(live_server, connect, alice, tmp_path):
    """Runs an example; what it leaves to the reader is filled in from `run.given`."""
    given = {"PORTAL": live_server.url + BASE, "V1": live_server.url + "/api/v1", "PATH": "/usr/bin:/bin"}
    given["TOKEN"] = connect(alice).key

    def run(script):
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", script.replace("curl ", "curl --fail-with-body --silent ")],
            cwd=tmp_path, env=given, capture_output=True, text=True, timeout=PATIENCE,
        )  # fmt: skip
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
        return done.stdout

    run.given = given
    return run


def test_examples_do_what_is_said(run, tmp_path):
    make_schema("Invoice")
    (tmp_path / "invoice.pdf").write_bytes(pdf(2))
    send, ask, find, schemas, fetch, delete, teams, export, events, look, correct, approve = examples()
    sent = json.loads(run(send))
    run.given["ID"] = sent["id"]
    asked = json.loads(run(ask))
    found = json.loads(run(find))
    listed = json.loads(run(schemas))
    finished = {"state": State.EXTRACTED, "next_try_at": None, "evidence_due_at": None, "review_state": "waiting"}
    Extraction.objects.update(**finished, extracted_data={"total": 1})
    Value.objects.create(extraction=Extraction.objects.get(), position=0, path="total", text="1", extracted=1)
    looked = json.loads(run(look))
    corrected = json.loads(run(correct))
    approved = json.loads(run(approve))
    [ours] = json.loads(run(teams))["results"]
    exported = json.loads(run(export))
    told = json.loads(run(events))["results"]
    run(fetch)
    run(delete)

    row = Extraction.objects.get()
    assert (row.pdf_page_end, row.metadata) == (2, {"order": "4711"})
    assert asked["status"] == "CREATED"
    assert [item["id"] for item in found["results"]] == [sent["id"]]
    assert [schema["name"] for schema in listed["results"]] == ["Invoice"]
    assert (tmp_path / "original.pdf").read_bytes() == pdf(2)
    assert (looked["data"], corrected["value"]) == ({"total": 1}, 1234.5)
    assert (approved["review_state"], approved["data"]) == ("approved", {"total": 1234.5})
    assert (ours["name"], exported["total"], exported["format"]) == (row.team.name, 1, "xlsx")
    assert [event["type"] for event in told] == ["document.received", "document.approved", "document.exported"]
    assert (tmp_path / "result.csv").read_text("utf-8-sig").startswith("key,document,")
    assert row.delete_requested_at is not None
