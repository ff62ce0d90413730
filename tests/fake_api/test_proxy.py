"""Faults before a real engine, as a client sees them."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import time

import pytest
import requests

from tests.documents import make
from tests.engine.running import INVOICE_SCHEMA, KEY, WORKFLOW, RunningEngine
from tests.fake_api import FaultProxy
from tests.running import PATIENCE, ROOT, wait_for


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    engine = RunningEngine(tmp_path_factory.mktemp("engine"), faulty_jobs=True, ENGINE_PROCESSES="1")
    yield engine
    engine.stop()


@pytest.fixture
def proxy(running):
    for extract in running.get("/extract/?size=200").json()["results"]:
        running.delete(f"/extract/{extract['id']}/")
    with FaultProxy(running.root) as proxy:
        yield proxy


@pytest.fixture
def engine(running, proxy, monkeypatch):
    """The engine behind the proxy."""
    monkeypatch.setattr(running, "root", proxy.url)
    return running


@pytest.fixture
def pdf(tmp_path):
    return make.one_page_pdf(tmp_path)


@pytest.fixture
def upload(engine, proxy, pdf):
    def upload(fault="ok", **form):
        proxy.inject("create", fault)
        return engine.upload(pdf, **form)

    return upload


@pytest.fixture
def metadata():
    return {"metadata": '{"portal_key": "ours"}'}


@pytest.mark.parametrize(
    ("fault", "status", "accepted"),
    [
        ("accept_502", 502, 1),
        ("accept_504", 504, 1),
        ("accept_202", 202, 1),
        ("accept_no_id", 201, 1),
        ("accept_slow:0.1", 201, 1),
        ("no_503", 503, 0),
        ("no_307", 307, 0),
        ("403_fields", 403, 0),
        ("403_detail", 403, 0),
        ("429_slow:7", 429, 0),
        ("expired_key", 401, 0),
    ],
)
def test_answers_to_an_upload(upload, proxy, engine, metadata, fault, status, accepted):
    answer = upload(fault, **metadata)

    assert answer.status_code == status
    assert proxy.accepted["ours"] == accepted
    assert engine.get("/extract/").json()["count"] == accepted
    assert answer.headers.get("Retry-After") == ("7" if status == 429 else None)


def test_the_connection_is_cut_after_accepting(upload, proxy, engine, metadata):
    with pytest.raises(requests.ConnectionError):
        upload("accept_cut", **metadata)

    assert proxy.accepted["ours"] == 1
    assert engine.get("/extract/").json()["count"] == 1


def test_a_document_is_accepted_late(upload, proxy, metadata):
    answer = upload("late_504:3", **metadata)

    at_once = proxy.accepted["ours"]

    assert (answer.status_code, at_once) == (504, 0)
    wait_for(lambda: proxy.accepted["ours"] == 1)


def test_a_document_is_shown_late(upload, engine):
    hidden = upload("hidden_ok:2").json()["id"]

    assert engine.get("/extract/").json() == {"count": 0, "next": None, "previous": None, "results": []}
    assert engine.get(f"/extract/{hidden}/").status_code == 200
    wait_for(lambda: engine.get("/extract/").json()["count"] == 1)


def test_the_count_outlives_the_document(upload, proxy, engine, metadata):
    made = upload(**metadata).json()

    engine.delete(f"/extract/{made['id']}/").raise_for_status()

    assert proxy.accepted["ours"] == 1


def test_every_document_of_a_session_is_counted(engine, proxy, pdf):
    with pdf.open("rb") as one, pdf.open("rb") as two:
        files = {"extracts[0][document]": one, "extracts[1][document]": two}
        engine.session.post(f"{proxy.url}/workflow/{WORKFLOW}/extract/", files=files).raise_for_status()

    assert len({charge.id for charge in proxy.ledger.charges()}) == 2
    assert proxy.ledger.times_paid() == {hashlib.sha256(pdf.read_bytes()).hexdigest(): 2}


def test_a_fault_befalls_as_many_requests_as_it_says(engine, proxy, pdf):
    proxy.inject("create", "no_503", times=2)

    assert [engine.upload(pdf).status_code for _ in range(3)] == [503, 503, 201]
    assert engine.get("/extract/").status_code == 200


def test_a_fault_stands_until_it_is_cleared(engine, proxy):
    proxy.inject("list", "502", times=None)
    standing = [engine.get("/extract/").status_code for _ in range(3)]

    proxy.plan.clear()

    assert standing == [502] * 3
    assert engine.get("/extract/").status_code == 200


def test_a_refused_key_can_look_like_a_broken_proxy(engine, proxy):
    proxy.inject("list", "401_becomes_502", times=2)

    assert engine.get("/extract/").status_code == 200
    assert requests.get(engine.root + "/extract/", headers={"Authorization": "x"}, timeout=60).status_code == 502


def test_errors_in_french(upload):
    answer = upload("french_errors", server="XX")

    assert answer.json() == {"server": ["«\xa0XX\xa0» n'est pas un choix valide."]}


def test_an_answer_that_drips(engine, proxy):
    proxy.inject("schemas", "drip:0.001")

    begun = time.monotonic()
    answer = engine.get("/schema/?size=1")

    assert answer.json()["count"] == 3
    assert time.monotonic() - begun >= 0.001 * len(answer.content)


def test_reads_that_are_not_ready(upload, engine, proxy):
    url = upload().json()["document_url"]

    proxy.inject("file", "not_ready")

    assert engine.get(url).status_code == 202


def test_pages_lead_on_through_the_proxy(upload, engine):
    for _ in range(2):
        upload()

    first = engine.get("/extract/?size=1").json()

    assert first["next"].startswith(engine.root)
    assert requests.get(first["next"], headers={"Authorization": KEY}, timeout=60).json()["count"] == 2


def test_a_search_that_takes_no_notice_of_its_filter(upload, engine, proxy):
    upload()

    proxy.inject("list", "unfiltered")

    assert engine.get("/extract/?search=nothing").json()["count"] == 1
    assert engine.get("/extract/?search=nothing").json()["count"] == 0


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ("unknown_status", lambda body: body["status"] == "PAUSED"),
        ("extra_fields", lambda body: body["confidence"] == 0.97),
        ("missing_fields", lambda body: "extraction_step" not in body and "status" in body),
        ("null_names", lambda body: body["document_name"] is None),
        ("absolute_urls", lambda body: body["document_url"].startswith("http://127.0.0.1:")),
        ("foreign_urls", lambda body: body["document_url"].startswith("https://files.invalid/document/")),
        ("schema_object", lambda body: body["schema"]["id"] == INVOICE_SCHEMA),
        ("other_timestamps", lambda body: body["created_at"].endswith("+00:00")),
    ],
)
def test_rewritten_extracts(upload, engine, proxy, fault, check):
    created = upload(fault, schema=INVOICE_SCHEMA).json()
    proxy.inject("read", fault)
    read = engine.get(f"/extract/{created['id']}/").json()

    assert check(created)
    assert check(read)


def test_slow_and_failing_jobs(upload, engine):
    engine.inject_job("slow:2")
    begun = time.monotonic()
    engine.ended(upload().json()["id"])
    took = time.monotonic() - begun

    engine.inject_job("fail")
    failed = engine.ended(upload().json()["id"])

    assert took >= 2
    assert failed["status"] == "ERROR"


def test_an_unknown_fault_is_refused(engine, proxy):
    answer = requests.post(proxy.url + "/control/", json={"faults": {"create": ["nonsense"]}}, timeout=60)

    assert answer.status_code == 400
    with pytest.raises(ValueError, match="nonsense"):
        engine.inject_job("nonsense")


def test_the_engine_itself_has_no_faults(running, pdf):
    plan = {"faults": {"create": ["no_503"]}}

    assert running.session.post(running.root + "/control/", json=plan).status_code == 404
    assert running.upload(pdf).status_code == 201


def test_a_service_that_is_away():
    with FaultProxy("http://127.0.0.1:9") as proxy:
        answer = requests.get(proxy.url + "/extract/", timeout=60)

    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html")


def test_the_proxy_as_a_process(running, tmp_path, pdf):
    command = [sys.executable, "-m", "tests.fake_api", "--upstream", running.root, "--ledger", str(tmp_path / "ledger")]
    faults = ["--plan", '{"faults": {"create": ["accept_502"]}}']
    with subprocess.Popen([*command, *faults], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        url = process.stdout.readline().strip()
        assert re.match(r"http://127\.0\.0\.1:\d+$", url)
        with pdf.open("rb") as document:
            answer = requests.post(
                f"{url}/extract/",
                files={"document": document},
                data={"server": "FR-1"},
                headers={"Authorization": KEY},
                timeout=PATIENCE,
            )
        process.terminate()
        assert process.wait(PATIENCE) == 0

    assert answer.status_code == 502
    assert len((tmp_path / "ledger").read_text().splitlines()) == 1
