"""Check boxes that a PDF draws as small pictures or squares, which its text says nothing of."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pypdfium2
import pypdfium2.raw as pdfium

from reading.acroform import FormField
from reading.document import Box, Word
from reading.pdf_page import OpenPage

if TYPE_CHECKING:
    from reading.ocr.boxes import DrawnBox

SIDES = (5.0, 24.0)  # points
SQUARE = 1.35  # longer than wide, at most
OBJECTS = 3000  # of one page that are looked at
MOST = 150  # small squares; more are the cells of a chart or a map
STEPS = (4, 24)  # corners and curves of a drawn square
TOUCHING = 0.25  # of a side: the cells of a comb stand no further apart
DPI = 200
DARKER = 45  # than the paper, of 255
EDGE = 0.22  # of a box
INNER = 0.03  # of the inside that is ink: a mark
CROSSES = frozenset("xX×✓✔✗✘")


def find_checkboxes(page: OpenPage, words: Sequence[Word]) -> list[FormField]:
    """The boxes of a page, and which are ticked. Costs a look at each object, and a picture where squares are found."""
    if page.pdfium is None or any(field.ticked is not None for field in page.fields):
        return []
    try:
        squares = [box for box in _small_squares(page) if box.x0 >= 0 and box.y0 >= 0 and box.x1 <= 1 and box.y1 <= 1]
        squares = [box for box in _apart(squares, page) if not _is_lettered(box, words)]
        return list(_judged(page, squares, words)) if squares else []
    except pypdfium2.PdfiumError:
        return []


def _small_squares(page: OpenPage) -> list[Box]:
    raw = page.pdfium.raw if page.pdfium is not None else None
    edges = [ctypes.c_float() for _ in range(4)]
    left, bottom, right, top = edges
    references = [ctypes.byref(edge) for edge in edges]
    low, high = SIDES
    found: list[Box] = []
    for index in range(min(pdfium.FPDFPage_CountObjects(raw), OBJECTS)):
        item = pdfium.FPDFPage_GetObject(raw, index)
        kind = pdfium.FPDFPageObj_GetType(item)
        if kind not in (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE):
            continue
        if not pdfium.FPDFPageObj_GetBounds(item, *references):
            continue
        width, height = right.value - left.value, top.value - bottom.value
        if not (low <= width <= high and low <= height <= high and 1 / SQUARE <= width / height <= SQUARE):
            continue
        if kind == pdfium.FPDF_PAGEOBJ_IMAGE or _is_outline(item):
            found.append(page.place.box((left.value, bottom.value, right.value, top.value)))
            if len(found) > MOST:
                return []
    return found


def _is_outline(path: object) -> bool:
    """Whether a drawn shape has few corners and shows the paper inside; a plain dark square is a bullet."""
    steps = pdfium.FPDFPath_CountSegments(path)
    fill, stroked = ctypes.c_int(), ctypes.c_int()
    if not STEPS[0] <= steps <= STEPS[1] or not pdfium.FPDFPath_GetDrawMode(path, fill, stroked):
        return False
    return bool(stroked.value) or (fill.value != pdfium.FPDF_FILLMODE_NONE and steps >= 2 * STEPS[0])


def _apart(boxes: Sequence[Box], page: OpenPage) -> Iterator[Box]:
    """Each place once, and none of those that touch another: they are a comb for letters, or a table."""
    unique: list[Box] = []
    for box in sorted(boxes, key=lambda box: -box.width):
        if not any(box.overlap(other) > 0.5 for other in unique):
            unique.append(box)
    across, down = TOUCHING * SIDES[0] / page.width, TOUCHING * SIDES[0] / page.height
    for box in unique:
        around = Box(box.x0 - across, box.y0 - down, box.x1 + across, box.y1 + down)
        if not any(other is not box and other.overlap(around) > 0 for other in unique):
            yield box


def _is_lettered(box: Box, words: Sequence[Word]) -> bool:
    return any(word.text not in CROSSES and _holds(box, word) for word in words)


def _holds(box: Box, word: Word) -> bool:
    across, down = word.box.centre
    return box.x0 < across < box.x1 and box.y0 < down < box.y1


def _judged(page: OpenPage, squares: Sequence[Box], words: Sequence[Word]) -> Iterator[FormField]:
    """By how they look on a picture of the part of the page where they stand."""
    import numpy as np  # most pages have no such squares

    from reading.ocr.boxes import squares_in

    margin = 4 / page.width, 4 / page.height
    low, high = (side * DPI / 72 for side in (SIDES[0] * 0.8, SIDES[1]))
    for box in squares:
        part = Box(box.x0 - margin[0], box.y0 - margin[1], box.x1 + margin[0], box.y1 + margin[1])
        grey = np.asarray(_picture(page, part))
        ink = (grey < int(np.percentile(grey, 90)) - DARKER).astype(np.uint8)
        drawn = next(squares_in(ink, low, high), None)
        if drawn is not None:
            marked = drawn.ticked or _is_marked(ink, drawn) or any(_holds(box, word) for word in words)
            yield FormField(box, ticked=marked)


def _is_marked(ink: Any, drawn: DrawnBox) -> bool:
    """Here the paper is clean, so that the thinnest stroke is meant."""
    edge = EDGE * (drawn.x1 - drawn.x0)
    rows, columns = slice(int(drawn.y0 + edge), int(drawn.y1 - edge)), slice(int(drawn.x0 + edge), int(drawn.x1 - edge))
    return bool(ink[rows, columns].mean() > INNER)


def _picture(page: OpenPage, part: Box) -> object:
    """A part of the page in shades of grey."""
    if page.pdfium is None:
        raise pypdfium2.PdfiumError("a page too broken to be drawn")
    crop = (
        max(0.0, part.x0 * page.width),
        max(0.0, (1 - part.y1) * page.height),
        max(0.0, (1 - part.x1) * page.width),
        max(0.0, part.y0 * page.height),
    )
    return page.pdfium.render(scale=DPI / 72, grayscale=True, crop=crop).to_numpy().squeeze()
