import pikepdf
import pytest
from PIL import Image

from reading.errors import PageOutside
from reading.rendering import render, render_pages
from tests.reading import making


def test_a_page_is_drawn_at_the_wanted_width(tmp_path):
    picture = render(making.pdf(tmp_path / "a.pdf", "Hello"), 1, width=600)

    assert picture.size == (600, 849)
    assert min(picture.convert("L").tobytes()) < 50


def test_a_page_is_drawn_at_the_wanted_resolution(tmp_path):
    assert render(making.pdf(tmp_path / "a.pdf", "Hello"), 1, dpi=72).width == pytest.approx(595, abs=1)


def test_a_turned_page_is_drawn_as_seen(tmp_path):
    path = making.turned_pdf(tmp_path / "b.pdf", making.pdf(tmp_path / "a.pdf", "Hello"), rotate=90)

    assert render(path, 1, dpi=72).size == (842, 596)


def test_a_huge_page_is_drawn_small(tmp_path):
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(14000, 14000))
        document.save(tmp_path / "a.pdf")

    assert render(tmp_path / "a.pdf", 1, dpi=300).width < 6000


def test_an_image_is_made_smaller_but_never_larger(tmp_path):
    path = making.image(tmp_path / "a.png", (200, 100))

    assert render(path, 1, width=50).size == (50, 25)
    assert render(path, 1, width=800).size == (200, 100)


@pytest.mark.parametrize("number", [0, 3])
def test_a_page_that_is_not_there_is_refused(tmp_path, number):
    with pytest.raises(PageOutside) as caught:
        render(making.pdf(tmp_path / "a.pdf", "one", "two"), number, width=100)

    assert caught.value.pages == 2


def test_pages_are_written_one_by_one(tmp_path):
    path = making.pdf(tmp_path / "a.pdf", "one", "two", "three")

    written = list(render_pages(path, [1, 3], 300, tmp_path))

    assert [page.name for page in written] == ["1.jpeg", "3.jpeg"]
    with Image.open(written[0]) as picture:
        assert (picture.format, picture.width) == ("JPEG", 300)
