from pathlib import Path

import pytest
from django.urls import reverse

from extractions.models import PageImage
from tests.factories import make_content_image, make_extraction, pdf

EVIL = b"<html><script>alert(1)</script></html>"


def url(extraction, name="document", *args):
    return reverse(f"extractions:{name}", args=[extraction.key, *args])


def body(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def with_a_page(extraction):
    path = Path(extraction.document.path).with_name("page.jpg")
    path.write_bytes(b"jpeg")
    name = str(Path(extraction.document.name).with_name("page.jpg"))
    return PageImage.objects.create(extraction=extraction, number=1, file=name, width=1, height=1)


@pytest.mark.parametrize("path", [("document",), ("raw",), ("page", 1), ("picture", 0)])
def test_files_of_strangers_are_not_found(at_the_desk, charlie, path):
    theirs = make_extraction(owner=charlie, state="EXTRACTED")
    with_a_page(theirs)
    make_content_image(theirs, b"jpeg")

    assert at_the_desk.get(url(theirs, *path)).status_code == 404


@pytest.mark.parametrize("path", [("document",), ("raw",), ("page", 1), ("picture", 0)])
def test_files_ask_for_sign_in(client, alice, path):
    extraction = make_extraction(owner=alice, state="EXTRACTED")

    assert client.get(url(extraction, *path)).status_code == 302


@pytest.mark.parametrize("path", [("document",), ("raw",), ("page", 1), ("picture", 0)])
def test_every_file_is_told_what_it_may_do(at_the_desk, alice, path):
    extraction = make_extraction(owner=alice, state="EXTRACTED")
    with_a_page(extraction)
    make_content_image(extraction, b"jpeg")

    response = at_the_desk.get(url(extraction, *path))

    assert response.status_code == 200
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "script-src" not in response.headers["Content-Security-Policy"]


def test_a_pdf_is_shown_in_the_browser_byte_by_byte(at_the_desk, alice):
    extraction = make_extraction(owner=alice, name="Rechnung März.pdf")

    response = at_the_desk.get(url(extraction))

    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"] == "inline; filename*=utf-8''Rechnung%20M%C3%A4rz.pdf"
    assert body(response) == pdf()


def test_a_document_can_be_kept(at_the_desk, alice):
    extraction = make_extraction(owner=alice, name='a"b.pdf')

    response = at_the_desk.get(url(extraction), {"download": ""})

    assert response.headers["Content-Disposition"] == 'attachment; filename="a\\"b.pdf"'


@pytest.mark.parametrize("mime", ["text/html", "image/svg+xml", "application/xhtml+xml", "", "image/png; x=text/html"])
def test_a_type_that_could_act_is_only_downloaded(at_the_desk, alice, mime):
    extraction = make_extraction(owner=alice, mime=mime, content_of_file=EVIL)
    make_content_image(extraction, EVIL, mime=mime, name="x.html")

    for response in (at_the_desk.get(url(extraction)), at_the_desk.get(url(extraction, "picture", 0))):
        assert response.headers["Content-Type"] == "application/octet-stream"
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert "sandbox" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("mime", ["image/png", "image/jpeg", "image/gif"])
def test_pictures_are_shown_in_a_sandbox(at_the_desk, alice, mime):
    extraction = make_extraction(owner=alice, state="EXTRACTED")
    make_content_image(extraction, b"picture", mime=mime, name="../../a\r\nb.png")

    response = at_the_desk.get(url(extraction, "picture", 0))

    assert response.headers["Content-Type"] == mime
    assert response.headers["Content-Disposition"].startswith("inline")
    assert response.headers["Content-Security-Policy"].startswith("sandbox")
    assert "\n" not in response.headers["Content-Disposition"]


def test_an_unchanged_file_is_not_sent_again(at_the_desk, alice):
    extraction = make_extraction(owner=alice)
    first = at_the_desk.get(url(extraction))

    again = at_the_desk.get(url(extraction), headers={"If-None-Match": first.headers["ETag"]})

    assert "private" in first.headers["Cache-Control"]
    assert again.status_code == 304
    assert again.content == b""


def test_a_not_modified_answer_needs_the_same_rights(at_the_desk, alice, charlie):
    theirs = make_extraction(owner=charlie)
    etag = f'"{Path(theirs.document.name).stem}"'

    assert at_the_desk.get(url(theirs), headers={"If-None-Match": etag}).status_code == 404


def test_a_file_that_is_gone_is_not_found(at_the_desk, alice):
    extraction = make_extraction(owner=alice, state="EXTRACTED")
    Path(extraction.document.path).unlink()
    make_content_image(extraction)

    assert at_the_desk.get(url(extraction)).status_code == 404
    assert at_the_desk.get(url(extraction, "picture", 0)).status_code == 404
    assert at_the_desk.get(url(extraction, "page", 7)).status_code == 404


def test_the_whole_answer_can_be_kept(at_the_desk, alice):
    extraction = make_extraction(owner=alice, state="EXTRACTED", name="März.pdf", raw={"é": [1]})

    response = at_the_desk.get(url(extraction, "raw"))

    assert response.json() == {"é": [1]}
    assert response.headers["Content-Disposition"] == "attachment; filename*=utf-8''M%C3%A4rz.json"


def test_before_there_is_an_answer_there_is_nothing_to_keep(at_the_desk, alice):
    assert at_the_desk.get(url(make_extraction(owner=alice), "raw")).status_code == 404


def test_a_closer_look_asks_the_worker_once_and_is_there_when_it_is_drawn(at_the_desk, alice):
    extraction = make_extraction(owner=alice, state="EXTRACTED")
    page = with_a_page(extraction)
    address = url(extraction, "page", 1) + "?size=sharp"

    first, second = at_the_desk.get(address), at_the_desk.get(address)

    assert (first.status_code, second.status_code) == (202, 202)
    assert "no-store" in first.headers["Cache-Control"]
    page.refresh_from_db()
    assert page.sharp_due_at is not None
    PageImage.objects.update(sharp=page.file.name, sharp_due_at=None)
    assert body(at_the_desk.get(address)) == b"jpeg"


def test_a_closer_look_is_not_for_strangers(at_the_desk, charlie):
    theirs = make_extraction(owner=charlie, state="EXTRACTED")
    page = with_a_page(theirs)

    assert at_the_desk.get(url(theirs, "page", 1) + "?size=sharp").status_code == 404
    page.refresh_from_db()
    assert page.sharp_due_at is None
