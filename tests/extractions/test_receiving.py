import errno
import hashlib
import os
import uuid
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from extractions.intake import drafts
from extractions.intake.file_names import clean_name
from extractions.intake.receiving import Refused, discard, receive
from extractions.storage import durable_files
from tests.documents import make

# Which folder of files is the right one stands in the database.
pytestmark = pytest.mark.django_db


def upload(path: Path, name: str = "") -> SimpleUploadedFile:
    return SimpleUploadedFile(name or path.name, path.read_bytes())


def files(settings) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_a_pdf_is_kept_with_its_bytes(settings, tmp_path):
    original = make.five_page_pdf(tmp_path)

    stored = receive(upload(original, "Delivery note.pdf"))

    kept = Path(settings.MEDIA_ROOT) / stored.path
    assert kept.read_bytes() == original.read_bytes()
    assert stored.sha256 == hashlib.sha256(original.read_bytes()).hexdigest()
    assert (stored.name, stored.mime, stored.page_count) == ("Delivery note.pdf", "application/pdf", 5)
    assert stored.size == original.stat().st_size
    assert files(settings) == [kept]


def test_the_content_says_what_a_picture_is(tmp_path):
    png = receive(upload(make.png(tmp_path), "photo"))
    jpeg = receive(upload(make.turned_jpeg(tmp_path), "photo.png"))

    assert (png.mime, png.name, png.page_count) == ("image/png", "photo.png", 1)
    assert jpeg.mime == "image/jpeg"
    assert jpeg.path.endswith(".jpg")


@pytest.mark.parametrize(
    ("document", "reason", "facts"),
    [
        (make.docx_named_pdf, "type", {"found": "Word"}),
        (make.gif_named_png, "type", {"found": "GIF"}),
        (make.empty_pdf, "empty", {}),
        (make.damaged_pdf, "damaged", {}),
        (make.locked_pdf, "password", {"tried": False}),
        (make.bomb_png, "pixels", {}),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_word_of_its_own(settings, tmp_path, document, reason, facts):
    with pytest.raises(Refused) as refusal:
        receive(upload(document(tmp_path)))

    assert (refusal.value.reason, refusal.value.facts) == (reason, facts)
    assert files(settings) == []


def test_too_many_bytes_are_refused_without_reading_the_rest(settings, tmp_path):
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    blocks = []

    class Endless(SimpleUploadedFile):
        def chunks(self, chunk_size=None):
            while len(blocks) < 1000:
                blocks.append(chunk_size)
                yield b"x" * chunk_size

    with pytest.raises(Refused) as refusal:
        receive(Endless("big.pdf", b"x"))

    assert (refusal.value.reason, refusal.value.facts["limit_mb"]) == ("size", 1)
    assert len(blocks) < 10
    assert files(settings) == []


def test_too_many_pages_are_refused_with_both_numbers(settings, tmp_path):
    settings.UPLOAD_MAX_PAGES = 4

    with pytest.raises(Refused) as refusal:
        receive(upload(make.five_page_pdf(tmp_path)))

    assert (refusal.value.reason, refusal.value.facts) == ("pages", {"pages": 5, "limit": 4})


@pytest.mark.parametrize(("first", "last"), [(3, 9), (0, 2), (4, 3), (6, None), (None, 6), (-1, None)])
def test_pages_outside_the_document_are_refused(settings, tmp_path, first, last):
    with pytest.raises(Refused) as refusal:
        receive(upload(make.five_page_pdf(tmp_path)), first=first, last=last)

    assert (refusal.value.reason, refusal.value.facts["pages"]) == ("range", 5)
    assert files(settings) == []


@pytest.mark.parametrize(("first", "last"), [(1, 5), (2, None), (None, 1), (5, 5)])
def test_pages_within_the_document_are_taken(tmp_path, first, last):
    assert receive(upload(make.five_page_pdf(tmp_path)), first=first, last=last).page_count == 5


def test_a_password_unlocks_the_copy_that_is_kept(settings, tmp_path):
    stored = receive(upload(make.locked_pdf(tmp_path)), password=make.PASSWORD)

    kept = Path(settings.MEDIA_ROOT) / stored.path
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == stored.sha256
    assert kept.stat().st_size == stored.size
    assert receive(upload(kept)).page_count == stored.page_count
    assert len(files(settings)) == 2


def test_a_wrong_password_is_told_from_a_missing_one(settings, tmp_path):
    with pytest.raises(Refused) as refusal:
        receive(upload(make.locked_pdf(tmp_path)), password="open up")

    assert (refusal.value.reason, refusal.value.facts) == ("password", {"tried": True})
    assert files(settings) == []


def test_a_full_disk_is_told_and_leaves_nothing_behind(settings, tmp_path, monkeypatch):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(durable_files, "sync", full)

    with pytest.raises(Refused) as refusal:
        receive(upload(make.one_page_pdf(tmp_path)))

    assert refusal.value.reason == "disk"
    assert files(settings) == []


def test_file_and_folder_are_on_the_disk_before_the_answer(settings, tmp_path, monkeypatch):
    happened = []
    fsync, rename = os.fsync, Path.rename

    def watched_fsync(descriptor):
        happened.append(("fsync", Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    def watched_rename(self, target):
        happened.append(("rename", self))
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(Path, "rename", watched_rename)

    stored = receive(upload(make.one_page_pdf(tmp_path)))

    kept = Path(settings.MEDIA_ROOT) / stored.path
    file, renaming, folder = happened[-3:]
    assert file[0] == "fsync"
    assert renaming == ("rename", file[1])
    assert folder == ("fsync", kept.parent)
    assert ("fsync", kept.parent.parent) in happened[:-3], "the new folder's own name is on the disk, too"


def test_a_discarded_file_is_gone(settings, tmp_path):
    stored = receive(upload(make.one_page_pdf(tmp_path)))

    discard(stored)
    discard(stored)

    assert files(settings) == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("invoice.pdf", "invoice.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\Alice\\facture.pdf", "facture.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie: x.pdf"),
        ("gpj.\u202efdp.pdf", "gpj.fdp.pdf"),
        ("nul\x00l.pdf", "null.pdf"),
        ("lone\ud800.pdf", "lone.pdf"),
        ("e\u0301te\u0301.pdf", "été.pdf"),
        (".pdf", "document.pdf"),
        ("", "document.pdf"),
        ("...", "document.pdf"),
        ("scan", "scan.pdf"),
        ("  two   words .pdf", "two words.pdf"),
        ("\u200b\u2066\u2069.pdf", "document.pdf"),
    ],
)
def test_names_are_cleaned(given, kept):
    assert clean_name(given, ending=".pdf") == kept


def test_a_very_long_name_keeps_its_ending():
    name = clean_name("x" * 1000 + ".jpeg", ending=".jpg")

    assert len(name) == 200
    assert name.endswith("x.jpeg")


@pytest.mark.django_db
def test_a_file_that_comes_twice_at_once_is_one_draft(settings, tmp_path, alice):
    """Neither request had seen the other's row when it began to receive."""
    place = drafts.Place(alice, uuid.uuid4(), uuid.uuid4())
    first = drafts.keep(upload(make.five_page_pdf(tmp_path)), place)

    second = drafts.keep(upload(make.five_page_pdf(tmp_path)), place)

    assert second == first
    assert files(settings) == [Path(settings.MEDIA_ROOT) / first.document]
