"""Text that is in the file but that nobody sees on the page: drawn in no way at all, or in white on white."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass, field
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageChops

from reading.document import Box
from reading.sheet import OpenPage

LIGHT = 230  # of 255, in each colour: white, or too near to it to be read on white
FAINT = 25  # of 255: what is more transparent is hardly there
SEEN = 16  # of 255, in any colour: the least that text has to change the page by
MOST_PIXELS = 9_000_000
MOSTLY = 0.5
FORMS_WITHIN_FORMS = 2
FEW = 100  # objects: more are sooner found by asking each word than by their own words

_RUN = re.compile(r"\S+")
_ADDRESS, _INT = ctypes.c_void_p, ctypes.c_int

Stretch = tuple[int, int]


def _by_address(function: Any, result: Any, *arguments: Any) -> Callable[..., Any]:
    """The function as it is, with numbers for pointers: every object of every page is asked, and the wrapping of
    pointers takes longer than the answers."""
    return ctypes.CFUNCTYPE(result, *arguments)(ctypes.cast(function, _ADDRESS).value or 0)


_object_of_page = _by_address(pdfium.FPDFPage_GetObject, _ADDRESS, _ADDRESS, _INT)
_object_of_form = _by_address(pdfium.FPDFFormObj_GetObject, _ADDRESS, _ADDRESS, ctypes.c_ulong)
_objects_in_form = _by_address(pdfium.FPDFFormObj_CountObjects, _INT, _ADDRESS)
_object_of_character = _by_address(pdfium.FPDFText_GetTextObject, _ADDRESS, _ADDRESS, _INT)
_type = _by_address(pdfium.FPDFPageObj_GetType, _INT, _ADDRESS)
_mode = _by_address(pdfium.FPDFTextObj_GetTextRenderMode, _INT, _ADDRESS)
_fill = _by_address(pdfium.FPDFPageObj_GetFillColor, _INT, *[_ADDRESS] * 5)
_text = _by_address(pdfium.FPDFTextObj_GetText, ctypes.c_ulong, _ADDRESS, _ADDRESS, _ADDRESS, ctypes.c_ulong)
_set_active = _by_address(pdfium.FPDFPageObj_SetIsActive, _INT, _ADDRESS, _INT)


@dataclass(frozen=True, slots=True)
class Visible:
    """The text with blanks for what is not seen, so that each character keeps its position."""

    text: str
    mostly_hidden: bool
    """As where a scanner put what it recognised, under or over the picture."""


@dataclass(slots=True)
class _Texts:
    """The addresses of the text objects that have to be looked at."""

    hidden: set[int] = field(default_factory=set)
    faint: set[int] = field(default_factory=set)


def visible(page: OpenPage, textpage: pypdfium2.PdfTextPage, text: str) -> Visible:
    drawn = page.pdfium
    if drawn is None:
        return Visible(text, mostly_hidden=False)
    texts = _Texts()
    raw = ctypes.cast(drawn.raw, _ADDRESS).value
    _look(texts, [_object_of_page(raw, n) for n in range(pdfium.FPDFPage_CountObjects(drawn.raw))])
    if not (texts.hidden or texts.faint):
        return Visible(text, mostly_hidden=False)
    hidden = _stretches(textpage, text, texts.hidden)
    faint = _stretches(textpage, text, texts.faint)
    mostly = _length(hidden) > MOSTLY * sum(len(run) for run in text.split())
    return Visible(_blanked(text, [*hidden, *_indistinct(page, drawn, textpage.raw, faint, texts.faint)]), mostly)


def _look(texts: _Texts, drawn: Iterable[int], depth: int = FORMS_WITHIN_FORMS) -> None:
    colour = (ctypes.c_uint * 4)()
    red = ctypes.addressof(colour)
    green, blue, alpha = (red + n * ctypes.sizeof(ctypes.c_uint) for n in (1, 2, 3))
    for one in drawn:
        kind = _type(one)
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            if _mode(one) == pdfium.FPDF_TEXTRENDERMODE_INVISIBLE:
                texts.hidden.add(one)
            elif _fill(one, red, green, blue, alpha) and (colour[3] < FAINT or min(colour[:3]) > LIGHT):
                texts.faint.add(one)
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth:
            _look(texts, [_object_of_form(one, n) for n in range(_objects_in_form(one))], depth - 1)


def _stretches(textpage: pypdfium2.PdfTextPage, text: str, objects: Set[int]) -> list[Stretch]:
    """Where, between blanks, the text comes from the objects.

    Where the words of a few objects stand is soon found, and all is well if each was. Else every word is asked.
    """
    raw = ctypes.cast(textpage.raw, _ADDRESS).value
    if len(objects) > FEW:
        return list(_all_stretches(raw, text, objects))
    words = [word for one in objects for word in _text_of(raw, one).split()]
    if not words:
        return []
    pattern = "|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True))
    found = [match.span() for match in re.finditer(pattern, text)]
    found = [
        (start, end)
        for start, end in found
        if _object_of_character(raw, start) in objects and _object_of_character(raw, end - 1) in objects
    ]
    return found if _length(found) == sum(map(len, words)) else list(_all_stretches(raw, text, objects))


def _all_stretches(raw: int | None, text: str, objects: Set[int]) -> Iterator[Stretch]:
    for match in _RUN.finditer(text):
        first, end = match.span()
        owner = _object_of_character(raw, first)
        if owner == _object_of_character(raw, end - 1):
            if owner in objects:
                yield first, end
            continue
        for position in range(first, end):  # a word may come from several objects
            if _object_of_character(raw, position) in objects:
                yield position, position + 1


def _text_of(raw: int | None, one: int) -> str:
    size = _text(one, raw, None, 0)
    buffer = ctypes.create_string_buffer(size)
    _text(one, raw, ctypes.addressof(buffer), size)
    return buffer.raw.decode("utf-16-le", "replace").rstrip("\0")


def _length(stretches: Iterable[Stretch]) -> int:
    return sum(end - start for start, end in stretches)


def _indistinct(
    page: OpenPage, drawn: pypdfium2.PdfPage, raw: Any, stretches: list[Stretch], objects: Set[int]
) -> Iterator[Stretch]:
    """The stretches without which the page looks the same."""
    boxes = [_box(page, raw, start, end) for start, end in stretches]
    if not boxes:
        return
    left, top = max(0.0, min(box.x0 for box in boxes)), max(0.0, min(box.y0 for box in boxes))
    right, bottom = min(1.0, max(box.x1 for box in boxes)), min(1.0, max(box.y1 for box in boxes))
    across, down = page.width, page.height  # a pixel for a point
    if left >= right or top >= bottom or (right - left) * across * (bottom - top) * down > MOST_PIXELS:
        return
    cut = tuple(int(edge) for edge in (left * across, (1 - bottom) * down, (1 - right) * across, top * down))
    change = _change(drawn, cut, objects).point(lambda value: value if value >= SEEN else 0)
    for stretch, box in zip(stretches, boxes, strict=True):
        x0, x1 = (int((edge - left) * across) for edge in (box.x0, box.x1))
        y0, y1 = (int((edge - top) * down) for edge in (box.y0, box.y1))
        if change.crop((x0, y0, x1 + 2, y1 + 2)).getbbox() is None:
            yield stretch


def _box(page: OpenPage, raw: Any, start: int, end: int) -> Box:
    rect = pdfium.FS_RECTF()
    pdfium.FPDFText_GetLooseCharBox(raw, start, ctypes.byref(rect))
    first = page.place.box((rect.left, rect.bottom, rect.right, rect.top))
    pdfium.FPDFText_GetLooseCharBox(raw, end - 1, ctypes.byref(rect))
    return first.union(page.place.box((rect.left, rect.bottom, rect.right, rect.top)))


def _change(drawn: pypdfium2.PdfPage, cut: tuple[int, ...], objects: Iterable[int]) -> Image.Image:
    """How the page, without what is cut off at its edges, differs from itself without the objects."""
    with_them = drawn.render(scale=1, crop=cut).to_pil().convert("RGB")
    try:
        for one in objects:
            _set_active(one, False)
        return ImageChops.difference(with_them, drawn.render(scale=1, crop=cut).to_pil().convert("RGB"))
    finally:
        for one in objects:
            _set_active(one, True)


def _blanked(text: str, stretches: Iterable[Stretch]) -> str:
    for start, end in stretches:
        text = text[:start] + " " * (end - start) + text[end:]
    return text
