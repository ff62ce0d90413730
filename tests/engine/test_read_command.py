"""`python -m engine read`, called as the process does, and once through the portal's doorway."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from engine.commands import main
from tests.reading import making
from tests.running import ROOT

INVOICE = "Invoice number: INV-2041\nTotal: 12.50 EUR"


@pytest.fixture
def invoice(tmp_path):
    return making.pdf(tmp_path / "invoice.pdf", INVOICE, "The second page has some more words")


def read(capsys, *words):
    code = main(["read", *map(str, words)])
    return code, *capsys.readouterr()


def test_the_answer_is_json_on_stdout_and_the_progress_on_stderr(capsys, invoice, tmp_path):
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps({"type": "object", "properties": {"invoice_number": {"type": "string"}}}))

    code, out, err = read(capsys, invoice, "--schema", schema, "--classifier", "Office documents", "--json")

    answer = json.loads(out)
    assert (code, answer["pages"]) == (0, 2)
    assert answer["extracted_data"] == {"invoice_number": "INV-2041"}
    assert answer["x_locations"]["invoice_number"][0]["page"] == 1
    assert "classifier_result" in answer
    assert "Reading, page 1 of 2" in err


@pytest.mark.parametrize(
    ("setting", "words", "network"),
    [("accurate", [], "small"), ("accurate", ["--fast"], "tiny"), ("fast", [], "tiny")],
)
def test_a_scan_is_read_as_quickly_as_is_wished(capsys, tmp_path, settings, setting, words, network):
    settings.ENGINE_READING = setting
    scan = tmp_path / "scan.png"
    making.picture_of_text(["Invoice number INV-2041"]).save(scan)

    code, out, _ = read(capsys, scan, *words)

    assert (code, "INV-2041" in out) == (0, True)
    prepared = settings.ENGINE_DATA_DIR.joinpath("models").iterdir()
    assert {path.name.split("-")[0] for path in prepared if path.suffix == ".onnx"} == {network}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--pages", "2-9"], 1, "The document has 2 pages."),
        (["--pages", "3-1"], 2, "Pages are given as"),
        (["--schema", "Nonsense"], 2, "no"),
        (["--classifier", "Nonsense"], 2, "Office documents"),
    ],
)
def test_a_wrong_question_is_told_in_one_sentence(capsys, invoice, words, code, said):
    found, out, err = read(capsys, invoice, *words)

    assert (found, out) == (code, "")
    assert said in err
    assert "Traceback" not in err


def test_a_file_that_is_none_of_ours_is_reported(capsys, tmp_path):
    path = tmp_path / "a.pdf"
    path.write_text("just words")

    assert read(capsys, path) == (1, "", "The file is not a PDF, PNG or JPEG document.\n")


def test_a_file_that_is_not_there_is_reported(capsys, tmp_path):
    assert read(capsys, tmp_path / "nothing.pdf")[0] == 2


def test_the_portal_has_a_doorway_to_it(invoice, tmp_path):
    ended = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "read", invoice.name, "--pages", "2"],
        cwd=tmp_path,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "portal.settings", "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.stderr == "Reading, page 1 of 1\nCutting out pictures\n"
    assert (ended.returncode, "more words" in ended.stdout, "INV-2041" in ended.stdout) == (0, True, False)
