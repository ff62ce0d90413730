"""The API with faults has to misbehave as planned, and to write down every document that it accepts."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys

import pytest
import requests

from tests.fake_api import FakeApi, Fault
from tests.running import ROOT, wait_for

PDF = b"%PDF-1.4 a document"


@pytest.fixture
def api(tmp_path):
    with FakeApi(tmp_path / "ledger", {"job_seconds": [0, 0], "late_seconds": 0.3}) as api:
        yield api


def send(api, key="key-1", document=PDF, **options):
    form = {"metadata": (None, json.dumps({"portal_key": key})), "server": (None, "FR-1")}
    form["document"] = (f"{key}.pdf", document)
    options.setdefault("allow_redirects", False)
    return requests.post(f"{api.url}/extract/", files=form, headers={"Authorization": "k"}, timeout=60, **options)


def get(api, path="", **query):
    return requests.get(f"{api.url}/extract/{path}", params=query, timeout=60)


def inject(api, **faults):
    assert requests.post(f"{api.url}/control/", json={"faults": faults}, timeout=60).ok


def test_accepts_finishes_and_finds(api):
    made = send(api)

    assert made.status_code == 201
    assert get(api, f"{made.json()['id']}/").json()["status"] == "FINISHED"
    found = get(api, meta_key="portal_key", meta_value="key-1").json()
    assert [item["id"] for item in found["results"]] == [made.json()["id"]]
    assert get(api, search="key-1").json()["count"] == 1
    assert get(api, meta_key="portal_key", meta_value="key-2").json()["count"] == 0
    assert api.ledger.times_paid().total() == 1


@pytest.mark.parametrize(
    "fault", ["accept_cut", "accept_half", "accept_502", "accept_no_id", "accept_html", "accept_202", "accept_list"]
)
def test_ledger_knows_what_the_answer_hides(api, fault):
    inject(api, create=[fault])

    try:
        send(api)
    except requests.RequestException:
        assert fault in {"accept_cut", "accept_half"}

    assert [charge.portal_key for charge in api.ledger.charges()] == ["key-1"]


@pytest.mark.parametrize("fault", ["no_503", "no_cut", "cut_at:100", "early:401", "no_307", "429_slow", "403_fields"])
def test_what_is_not_accepted_is_not_charged(api, fault):
    inject(api, create=[fault])

    try:
        status = send(api).status_code
    except requests.RequestException:
        status = 0

    assert str(status) in fault or status == 0
    assert api.ledger.charges() == []
    assert get(api).json()["count"] == 0


def test_incomplete_form_is_not_accepted(api):
    body = b'--b\r\nContent-Disposition: form-data; name="document"; filename="a.pdf"\r\n\r\n%PDF-1.4 half'
    headers = {"Content-Type": "multipart/form-data; boundary=b"}

    cut_short = requests.post(f"{api.url}/extract/", data=body, headers=headers, timeout=60)
    without_server = requests.post(f"{api.url}/extract/", data=body + b"\r\n--b--\r\n", headers=headers, timeout=60)

    assert cut_short.status_code == 400
    assert "document" in cut_short.json()
    assert list(without_server.json()) == ["server"]
    assert api.ledger.charges() == []


def test_accepts_late_and_shows_late(api):
    inject(api, create=["late_cut", "hidden_ok"])

    with pytest.raises(requests.RequestException):
        send(api, "late")
    assert api.ledger.charges() == []
    send(api, "hidden")

    assert get(api, search="hidden").json()["count"] == 0
    wait_for(lambda: get(api, search="hidden").json()["count"] and get(api, search="late").json()["count"])
    assert len(api.ledger.charges()) == 2


def test_following_a_redirect_is_written_down(api):
    inject(api, create=["no_307"])

    send(api, allow_redirects=True)

    assert api.journal.count("followed") == 1
    assert len(api.ledger.charges()) == 1


def test_lies_about_searches_and_pages_for_ever(api):
    for number in range(3):
        send(api, f"key-{number}")
    inject(api, list=["no_results", "unfiltered", "endless"])

    assert get(api, search="key-1").json()["results"] == []
    assert len(get(api, search="made up").json()["results"]) == 3
    assert "page=2" in get(api).json()["next"]


@pytest.mark.parametrize("fault", ["endless", "endless_new"])
def test_pages_without_an_end(api, fault):
    api.inject("list", fault, times=3)

    pages = [get(api, page=page, size=2) for page in (1, 2, 7)]

    assert [page.status_code for page in pages] == [200] * 3
    assert ["page=8" in page.json()["next"] for page in pages] == [False, False, True]


def test_odd_answers_keep_id_and_metadata(api):
    api.plan.update({"odd": 1.0})

    for number in range(30):
        made = send(api, f"key-{number}").json()
        read = get(api, f"{made['id']}/").json()
        assert read["id"] == made["id"]
        assert read["metadata"] == {"portal_key": f"key-{number}"}


def test_bomb_swells(api):
    inject(api, read=["bomb"])
    identity = send(api).json()["id"]

    answer = requests.get(f"{api.url}/extract/{identity}/", stream=True, timeout=30)

    assert int(answer.headers["Content-Length"]) < 1024 * 1024
    assert len(next(answer.iter_content(20 * 1024 * 1024))) == 20 * 1024 * 1024
    answer.close()


def test_a_path_meets_its_faults_in_turn_and_then_the_one_that_stands(api):
    api.inject("/extract/known/", Fault(503), times=None)
    api.inject("/extract/known/", Fault(500), "429_slow")
    api.inject("read", "401")

    known = [get(api, "known/").status_code for _ in range(4)]

    assert known == [500, 429, 401, 503]
    assert get(api, "other/").status_code == 404
    assert get(api, "known/").status_code == 503


def test_an_unknown_fault_is_refused(api):
    unknown = {"faults": {"create": ["accept_with_pleasure"]}}

    answer = requests.post(f"{api.url}/control/", json=unknown, timeout=60)

    assert answer.status_code == 400
    assert "accept_no_id" in answer.json()["detail"]
    with pytest.raises(ValueError, match="accept_with_pleasure"):
        api.plan.update(unknown)


def test_as_a_process_it_keeps_the_ledger_when_killed(tmp_path):
    ledger = tmp_path / "ledger"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fake_api", "--ledger", str(ledger), "--plan", '{"seed": 3}'],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        url = process.stdout.readline().strip()
        assert re.match(r"http://127\.0\.0\.1:\d+$", url)

        class There:
            pass

        There.url = url
        assert send(There).status_code == 201
        process.send_signal(signal.SIGKILL)

    assert '"portal_key": "key-1"' in ledger.read_text()
