"""Our copy of a document: missing only if it is missing while the folder of files is there, and more than once."""

from __future__ import annotations

import errno
import io
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection as database
from django.utils import timezone

from extractions.forwarding.steps import clone_guard, evidence, page_images, sweep
from extractions.forwarding.steps.send_attempt import MISS_RETRY_SECONDS
from extractions.models import Connection, Extraction
from extractions.presentation.document.sentences import explanation_of
from extractions.storage import durable_files, file_store
from tests.factories import State, make_extraction


@pytest.fixture
def hidden(queued):
    """Where the file of the queued document is put aside."""
    clone_guard.is_recognised()
    return Path(queued.document.path).with_suffix(".hidden")


def hide(queued, hidden):
    Path(queued.document.path).rename(hidden)


def unmount(settings) -> Path:
    """An empty directory stands where the folder was mounted."""
    away = settings.MEDIA_ROOT.with_name("files.away")
    settings.MEDIA_ROOT.rename(away)
    settings.MEDIA_ROOT.mkdir()
    return away


def mount(settings, away):
    settings.MEDIA_ROOT.rmdir()
    away.rename(settings.MEDIA_ROOT)


def test_a_missing_file_is_looked_for_three_times_over_ten_minutes(api, queued, drive, clock, hidden):
    hide(queued, hidden)

    first = drive.step(queued)
    assert (first.state, first.error_code, first.original_misses) == (State.QUEUED, "original_missing", 1)
    assert "cannot be read at the moment" in str(explanation_of(first).headline)
    clock.advance(MISS_RETRY_SECONDS)
    assert drive.step(queued).state == State.QUEUED
    clock.advance(MISS_RETRY_SECONDS)
    last = drive.step(queued)

    assert (last.state, last.error_code) == (State.REJECTED, "original_missing")
    assert last.next_try_at is None
    assert not api.accepted


def test_hurrying_does_not_shorten_the_ten_minutes(queued, drive, clock, hidden):
    hide(queued, hidden)

    for _ in range(5):
        row = drive.step(queued)  # as by "Try now"
        clock.advance(60)

    assert row.state == State.QUEUED


def test_a_file_that_comes_back_is_sent(api, queued, drive, clock, hidden):
    hide(queued, hidden)
    drive.step(queued)
    hidden.rename(queued.document.path)

    row = drive.run(queued, until=(State.RUNNING,))

    assert api.accepted == {str(queued.key): 1}
    assert row.original_misses is None
    assert row.attempts == 1


def test_a_document_that_was_given_up_goes_on_when_its_file_is_back(api, queued, drive, clock, hidden):
    hide(queued, hidden)
    assert drive.run(queued).state == State.REJECTED
    sweep.recover_missing()
    assert drive.run(queued).state == State.REJECTED
    hidden.rename(queued.document.path)

    assert sweep.recover_missing() == 1

    assert drive.run(queued, until=(State.RUNNING,)).state == State.RUNNING
    assert api.accepted == {str(queued.key): 1}


def test_a_file_with_other_bytes_is_not_taken_for_the_original(api, queued, drive, clock, hidden):
    hide(queued, hidden)
    drive.run(queued)
    Path(queued.document.path).write_bytes(b"x" * queued.size)

    assert sweep.recover_missing() == 0
    assert not api.accepted


def test_while_the_folder_is_away_nothing_is_missing(api, queued, drive, clock, hidden, settings):
    away = unmount(settings)
    for _ in range(5):
        row = drive.step(queued)
        clock.advance(3600)

    assert (row.state, row.original_misses, row.attempts) == (State.QUEUED, None, 0)
    mount(settings, away)
    assert drive.run(queued, until=(State.RUNNING,)).state == State.RUNNING


def test_a_folder_that_vanishes_after_the_claim_costs_no_attempt(
    api, queued, drive, clock, hidden, settings, monkeypatch
):
    answers = iter([True, False])
    monkeypatch.setattr(file_store, "is_reachable", lambda: next(answers))
    hide(queued, hidden)

    row = drive.step(queued)

    assert (row.state, row.original_misses, row.attempts) == (State.QUEUED, None, 0)


@pytest.mark.django_db(transaction=True)
def test_an_ill_disk_is_not_waited_for_with_the_database_locked(api, queued, drive, hidden, monkeypatch):
    asked, real = [], file_store.is_reachable

    def is_reachable():
        asked.append(database.in_atomic_block)
        return real()

    monkeypatch.setattr(file_store, "is_reachable", is_reachable)
    hide(queued, hidden)

    row = drive.step(queued)

    assert (row.error_code, row.original_misses) == ("original_missing", 1)
    assert asked == [False, False]


def test_a_disk_that_fails_is_not_blamed_on_the_service(api, queued, drive, hidden, monkeypatch):
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(errno.EIO, "Input/output error")

    clone_guard.is_recognised()
    real = Path.open
    monkeypatch.setattr(
        Path, "open", lambda path, mode="r", *a: Failing() if path.suffix == ".pdf" else real(path, mode, *a)
    )

    row = drive.step(queued)

    assert (row.state, row.error_code) == (State.QUEUED, "original_missing")
    assert Connection.current().failures == 0


def test_pages_and_words_wait_for_the_folder(api, queued, hidden, clock, settings):
    Extraction.objects.update(pages_due_at=timezone.now(), evidence_due_at=timezone.now())
    queued.refresh_from_db()
    away = unmount(settings)

    page_images.make_pages(queued)
    queued.refresh_from_db()
    evidence.find_evidence(queued)

    queued.refresh_from_db()
    soon = timezone.now() + timedelta(minutes=1)
    assert timezone.now() < queued.pages_due_at < soon
    assert timezone.now() < queued.evidence_due_at < soon
    mount(settings, away)  # fails if anything was written into the empty directory
    clock.advance(60)
    page_images.make_pages(queued)
    assert queued.pages.count() == 1


def test_nothing_is_written_where_the_folder_is_not(db, settings, tmp_path):
    clone_guard.is_recognised()
    file = tmp_path / "upload"
    file.write_bytes(b"received")
    away = unmount(settings)

    for write in (
        durable_files.temporary_path,
        lambda: durable_files.keep(file, ".pdf"),
        lambda: file_store.make_folder("pages/ab"),
    ):
        with pytest.raises(file_store.StoreUnavailable):
            write()

    mount(settings, away)


def test_a_deleted_document_loses_its_file_once_the_folder_is_back(api, alice, drive, clock, settings):
    clone_guard.is_recognised()
    row = make_extraction(owner=alice)
    path = Path(row.document.path)
    row.request_deletion()
    away = unmount(settings)

    row = drive.run(row)
    assert row.deleted_at is not None
    mount(settings, away)
    assert path.exists()
    sweep.sweep()

    assert not path.exists()


def test_a_missing_file_is_taken_back_from_quarantine(api, queued, drive, clock, hidden, settings):
    path = Path(queued.document.path)
    aside = settings.MEDIA_ROOT / "quarantine" / "20260101T000000Z" / path.relative_to(settings.MEDIA_ROOT)
    aside.parent.mkdir(parents=True)
    shutil.move(path, aside)
    drive.step(queued)

    sweep.recover_missing()

    assert path.exists()
    assert drive.run(queued, until=(State.RUNNING,)).state == State.RUNNING
