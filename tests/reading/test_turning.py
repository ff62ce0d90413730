"""Pages that lie on their side or upside down, with or without a tag that says so."""

import pikepdf
import pytest

from reading.document import Box, Line, Page, Region, RegionKind, Source, Word
from reading.page_words import words_of_pages
from reading.reader import read_document
from reading.rendering import render
from reading.turning import box_as_turned, page_as_turned, upright
from tests.reading import making

TEXTS = [
    (60, 80, "Alder Limited"), (60, 200, "Oak bench"), (300, 200, "4"), (400, 200, "1180.00"),
    (60, 220, "Fitting on site"), (300, 220, "11"), (400, 220, "225.50"), (60, 260, "Total"), (400, 260, "1405.50"),
]  # fmt: skip
LINES = [text for _, _, text in TEXTS]
TURNS = [90, 180, 270]


@pytest.fixture
def paper(tmp_path):
    return making.placed_pdf(tmp_path / "paper.pdf", TEXTS)


def is_inked(picture, box):
    part = picture.crop(
        (box.x0 * picture.width, box.y0 * picture.height, box.x1 * picture.width, box.y1 * picture.height)
    )
    return min(part.convert("L").tobytes()) < 100


@pytest.mark.parametrize("tag", [0, 90, 270])
@pytest.mark.parametrize("turn", TURNS)
def test_writing_drawn_sideways_is_read_in_its_own_order_and_placed_where_it_is_seen(paper, tmp_path, turn, tag):
    path = making.sideways_pdf(tmp_path / "a.pdf", paper, turn)
    if tag:
        path = making.turned_pdf(tmp_path / "b.pdf", path, rotate=tag)

    (page,) = read_document(path, layout=False).pages

    picture = render(path, 1, dpi=72)
    assert page.turned == (turn + tag) % 360
    assert [line.text for line in page.lines] == LINES
    assert (page.width, page.height) == pytest.approx(picture.size, abs=1)
    assert all(is_inked(picture, word.box) for word in page.words)
    first = upright(page).lines[0].box
    assert first.y0 < 0.2
    assert first.x0 < 0.2
    ((_, source, words),) = words_of_pages(path, [1], recognise=False)
    assert source is Source.TEXT
    assert [word[:4] for word in words] == [
        pytest.approx((word.box.x0, word.box.y0, word.box.x1, word.box.y1), abs=1e-4) for word in page.words
    ]


def test_each_page_of_a_stack_is_held_by_itself(paper, tmp_path):
    with pikepdf.new() as stack:
        for turn in TURNS:
            with pikepdf.open(making.sideways_pdf(tmp_path / f"{turn}.pdf", paper, turn)) as part:
                stack.pages.extend(part.pages)
        with pikepdf.open(paper) as part:
            stack.pages.extend(part.pages)
        stack.save(tmp_path / "stack.pdf")

    pages = read_document(tmp_path / "stack.pdf", layout=False).pages

    assert [page.turned for page in pages] == [*TURNS, 0]
    assert all([line.text for line in page.lines] == LINES for page in pages)


def test_a_little_writing_in_the_margin_turns_no_page(paper, tmp_path):
    with pikepdf.open(paper) as document:
        document.pages[0].contents_add(b"BT /F1 8 Tf 0 1 -1 0 30 400 Tm (Form 4711) Tj ET")
        document.save(tmp_path / "a.pdf")

    (page,) = read_document(tmp_path / "a.pdf", layout=False).pages

    assert page.turned == 0
    assert [line.text for line in page.lines] == [*LINES, "Form 4711"]


@pytest.mark.parametrize("turn", TURNS)
def test_what_is_scanned_sideways_is_read_and_placed_where_it_is_seen(tmp_path, turn):
    scan = making.picture_of_text(["Alder Limited", "Oak bench, oiled", "Fitting on site"] * 4)
    scan.rotate(-turn, expand=True).save(tmp_path / "a.png")

    (page,) = read_document(tmp_path / "a.png", layout=False).pages

    picture = render(tmp_path / "a.png", 1, dpi=150)
    assert page.turned == turn
    assert (page.width < page.height) == (picture.width < picture.height)
    assert all(is_inked(picture, word.box) for word in page.words)
    assert [line.text for line in page.lines][:3] == ["Alder Limited", "Oak bench, oiled", "Fitting on site"]
    assert upright(page).lines[0].box.y0 < 0.2


@pytest.mark.parametrize("turn", TURNS)
def test_turning_there_and_back_changes_nothing(turn):
    line = Line((Word("a", Box(0.125, 0.25, 0.5, 0.375)),))
    page = Page(1, 600, 800, (line,), (Region(RegionKind.TABLE, Box(0, 0.25, 0.5, 1)),))

    turned = page_as_turned(page, turn)

    assert turned.lines[0].words[0].box == box_as_turned(line.box, turn)
    assert (turned.width, turned.height) == ((600, 800) if turn == 180 else (800, 600))
    assert upright(turned) == page
    assert page_as_turned(page, 0) is upright(page) is page
