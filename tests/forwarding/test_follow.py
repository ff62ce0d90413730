from collections import deque
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings as site

from extractions.forwarding.api.answers import read_answer
from extractions.forwarding.steps import follow, webhook_receiver
from extractions.models import Connection, Extraction
from tests.factories import State, make_extraction
from tests.fake_api import Fault
from tests.forwarding.finished import DATA, DONE, picture

pytestmark = pytest.mark.django_db


def test_each_step_is_seen_and_timed(api, running, drive):
    steps = ("OCR", "IMAGES", "PARSING")
    api.next_updates[running.remote_id] = deque(
        [*({"status": "IN_PROGRESS", "extraction_step": step} for step in steps), DONE]
    )

    for step in steps:
        running = drive.run(running, most=1)
        assert (running.state, running.status, running.extraction_step) == (State.RUNNING, "IN_PROGRESS", step)
    done = drive.run(running)

    assert done.state == State.EXTRACTED
    assert sorted(done.steps_seen, key=done.steps_seen.get) == ["OCR", "IMAGES", "PARSING", "LOCATION", "END"]


def test_waiting_for_its_turn_at_the_service_counts_for_no_step(running, there, drive):
    there.update(status="CREATED", extraction_step="OCR")

    running = drive.step(running)

    assert running.steps_seen == {}


def test_the_whole_result_is_there_at_once(api, running, there, drive):
    there.update(DONE, confidence=0.9, workflow_session_id=1758718492)

    done = drive.step(running)

    assert (done.state, done.status, done.error_code) == (State.EXTRACTED, "FINISHED", "")
    assert done.extracted_data == DATA
    assert (done.content, done.credit_used, done.extraction_time) == ("# Invoice", 3, 41.09)
    assert (done.classifier_result, done.workflow_session_id) == ("Invoice", 1758718492)
    assert done.raw["confidence"] == 0.9
    assert done.unknown_fields == ["confidence"]
    assert [(value.path, value.text, value.number, value.page) for value in done.values.all()] == [
        ("total", "12.5", Decimal("12.5"), 1),
        ("lines[0].name", "Tea", None, None),
    ]
    assert done.values.get(path="total").boxes == [[0.1, 0.1, 0.2, 0.2]]
    assert (done.next_try_at, done.lease_until) == (None, None)


def test_an_error_keeps_what_was_read_and_how_far_it_came(api, running, there, drive):
    there.update(status="ERROR", extraction_step="PARSING", content="half of it")

    failed = drive.step(running)

    assert (failed.state, failed.error_code) == (State.FAILED, "service_error")
    assert (failed.extraction_step, failed.content) == ("PARSING", "half of it")


@pytest.mark.parametrize("end", [State.EXTRACTED, State.FAILED])
def test_an_end_never_goes_back(api, running, there, drive, end):
    there.update(DONE if end == State.EXTRACTED else {"status": "ERROR"})
    seen_before = Extraction.objects.select_related("connection").get(pk=running.pk)
    done = drive.step(running)
    there.update(status="ERROR" if end == State.EXTRACTED else "FINISHED", content="late")

    follow.follow(seen_before)
    follow._record_progress(seen_before, seen_before.lease, read_answer(there))

    again = Extraction.objects.get(pk=done.pk)
    assert (again.state, again.content) == (end, done.content)


@pytest.mark.parametrize("status", ["ARCHIVED", "", None, "finished", 7])
def test_an_unknown_status_is_still_running(api, running, there, drive, status):
    there["status"] = status

    running = drive.step(running)

    assert running.state == State.RUNNING
    assert running.next_try_at is not None


def test_a_step_that_is_missing_or_goes_back_breaks_nothing(api, running, there, drive):
    for step in ("PARSING", "OCR", None, "QUANTUM"):
        there.update(status="IN_PROGRESS", extraction_step=step)
        running = drive.step(running)

    assert running.state == State.RUNNING
    assert set(running.steps_seen) == {"PARSING", "OCR", "QUANTUM"}


@pytest.mark.parametrize(
    ("fault", "error_code"),
    [
        (Fault(500, b""), "error_answer"),
        (Fault(429, {}, {"Retry-After": "300"}), "rate"),
        (Fault(401, {"detail": "no"}), "key_refused"),
        (Fault(200, b"<html>"), "corrupt"),
        (Fault(202, b""), "corrupt"),
    ],
)
def test_a_question_that_fails_is_asked_again(api, running, there, drive, clock, fault, error_code):
    there.update(DONE)
    api.inject("/extract/", fault)

    waiting = drive.step(running)

    assert (waiting.state, waiting.error_code) == (State.RUNNING, error_code)
    if error_code == "rate":
        assert round((waiting.next_try_at - clock()).total_seconds()) == 300
    done = drive.run(waiting)
    assert (done.state, done.error_code) == (State.EXTRACTED, "")


def test_once_unknown_is_a_hiccup_five_times_is_gone(api, running, there, drive):
    missing = Fault(404, {"detail": "No Extract matches the given query."})
    api.inject("/extract/", *[missing] * 4)
    assert drive.run(running, most=5).state == State.RUNNING
    api.inject("/extract/", *[missing] * 5)

    gone = drive.run(running)

    assert (gone.state, gone.error_code) == (State.FAILED, "gone")


def test_asking_becomes_rarer(running):
    now = running.state_changed_at

    def gap(age: float, *, embedded: bool = False) -> float:
        running.connection.embedded = embedded
        return follow.poll_interval(running, now + timedelta(seconds=age)).total_seconds()

    assert gap(1) == pytest.approx(3, rel=0.11)
    assert gap(59) == pytest.approx(3, rel=0.11)
    assert gap(599) == pytest.approx(15, rel=0.11)
    assert gap(3600) == pytest.approx(60, rel=0.11)
    assert gap(90000) == pytest.approx(3600, rel=0.11)
    assert 0.4 < gap(30, embedded=True) < 1.2
    assert gap(-100) == pytest.approx(3, rel=0.11)


def test_who_rings_is_asked_four_times_in_an_extraction_of_41_seconds(running, alice):
    rung = make_extraction(owner=alice, state=State.RUNNING, remote_id="earlier", connection=running.connection)
    webhook_receiver.handle(rung.remote_id)
    age, asked = 2.0, 0
    while age < 41:
        asked += 1
        age += follow.poll_interval(running, running.state_changed_at + timedelta(seconds=age)).total_seconds()

    assert asked <= 3, "and once more when it rings"
    assert age < 41 + 60, "a webhook that is lost"


def test_the_first_question_comes_after_two_seconds(running, clock):
    assert (running.next_try_at - running.state_changed_at).total_seconds() == pytest.approx(2, abs=0.2)


def test_the_embedded_engine_is_asked_at_once(api, queued, drive):
    Connection.objects.update(embedded=True)

    running = drive.step(queued)

    assert (running.next_try_at - running.state_changed_at).total_seconds() < 0.5


def test_two_workers_ask_once(api, running, there):
    one, other = (Extraction.objects.select_related("connection").get(pk=running.pk) for _ in range(2))
    before = len(api.requests)

    follow.follow(one)
    follow.follow(other)

    assert len(api.requests) == before + 1


class TestPictures:
    def test_are_fetched_and_kept(self, api, running, there, drive):
        api.files["/images/1/"] = ("text/html", picture())
        there.update(DONE, content_images=[{"name": "_page_0_Picture_1.jpeg", "url": "/images/1/", "id": "abc"}])

        done = drive.run(running)

        image = done.content_images.get()
        assert (image.name, image.remote_id, image.mime) == ("_page_0_Picture_1.jpeg", "abc", "image/jpeg")
        assert (Path(site.MEDIA_ROOT) / image.file.name).read_bytes() == picture()
        assert done.next_try_at is None

    def test_that_fail_leave_the_result_alone(self, api, running, there, drive):
        api.files["/images/script/"] = ("image/jpeg", b"<html><script>")
        api.files["/images/good/"] = ("image/jpeg", picture())
        urls = ["/images/gone/", "/images/script/", "http://elsewhere.example.com/x.jpeg", "/images/good/"]
        there.update(DONE, content_images=[{"url": url} for url in urls])

        done = drive.run(running)

        assert done.state == State.EXTRACTED
        assert [image.error_code for image in done.content_images.all()] == ["gone", "type", "foreign", ""]
        assert done.next_try_at is None

    def test_are_fetched_again_when_the_service_is_away(self, api, running, there, drive):
        api.files["/images/1/"] = ("image/jpeg", picture())
        api.inject("/images/", Fault(502, b""), Fault(202, b""))
        there.update(DONE, content_images=[{"url": "/images/1/"}])

        done = drive.run(running)

        assert done.content_images.get().file
        assert len([request for request in api.requests if request.path == "/images/1/"]) == 3

    def test_are_given_up_in_the_end(self, api, running, there, drive):
        there.update(DONE, content_images=[{"url": "/images/1/"}])
        api.inject("/images/", *(Fault(500, b"") for _ in range(50)))

        done = drive.run(running)

        assert done.content_images.get().error_code == "unavailable"
        assert done.next_try_at is None
