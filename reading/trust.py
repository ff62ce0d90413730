"""Whether a page's own text can be believed, or has to be recognised from its picture."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium

from reading.pdf import TextLayer
from reading.pdf_page import OpenPage
from reading.plausibility import is_contradicted, is_doubtful

FEW = 20  # characters: a page number, a stamp
LITTLE = 300  # characters: what a program prints on a scan
ODD = 0.05
FULL_PAGE = 0.8
OBJECTS_LOOKED_AT = 2000


def needs_recognition(page: OpenPage, layer: TextLayer, mode: str = "accurate", cache_dir: Path | None = None) -> bool:
    """Costs next to nothing for a page whose text looks like text; a sample of any other is recognised by `mode`."""
    characters = sum(len(word.text) for word in layer.words)
    if layer.odd_characters > ODD * (characters + layer.odd_characters):
        return True
    if page.pdfium is None:
        return False
    if characters < FEW:
        return bool(pdfium.FPDFPage_CountObjects(page.pdfium.raw) > 0)
    # A scanner hides what it recognised. What was read of such a page lacks it, so that the page itself has to be read.
    # The text first: to know that there is no picture, all that is drawn has to be looked at.
    if layer.mostly_hidden or (characters < LITTLE and _is_scan(page.pdfium)):
        return True
    return is_doubtful(page, layer.words) and is_contradicted(page, layer.words, mode, cache_dir)


def _is_scan(page: pypdfium2.PdfPage) -> bool:
    """One picture covers (nearly) all of the page."""
    left, bottom, right, top = page.get_bbox()
    area = (right - left) * (top - bottom)
    for n, picture in enumerate(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3)):
        x0, y0, x1, y1 = picture.get_bounds()
        width, height = min(x1, right) - max(x0, left), min(y1, top) - max(y0, bottom)
        if width > 0 and height > 0 and width * height > FULL_PAGE * area:
            return True
        if n > OBJECTS_LOOKED_AT:
            break
    return False
