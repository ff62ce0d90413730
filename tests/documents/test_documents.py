"""The test documents are what they claim, seen by readers that are not ours."""

import zipfile

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageOps

from tests.documents import make


@pytest.mark.parametrize("document", make.ALL)
def test_documents_are_small_and_the_same_every_time(document, tmp_path):
    first = document(tmp_path).read_bytes()
    second = document(tmp_path).read_bytes()

    assert first == second
    assert len(first) < 60_000


@pytest.mark.parametrize(("document", "pages"), [(make.one_page_pdf, 1), (make.five_page_pdf, 5)])
def test_digital_pdfs_have_text_on_every_page(document, pages, tmp_path):
    with pypdfium2.PdfDocument(document(tmp_path)) as pdf:
        texts = [page.get_textpage().get_text_bounded() for page in pdf]

    assert len(texts) == pages
    assert all(make.SENTENCES[0] in text for text in texts)
    assert f"Page {pages} of {pages}" in texts[-1]


def test_locked_pdf_opens_with_its_password_only(tmp_path):
    path = make.locked_pdf(tmp_path)

    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(path)
    with pytest.raises(pypdfium2.PdfiumError):
        pypdfium2.PdfDocument(path)
    with pikepdf.open(path, password=make.PASSWORD) as pdf:
        assert len(pdf.pages) == 1


def test_restricted_pdf_opens_and_forbids_copying(tmp_path):
    with pikepdf.open(make.restricted_pdf(tmp_path)) as pdf:
        assert pdf.is_encrypted
        assert not pdf.allow.extract


def test_damaged_pdf_begins_well_and_cannot_be_repaired(tmp_path):
    path = make.damaged_pdf(tmp_path)

    assert path.read_bytes().startswith(b"%PDF-")
    with pytest.raises(pikepdf.PdfError):
        pikepdf.open(path)
    with pytest.raises(pypdfium2.PdfiumError):
        pypdfium2.PdfDocument(path)


def test_turned_jpeg_stands_upright_once_its_exif_is_heeded(tmp_path):
    with Image.open(make.turned_jpeg(tmp_path)) as stored, Image.open(make.png(tmp_path)) as upright:
        shown = ImageOps.exif_transpose(stored)

        assert stored.size == (1000, 700)
        assert shown.size == upright.size
        ink = [picture.convert("L").crop((0, 0, 700, 400)).getextrema()[0] for picture in (shown, upright)]
        assert max(ink) < 60


def test_pretenders_are_not_what_their_names_say(tmp_path):
    assert "word/document.xml" in zipfile.ZipFile(make.docx_named_pdf(tmp_path)).namelist()
    with Image.open(make.gif_named_png(tmp_path)) as picture:
        assert picture.format == "GIF"
    assert make.empty_pdf(tmp_path).stat().st_size == 0


def test_bomb_promises_far_more_than_it_weighs(tmp_path):
    path = make.bomb_png(tmp_path)

    assert path.stat().st_size < 100
    with pytest.raises(Image.DecompressionBombError):
        Image.open(path)
