import pytest
from PIL import Image, ImageDraw

from reading import read, read_document
from reading.document import Box, Line, Region, RegionKind, Word
from reading.markdown import markdown_of
from reading.pictures import believed, pictures
from tests.reading import making


def line(text, x, y, *, height=0.01, width=0.3):
    step = width / len(text.split())
    words = [Word(word, Box(x + n * step, y, x + (n + 0.9) * step, y + height)) for n, word in enumerate(text.split())]
    return Line(tuple(words))


def page_of(path, **options):
    (page,) = read_document(path, **options).pages
    return page


def test_a_table_becomes_pipes(tmp_path):
    path = making.placed_pdf(
        tmp_path / "a.pdf",
        [
            (50, 100, "Article"), (300, 100, "Quantity"), (420, 100, "Price"),
            (50, 120, "Red paper clips"), (300, 120, "12"), (420, 120, "18,00"),
            (50, 140, "Blue | black pens"), (300, 140, "3"), (420, 140, "6,00"),
            (300, 160, "Total"), (420, 160, "24,00"),
        ],
    )  # fmt: skip

    assert page_of(path, layout=False).markdown == "\n".join(
        [
            "| Article | Quantity | Price |",
            "| --- | --- | --- |",
            "| Red paper clips | 12 | 18,00 |",
            "| Blue \\| black pens | 3 | 6,00 |",
            "|  | Total | 24,00 |",
        ]
    )


def test_lines_of_a_paragraph_flow_and_hyphens_go():
    lines = [
        line("A paragraph of some length that was broken into lines for infor-", 0.1, 0.10, width=0.8),
        line("mation only, because the column is not wide enough to hold it all", 0.1, 0.115, width=0.8),
        line("and ends here.", 0.1, 0.13, width=0.2),
    ]

    assert markdown_of(1, lines, ()) == (
        "A paragraph of some length that was broken into lines for information only, because the column is not wide "
        "enough to hold it all and ends here."
    )


def test_the_lines_of_an_address_stay_apart():
    lines = [line("Claire Dubois", 0.1, 0.1), line("5 rue de la Paix", 0.1, 0.115), line("75002 Paris", 0.1, 0.13)]

    assert markdown_of(1, lines, ()) == "Claire Dubois  \n5 rue de la Paix  \n75002 Paris"


def test_larger_lines_and_titles_are_headings():
    lines = [
        line("Annual report", 0.1, 0.05, height=0.022),
        line("Some ordinary words of a text that goes on", 0.1, 0.1),
        line("Found by the network", 0.1, 0.2),
        line("More ordinary words of a text that goes on", 0.1, 0.3),
    ]
    title = Region(RegionKind.TITLE, Box(0.05, 0.19, 0.6, 0.22))

    assert markdown_of(1, lines, [title]).split("\n\n") == [
        "# Annual report",
        "Some ordinary words of a text that goes on",
        "### Found by the network",
        "More ordinary words of a text that goes on",
    ]


def test_lists_are_lists():
    lines = [line("• First thing", 0.1, 0.1), line("• Second thing", 0.1, 0.12), line("1. Step one", 0.1, 0.2)]

    assert markdown_of(1, lines, ()) == "- First thing\n- Second thing\n\n1. Step one"


def test_a_negative_amount_is_no_list():
    assert markdown_of(1, [line("- 12,50 EUR", 0.1, 0.1)], ()) == "- 12,50 EUR".replace("- ", "\\- ", 1)


@pytest.mark.parametrize(
    ("printed", "markdown"),
    [
        ("<script>alert(1)</script>", "\\<script>alert(1)\\</script>"),
        ("![x](http://example.org/x.png)", "!\\[x]\\(http://example.org/x.png)"),
        ("[x](javascript:alert(1))", "[x]\\(javascript:alert(1))"),
        ("# no heading", "\\# no heading"),
        ("--------", "\\--------"),
        ("`code`", "\\`code\\`"),
        ("a < b & c_d * e", "a < b & c_d * e"),
    ],
)
def test_what_is_printed_is_never_markup(printed, markdown):
    assert markdown_of(1, [line(printed, 0.1, 0.1)], ()) == markdown


def test_a_picture_is_referred_to_where_it_stands():
    lines = [line("Words above the picture", 0.1, 0.1), line("Words below the picture", 0.1, 0.7)]
    picture = Region(RegionKind.PICTURE, Box(0.1, 0.2, 0.6, 0.6))

    assert markdown_of(3, lines, [picture]).split("\n\n") == [
        "Words above the picture",
        "![](_page_2_Picture_0.jpeg)",
        "Words below the picture",
    ]


def test_a_photo_in_a_pdf_is_found_and_cut_out(tmp_path):
    photo = Image.effect_mandelbrot((400, 300), (-2, -1.5, 1, 1.5), 60).convert("RGB")
    ImageDraw.Draw(photo).rectangle((0, 0, 399, 299), outline="red", width=10)
    photo.save(tmp_path / "photo.png")
    path = making.pdf_with_picture(tmp_path / "a.pdf", tmp_path / "photo.png", (100, 200, 300, 225))

    (page,) = read(path)

    assert "![](_page_0_Picture_0.jpeg)" in page.markdown
    ((name, picture),) = pictures(path, page)
    assert name == "_page_0_Picture_0.jpeg"
    assert picture.width == pytest.approx(300 * 150 / 72, rel=0.1)
    red, green, _ = picture.getpixel((picture.width // 2, 4))
    assert red > green + 50


def test_a_page_of_a_document_without_pictures_has_none(tmp_path):
    (page,) = read(making.pdf(tmp_path / "a.pdf", "Nothing but words on this page. " * 20))

    assert list(pictures(tmp_path / "a.pdf", page)) == []


def words_over(box, count, size):
    """Words on a grid over the box, each of `size` (width, height) of the page."""
    across = 5
    down = -(-count // across)
    return [
        Word(
            "word",
            Box(x := box.x0 + box.width * (n % across) / across, y := box.y0 + box.height * (n // across) / down,
                x + size[0], y + size[1]),
        )
        for n in range(count)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "words", "stays"),
    [
        ("a photo", [], True),
        ("a logo of three large words", [(3, (0.1, 0.06))], True),
        ("a heading that fills its box", [(4, (0.12, 0.2))], False),
        ("a chart with labels", [(30, (0.03, 0.01))], True),
        ("addresses and a table", [(120, (0.05, 0.011))], False),
        ("a paragraph", [(60, (0.11, 0.015))], False),
    ],
)
def test_a_region_full_of_words_is_no_picture(what, words, stays):
    region = Region(RegionKind.PICTURE, Box(0.1, 0.1, 0.9, 0.3) if "heading" in what else Box(0.1, 0.1, 0.8, 0.5))
    inside = [word for count, size in words for word in words_over(region.box, count, size)]

    assert believed([region], inside) == ([region] if stays else []), what


def test_a_table_of_many_words_is_never_a_picture_whatever_the_network_says():
    region = Region(RegionKind.TABLE, Box(0.1, 0.1, 0.8, 0.5))

    assert believed([region], words_over(region.box, 120, (0.05, 0.011))) == [region]
