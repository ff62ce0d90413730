"""What becomes of a document when it is deleted, when memory is short, and when it is long."""

from __future__ import annotations

import contextlib
import threading
import time

import pytest
from django.db import connection

from engine.models import Extract
from engine.processing import child_tasks, document_processing
from engine.processing.work_queue import claim_next
from reading.sandbox import SandboxPool
from tests.engine import stand_ins
from tests.engine.conftest import extract_of, upload_by
from tests.reading import making

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def go(children):
    """Claim the next document, read it, and show its row."""

    def process() -> Extract:
        extract = claim_next()
        document_processing.process(extract, children, threading.Event())
        extract.refresh_from_db()
        return extract

    return process


def test_a_document_that_is_deleted_while_nothing_happens_is_stopped(client, pdf, go, reading_by):
    reading_by("waits")
    extract = extract_of(upload_by(client, pdf))
    worker = threading.Thread(target=claim_and_process, args=(go,))
    worker.start()
    while Extract.objects.filter(pk=extract.pk, claimed_at=None).exists():
        time.sleep(0.02)

    begun = time.monotonic()
    client.delete(f"/extract/{extract.pk}/")
    worker.join()

    assert time.monotonic() - begun < 50, "less than the minute that it would have taken"


def claim_and_process(go):
    with contextlib.suppress(Extract.DoesNotExist):  # the row is gone when it would be shown
        go()
    connection.close()


def test_what_a_short_of_memory_machine_ended_is_tried_once_more(client, pdf, go, reading_by, tmp_path):
    reading_by("is_killed_once")
    upload_by(client, pdf)

    assert go().status == "FINISHED"


def test_pages_of_a_long_document_are_read_side_by_side(client, alice, tmp_path, reading_by, monkeypatch):
    reading_by("shows_its_pages")
    monkeypatch.setattr(child_tasks, "read_pages", stand_ins.read_pages)
    path = making.pdf(tmp_path / "long.pdf", *map(str, range(1, 11)))
    upload_by(client, path, "?pdf_page_start=2")
    with SandboxPool(2, memory_mb=1024) as two:
        extract = claim_next()
        document_processing.process(extract, two, threading.Event())

    extract.refresh_from_db()
    numbers, readers = zip(*(line.split(" by ") for line in extract.content.splitlines()), strict=True)
    assert (extract.status, numbers) == ("FINISHED", tuple(str(n) for n in range(2, 11)))
    assert len(set(readers)) == 2
