"""What becomes of documents while nobody can write, and of claims that nobody holds."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator

import pytest
from django.db import connection

from engine.models import Account, Extract, Status
from engine.processing import child_tasks, database_retry, document_processing
from engine.processing.work_queue import Claims, Dispatcher, claim_next
from tests.engine import stand_ins
from tests.engine.conftest import extract_of, upload_by
from tests.engine.stand_ins import JPEG
from tests.running import wait_for

pytestmark = pytest.mark.django_db(transaction=True)
LOCKED = 4.0
"""Seconds: longer than the children linger, and many times what a connection waits."""


@pytest.fixture
def dispatcher(settings, monkeypatch) -> Iterator[Dispatcher]:
    """Its threads wait for a lock much shorter than in life."""
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.2)
    monkeypatch.setattr(database_retry, "INITIAL_BACKOFF", 0.2, raising=False)
    monkeypatch.setattr(child_tasks, "warm", stand_ins.does_nothing)
    settings.ENGINE_PROCESSES, settings.ENGINE_CHILD_MEMORY_MB = 1, 1024
    dispatcher = Dispatcher()
    yield dispatcher
    dispatcher.stop()


@contextlib.contextmanager
def locked_database() -> Iterator[None]:
    """Somebody else writes, and takes a long time over it."""
    with contextlib.closing(
        sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None, timeout=20)
    ) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def end_after_a_locked_database(extract):
    with locked_database():
        time.sleep(LOCKED)
    wait_for(lambda: not Extract.objects.filter(pk=extract.pk, status=Status.IN_PROGRESS).exists())
    extract.refresh_from_db()


@pytest.mark.parametrize(
    ("stand_in", "status", "paid"),
    [("reads_and_lingers", Status.FINISHED, 2), ("lingers_and_fails", Status.ERROR, 0)],
)
def test_the_end_is_written_when_that_can_be_done(client, alice, pdf, reading_by, dispatcher, stand_in, status, paid):
    reading_by(stand_in)
    extract = extract_of(upload_by(client, pdf))
    dispatcher.start()
    wait_for(lambda: Extract.objects.filter(pk=extract.pk, content="read").exists())

    end_after_a_locked_database(extract)
    assert (extract.status, extract.attempts) == (status, 1)
    assert Account.objects.get(pk=alice.pk).credits_used == paid


def test_a_document_whose_steps_cannot_be_written_is_read_again(client, pdf, reading_by, dispatcher):
    reading_by("reads_and_waits")
    extract = extract_of(upload_by(client, pdf))
    dispatcher.start()
    wait_for(lambda: Extract.objects.filter(pk=extract.pk, extraction_step="PARSING").exists())

    end_after_a_locked_database(extract)
    assert (extract.status, extract.attempts) == (Status.FINISHED, 2)


def test_a_stop_waits_for_no_lock(client, pdf, reading_by, dispatcher):
    reading_by("reads_and_lingers")
    extract = extract_of(upload_by(client, pdf))
    dispatcher.start()
    wait_for(lambda: Extract.objects.filter(pk=extract.pk, content="read").exists())

    with locked_database():
        time.sleep(LOCKED)
        begun = time.monotonic()
        dispatcher.stop()

    assert time.monotonic() - begun < database_retry.MAX_BACKOFF / 2
    assert Extract.objects.running().get() == extract, "the next start takes it up"


def test_a_full_disk_is_not_the_documents_fault(client, pdf, children, reading_by, settings):
    """Where the pictures should go is no room: a file stands in the way of their folder."""
    reading_by("everything")
    extract = extract_of(upload_by(client, pdf))
    extract.folder.joinpath("pictures").write_text("in the way")

    document_processing.process(claim_next(), children, threading.Event())
    again = claim_next()
    extract.folder.joinpath("pictures").unlink()
    document_processing.process(again, children, threading.Event())

    extract.refresh_from_db()
    assert (extract.status, extract.attempts) == (Status.FINISHED, 2)
    assert extract.content_images.get().path.read_bytes() == JPEG


def test_a_claim_that_nobody_holds_is_given_back(client, pdf):
    lost, held = (extract_of(upload_by(client, pdf)) for _ in range(2))
    claim_next()
    claims = Claims()

    with claims.next() as first, claims.next() as second, claims.next() as none:
        assert (first, second, none) == (lost, held, None)

    assert Extract.objects.get(pk=lost.pk).attempts == 2
    assert Extract.objects.get(pk=held.pk).attempts == 1


def test_a_thread_that_lost_its_document_finds_it_again(client, pdf, reading_by, dispatcher, monkeypatch):
    """Whatever goes wrong between claim and end, for the database or for us."""
    reading_by("reads_a_little_of_all")
    real, failures = document_processing.process, [RuntimeError("nobody expected this")]
    monkeypatch.setattr(
        document_processing, "process", lambda *given: _raise(failures.pop()) if failures else real(*given)
    )
    extract = extract_of(upload_by(client, pdf))

    dispatcher.start()

    wait_for(lambda: Extract.objects.filter(pk=extract.pk, status=Status.FINISHED).exists())


def _raise(error: Exception) -> None:
    raise error
