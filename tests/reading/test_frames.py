import numpy as np
import pypdfium2
import pytest
from fpdf import FPDF

from reading.document import Box
from reading.frames import ruled_frames
from reading.ocr.frames import scanned_frames
from reading.opening import open_pdf
from reading.pdf_page import open_page
from reading.reader import read

WIDTH, HEIGHT = 595.28, 841.89


def drawing(path, draw):
    document = FPDF(unit="pt", format="A4")
    document.set_font("Helvetica", size=9)
    document.add_page()
    document.text(60, 60, "Statement of wages")
    draw(document)
    document.output(str(path))
    return path


def two_boxes(document):
    document.rect(60, 100, 200, 40)
    document.rect(260, 100, 150, 40)


def single_lines(document):
    for y in (100, 140):
        document.line(60, y, 410, y)
    for x in (60, 260, 410):
        document.line(x, 100, x, 140)


def filled_strips(document):
    document.set_fill_color(0)
    strips = (60, 100, 350, 1), (60, 139, 350, 1), (60, 100, 1, 40), (260, 100, 1, 40), (409, 100, 1, 40)
    for x, y, width, height in strips:
        document.rect(x, y, width, height, style="F")


def frames(path):
    with open_pdf(path) as pdf, open_page(pdf.document, 0) as page:
        return sorted(ruled_frames(page), key=lambda box: box.x0)


def in_points(box):
    return [round(edge) for edge in (box.x0 * WIDTH, box.y0 * HEIGHT, box.x1 * WIDTH, box.y1 * HEIGHT)]


@pytest.mark.parametrize("draw", [two_boxes, single_lines, filled_strips])
def test_rectangles_and_lines_make_the_same_frames(tmp_path, draw):
    left, right = frames(drawing(tmp_path / "a.pdf", draw))

    assert in_points(left) == pytest.approx([60, 100, 260, 140], abs=3)
    assert in_points(right) == pytest.approx([260, 100, 410, 140], abs=3)


def test_lines_that_enclose_nothing_are_no_frame(tmp_path):
    path = drawing(tmp_path / "a.pdf", lambda document: [document.line(60, y, 400, y) for y in (100, 120, 140, 160)])

    assert frames(path) == []


def test_a_comb_of_boxes_for_a_digit_each_is_one_frame(tmp_path):
    path = drawing(tmp_path / "a.pdf", lambda document: [document.rect(60 + 14 * n, 100, 14, 16) for n in range(9)])

    (comb,) = frames(path)

    assert in_points(comb) == pytest.approx([60, 100, 186, 116], abs=3)


def test_a_page_tells_its_frames(tmp_path):
    (page,) = read(drawing(tmp_path / "a.pdf", two_boxes), layout=False)

    assert len(page.frames) == 2


def test_the_frames_of_a_noisy_scan_are_found(tmp_path):
    path = drawing(tmp_path / "a.pdf", two_boxes)
    with pypdfium2.PdfDocument(path) as pdf:
        picture = pdf[0].render(scale=170 / 72, rev_byteorder=False).to_numpy()[:, :, :3]
    noise = np.random.default_rng(7).normal(0, 9, picture.shape)
    noisy = np.clip(picture * 0.92 + 8 + noise, 0, 255).astype(np.uint8)

    left, right = sorted(scanned_frames(noisy, WIDTH, HEIGHT), key=lambda box: box.x0)

    assert in_points(left) == pytest.approx([60, 100, 260, 140], abs=3)
    assert in_points(right) == pytest.approx([260, 100, 410, 140], abs=3)
    assert isinstance(left, Box)
