"""One page of a PDF, loaded once for all that is asked of it.

Loading a page makes pdfium parse all of its drawing, which takes as long as reading its words.
"""

from __future__ import annotations

import contextlib
import ctypes
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pypdfium2
import pypdfium2.raw as pdfium

from reading.acroform import FormField, form_fields
from reading.document import Box
from reading.opening import load_page, page_size
from reading.turning import TO_SIDE, box_as_turned

DEVICE = 1 << 24  # pixels of an imaginary screen: fine enough for whole numbers to be exact
QUARTER = math.pi / 2
BLANK = 0x20
SAMPLE = 48  # characters that are asked how they lie
FEWEST = 3
MOSTLY = 0.6

Rect = tuple[float, float, float, float]
"""Left, bottom, right and top in the file's coordinates."""


@dataclass(frozen=True, slots=True)
class OpenPage:
    """A page held so that its writing is upright; by `turned` degrees clockwise it lies on the page as seen.

    Width and height are in points; `pdfium` is None for a page too broken to be anything but blank. What stands in the
    fields of a form has become part of the page, in memory.
    """

    pdfium: pypdfium2.PdfPage | None
    width: float
    height: float
    place: Transformation
    fields: Sequence[FormField] = ()
    text: pypdfium2.PdfTextPage | None = None
    turned: int = 0
    layers_off: bool = False

    @property
    def rotation(self) -> int:
        """By how many degrees clockwise the file's coordinates are turned to hold the page like this."""
        return int(self.pdfium.get_rotation()) if self.pdfium else 0


@contextlib.contextmanager
def open_page(document: pypdfium2.PdfDocument, index: int, *, layers_off: bool = False) -> Iterator[OpenPage]:
    """Closed at the end, for pdfium keeps all that it parsed of an open page.

    `layers_off` says that some layers of the file are switched off: then all of its text is compared with what is seen.
    """
    width, height = page_size(document, index)
    try:
        page = load_page(document, index)
    except pypdfium2.PdfiumError:
        yield OpenPage(None, width, height, Transformation(1, 0, 0, 1, 0, 0))
        return
    text, fields, turned = None, [], 0
    try:
        place = transformation(page)
        if pdfium.FPDFPage_GetAnnotCount(page.raw) > 0:
            fields = form_fields(document, page, place.box)
            if pdfium.FPDFPage_Flatten(page.raw, pdfium.FLAT_NORMALDISPLAY) == pdfium.FLATTEN_SUCCESS:
                page.close()
                page = load_page(document, index)  # what became part of it is only seen by who loads it anew
        text = _text_of(page)
        turned = writing_turned(page, text) if text else 0
        if turned:
            page.set_rotation((page.get_rotation() - turned) % 360)
            place = transformation(page)
            fields = [replace(field, box=box_as_turned(field.box, -turned % 360)) for field in fields]
        if turned in TO_SIDE:
            width, height = height, width
        yield OpenPage(page, width, height, place, fields, text, turned, layers_off)
    finally:
        if text:
            text.close()
        page.close()


def _text_of(page: pypdfium2.PdfPage) -> pypdfium2.PdfTextPage | None:
    try:
        return page.get_textpage()
    except pypdfium2.PdfiumError:
        return None


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


def writing_turned(page: pypdfium2.PdfPage, text: pypdfium2.PdfTextPage) -> int:
    """By how many degrees clockwise (nearly) all writing lies on the page as seen; 0 where it does not agree."""
    count, raw = text.count_chars(), text.raw
    step = max(1, count // SAMPLE)
    sample = [at for at in range(step // 2, count, step) if pdfium.FPDFText_GetUnicode(raw, at) > BLANK]
    quarters = Counter(round(pdfium.FPDFText_GetCharAngle(raw, at) / QUARTER) % 4 for at in sample)
    if not quarters or len(sample) < FEWEST:
        return 0
    (quarter, times), *_ = quarters.most_common(1)
    return (90 * quarter + page.get_rotation()) % 360 if times > MOSTLY * len(sample) else 0


def rect_as_turned(rect: Rect, degrees: int) -> Rect:
    """A rectangle in the file's coordinates after these were turned clockwise."""
    left, bottom, right, top = rect
    if degrees == 90:
        return bottom, -right, top, -left
    if degrees == 180:
        return -right, -top, -left, -bottom
    return (-top, left, -bottom, right) if degrees == 270 else rect


def _on_screen(page: pypdfium2.PdfPage, x: float, y: float) -> tuple[float, float]:
    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page.raw, 0, 0, DEVICE, DEVICE, 0, x, y, ctypes.byref(across), ctypes.byref(down))
    return across.value / DEVICE, down.value / DEVICE
