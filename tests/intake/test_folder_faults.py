"""Watched folders on full disks, lost shares, with two workers, and with workers that are killed."""

from __future__ import annotations

import errno
import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection as database
from django.utils import timezone

from extractions.incoming import folder_files, folders, leases
from extractions.models import Extraction, IncomingFile, WatchedFolder
from extractions.storage import durable_files
from tests.factories import State
from tests.intake.conftest import killed_run, names, put, run_due

pytestmark = pytest.mark.django_db


def test_a_full_disk_leaves_the_file_for_later(watched, inbox, monkeypatch):
    put(inbox)
    with monkeypatch.context() as full:
        full.setattr(durable_files, "sync", _no_space)
        after = run_due(watched)
    assert (after.error_code, after.failures) == ("disk", 1)
    assert names(inbox) == ["invoice.pdf"]

    after = run_due(watched)

    assert (after.error_code, after.failures) == ("", 0)
    assert Extraction.objects.count() == 1
    assert names(inbox) == ["done/invoice.pdf"]


def test_a_share_that_is_full_or_gone_neither_loses_nor_doubles(watched, inbox, monkeypatch):
    put(inbox)
    with monkeypatch.context() as full:
        full.setattr(folder_files, "move", _no_space)
        assert run_due(watched).error_code == "disk"
    assert Extraction.objects.count() == 1
    assert names(inbox) == ["invoice.pdf"]
    Extraction.objects.update(state=State.FAILED)

    inbox.rename(inbox.with_name("away"))
    assert run_due(watched).error_code == "missing"
    inbox.with_name("away").rename(inbox)

    run_due(watched)
    assert Extraction.objects.count() == 1, "a file that only waited for its move is not sent again, though it failed"
    assert names(inbox) == ["done/invoice.pdf"]


def test_waits_grow_while_something_is_wrong(watched, inbox):
    inbox.rmdir()
    waits = []
    for _each in range(12):
        after = run_due(watched)
        waits.append(after.next_run_at - timezone.now())

    assert waits[0] < waits[3] < waits[-1] <= leases.MAX_BACKOFF
    assert waits[-1] > timedelta(minutes=5)


@pytest.mark.django_db(transaction=True)
def test_two_workers_take_each_file_once(watched, inbox, monkeypatch):
    for number in range(6):
        put(inbox, f"{number}.pdf")
    together = threading.Barrier(2)
    # Worse than in life: the second does not even ask for the lease.
    monkeypatch.setattr(WatchedFolder, "claim", lambda self: self.lease)
    monkeypatch.setattr(WatchedFolder, "renew", lambda self, lease: True)

    def work():
        folder = WatchedFolder.objects.get()
        together.wait()
        folders.run(folder, threading.Event())
        database.close()

    workers = [threading.Thread(target=work) for _each in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    monkeypatch.undo()
    monkeypatch.setattr(folders, "STABLE_SECONDS", 0.0)
    run_due(watched)

    assert sorted(row.name for row in Extraction.objects.all()) == [f"{number}.pdf" for number in range(6)]
    assert names(inbox) == [f"done/{number}.pdf" for number in range(6)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("module", "attribute", "moment"),
    [
        ("extractions.incoming.folders", "Run._register", "before"),
        ("extractions.intake.submitting", "record", "after"),
        ("extractions.incoming.folders", "Run._register", "after"),
        ("extractions.incoming.folder_files", "move", "before"),
        ("extractions.incoming.folder_files", "move", "after"),
    ],
)
def test_killed_at_any_point_it_neither_loses_nor_doubles(settings, watched, inbox, module, attribute, moment):
    content = put(inbox).read_bytes()

    killed_run(settings, module, attribute, moment)
    # Should the service have failed meanwhile, it may have been paid for.
    Extraction.objects.update(state=State.FAILED)
    WatchedFolder.objects.update(lease_until=None)
    for _each in range(2):
        run_due(watched)

    row = Extraction.objects.get()
    assert Path(row.document.path).read_bytes() == content
    assert names(inbox) == ["done/invoice.pdf"]
    assert not IncomingFile.objects.filter(moved_at__isnull=True).exists()


@pytest.mark.django_db(transaction=True)
def test_killed_between_note_and_move_a_refused_file_has_one_note(settings, watched, inbox):
    put(inbox, "notes.txt", b"plain text")

    killed_run(settings, "extractions.incoming.folder_files", "write_note", "after")
    WatchedFolder.objects.update(lease_until=None)
    run_due(watched)

    assert "refused/notes.txt" in names(inbox) or "refused/notes (2).txt" in names(inbox)
    assert "notes.txt" not in names(inbox)
    assert IncomingFile.objects.count() == 1


def _no_space(*_arguments, **_named):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
