"""Whether a page's own text can be believed, or has to be recognised from its picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from reading.pdf import TextLayer
from reading.sheet import OpenPage

FEW = 20  # characters: a page number, a stamp
LITTLE = 300  # characters: what a program prints on a scan
ODD = 0.05
FULL_PAGE = 0.8
HIDDEN = 0.5
OBJECTS_LOOKED_AT = 2000
TEXT_OBJECTS_LOOKED_AT = 200
FORMS_WITHIN_FORMS = 2


def needs_recognition(page: OpenPage, layer: TextLayer) -> bool:
    characters = sum(len(word.text) for word in layer.words)
    if layer.odd_characters > ODD * (characters + layer.odd_characters):
        return True
    if page.pdfium is None:
        return False
    if characters < FEW:
        return bool(pdfium.FPDFPage_CountObjects(page.pdfium.raw) > 0)
    # The text first: to know that there is no picture, all that is drawn has to be looked at.
    return (characters < LITTLE or _hides_its_text(page.pdfium)) and _is_scan(page.pdfium)


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


def _hides_its_text(page: pypdfium2.PdfPage) -> bool:
    """Scanners put what they recognised, invisible, under or over the picture."""
    hidden = looked = 0
    raw = page.raw
    objects = (pdfium.FPDFPage_GetObject(raw, n) for n in range(pdfium.FPDFPage_CountObjects(raw)))
    for text in _texts(objects, FORMS_WITHIN_FORMS):
        hidden += pdfium.FPDFTextObj_GetTextRenderMode(text) == pdfium.FPDF_TEXTRENDERMODE_INVISIBLE
        looked += 1
        if looked == TEXT_OBJECTS_LOOKED_AT or looked - hidden >= HIDDEN * TEXT_OBJECTS_LOOKED_AT:
            break
    return hidden > HIDDEN * looked


def _texts(objects: Iterable[Any], depth: int) -> Iterator[Any]:
    """Without pypdfium2's object around each, which takes longer than all that is asked of it."""
    for drawn in objects:
        kind = pdfium.FPDFPageObj_GetType(drawn)
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            yield drawn
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth:
            count = pdfium.FPDFFormObj_CountObjects(drawn)
            yield from _texts((pdfium.FPDFFormObj_GetObject(drawn, n) for n in range(count)), depth - 1)
