"""One document in a real child: what is written while it goes, and how it ends."""

from __future__ import annotations

import os
import shutil
import threading
import time
from pathlib import Path

import pytest
from django.utils.timezone import now

from engine.models import Account, ContentImage, Extract
from engine.processing import document_processing
from engine.processing.work_queue import claim_next
from tests.documents.leases import leases
from tests.engine.conftest import extract_of, upload_by
from tests.engine.stand_ins import CONFIDENCE, JPEG, LOCATIONS
from tests.running import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def go(children):
    """Claim the next document, read it, and show its row."""

    def process(stopping: threading.Event | None = None) -> Extract:
        extract = claim_next()
        document_processing.process(extract, children, stopping or threading.Event())
        extract.refresh_from_db()
        return extract

    return process


def test_all_results_are_on_the_row_and_in_the_answer(client, alice, pdf, go, reading_by):
    reading_by("everything")
    upload_by(client, pdf, schema=alice.schemas.first().pk, classifier=alice.classifiers.first().pk)

    extract = go()

    body = client.get(f"/extract/{extract.pk}/").json()
    assert body["status"] == "FINISHED"
    assert body["extraction_step"] == "LOCATION"
    assert body["content"].startswith("Total 12.50")
    assert body["classifier_result"] == "Invoice"
    assert body["extracted_data"]["total"] == 12.5
    assert body["credit_used"] == 4
    assert body["extraction_time"] > 0
    assert list(body)[-2:] == ["x_locations", "x_confidence"]
    assert body["x_locations"] == LOCATIONS
    assert body["x_confidence"] == CONFIDENCE
    assert set(extract.step_seconds) == {"OCR", "CLASSIFICATION", "IMAGES", "PARSING", "LOCATION"}


def test_pictures_are_served_to_their_owner_only(client, stranger, pdf, go, reading_by):
    reading_by("everything")
    upload_by(client, pdf)

    image = client.get(f"/extract/{go().pk}/").json()["content_images"][0]

    assert list(image) == ["name", "url"]
    assert image["name"] == "_page_0_Picture_1.jpeg"
    assert b"".join(client.get(image["url"]).streaming_content) == JPEG
    assert client.get(image["url"])["Content-Type"] == "image/jpeg"
    assert stranger.get(image["url"]).status_code == 404


def test_pictures_are_on_the_disk_before_their_rows_name_them(client, pdf, go, reading_by, monkeypatch):
    """A power cut cannot be had here, so what is synced is watched, and how many rows there are then."""
    reading_by("everything")
    extract = extract_of(upload_by(client, pdf))
    sync, synced = os.fsync, []

    def watch(descriptor: int) -> None:
        sync(descriptor)
        synced.append((Path(f"/proc/self/fd/{descriptor}").readlink(), ContentImage.objects.count()))

    monkeypatch.setattr(os, "fsync", watch)
    go()

    assert synced == [
        (path, 0) for path in (extract.content_images.get().path, extract.pictures_folder, extract.folder)
    ]


def test_a_second_run_leaves_nothing_of_the_first(client, pdf, go, reading_by):
    reading_by("everything")
    extract = extract_of(upload_by(client, pdf))
    go()
    Extract.objects.filter(pk=extract.pk).update(status="IN_PROGRESS", claimed_at=None)

    go()

    assert list(extract.folder.joinpath("pictures").iterdir()) == [extract.content_images.get().path]


def test_a_file_that_is_gone_is_404(client, alice, pdf, go, reading_by):
    reading_by("everything")
    upload_by(client, pdf, schema=alice.schemas.first().pk)
    extract = go()
    body = client.get(f"/extract/{extract.pk}/").json()

    shutil.rmtree(extract.folder)

    for address in (body["document_url"], body["content_images"][0]["url"], f"/extract/{extract.pk}/?download=images"):
        assert client.get(address).status_code == 404


def test_credits_are_charged_when_it_is_finished(client, alice, five_pages, go, reading_by):
    reading_by("everything")
    upload_by(client, five_pages, "?pdf_page_end=3")

    go()

    assert Account.objects.get(pk=alice.pk).credits_used == 6


@pytest.mark.parametrize(
    ("stand_in", "said"),
    [
        ("crashes", "The process that read the document ended (crash)."),
        ("eats_memory", "The process that read the document ended (memory)."),
        ("has_a_bug", "The document could not be processed."),
    ],
)
def test_a_hostile_document_ends_as_error_and_the_next_one_is_read(client, alice, pdf, go, reading_by, stand_in, said):
    upload_by(client, pdf)
    reading_by(stand_in)
    bad = go()
    upload_by(client, pdf)
    reading_by("everything")
    good = go()

    body = client.get(f"/extract/{bad.pk}/").json()
    assert (body["status"], body["extraction_step"], body["credit_used"]) == ("ERROR", "OCR", None)
    assert body["x_error"] == said
    assert good.status == "FINISHED"
    assert Account.objects.get(pk=alice.pk).credits_used == 2


def test_a_document_that_takes_too_long_is_stopped(client, pdf, go, reading_by, settings):
    settings.ENGINE_SECONDS_PER_PAGE, settings.ENGINE_SECONDS_PER_DOCUMENT = 0.5, 0.5
    reading_by("waits")
    upload_by(client, pdf)

    begun = time.monotonic()
    extract = go()

    assert (extract.status, extract.error) == ("ERROR", "The document took too long and was stopped.")
    assert time.monotonic() - begun < 50, "less than the minute that it would have taken"


def test_status_and_step_are_visible_as_they_happen(client, pdf, go, reading_by):
    reading_by("reads_and_waits")
    extract = extract_of(upload_by(client, pdf))
    worker = threading.Thread(target=go)
    seen = set()

    worker.start()
    while worker.is_alive():
        body = client.get(f"/extract/{extract.pk}/").json()
        seen.add((body["status"], body["extraction_step"], body["content"]))
        time.sleep(0.05)
    worker.join()

    assert ("IN_PROGRESS", "PARSING", "first") in seen


def test_text_that_no_file_can_hold_is_mended(client, pdf, go, reading_by):
    reading_by("broken_text")
    upload_by(client, pdf)

    body = client.get(f"/extract/{go().pk}/").json()

    assert (body["content"], body["extracted_data"]) == ("half a ? face", {"name": "?"})


def test_deleting_removes_everything(client, pdf, go, reading_by, settings):
    reading_by("everything")
    upload_by(client, pdf, metadata='{"a": "b"}')
    extract = go()

    answer = client.delete(f"/extract/{extract.pk}/")

    assert (answer.status_code, answer.content) == (204, b"")
    assert client.get(f"/extract/{extract.pk}/").status_code == 404
    assert client.delete(f"/extract/{extract.pk}/").status_code == 404
    assert [path for path in settings.ENGINE_DATA_DIR.rglob("*") if path.is_file()] == []


def test_a_document_can_be_deleted_while_it_is_read(client, pdf, go, reading_by, settings):
    reading_by("reads_and_waits")
    extract = extract_of(upload_by(client, pdf))
    ended = []
    worker = threading.Thread(target=lambda: ended.append(_process_unshown(go)))

    worker.start()
    wait_for(lambda: Extract.objects.filter(pk=extract.pk, extraction_step="PARSING").exists())
    answer = client.delete(f"/extract/{extract.pk}/")
    worker.join()

    assert answer.status_code == 204
    assert ended == ["gone"]
    assert [path for path in settings.ENGINE_DATA_DIR.rglob("*") if path.is_file()] == []


def _process_unshown(go):
    try:
        go()
    except Extract.DoesNotExist:
        return "gone"
    return "still there"


def test_a_stop_gives_the_document_back(client, pdf, children, reading_by):
    reading_by("waits")
    upload_by(client, pdf)
    extract, stopping = claim_next(), threading.Event()
    worker = threading.Thread(target=document_processing.process, args=(extract, children, stopping))

    worker.start()
    time.sleep(0.5)
    stopping.set()
    children.close()
    worker.join(10)

    extract.refresh_from_db()
    assert (extract.status, extract.claimed_at, extract.attempts) == ("IN_PROGRESS", None, 0)
    assert claim_next().pk == extract.pk


def test_a_document_that_was_under_way_too_often_is_given_up(client, pdf, go, settings):
    extract = extract_of(upload_by(client, pdf))
    Extract.objects.filter(pk=extract.pk).update(attempts=settings.ENGINE_MAX_ATTEMPTS, created_at=now())

    assert go().error == "Given up after 3 starts."


def test_the_pipeline_is_asked_for_what_the_caller_wants(client, alice, five_pages):
    schema, classifier = alice.schemas.get(name="Receipt"), alice.classifiers.get()
    query = "?pdf_page_start=2&pdf_page_end=4"
    extract = extract_of(upload_by(client, five_pages, query, schema=schema.pk, classifier=classifier.pk))

    request = document_processing.build_request(extract)

    assert (request.page_start, request.page_end, request.mode) == (2, 4, "accurate")
    assert request.schema == schema.schema
    assert request.schema_context.startswith("Receipt\n")
    assert "Invoice" in [category.name for category in request.categories]
    assert request.path.read_bytes() == five_pages.read_bytes()


def test_the_pipeline_is_asked_for_the_reading_of_the_settings(client, pdf, settings):
    settings.ENGINE_READING = "fast"

    assert document_processing.build_request(extract_of(upload_by(client, pdf))).mode == "fast"


def test_fields_are_proposed_for_those_who_ask(client, tmp_path, go):
    lease = tmp_path / "lease.pdf"
    lease.write_bytes(leases(1)[0])
    upload_by(client, lease, x_propose="true")

    body = client.get(f"/extract/{go().pk}/").json()

    assert body["extracted_data"] is None
    labels = {field["label"]: field["value"] for field in body["x_proposal"]["fields"]}
    assert labels["Monthly rent"] == "1,250.00 GBP"


def test_nobody_else_is_told_a_proposal(client, tmp_path, go):
    lease = tmp_path / "lease.pdf"
    lease.write_bytes(leases(1)[0])
    upload_by(client, lease)

    assert "x_proposal" not in client.get(f"/extract/{go().pk}/").json()
