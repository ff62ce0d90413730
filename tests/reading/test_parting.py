"""Parts of a PDF as files of their own."""

import io

import pikepdf
import pypdfium2
import pytest
from fpdf import FPDF

from reading.acroform import *  # noqa: F403
from reading.errors import Damaged, OutputTooLarge
from reading.parting import write_parts
from tests.documents.make import five_page_pdf


@pytest.fixture
def scan(tmp_path):
    return five_page_pdf(tmp_path)


def texts(path):
    document = pypdfium2.PdfDocument(path)
    return [page.get_textpage().get_text_range() for page in document]


def test_each_part_holds_its_pages_in_their_order(scan, tmp_path):
    before, bytes_before = texts(scan), scan.read_bytes()
    first, second = tmp_path / "1.pdf", tmp_path / "2.pdf"

    write_parts(scan, [[(3, 0), (1, 0)], [(5, 0)]], [first, second])

    assert texts(first) == [before[2], before[0]]
    assert texts(second) == [before[4]]
    assert scan.read_bytes() == bytes_before
