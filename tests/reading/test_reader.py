import subprocess
import sys

import pikepdf
import pypdfium2.raw
import pytest

from reading import SandboxPool, read, read_document
from reading.document import Kind, Source
from reading.errors import Damaged, PageOutside, PasswordNeeded, TooManyPages
from tests.reading import making


@pytest.fixture(scope="session")
def cache_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


def test_pages_come_one_by_one(tmp_path):
    pages = read(making.pdf(tmp_path / "a.pdf", "first", "second"), layout=False)

    assert (next(pages).text, next(pages).text) == ("first", "second")


def test_a_range_is_counted_from_one_with_both_ends(tmp_path):
    path = making.pdf(tmp_path / "a.pdf", "one", "two", "three", "four")

    document = read_document(path, 2, 3, layout=False)

    assert document.kind is Kind.PDF
    assert [(page.number, page.text) for page in document.pages] == [(2, "two"), (3, "three")]


@pytest.mark.parametrize("layout", [False, True])
def test_each_page_is_loaded_once(tmp_path, monkeypatch, layout):
    path = making.pdf(tmp_path / "a.pdf", "first page of three", "second page of three", "third page of three")
    loaded = []
    load = pypdfium2.raw.FPDF_LoadPage
    monkeypatch.setattr(pypdfium2.raw, "FPDF_LoadPage", lambda file, index: loaded.append(index) or load(file, index))

    read_document(path, layout=layout)

    assert loaded == [0, 1, 2]


@pytest.mark.parametrize(("first", "last"), [(0, 1), (3, None), (2, 1), (1, 3), (-1, None)])
def test_a_range_outside_the_document_is_refused(tmp_path, first, last):
    path = making.pdf(tmp_path / "a.pdf", "one", "two")

    with pytest.raises(PageOutside) as caught:
        read_document(path, first, last)

    assert caught.value.pages == 2


def test_the_limit_is_on_the_pages_that_are_read(tmp_path):
    path = making.pdf(tmp_path / "a.pdf", "one", "two", "three")

    with pytest.raises(TooManyPages):
        read_document(path, max_pages=2)
    assert len(read_document(path, 2, 3, max_pages=2, layout=False).pages) == 2


@pytest.mark.parametrize("name", ["a.png", "a.jpeg"])
def test_a_picture_is_recognised(tmp_path, name, cache_dir):
    making.picture_of_text(["Facture réglée"]).save(tmp_path / name)

    (page,) = read(tmp_path / name, layout=False, cache_dir=cache_dir)

    assert (page.text, page.source, page.number) == ("Facture réglée", Source.OCR, 1)
    assert {word.source for word in page.words} == {Source.OCR}


def test_a_scanned_page_among_others_is_recognised(tmp_path, cache_dir):
    making.picture_of_text(["Scanned words here"], height=1754).save(tmp_path / "scan.png")
    path = making.pdf_with_scan(tmp_path / "a.pdf", "A page with a text of its own", tmp_path / "scan.png")

    pages = read_document(path, layout=False, cache_dir=cache_dir).pages

    assert [page.source for page in pages] == [Source.TEXT, Source.OCR]
    assert pages[1].text == "Scanned words here"


def test_what_a_scanner_hid_below_its_picture_is_not_believed(tmp_path, cache_dir):
    making.picture_of_text(["The printed words"], height=1754).save(tmp_path / "scan.png")
    path = making.pdf_with_scan(tmp_path / "a.pdf", "page", tmp_path / "scan.png", hidden="wr0ng hidden words " * 30)

    assert read_document(path, 2, 2, layout=False, cache_dir=cache_dir).pages[0].text == "The printed words"


def test_a_blank_page_is_read_as_nothing(tmp_path):
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(300, 400))
        document.save(tmp_path / "a.pdf")

    (page,) = read_document(tmp_path / "a.pdf").pages

    assert (page.text, page.width, page.height) == ("", 300, 400)


def test_errors_are_those_of_opening(tmp_path):
    with pytest.raises(PasswordNeeded):
        read_document(making.encrypted_pdf(tmp_path / "a.pdf", user="secret", owner="boss"))
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7")
    with pytest.raises(Damaged):
        read_document(tmp_path / "b.pdf")


def test_reading_works_in_children_page_by_page(tmp_path):
    path = making.pdf(tmp_path / "a.pdf", "first", "second")
    seen = []

    with SandboxPool(size=1, address_space_mb=4096) as children:  # for the networks, as the worker's
        children.run(read, path, timeout=30, patience=10, on_event=lambda page: seen.append(page.text))

    assert seen == ["first", "second"]


def test_importing_the_package_is_cheap():
    program = (
        "import sys, reading, reading.errors, reading.document\n"
        "from reading import Page, SandboxPool\n"
        "heavy = {'cv2', 'numpy', 'onnxruntime', 'PIL', 'pypdfium2', 'django'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
