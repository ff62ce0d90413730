"""Rectangles that ruled lines enclose on a page: the boxes of a form, the cells of a table."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

import pypdfium2
import pypdfium2.raw as pdfium

from reading.document import Box
from reading.pdf_page import OpenPage

OBJECTS = 4000  # of one page that are looked at
STEPS = 8000  # of all paths of a page
DEPTH = 3  # of forms within forms
LEVEL = 1.0  # point that the ends of a level or upright line may be apart
SHORTEST = 6.0  # points of a line
ENOUGH = 3  # lines that may enclose something
WHITE = 250  # of 255

Matrix = tuple[float, float, float, float, float, float]
Segment = tuple[float, float, float, float]
UNMOVED: Matrix = (1, 0, 0, 1, 0, 0)


def ruled_frames(page: OpenPage) -> tuple[Box, ...]:
    """What the lines and rectangles that a PDF page draws enclose."""
    if page.pdfium is None:
        return ()
    try:
        segments = list(_Paths(page.pdfium.raw).segments())
    except pypdfium2.PdfiumError:
        return ()
    if len(segments) < ENOUGH:
        return ()
    from reading.ocr.frames import framed_by  # most pages have no lines

    boxes = (page.place.box((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))) for x0, y0, x1, y1 in segments)
    return framed_by(boxes, page.width, page.height)


class _Paths:
    """The level and upright lines of a page, in the file's coordinates."""

    def __init__(self, page: object) -> None:
        self.page = page
        self.left = STEPS

    def segments(self) -> Iterator[Segment]:
        for index in range(min(pdfium.FPDFPage_CountObjects(self.page), OBJECTS)):
            yield from self._of_object(pdfium.FPDFPage_GetObject(self.page, index), UNMOVED, 0)

    def _of_object(self, item: object, outer: Matrix, depth: int) -> Iterator[Segment]:
        kind = pdfium.FPDFPageObj_GetType(item)
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            if _is_seen(item):
                yield from self._of_path(item, _times(_matrix(item), outer))
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < DEPTH:
            inner = _times(_matrix(item), outer)
            for index in range(min(pdfium.FPDFFormObj_CountObjects(item), OBJECTS)):
                yield from self._of_object(pdfium.FPDFFormObj_GetObject(item, index), inner, depth + 1)

    def _of_path(self, path: object, matrix: Matrix) -> Iterator[Segment]:
        count = pdfium.FPDFPath_CountSegments(path)
        self.left -= count
        if self.left < 0:
            return
        x, y = ctypes.c_float(), ctypes.c_float()
        begin = last = (0.0, 0.0)
        for index in range(count):
            step = pdfium.FPDFPath_GetPathSegment(path, index)
            kind = pdfium.FPDFPathSegment_GetType(step)
            pdfium.FPDFPathSegment_GetPoint(step, ctypes.byref(x), ctypes.byref(y))
            point = _moved(x.value, y.value, matrix)
            if kind == pdfium.FPDF_SEGMENT_MOVETO:
                begin = point
            elif kind == pdfium.FPDF_SEGMENT_LINETO:
                yield from _straight(last, point)
            last = point
            if pdfium.FPDFPathSegment_GetClose(step):
                yield from _straight(last, begin)
                last = begin


def _straight(start: tuple[float, float], end: tuple[float, float]) -> Iterator[Segment]:
    across, along = abs(end[0] - start[0]), abs(end[1] - start[1])
    if min(across, along) <= LEVEL and max(across, along) >= SHORTEST:
        yield (*start, *end)


def _is_seen(path: object) -> bool:
    """Whether a path is stroked, or filled with something darker than the paper."""
    fill, stroked = ctypes.c_int(), ctypes.c_int()
    if not pdfium.FPDFPath_GetDrawMode(path, fill, stroked):
        return False
    if stroked.value:
        return True
    colour = [ctypes.c_uint() for _ in range(4)]
    if fill.value == pdfium.FPDF_FILLMODE_NONE or not pdfium.FPDFPageObj_GetFillColor(path, *map(ctypes.byref, colour)):
        return False
    return min(part.value for part in colour[:3]) < WHITE and colour[3].value > 0


def _matrix(item: object) -> Matrix:
    found = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(item, ctypes.byref(found)):
        return UNMOVED
    return found.a, found.b, found.c, found.d, found.e, found.f


def _times(inner: Matrix, outer: Matrix) -> Matrix:
    if outer == UNMOVED:
        return inner
    a, b, c, d, e, f = inner
    x0, y0 = _moved(e, f, outer)
    oa, ob, oc, od = outer[:4]
    return a * oa + b * oc, a * ob + b * od, c * oa + d * oc, c * ob + d * od, x0, y0


def _moved(x: float, y: float, matrix: Matrix) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f
