"""Text that a file tells and that is not what its pages show."""

import unicodedata

import pytest

from reading.document import Source
from reading.opening import open_pdf
from reading.page_words import words_of_pages
from reading.pdf import text_layer
from reading.pdf_page import open_page
from reading.plausibility import is_doubtful
from reading.reader import read_document
from tests.reading import making

PAPER = ["Alder and Finch Limited", "Invoice number: 30417", "Garden furniture and delivery", "Total amount: 1686.60"]
POLISH = ["Umowa najmu lokalu mieszkalnego", "Wynajmujacy oddaje najemcy lokal", "Czynsz platny jest z gory"]


@pytest.fixture(scope="session")
def cache_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


@pytest.mark.parametrize("first", [0x23, 0x1F, 0x420, 0xF020], ids=["shifted", "shifted back", "Cyrillic", "private"])
def test_what_is_printed_counts_and_not_what_the_font_tells(tmp_path, cache_dir, first):
    path = making.pdf_with_told_letters(tmp_path / "a.pdf", PAPER, first)

    (page,) = read_document(path, layout=False, cache_dir=cache_dir).pages

    assert page.source is Source.OCR
    assert [line.text for line in page.lines] == PAPER
    assert list(words_of_pages(path, [1], recognise=False, cache_dir=cache_dir)) == []


@pytest.mark.parametrize("lines", [PAPER, POLISH, ["XK-2231-A", "4711-0815", "ZZT 99 QQ", "88-1231-77"]])
def test_what_is_told_as_it_is_printed_is_believed(tmp_path, cache_dir, lines):
    (page,) = read_document(
        making.pdf_with_told_letters(tmp_path / "a.pdf", lines), layout=False, cache_dir=cache_dir
    ).pages

    assert page.source is Source.TEXT
    assert [line.text for line in page.lines] == lines


def test_a_page_in_plain_words_raises_no_doubt(tmp_path):
    with open_pdf(making.pdf(tmp_path / "a.pdf", " ".join(PAPER))) as pdf, open_page(pdf.document, 0) as page:
        assert not is_doubtful(page, text_layer(page).words)


def test_accents_that_the_file_keeps_apart_are_part_of_their_letters(tmp_path):
    told = unicodedata.normalize("NFD", "Crème brûlée")
    path = making.pdf_with_decomposed(tmp_path / "a.pdf", told)

    (page,) = read_document(path, layout=False).pages

    assert [word.text for word in page.words] == ["Crème", "brûlée", "and", "words", "enough", "for", "a", "page"]
