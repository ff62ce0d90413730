"""One page of a PDF, loaded once for all that is asked of it.

Loading a page makes pdfium parse all of its drawing, which takes as long as reading its words.
"""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

from reading.document import Box
from reading.filled import Filled, filled_fields
from reading.opening import page_size

DEVICE = 1 << 24  # pixels of an imaginary screen: fine enough for whole numbers to be exact

Rect = tuple[float, float, float, float]
"""Left, bottom, right and top in the file's coordinates."""


@dataclass(frozen=True, slots=True)
class OpenPage:
    """Width and height are in points as seen; `pdfium` is None for a page too broken to be anything but blank.

    What stands in the fields of a form has become part of the page, in memory.
    """

    pdfium: pypdfium2.PdfPage | None
    width: float
    height: float
    place: Transformation
    fields: Sequence[Filled] = ()


@contextlib.contextmanager
def open_page(document: pypdfium2.PdfDocument, index: int) -> Iterator[OpenPage]:
    """Closed at the end, for pdfium keeps all that it parsed of an open page."""
    width, height = page_size(document, index)
    try:
        page = document.get_page(index)
    except pypdfium2.PdfiumError:
        yield OpenPage(None, width, height, Transformation(1, 0, 0, 1, 0, 0))
        return
    fields: Sequence[Filled] = ()
    try:
        place = transformation(page)
        if pdfium.FPDFPage_GetAnnotCount(page.raw) > 0:
            fields = filled_fields(document, page, place.box)
            if pdfium.FPDFPage_Flatten(page.raw, pdfium.FLAT_NORMALDISPLAY) == pdfium.FLATTEN_SUCCESS:
                page.close()
                page = document.get_page(index)  # what became part of it is only seen by who loads it anew
        yield OpenPage(page, width, height, place, fields)
    finally:
        page.close()


@dataclass(frozen=True, slots=True)
class Transformation:
    """From the file's coordinates to fractions of the page as seen."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    def box(self, rect: Rect) -> Box:
        left, bottom, right, top = rect
        if (
            self.b == self.c == 0 and self.a > 0 > self.d and left <= right and bottom <= top
        ):  # nearly every page stands upright
            return Box(self.a * left + self.e, self.d * top + self.f, self.a * right + self.e, self.d * bottom + self.f)
        x0, y0 = self.a * left + self.c * bottom + self.e, self.b * left + self.d * bottom + self.f
        x1, y1 = self.a * right + self.c * top + self.e, self.b * right + self.d * top + self.f
        if x0 > x1:
            x0, x1 = x1, x0
        return Box(x0, y0, x1, y1) if y0 <= y1 else Box(x0, y1, x1, y0)


def transformation(page: pypdfium2.PdfPage) -> Transformation:
    """pdfium knows about rotation and crop boxes; three points tell what it does with them."""
    left, bottom, right, top = page.get_bbox()
    if right <= left or top <= bottom:
        left, bottom, right, top = 0.0, 0.0, page.get_width(), page.get_height()
    (x0, y0), (x1, y1), (x2, y2) = (_on_screen(page, x, y) for x, y in ((left, bottom), (right, bottom), (left, top)))
    across, up = right - left, top - bottom
    a, b = (x1 - x0) / across, (y1 - y0) / across
    c, d = (x2 - x0) / up, (y2 - y0) / up
    return Transformation(a, b, c, d, x0 - a * left - c * bottom, y0 - b * left - d * bottom)


def _on_screen(page: pypdfium2.PdfPage, x: float, y: float) -> tuple[float, float]:
    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page.raw, 0, 0, DEVICE, DEVICE, 0, x, y, ctypes.byref(across), ctypes.byref(down))
    return across.value / DEVICE, down.value / DEVICE
