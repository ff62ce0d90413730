"""The odd behaviour that can be ordered, as a client sees it."""

from __future__ import annotations

import time

import pytest
import requests

from tests.documents import make
from tests.engine.running import INVOICE_SCHEMA, RunningEngine
from tests.running import wait_for


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    engine = RunningEngine(tmp_path_factory.mktemp("engine"), ENGINE_STRANGENESS="on", ENGINE_PROCESSES="1")
    yield engine
    engine.stop()


@pytest.fixture
def engine(running):
    running.session.delete(running.root + "/x/strangeness/").raise_for_status()
    for extract in running.get("/extract/?size=200").json()["results"]:
        running.delete(f"/extract/{extract['id']}/")
    return running


@pytest.fixture
def pdf(tmp_path):
    return make.one_page_pdf(tmp_path)


def upload(engine, pdf, play="", **form):
    return engine.upload(pdf, headers={"X-Strange": play}, **form)


def key_of(request) -> str:
    return request.node.name


@pytest.mark.parametrize(
    ("play", "status", "accepted"),
    [
        ("accept-5xx", 502, 1),
        ("accept-5xx=504", 504, 1),
        ("accept-202", 202, 1),
        ("accept-without-id", 201, 1),
        ("accept-slow=0.1", 201, 1),
        ("refuse-5xx", 503, 0),
        ("redirect-307", 307, 0),
        ("no-credits-fields", 403, 0),
        ("no-credits-detail", 403, 0),
        ("busy-429=7", 429, 0),
        ("expired-key", 401, 0),
    ],
)
def test_answers_to_an_upload(engine, pdf, request, play, status, accepted):
    answer = upload(engine, pdf, play, metadata=f'{{"portal_key": "{key_of(request)}"}}')

    assert answer.status_code == status
    assert engine.accepted().get(key_of(request), 0) == accepted


def test_the_line_is_cut_after_accepting(engine, pdf, request):
    with pytest.raises(requests.ConnectionError):
        upload(engine, pdf, "accept-cut", metadata=f'{{"portal_key": "{key_of(request)}"}}')

    assert engine.accepted()[key_of(request)] == 1


def test_a_document_is_accepted_late(engine, pdf, request):
    answer = upload(engine, pdf, "accept-late=3", metadata=f'{{"portal_key": "{key_of(request)}"}}')

    at_once = engine.accepted().get(key_of(request), 0)

    assert (answer.status_code, at_once) == (504, 0)
    wait_for(lambda: engine.accepted().get(key_of(request), 0) == 1)


def test_the_count_outlives_the_document(engine, pdf, request):
    made = upload(engine, pdf, metadata=f'{{"portal_key": "{key_of(request)}"}}').json()

    engine.delete(f"/extract/{made['id']}/").raise_for_status()

    assert engine.accepted()[key_of(request)] == 1


def test_an_order_stands_for_as_many_requests_as_it_says(engine, pdf):
    engine.order("refuse-5xx", times=2)

    assert [upload(engine, pdf).status_code for _ in range(3)] == [503, 503, 201]
    assert engine.get("/extract/").status_code == 200


def test_a_refused_key_can_look_like_a_broken_proxy(engine):
    engine.order("unauthorized-502")

    assert requests.get(engine.root + "/extract/", headers={"Authorization": "x"}, timeout=60).status_code == 502


def test_errors_in_french(engine, pdf):
    answer = upload(engine, pdf, "french", server="XX")

    assert answer.json() == {"server": ["«\xa0XX\xa0» n'est pas un choix valide."]}


def test_an_answer_that_drips(engine):
    begun = time.monotonic()
    answer = engine.get("/schema/?size=1", headers={"X-Strange": "drip=1"})

    assert answer.json()["count"] == 3
    assert time.monotonic() - begun >= 1


def test_reads_that_are_not_ready(engine, pdf):
    url = upload(engine, pdf).json()["document_url"]

    assert engine.get(url, headers={"X-Strange": "not-ready"}).status_code == 202


@pytest.mark.parametrize(
    ("play", "check"),
    [
        ("unknown-status", lambda body: body["status"] == "PAUSED"),
        ("extra-fields", lambda body: body["confidence"] == 0.97),
        ("missing-fields", lambda body: "extraction_step" not in body and "status" in body),
        ("null-names", lambda body: body["document_name"] is None),
        ("absolute-urls", lambda body: body["document_url"].startswith("http://127.0.0.1:")),
        ("foreign-urls", lambda body: body["document_url"].startswith("https://files.invalid/document/")),
        ("schema-object", lambda body: body["schema"]["id"] == INVOICE_SCHEMA),
        ("other-timestamps", lambda body: body["created_at"].endswith("+00:00")),
    ],
)
def test_rewritten_extracts(engine, pdf, play, check):
    created = upload(engine, pdf, play, schema=INVOICE_SCHEMA).json()
    read = engine.get(f"/extract/{created['id']}/", headers={"X-Strange": play}).json()

    assert check(created)
    assert check(read)


def test_slow_and_failing_jobs(engine, pdf):
    begun = time.monotonic()
    slow = upload(engine, pdf, "slow-job=2").json()["id"]
    engine.ended(slow)
    took = time.monotonic() - begun
    failing = upload(engine, pdf, "failing-job").json()["id"]

    assert took >= 2
    assert engine.ended(failing)["status"] == "ERROR"


def test_an_unknown_play_is_refused(engine):
    answer = engine.session.post(engine.root + "/x/strangeness/", json={"play": "nonsense"})

    assert answer.status_code == 400


def test_nothing_can_be_ordered_of_a_normal_engine(tmp_path, pdf):
    engine = RunningEngine(tmp_path / "normal")
    try:
        assert engine.get("/x/strangeness/").status_code == 404
        assert upload(engine, pdf, "refuse-5xx").status_code == 201
    finally:
        engine.stop()
