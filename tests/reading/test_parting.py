"""Parts of a PDF as files of their own."""

import pikepdf
import pypdfium2
import pytest

from reading.errors import Damaged, OutputTooLarge
from reading.opening import open_pdf
from reading.parting import write_parts
from reading.pdf import text_layer
from reading.pdf_page import open_page
from tests.reading import making


@pytest.fixture
def scan(tmp_path):
    return making.pdf(tmp_path / "scan.pdf", *(f"Sheet {number}" for number in range(1, 6)))


def texts(path):
    return [page.get_textpage().get_text_range().strip() for page in pypdfium2.PdfDocument(path)]


def test_each_part_holds_its_pages_in_their_order(scan, tmp_path):
    before = scan.read_bytes()
    first, second = tmp_path / "1.pdf", tmp_path / "2.pdf"

    write_parts(scan, [[(3, 0), (1, 0)], [(5, 0)]], [first, second])

    assert texts(first) == ["Sheet 3", "Sheet 1"]
    assert texts(second) == ["Sheet 5"]
    assert scan.read_bytes() == before


def test_turning_adds_to_how_a_page_lies_already(scan, tmp_path):
    lying = making.turned_pdf(tmp_path / "lying.pdf", scan, rotate=90)
    part = tmp_path / "part.pdf"

    write_parts(lying, [[(1, 0), (2, 90), (3, 270)]], [part])

    with pikepdf.open(part) as pdf:
        assert [int(page.obj.get("/Rotate", 0)) % 360 for page in pdf.pages] == [90, 180, 0]


def test_the_same_pages_make_the_same_bytes(scan, tmp_path):
    first, second = tmp_path / "1.pdf", tmp_path / "2.pdf"

    write_parts(scan, [[(2, 0)], [(2, 0)]], [first, second])

    assert first.read_bytes() == second.read_bytes()


def test_a_part_holds_nothing_of_the_other_pages(tmp_path):
    whole = tmp_path / "whole.pdf"
    with pikepdf.new() as pdf:
        pictures = pikepdf.Dictionary(
            {f"/P{number}": pdf.make_stream(bytes([number]) * 9, Type=pikepdf.Name.XObject) for number in (1, 2)}
        )
        for number in (1, 2):
            page = pdf.add_blank_page()
            page.obj.Resources = pikepdf.Dictionary(XObject=pdf.make_indirect(pictures))
            page.obj.Contents = pdf.make_stream(f"/P{number} Do".encode())
        pdf.save(whole)
    part = tmp_path / "part.pdf"

    write_parts(whole, [[(1, 0)]], [part])

    with pikepdf.open(part) as pdf:
        streams = [bytes(item.read_bytes()) for item in pdf.objects if isinstance(item, pikepdf.Stream)]
    assert bytes([1]) * 9 in streams
    assert bytes([2]) * 9 not in streams


def test_a_form_keeps_what_was_written_into_it(tmp_path):
    form = making.form_pdf(tmp_path / "form.pdf", [("text", (100, 700, 300, 715), "Jane Miller")])
    part = tmp_path / "part.pdf"

    write_parts(form, [[(1, 0)]], [part])

    with open_pdf(part) as pdf, open_page(pdf.document, 0) as page:
        assert [blank.text for blank in text_layer(page).blanks] == ["Jane Miller"]


def test_what_would_be_too_large_is_refused(scan, tmp_path):
    with pytest.raises(OutputTooLarge):
        write_parts(scan, [[(1, 0)], [(2, 0)]], [tmp_path / "1.pdf", tmp_path / "2.pdf"], max_bytes=1000)


def test_what_is_no_pdf_is_damaged(tmp_path):
    path = tmp_path / "letter.pdf"
    path.write_text("Dear Sir")

    with pytest.raises(Damaged):
        write_parts(path, [[(1, 0)]], [tmp_path / "1.pdf"])
