"""The fields of a PDF form that is filled in on a screen: what was written there, and which boxes are ticked."""

from __future__ import annotations

import contextlib
import ctypes
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import pypdfium2
import pypdfium2.raw as pdfium

from reading.document import Blank, Box, Word

Place = Callable[[tuple[float, float, float, float]], Box]
"""From the file's coordinates to the page as seen."""
TICKED, EMPTY = "☑", "☐"
WRITTEN = frozenset([pdfium.FPDF_FORMFIELD_TEXTFIELD, pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX])
TICKABLE = frozenset([pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON])
COMB = 1 << 24  # of a field's flags: one letter for each cell
MOST = 2000  # fields of one page that are looked at
LONGEST = 4000  # characters of a value
GAP = 1.5  # of the height: combs of one number stand no further apart


@dataclass(frozen=True, slots=True)
class FormField:
    """One field as it stands on the page; `ticked` is None for what is no check box."""

    box: Box
    text: str = ""
    ticked: bool | None = None
    comb: bool = False


def form_fields(document: pypdfium2.PdfDocument, page: pypdfium2.PdfPage, place: Place) -> list[FormField]:
    """The fields of a page, before they are made part of it."""
    if document.formenv is None:
        return []
    count = min(pdfium.FPDFPage_GetAnnotCount(page.raw), MOST)
    fields = (_field(document.formenv.raw, page.raw, index, place) for index in range(count))
    return [field for field in fields if field is not None]


def _field(
    form: object, page: object, index: int, place: Callable[[tuple[float, float, float, float]], Box]
) -> FormField | None:
    annotation = pdfium.FPDFPage_GetAnnot(page, index)
    if not annotation:
        return None
    try:
        kind = pdfium.FPDFAnnot_GetFormFieldType(form, annotation)
        hidden = pdfium.FPDFAnnot_GetFlags(annotation) & (pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW)
        rect = pdfium.FS_RECTF()
        if hidden or kind not in WRITTEN | TICKABLE or not pdfium.FPDFAnnot_GetRect(annotation, ctypes.byref(rect)):
            return None
        box = place((rect.left, rect.bottom, rect.right, rect.top))
        if kind in TICKABLE:
            return FormField(box, ticked=bool(pdfium.FPDFAnnot_IsChecked(form, annotation)))
        comb = bool(pdfium.FPDFAnnot_GetFormFieldFlags(form, annotation) & COMB)
        return FormField(box, _value(form, annotation), comb=comb)
    finally:
        pdfium.FPDFPage_CloseAnnot(annotation)


def _value(form: object, annotation: object) -> str:
    size = pdfium.FPDFAnnot_GetFormFieldValue(form, annotation, None, 0)
    buffer = ctypes.create_string_buffer(min(size, 2 * LONGEST))
    pdfium.FPDFAnnot_GetFormFieldValue(
        form, annotation, ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR)), len(buffer)
    )
    return unicodedata.normalize("NFC", buffer.raw.decode("utf-16-le", "replace").split("\0")[0].strip())


def with_form_fields(words: Sequence[Word], fields: Sequence[FormField]) -> tuple[tuple[Word, ...], tuple[Blank, ...]]:
    """The words of the page with every box ticked or not, every comb as one word, and nothing that is only stored."""
    if not fields:
        return tuple(words), ()
    written = _joined_combs([field for field in fields if field.ticked is None], words)
    marks = [field for field in fields if field.ticked is not None]
    replaced = [*marks, *(field for field in written if field.comb)]
    kept = [word for word in words if not any(_inside(word.box, field.box) for field in replaced)]
    for field in written:
        if field.text and field.comb:
            kept += _as_words(_where_drawn(field, words))
        elif field.text and not any(_inside(word.box, field.box) for word in kept):
            kept += _as_words(field)
    kept += [Word(TICKED if field.ticked else EMPTY, field.box) for field in marks]
    return tuple(kept), tuple(Blank(field.box, field.text) for field in written)


def _where_drawn(comb: FormField, words: Sequence[Word]) -> FormField:
    """A comb as high and as wide as the letters that are drawn in it, if any are."""
    drawn = [word.box for word in words if _inside(word.box, comb.box)]
    return replace(comb, box=reduce(Box.union, drawn)) if drawn else comb


def _as_words(field: FormField) -> Iterator[Word]:
    """What the field holds, in even steps over its first line: for a value that the file does not draw."""
    texts = field.text.split()
    step = field.box.width / max(1, sum(map(len, texts)) + len(texts) - 1)
    x = field.box.x0
    for text in texts:
        yield Word(text, replace(field.box, x0=x, x1=min(field.box.x1, x + step * len(text))))
        x += step * (len(text) + 1)


def _joined_combs(fields: Sequence[FormField], words: Sequence[Word]) -> list[FormField]:
    """Combs side by side, with nothing or a dash between them, are one number."""
    joined: list[FormField] = []
    for field in sorted(fields, key=lambda field: (round(field.box.y0, 3), field.box.x0)):
        last = joined[-1] if joined else None
        if last and last.comb and field.comb and _side_by_side(last.box, field.box):
            with contextlib.suppress(StopIteration):
                dash = next(word for word in words if _between(word, last.box, field.box))
                last = replace(last, text=f"{last.text}-" if last.text and field.text else last.text)
                last = replace(last, box=last.box.union(dash.box))
            joined[-1] = replace(last, box=last.box.union(field.box), text=last.text + field.text)
        else:
            joined.append(field)
    return joined


def _side_by_side(left: Box, right: Box) -> bool:
    level = abs(left.centre[1] - right.centre[1]) < 0.3 * min(left.height, right.height)
    return level and -0.1 * left.height <= right.x0 - left.x1 <= GAP * left.height


def _between(word: Word, left: Box, right: Box) -> bool:
    level = left.y0 <= word.box.centre[1] <= left.y1
    return level and word.text[0] in "-–—" and left.x1 <= word.box.x0 <= right.x0


def _inside(box: Box, field: Box) -> bool:
    across, down = box.centre
    return field.x0 <= across <= field.x1 and field.y0 <= down <= field.y1
