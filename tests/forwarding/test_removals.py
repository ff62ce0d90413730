"""Files that their rows have given up are deleted, wherever they are by then, and nobody else's with them."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from uuid import uuid4

import pytest

from extractions.forwarding.steps import clone_guard, file_removals, quarantine, sweep
from extractions.models import Draft, Extraction, FileRemoval, Installation
from tests.factories import State, make_extraction

NAME = "documents/2026/01/given-up.pdf"
STAMP = "20260101T000000Z"


@pytest.fixture
def store(settings, db) -> Path:
    Installation.objects.all().delete()
    root = Path(settings.MEDIA_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    return root


def put(root: Path, name: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"%PDF-1.7")
    long_ago = time.time() - 1e6
    os.utime(path, (long_ago, long_ago))
    return path


def undeletable(root: Path, name: str) -> Path:
    """The file system refuses, to the superuser as well: a folder stands in the file's place."""
    return put(root, f"{name}/content")


def test_what_waits_to_be_deleted_is_not_put_into_quarantine(store, monkeypatch):
    monkeypatch.setattr(sweep.file_removals, "carry_out", lambda: 0)
    path = put(store, NAME)
    file_removals.request([NAME])

    assert sweep.clear_orphaned_files() == 0

    assert path.exists()
    assert not list(quarantine.contents())


def test_more_files_than_a_batch_are_deleted_in_one_run(store, monkeypatch):
    monkeypatch.setattr(file_removals, "BATCH", 3)
    paths = [put(store, f"documents/{number}.pdf") for number in range(10)]
    file_removals.request([str(path.relative_to(store)) for path in paths])

    assert file_removals.carry_out() == 10

    assert not any(path.exists() for path in paths)
    assert not FileRemoval.objects.exists()


def test_abandoned_drafts_leave_nothing_however_many_they_are(store, monkeypatch, alice, clock):
    monkeypatch.setattr(file_removals, "BATCH", 3)
    for number in range(8):
        name = f"documents/{number}.pdf"
        Draft.objects.create(
            owner=alice, batch=uuid4(), name=name, document=name, size=8, page_count=1, sha256=f"{number:064}"
        )
        put(store, name)
    clock.advance(30 * 24 * 3600)

    sweep.clear_orphaned_files()

    assert not Draft.objects.exists()
    assert not [path for path in store.rglob("*.pdf") if path.is_file()]


def test_a_copy_in_quarantine_is_deleted_with_its_document(store):
    kept = put(store, f"quarantine/{STAMP}/{NAME}")
    other = put(store, f"quarantine/{STAMP}/documents/other.pdf")
    file_removals.request([NAME])

    file_removals.carry_out()

    assert not kept.exists()
    assert other.exists()
    line = json.loads((quarantine.root() / quarantine.MANIFEST).read_text().splitlines()[-1])
    assert (line["event"], line["name"]) == ("deleted", NAME)


def test_no_empty_folder_stays_in_quarantine_and_the_number_is_right(store):
    clone_guard.is_recognised()
    put(store, f"quarantine/{STAMP}/{NAME}")
    quarantine.update_totals()
    file_removals.request([NAME])

    file_removals.carry_out()

    assert [path.name for path in quarantine.root().iterdir()] == [quarantine.MANIFEST]
    assert Installation.objects.get().quarantined_files == 0


def test_a_file_that_a_row_names_again_stays_in_quarantine(store, alice):
    kept = put(store, f"quarantine/{STAMP}/{NAME}")
    Extraction.objects.filter(pk=make_extraction(owner=alice).pk).update(document=NAME)
    file_removals.request([NAME])

    file_removals.carry_out()

    assert kept.exists()
    assert not FileRemoval.objects.exists()


def test_one_file_that_cannot_be_deleted_stops_no_other(store, monkeypatch):
    monkeypatch.setattr(file_removals, "BATCH", 2)
    undeletable(store, "documents/0.pdf")
    paths = [put(store, f"documents/{number}.pdf") for number in range(1, 6)]
    file_removals.request(["documents/0.pdf", *(str(path.relative_to(store)) for path in paths)])

    assert file_removals.carry_out() == 5

    assert not any(path.exists() for path in paths)
    assert list(FileRemoval.objects.values_list("name", flat=True)) == ["documents/0.pdf"]


def test_a_file_that_cannot_be_deleted_is_deleted_once_it_can(store):
    blocking = undeletable(store, "documents/0.pdf")
    file_removals.request(["documents/0.pdf"])
    file_removals.carry_out()
    blocking.unlink()
    blocking.parent.rmdir()
    path = put(store, "documents/0.pdf")

    file_removals.carry_out()

    assert not path.exists()
    assert not FileRemoval.objects.exists()


def test_a_deleted_document_keeps_no_field_paths(api, connection, drive, alice):
    """The keys of `row_edits` are names of fields of the schema."""
    row = make_extraction(owner=alice, state=State.EXTRACTED)
    edits = {"added": {"patients": 1}, "removed": ["patients[0]"]}
    Extraction.objects.filter(pk=row.pk).update(row_edits=edits, second_wanted=True)
    row.refresh_from_db()
    row.request_deletion()

    row = drive.run(row)

    assert row.deleted_at is not None
    assert (row.row_edits, row.second_wanted) == ({}, False)
