"""The words of pages, for those who look something up."""

import pytest

from reading.document import Source
from reading.errors import PageOutside
from reading.page_words import words_of_pages
from tests.factories import pdf


@pytest.fixture
def paper(tmp_path):
    path = tmp_path / "paper.pdf"
    path.write_bytes(pdf(3, "A page with enough text of its own"))
    return path


def test_the_asked_pages_are_read_in_their_order(paper):
    pages = list(words_of_pages(paper, [3, 1], recognise=False))

    assert [(number, source, words[-1][4]) for number, source, words in pages] == [
        (3, Source.TEXT, "3"),
        (1, Source.TEXT, "1"),
    ]
    assert all(0 <= edge <= 1 for _, _, words in pages for word in words for edge in word[:4])


def test_a_page_without_text_of_its_own_waits_to_be_recognised(tmp_path):
    from PIL import Image

    path = tmp_path / "scan.png"
    Image.new("RGB", (300, 200), "white").save(path)

    assert list(words_of_pages(path, [1], recognise=False)) == []
    assert list(words_of_pages(path, [1], recognise=True)) == [(1, Source.OCR, [])]


@pytest.mark.parametrize("number", [0, 4])
def test_a_page_that_is_not_there_is_reported(paper, number):
    with pytest.raises(PageOutside):
        list(words_of_pages(paper, [number], recognise=False))
