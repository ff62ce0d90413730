"""Text that is in the file but that nobody sees on the page.

It is drawn in no way at all, in the colour of what it stands on, below something else, or on a layer that is switched
off.
"""

from __future__ import annotations

import ctypes
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageChops

from reading.document import Box
from reading.pdf_page import OpenPage
from reading.text_objects import by_address, text_objects

SEEN = 16  # of 255, in any colour: the least that text has to change the page by
MOST_PIXELS = 9_000_000
MOSTLY = 0.5
CROWDED = 0.3  # of a box that another covers
MOST_ALONE = 40  # objects that are taken away one by one
FEW = 100  # objects: more are sooner found by asking each word than by their own words

_RUN = re.compile(r"\S+")
_ADDRESS, _INT = ctypes.c_void_p, ctypes.c_int

Stretch = tuple[int, int]

_object_of_character = by_address(pdfium.FPDFText_GetTextObject, _ADDRESS, _ADDRESS, _INT)
_text = by_address(pdfium.FPDFTextObj_GetText, ctypes.c_ulong, _ADDRESS, _ADDRESS, _ADDRESS, ctypes.c_ulong)
_set_active = by_address(pdfium.FPDFPageObj_SetIsActive, _INT, _ADDRESS, _INT)


@dataclass(frozen=True, slots=True)
class Visible:
    """The text with blanks for what is not seen, so that each character keeps its position."""

    text: str
    mostly_hidden: bool
    """As where a scanner put what it recognised, under or over the picture."""


def visible(page: OpenPage, textpage: pypdfium2.PdfTextPage, text: str) -> Visible:
    drawn = page.pdfium
    if drawn is None:
        return Visible(text, mostly_hidden=False)
    texts = text_objects(drawn, doubt_all=page.layers_off)
    if not (texts.hidden or texts.doubtful):
        return Visible(text, mostly_hidden=False)
    hidden = _stretches(textpage, text, texts.hidden)
    doubtful = _stretches(textpage, text, texts.doubtful)
    mostly = _length(hidden) > MOSTLY * sum(len(run) for run in text.split())
    return Visible(_blanked(text, [*hidden, *_indistinct(page, drawn, textpage.raw, doubtful, texts.doubtful)]), mostly)


def _stretches(textpage: pypdfium2.PdfTextPage, text: str, objects: Set[int]) -> list[Stretch]:
    """Where, between blanks, the text comes from the objects.

    Where the words of a few objects stand is soon found, and all is well if each was. Else every word is asked.
    """
    raw = ctypes.cast(textpage.raw, _ADDRESS).value
    if len(objects) > FEW:
        return list(_all_stretches(raw, text, objects))
    words = [word for address in objects for word in _text_of(raw, address).split()]
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
    """The stretches without which the page looks the same.

    Where two lie on each other, taking away both would say nothing of either: these are taken away one by one.
    """
    placed = [(stretch, _box(page, raw, *stretch)) for stretch in stretches]
    unseen = set(_unchanged(page, drawn, placed, objects))
    yield from unseen
    address = ctypes.cast(raw, _ADDRESS).value
    by_owner: defaultdict[int, list[tuple[Stretch, Box]]] = defaultdict(list)
    for stretch, box in _crowded([item for item in placed if item[0] not in unseen]):
        by_owner[_object_of_character(address, stretch[0])].append((stretch, box))
    for owner, group in list(by_owner.items())[:MOST_ALONE]:
        yield from _unchanged(page, drawn, group, {owner})


def _crowded(placed: Sequence[tuple[Stretch, Box]]) -> list[tuple[Stretch, Box]]:
    """Those that share their place with another."""
    found: dict[Stretch, Box] = {}
    ordered = sorted(placed, key=lambda item: item[1].y0)
    for at, (stretch, box) in enumerate(ordered):
        for other, place in ordered[at + 1 :]:
            if place.y0 >= box.y1:
                break
            if max(box.overlap(place), place.overlap(box)) > CROWDED:
                found[stretch], found[other] = box, place
    return list(found.items())


def _unchanged(
    page: OpenPage, drawn: pypdfium2.PdfPage, placed: Sequence[tuple[Stretch, Box]], objects: Set[int]
) -> Iterator[Stretch]:
    """The stretches whose places look the same without these objects."""
    if not placed:
        return
    boxes = [box for _, box in placed]
    left, top = max(0.0, min(box.x0 for box in boxes)), max(0.0, min(box.y0 for box in boxes))
    right, bottom = min(1.0, max(box.x1 for box in boxes)), min(1.0, max(box.y1 for box in boxes))
    across, down = page.width, page.height  # a pixel for a point
    if left >= right or top >= bottom or (right - left) * across * (bottom - top) * down > MOST_PIXELS:
        return
    cut = tuple(int(edge) for edge in (left * across, (1 - bottom) * down, (1 - right) * across, top * down))
    change = _change(drawn, cut, objects).point(lambda value: value if value >= SEEN else 0)
    for stretch, box in placed:
        x0, x1 = (int((edge - left) * across) for edge in (box.x0, box.x1))
        y0, y1 = (int((edge - top) * down) for edge in (box.y0, box.y1))
        if change.crop((x0, y0, x1 + 2, y1 + 2)).getbbox() is None:
            yield stretch


def _box(page: OpenPage, raw: object, start: int, end: int) -> Box:
    rect = pdfium.FS_RECTF()
    pdfium.FPDFText_GetLooseCharBox(raw, start, ctypes.byref(rect))
    first = page.place.box((rect.left, rect.bottom, rect.right, rect.top))
    pdfium.FPDFText_GetLooseCharBox(raw, end - 1, ctypes.byref(rect))
    return first.union(page.place.box((rect.left, rect.bottom, rect.right, rect.top)))


def _change(drawn: pypdfium2.PdfPage, cut: tuple[int, ...], objects: Iterable[int]) -> Image.Image:
    """How the page, without what is cut off at its edges, differs from itself without the objects."""
    with_them = drawn.render(scale=1, crop=cut).to_pil().convert("RGB")
    try:
        for item in objects:
            _set_active(item, False)
        return ImageChops.difference(with_them, drawn.render(scale=1, crop=cut).to_pil().convert("RGB"))
    finally:
        for item in objects:
            _set_active(item, True)


def _blanked(text: str, stretches: Iterable[Stretch]) -> str:
    for start, end in stretches:
        text = text[:start] + " " * (end - start) + text[end:]
    return text
