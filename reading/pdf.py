"""The words of a PDF page's own text, where a reader sees them."""

from __future__ import annotations

import ctypes
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from reading.document import Blank, Box, Word
from reading.filled import Filled, filled_fields, with_filled
from reading.opening import page_size

# pdfium puts U+0002 for a hyphen at the end of a line and joins the next line to it; fonts that share one glyph for
# hyphen and soft hyphen yield U+00AD for what is printed as a hyphen.
HYPHEN_AT_END = "\x02\ufffe"
PRINTED = {"\xad": "-", "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
PRINTED |= dict.fromkeys(HYPHEN_AT_END, "-")
TIGHT_BLANKS = "\xa0\u202f\u2007\u2009"  # lines do not break there, and they may stand inside a number: 1 234
WORD = re.compile(
    rf"(?:[^\s{HYPHEN_AT_END}]|(?<=\d)[{TIGHT_BLANKS}](?=\d{{3}}(?!\d)))+[{HYPHEN_AT_END}]?|[{HYPHEN_AT_END}]"
)
KERNING = 0.13  # of the height of a line: narrower than any space
NEAR = 0.3  # of a word's own size: how far copies of it may be apart
DEVICE = 1 << 24  # pixels of an imaginary screen: fine enough for whole numbers to be exact


@dataclass(frozen=True, slots=True)
class TextLayer:
    """What the page says of its own text; `words` are in the order of the file."""

    words: tuple[Word, ...]
    width: float
    height: float
    odd_characters: int
    """Characters that no font table explains: a sign of a text layer that cannot be trusted."""

    blanks: tuple[Blank, ...] = ()


def text_layer(document: pypdfium2.PdfDocument, index: int) -> TextLayer:
    width, height = page_size(document, index)
    try:
        page, fields = _flat_page(document, index)
    except pypdfium2.PdfiumError:
        return TextLayer((), width, height, 0)
    try:
        to_page = transformation(page)
        textpage = page.get_textpage()
        try:
            text = _characters(textpage)
            words, blanks = with_filled(tuple(_once(_words(textpage, text, to_page))), fields)
        finally:
            textpage.close()
    except pypdfium2.PdfiumError:
        return TextLayer((), width, height, 0)
    finally:
        page.close()
    return TextLayer(words, width, height, _odd(text), blanks)


def _flat_page(document: pypdfium2.PdfDocument, index: int) -> tuple[pypdfium2.PdfPage, list[Filled]]:
    """The page with what stands in its form fields made part of it (in memory), and those fields."""
    page = document.get_page(index)
    fields: list[Filled] = []
    if pdfium.FPDFPage_GetAnnotCount(page.raw) > 0:
        fields = filled_fields(document, page, transformation(page).box)
        flattened = pdfium.FPDFPage_Flatten(page.raw, pdfium.FLAT_NORMALDISPLAY)
        if flattened == pdfium.FLATTEN_SUCCESS:
            page.close()
            page = document.get_page(index)
    return page, fields


@dataclass(frozen=True, slots=True)
class Transformation:
    """From the file's coordinates to fractions of the page as seen."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    def box(self, rect: tuple[float, float, float, float]) -> Box:
        left, bottom, right, top = rect
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


def _characters(textpage: pypdfium2.PdfTextPage) -> str:
    """One character for each of pdfium's, so that positions in the text are pdfium's, too."""
    count = textpage.count_chars()
    text: str = textpage.get_text_range()
    if len(text) == count:
        return text
    raw = textpage.raw
    codes = (pdfium.FPDFText_GetUnicode(raw, position) for position in range(count))
    return "".join(chr(code) if code <= 0x10FFFF else "\ufffd" for code in codes)


def _words(textpage: pypdfium2.PdfTextPage, text: str, to_page: Transformation) -> Iterator[Word]:
    raw = textpage.raw
    rect = pdfium.FS_RECTF()
    reference = ctypes.byref(rect)

    def box_at(position: int) -> Box:
        pdfium.FPDFText_GetLooseCharBox(raw, position, reference)
        return to_page.box((rect.left, rect.bottom, rect.right, rect.top))

    for start, end in _spans(raw, text):
        printed = _as_printed(text[start:end])
        if not printed:
            continue
        box = box_at(start)
        if end - start > 1:
            # Characters between them lie between them; asking for each would take most of the time.
            box = box.union(box_at(end - 1))
        across, down = box.centre
        if 0 <= across <= 1 and 0 <= down <= 1:  # the crop box hides the others
            yield Word(printed, Box(max(0.0, box.x0), max(0.0, box.y0), min(1.0, box.x1), min(1.0, box.y1)))


def _spans(raw: Any, text: str) -> Iterator[tuple[int, int]]:
    """Where words begin and end. pdfium sees a space in every wide kerning ("Ver käufer"); such parts are joined."""
    start = end = -1
    for match in WORD.finditer(text):
        if match.start() == end + 1 and _is_kerning(raw, text, end):
            end = match.end()
            continue
        if start >= 0:
            yield start, end
        start, end = match.span()
    if start >= 0:
        yield start, end


def _is_kerning(raw: Any, text: str, blank: int) -> bool:
    if text[blank] != " " or not (text[blank - 1].isalpha() and text[blank + 1].isalpha()):
        return False
    if pdfium.FPDFText_IsGenerated(raw, blank) != 1:
        return False
    before, after = pdfium.FS_RECTF(), pdfium.FS_RECTF()
    pdfium.FPDFText_GetLooseCharBox(raw, blank - 1, ctypes.byref(before))
    pdfium.FPDFText_GetLooseCharBox(raw, blank + 1, ctypes.byref(after))
    level = min(before.top, after.top) - max(before.bottom, after.bottom)
    return bool(0 <= after.left - before.right < KERNING * level)


def _once(words: Iterable[Word]) -> Iterator[Word]:
    """Shadows, bold print and copies that lie on each other are one word to a reader."""
    seen: defaultdict[str, list[Box]] = defaultdict(list)
    for word in words:
        copies = seen[word.text]
        if not any(_same_place(word.box, box) for box in copies):
            copies.append(word.box)
            yield word


def _same_place(a: Box, b: Box) -> bool:
    across, down = NEAR * (a.x1 - a.x0), NEAR * (a.y1 - a.y0)
    return -down < a.y0 - b.y0 < down and -across < a.x0 - b.x0 < across


def _as_printed(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    printed = (PRINTED.get(character, character) for character in text)
    return "".join(character for character in printed if character.isprintable() or character in TIGHT_BLANKS)


def _odd(text: str) -> int:
    return 0 if text.isascii() else sum(c == "\ufffd" or "\ue000" <= c <= "\uf8ff" for c in text)
