"""What was read of files is kept: for the same bytes, read the same way, by the same reader."""

import shutil

import pytest

from engine.samples.make import SAMPLES
from engine.training import kept_pages
from reading import CannotRead

DOCUMENT = SAMPLES / "invoice-larkspur-instruments.pdf"


@pytest.fixture
def readings(monkeypatch):
    """The files that were really read, with the mode."""
    found = []
    read = kept_pages.read_pages

    def counted(request):
        found.append((request.path.name, request.mode))
        return read(request)

    monkeypatch.setattr(kept_pages, "read_pages", counted)
    return found


def test_a_file_is_read_once_whatever_it_is_called(tmp_path, readings):
    copy = shutil.copy(DOCUMENT, tmp_path / "copy.pdf")
    kept = tmp_path / "kept"

    first = kept_pages.pages_of(DOCUMENT, kept)

    assert kept_pages.pages_of(copy, kept) == first
    assert readings == [(DOCUMENT.name, "accurate")]


def test_another_mode_and_another_reader_read_again(tmp_path, readings, monkeypatch):
    kept_pages.pages_of(DOCUMENT, tmp_path)
    kept_pages.pages_of(DOCUMENT, tmp_path, "fast")
    monkeypatch.setattr(kept_pages, "state_of_reader", lambda: "later")
    kept_pages.pages_of(DOCUMENT, tmp_path)

    assert [mode for _, mode in readings] == ["accurate", "fast", "accurate"]


def test_a_file_that_cannot_be_read_is_not_tried_again(tmp_path, readings):
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"no document")

    for _ in range(2):
        with pytest.raises(CannotRead):
            kept_pages.pages_of(broken, tmp_path / "kept")

    assert len(readings) == 1
