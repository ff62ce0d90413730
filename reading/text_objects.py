"""The text objects of a page that perhaps nobody sees; only a picture of the page can tell for sure."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

LIGHT = 230  # of 255, in each colour: white, or too near to it to be read on white
FAINT = 25  # of 255: what is more transparent is hardly there
SHADES = 16  # colours that differ by less are taken for the same
FORMS_WITHIN_FORMS = 2
COVER = (6.0, 4.0)  # points: what is smaller hides no word
MOST_COVERS = 1000

_ADDRESS, _INT = ctypes.c_void_p, ctypes.c_int


def by_address(function: Any, result: Any, *arguments: Any) -> Callable[..., Any]:
    """The function as it is, with numbers for pointers: every object of every page is asked, and the wrapping of
    pointers takes longer than the answers."""
    return ctypes.CFUNCTYPE(result, *arguments)(ctypes.cast(function, _ADDRESS).value or 0)


_object_of_page = by_address(pdfium.FPDFPage_GetObject, _ADDRESS, _ADDRESS, _INT)
_object_of_form = by_address(pdfium.FPDFFormObj_GetObject, _ADDRESS, _ADDRESS, ctypes.c_ulong)
_objects_in_form = by_address(pdfium.FPDFFormObj_CountObjects, _INT, _ADDRESS)
_type = by_address(pdfium.FPDFPageObj_GetType, _INT, _ADDRESS)
_mode = by_address(pdfium.FPDFTextObj_GetTextRenderMode, _INT, _ADDRESS)
_fill = by_address(pdfium.FPDFPageObj_GetFillColor, _INT, *[_ADDRESS] * 5)
_bounds = by_address(pdfium.FPDFPageObj_GetBounds, _INT, *[_ADDRESS] * 5)
_draw_mode = by_address(pdfium.FPDFPath_GetDrawMode, _INT, *[_ADDRESS] * 3)

Shade = tuple[int, int, int]


@dataclass(slots=True)
class TextObjects:
    """Addresses: those drawn in no way at all, and those that may be invisible where they stand."""

    hidden: set[int] = field(default_factory=set)
    doubtful: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Cover:
    """What is filled; `order` is when it is drawn. An image has no shade of its own."""

    order: int
    left: float
    bottom: float
    right: float
    top: float
    shade: Shade | None


@dataclass(slots=True)
class _Text:
    order: int
    address: int
    shade: Shade


class _Colour:
    """Where pdfium writes a colour."""

    def __init__(self) -> None:
        self.values = (ctypes.c_uint * 4)()
        start = ctypes.addressof(self.values)
        self.addresses = [start + n * ctypes.sizeof(ctypes.c_uint) for n in range(4)]

    def of(self, one: int) -> bool:
        return bool(_fill(one, *self.addresses))

    @property
    def is_faint(self) -> bool:
        red, green, blue, alpha = self.values
        return bool(alpha < FAINT or (red > LIGHT and green > LIGHT and blue > LIGHT))

    @property
    def shade(self) -> Shade:
        red, green, blue, _ = self.values
        return red // SHADES, green // SHADES, blue // SHADES


class _Bounds:
    """Where pdfium writes the edges of an object."""

    def __init__(self) -> None:
        self.values = (ctypes.c_float * 4)()
        start = ctypes.addressof(self.values)
        self.addresses = [start + n * ctypes.sizeof(ctypes.c_float) for n in range(4)]

    def of(self, one: int) -> tuple[float, float, float, float]:
        return tuple(self.values) if _bounds(one, *self.addresses) else (0.0, 0.0, 0.0, 0.0)


def text_objects(page: pypdfium2.PdfPage, *, doubt_all: bool = False) -> TextObjects:
    """`doubt_all` where layers of the file are switched off, for pdfium does not say what belongs to them."""
    found = TextObjects()
    raw = ctypes.cast(page.raw, _ADDRESS).value
    drawn = [_object_of_page(raw, n) for n in range(pdfium.FPDFPage_CountObjects(page.raw))]
    _look(found, drawn, FORMS_WITHIN_FORMS, doubt_all=doubt_all)
    return found


def _look(found: TextObjects, drawn: Iterable[int], depth: int, *, doubt_all: bool) -> None:
    colour, bounds = _Colour(), _Bounds()
    texts: list[_Text] = []
    covers: list[_Cover] = []
    for order, item in enumerate(drawn):
        kind = _type(item)
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            mode = _mode(item)
            if mode == pdfium.FPDF_TEXTRENDERMODE_INVISIBLE:
                found.hidden.add(item)
            elif doubt_all or mode == pdfium.FPDF_TEXTRENDERMODE_CLIP:
                found.doubtful.add(item)
            elif colour.of(item):
                if colour.is_faint:
                    found.doubtful.add(item)
                else:
                    texts.append(_Text(order, item, colour.shade))
        elif kind == pdfium.FPDF_PAGEOBJ_FORM:
            if depth:
                inside = [_object_of_form(item, n) for n in range(_objects_in_form(item))]
                _look(found, inside, depth - 1, doubt_all=doubt_all)
        elif not doubt_all and len(covers) < MOST_COVERS:
            covers += _covers(item, kind, order, colour, bounds)
    found.doubtful.update(_drowned(texts, covers, bounds))


def _covers(one: int, kind: int, order: int, colour: _Colour, bounds: _Bounds) -> Iterator[_Cover]:
    """The object, if it fills an area in which a word has room."""
    if kind == pdfium.FPDF_PAGEOBJ_PATH:
        fill, stroke = _INT(), _INT()
        if not _draw_mode(one, ctypes.addressof(fill), ctypes.addressof(stroke)) or not fill.value:
            return
    elif kind != pdfium.FPDF_PAGEOBJ_IMAGE:
        return
    left, bottom, right, top = bounds.of(one)
    if right - left >= COVER[0] and top - bottom >= COVER[1]:
        shade = colour.shade if kind == pdfium.FPDF_PAGEOBJ_PATH and colour.of(one) else None
        yield _Cover(order, left, bottom, right, top, shade)


def _drowned(texts: Iterable[_Text], covers: list[_Cover], bounds: _Bounds) -> Iterator[int]:
    """The texts that something is drawn over, or that have the colour of what they stand on."""
    if not covers:
        return
    last, shades = covers[-1].order, {cover.shade for cover in covers}
    for text in texts:
        if text.order > last and text.shade not in shades:
            continue
        left, bottom, right, top = bounds.of(text.address)
        x, y = (left + right) / 2, (bottom + top) / 2
        for cover in covers:
            if (
                cover.left <= x <= cover.right
                and cover.bottom <= y <= cover.top
                and (text.order < cover.order or text.shade == cover.shade)
            ):
                yield text.address
                break
