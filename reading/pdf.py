"""The words of a PDF page's own text, where a reader sees them."""

from __future__ import annotations

import ctypes
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

from reading.acroform import Place, with_form_fields
from reading.checkboxes import find_checkboxes
from reading.document import Blank, Box, Word
from reading.hidden_text import visible
from reading.pdf_page import OpenPage, Rect, rect_as_turned
from reading.symbols import ALIKE, BOXES, PICTURED, as_symbol, with_symbols

# pdfium puts U+0002 for a hyphen at the end of a line and joins the next line to it; fonts that share one glyph for
# hyphen and soft hyphen yield U+00AD for what is printed as a hyphen.
HYPHEN_AT_END = "\x02\ufffe"
PRINTED = {"\xad": "-", "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
PRINTED |= dict.fromkeys(HYPHEN_AT_END, "-")
TIGHT_BLANKS = "\xa0\u202f\u2007\u2009"  # lines do not break there, and they may stand inside a number: 1 234
WORD = re.compile(
    rf"(?:[^\s{HYPHEN_AT_END}]|(?<=\d)[{TIGHT_BLANKS}](?=\d{{3}}(?!\d)))+[{HYPHEN_AT_END}]?|[{HYPHEN_AT_END}]"
)
PRINTED |= ALIKE
ODD = re.compile(f"(?![{''.join(PRINTED)}{BOXES}])[\ufffd\ue000-\uf8ff]")
KERNING = 0.13  # of the height of a line: narrower than any space
TINY = (1.2, 0.0015)  # points, and of the page's height: lower letters are too small for any eye
NEAR = 0.3  # of a word's own size: how far copies of it may be apart


@dataclass(frozen=True, slots=True)
class TextLayer:
    """What the page says of its own text; `words` are in the order of the file."""

    words: tuple[Word, ...]
    width: float
    height: float
    odd_characters: int
    """Characters that no font table explains: a sign of a text layer that cannot be trusted."""

    blanks: tuple[Blank, ...] = ()
    mostly_hidden: bool = False
    """Whether most of the text in the file is not to be seen, and not among the words."""


def text_layer(page: OpenPage) -> TextLayer:
    if page.pdfium is None or page.text is None:
        return TextLayer((), page.width, page.height, 0)
    try:
        seen = visible(page, page.text, _characters(page.text))
        printed = tuple(_once(_words(page.text, seen.text, page)))
    except pypdfium2.PdfiumError:
        return TextLayer((), page.width, page.height, 0)
    words, blanks = with_form_fields(printed, [*page.fields, *find_checkboxes(page, printed)])
    return TextLayer(words, page.width, page.height, _odd(seen.text), blanks, seen.mostly_hidden)


def _characters(textpage: pypdfium2.PdfTextPage) -> str:
    """One character for each of pdfium's, so that positions in the text are pdfium's, too."""
    count = textpage.count_chars()
    text: str = textpage.get_text_range()
    if len(text) == count:
        return text
    raw = textpage.raw
    codes = (pdfium.FPDFText_GetUnicode(raw, position) for position in range(count))
    return "".join(chr(code) if code <= 0x10FFFF else "\ufffd" for code in codes)


def _words(textpage: pypdfium2.PdfTextPage, text: str, page: OpenPage) -> Iterator[Word]:
    ascii_only, place = text.isascii(), _place(page)
    tiny = min(TINY[0] / page.height, TINY[1])
    pictured = not (ascii_only or PICTURED.isdisjoint(text))
    for start, end, rect in _spans(textpage.raw, text, page.rotation):
        printed = text[start:end]
        if pictured:
            printed = with_symbols(textpage.raw, start, printed)
        if not (ascii_only and printed.isprintable()):
            printed = _as_printed(printed)
        if end - start == 1:
            printed = as_symbol(textpage.raw, start, printed)
        if not printed:
            continue
        box = place(rect)
        x0, y0, x1, y1 = box.x0, box.y0, box.x1, box.y1
        if 0 <= x0 + x1 <= 2 and 0 <= y0 + y1 <= 2:  # the crop box hides those whose middle lies outside
            if y1 - y0 < tiny:
                continue
            if x0 < 0 or y0 < 0 or x1 > 1 or y1 > 1:
                box = Box(max(0.0, x0), max(0.0, y0), min(1.0, x1), min(1.0, y1))
            yield Word(printed, box)


def _place(page: OpenPage) -> Place:
    """Where the rectangles of `_spans` lie."""
    back = -page.rotation % 360
    return (lambda rect: page.place.box(rect_as_turned(rect, back))) if back else page.place.box


def _look(rect: pdfium.FS_RECTF, rotation: int) -> Callable[..., object]:
    """Ask pdfium for the box of a character, and turn it as the page is turned, so that its writing is level."""
    if not rotation:
        return pdfium.FPDFText_GetLooseCharBox  # type: ignore[no-any-return]

    def look(raw: object, position: int, reference: object) -> None:
        pdfium.FPDFText_GetLooseCharBox(raw, position, reference)
        turned = rect_as_turned((rect.left, rect.bottom, rect.right, rect.top), rotation)
        rect.left, rect.bottom, rect.right, rect.top = turned

    return look


def _spans(raw: object, text: str, rotation: int) -> Iterator[tuple[int, int, Rect]]:
    """Where words begin and end, in the text and on the page, in the file's coordinates turned by its rotation.

    pdfium sees a space in every wide kerning ("Ver käufer"); such parts are joined. Of a word only the first and the
    last character are looked at: the others lie between them, and asking for each would take most of the time.
    """
    rect = pdfium.FS_RECTF()
    reference = ctypes.byref(rect)
    look = _look(rect, rotation)
    start = end = -1
    first = last = (0.0, 0.0, 0.0, 0.0)
    for match in WORD.finditer(text):
        begin, stop = match.span()
        look(raw, begin, reference)
        head = tail = (rect.left, rect.bottom, rect.right, rect.top)
        if stop - begin > 1:
            look(raw, stop - 1, reference)
            tail = (rect.left, rect.bottom, rect.right, rect.top)
        # Nearly all gaps are wider, so that the rest need not be asked.
        near = begin == end + 1 and 0 <= head[0] - last[2] < KERNING * (last[3] - last[1])
        if start < 0 or not near or not _is_kerning(raw, text, end, last, head):
            if start >= 0:
                yield start, end, first if first is last else _around(first, last)
            start, first = begin, head
        end, last = stop, tail
    if start >= 0:
        yield start, end, first if first is last else _around(first, last)


def _is_kerning(raw: object, text: str, blank: int, before: Rect, after: Rect) -> bool:
    gap = after[0] - before[2]
    if gap < 0 or gap >= KERNING * (min(before[3], after[3]) - max(before[1], after[1])):
        return False
    if text[blank] != " " or not (text[blank - 1].isalpha() and text[blank + 1].isalpha()):
        return False
    return bool(pdfium.FPDFText_IsGenerated(raw, blank) == 1)


def _around(first: Rect, last: Rect) -> Rect:
    left, bottom, right, top = first
    other_left, other_bottom, other_right, other_top = last
    return (
        left if left < other_left else other_left,  # min() and max() cost more than all the rest here
        bottom if bottom < other_bottom else other_bottom,
        right if right > other_right else other_right,
        top if top > other_top else other_top,
    )


def _once(words: Iterable[Word]) -> Iterator[Word]:
    """Shadows, bold print and copies that lie on each other are one word to a reader."""
    seen: defaultdict[str, list[Box]] = defaultdict(list)
    for word in words:
        copies = seen[word.text]
        if not copies or not _is_copy(word.box, copies):
            copies.append(word.box)
            yield word


def _is_copy(box: Box, others: list[Box]) -> bool:
    x, y = box.x0, box.y0
    across, down = NEAR * (box.x1 - x), NEAR * (box.y1 - y)
    return any(-down < y - other.y0 < down and -across < x - other.x0 < across for other in others)


def _as_printed(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    printed = (PRINTED.get(character, character) for character in text)
    kept = "".join(character for character in printed if character.isprintable() or character in TIGHT_BLANKS)
    return unicodedata.normalize("NFC", kept)  # a letter and its accent may come apart


def _odd(text: str) -> int:
    return 0 if text.isascii() else len(ODD.findall(text))
