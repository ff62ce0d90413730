"""Draws a proof sheet: A4, one page where the document's values fit on it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from typing import cast

from django.contrib.staticfiles import finders
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from fpdf import FPDF
from fpdf.enums import MethodReturnValue, WrapMode, XPos, YPos
from fpdf.fonts import TTFFont
from PIL import Image

from extractions.models import PageImage, ReviewStatus, Value
from extractions.presentation.document.crops import crop_of, cut
from extractions.presentation.document.fields import Field, Table
from extractions.presentation.proof.contents import Contents
from extractions.presentation.proof.signed import ATTACHMENT

FONT, FILES = "Sans", {"": "vendor/DejaVuSansCondensed.ttf"}
MARGIN, WIDTH, BOTTOM = 14.0, 182.0, 283.0  # millimetres
COLUMNS = (40.0, 50.0, 50.0, 42.0)
LINE, SMALL_LINE, CROP_HEIGHT, GAP = 4.1, 3.3, 7.2, 1.6
INK, QUIET, RULE, ACCENT = (29, 27, 31), (108, 103, 112), (222, 218, 214), (112, 55, 138)
MOST_CROPS = 60
LONGEST_WORD = 26  # letters, for the narrowest column
MOST_ROWS = 40
"""Of one table; the rest is in the attached data."""


class Sheet(FPDF):
    def __init__(self, contents: Contents, *, key: str, attachment: bytes) -> None:
        super().__init__(format="A4")
        self.contents, self.key = contents, key
        self.set_margins(MARGIN, 12, MARGIN)
        self.set_auto_page_break(auto=False)
        for style, file in FILES.items():
            self.add_font(FONT, style, str(finders.find(file)))
        self.set_title(_("Proof sheet: %(name)s") % {"name": contents.extraction.name})
        self.set_creator("Extraction portal")
        self.set_creation_date(contents.made_at)
        self.embed_file(bytes=attachment, basename=ATTACHMENT, mime_type="application/json", compress=True)
        self.images = {image.number: image for image in contents.extraction.pages.all()}
        self.words = {page.number: page.words for page in contents.extraction.page_words.all()}
        self.crops_left = MOST_CROPS

    def draw(self) -> bytes:
        self.add_page()
        self._heading()
        self._facts()
        self._values()
        for table in self.contents.outline.tables:
            self._table(table)
        self._proof()
        return bytes(self.output())

    # Parts

    def _heading(self) -> None:
        self._text(_("Proof sheet"), 8, ACCENT, height=4)
        self._text(self.contents.extraction.name, 15, INK, height=7)
        approval = self._approval()
        self._text(approval, 9, INK, height=4.6)
        self.ln(1.5)

    def _approval(self) -> str:
        extraction = self.contents.extraction
        facts = {"person": extraction.approved_by or "—", "at": _when(extraction.approved_at)}
        words = _("Approved by %(person)s, %(at)s.") % facts
        if extraction.first_approved_by_id:
            words += " " + _("First approval by %(person)s.") % {"person": extraction.first_approved_by}
        if extraction.override_reason:
            words += " " + _("Approved all the same, because: %(reason)s") % {"reason": extraction.override_reason}
        return words

    def _facts(self) -> None:
        extraction = self.contents.extraction
        pages = ngettext("%(count)d page", "%(count)d pages", extraction.page_count)
        facts = [
            (_("Received"), f"{_when(extraction.received_at)}, {extraction.owner or '—'}"),
            (_("Team"), str(extraction.team)),
            (_("Schema"), str(extraction.schema or "—")),
            (_("File"), pages % {"count": extraction.page_count}),
        ]
        self._text("   ".join(_said(label, text) for label, text in facts), 7.5, QUIET, height=3.8)
        self.ln(1.5)

    def _values(self) -> None:
        fields = self.contents.single_fields
        if not fields:
            return
        self._row([(_("Field"), QUIET), (_("Value"), QUIET), (_("Evidence"), QUIET), (_("By whom"), QUIET)], size=7)
        for label, field in fields:
            self._value_row(label, field)
        self.ln(1.5)

    def _value_row(self, label: str, field: Field) -> None:
        crop = self._crop(field.value)
        text = _with_unit(field) or _answer(field.value)
        if field.was:
            text += "\n" + _("was %(was)s") % {"was": field.was}
        cells = [(label, QUIET), (text, INK), ("", INK), (self._by_whom(field.value), QUIET)]
        self._row(cells, crop=crop, place=_place(field) if crop is None else "")

    def _crop(self, value: Value | None) -> bytes | None:
        image: PageImage | None = self.images.get(value.page) if value is not None and value.page else None
        wanted = crop_of(image, value.boxes) if image is not None and value is not None else None
        if wanted is None or not self.crops_left:
            return None
        try:
            picture = cut(wanted, self.words.get(image.number, ()) if image is not None else ())
        except OSError:  # missing or unreadable
            return None
        self.crops_left -= 1
        return picture

    def _by_whom(self, value: Value | None) -> str:
        if value is None:
            return ""
        change = self.contents.changes.get(value.path)
        if value.corrected or value.answer:
            person, at = (change.author, change.at) if change else (value.confirmed_by, value.confirmed_at)
            return _("corrected by %(person)s, %(at)s") % {"person": person or "—", "at": _when(at)}
        if value.confirmed_at:
            facts = {"person": value.confirmed_by or "—", "at": _when(value.confirmed_at)}
            return _("confirmed by %(person)s, %(at)s") % facts
        if value.standing == ReviewStatus.BY_EVIDENCE:
            return _("confirmed by evidence")
        return _("with the approval")

    def _table(self, table: Table) -> None:
        rows = table.rows[:MOST_ROWS]
        if not rows:
            return
        self._text(table.title, 8, INK, height=4.6)
        across = WIDTH / max(1, len(table.columns))
        numeric = [column.numeric for column in table.columns]
        self._cells([column.label for column in table.columns], across, QUIET, numeric)
        for row in rows:
            self._cells([_with_unit(cell) for cell in row], across, INK, numeric)
        left = table.left_out + len(table.rows) - len(rows)
        if left:
            words = ngettext(
                "%(count)d more row is in the attached data.", "%(count)d more rows are in the attached data.", left
            )
            self._text(words % {"count": left}, 7, QUIET, height=3.6)
        self.ln(1.5)

    def _proof(self) -> None:
        contents = self.contents
        lines = list(self._proof_lines())
        self._room(sum(self._height(_said(label, text), WIDTH, 7, SMALL_LINE) for label, text in lines) + 8)
        self._rule()
        for label, text in lines:
            self._text(_said(label, text), 7, QUIET, height=SMALL_LINE)
        made = {"person": contents.made_by or "—", "at": _when(contents.made_at)}
        self._text(_("Made by %(person)s, %(at)s.") % made, 7, QUIET, height=SMALL_LINE)

    def _proof_lines(self) -> Iterator[tuple[str, str]]:
        contents, payload = self.contents, self.contents.payload()
        yield _("SHA-256 of the original"), contents.extraction.sha256
        yield _("SHA-256 of the result"), payload["result"]["sha256"]
        if contents.entries:
            facts = {"count": len(contents.entries), "first": contents.entries[0].position,
                     "last": contents.entries[-1].position, "end": contents.head}  # fmt: skip
            yield _("In the audit log"), ngettext(
                "%(count)d line, at position %(first)d; the log ended at %(end)s",
                "%(count)d lines, from position %(first)d to %(last)d; the log ended at %(end)s",
                len(contents.entries),
            ) % facts  # fmt: skip
        yield (
            _("Signed"),
            _("Ed25519, with the key %(key)s of this portal; every byte of this file counts") % {"key": self.key},
        )
        yield _("To verify"), "manage.py verify_proof FILE"
        yield _("Attached"), _("%(name)s: all values, changes and lines of the log as data") % {"name": ATTACHMENT}

    # Drawing

    def _row(
        self,
        cells: list[tuple[str, tuple[int, int, int]]],
        *,
        size: float = 8,
        crop: bytes | None = None,
        place: str = "",
    ) -> None:
        texts = [(text or (place if column == 2 else ""), colour) for column, (text, colour) in enumerate(cells)]
        heights = [
            self._height(text, width - GAP, size if column < 2 else 7, SMALL_LINE if column > 1 else LINE)
            for column, ((text, _colour), width) in enumerate(zip(texts, COLUMNS, strict=True))
        ]
        height = max(*heights, CROP_HEIGHT if crop else 0) + GAP
        self._room(height)
        top, left = self.get_y(), MARGIN
        for column, ((text, colour), width) in enumerate(zip(texts, COLUMNS, strict=True)):
            self.set_xy(left, top + GAP / 2)
            self._write(text, size if column < 2 else 7, colour, width - GAP, SMALL_LINE if column > 1 else LINE)
            if column == 2 and crop:
                self._picture(crop, left, top + GAP / 2, width - GAP)
            left += width
        self.set_y(top + height)
        self._rule()

    def _picture(self, crop: bytes, left: float, top: float, room: float) -> None:
        """As large as fits, at the left."""
        with Image.open(io.BytesIO(crop)) as picture:
            ratio = picture.width / max(1, picture.height)
        width = min(room, CROP_HEIGHT * ratio)
        self.image(io.BytesIO(crop), left, top, w=width, h=width / ratio)

    def _cells(self, texts: list[str], across: float, colour: tuple[int, int, int], numeric: list[bool]) -> None:
        height = max([self._height(text, across - GAP, 7, SMALL_LINE) for text in texts] or [SMALL_LINE]) + GAP / 2
        self._room(height)
        top = self.get_y()
        for number, (text, is_number) in enumerate(zip(texts, numeric, strict=True)):
            self.set_xy(MARGIN + number * across, top + GAP / 4)
            self._write(text, 7, colour, across - GAP, SMALL_LINE, align="R" if is_number else "L")
        self.set_y(top + height)
        self._rule()

    def _text(self, text: str, size: float, colour: tuple[int, int, int], *, height: float) -> None:
        self._room(self._height(text, WIDTH, size, height))
        self.set_x(MARGIN)
        self._write(text, size, colour, WIDTH, height)

    def _write(
        self, text: str, size: float, colour: tuple[int, int, int], width: float, line: float, *, align: str = "L"
    ) -> None:
        self.set_font(FONT, size=size)
        self.set_text_color(*colour)
        shown, mode = self._drawable(text), _wrapping(text)
        self.multi_cell(width, line, shown, align=align, wrapmode=mode, new_x=XPos.LEFT, new_y=YPos.NEXT)

    def _height(self, text: str, width: float, size: float, line: float) -> float:
        self.set_font(FONT, size=size)
        shown = self._drawable(text)
        if not shown:
            return 0.0
        output = MethodReturnValue.HEIGHT
        height = self.multi_cell(width, line, shown, dry_run=True, output=output, wrapmode=_wrapping(text))
        return float(cast("float", height))

    def _drawable(self, text: str) -> str:
        """With a box for each letter that the font lacks; the attached data have them all."""
        known = cast("TTFFont", self.fonts[FONT.lower()]).cmap
        return "".join(letter if letter == "\n" or ord(letter) in known else "□" for letter in text)

    def _room(self, height: float) -> None:
        if self.get_y() + height > BOTTOM:
            self.add_page()

    def _rule(self) -> None:
        self.set_draw_color(*RULE)
        self.set_line_width(0.1)
        self.line(MARGIN, self.get_y(), MARGIN + WIDTH, self.get_y())

    def footer(self) -> None:
        self.set_y(-10)
        self.set_font(FONT, size=6.5)
        self.set_text_color(*QUIET)
        self.cell(WIDTH / 2, 4, self._drawable(self.contents.extraction.name))
        self.cell(WIDTH / 2, 4, f"{self.page_no()} / {{nb}}", align="R")


def _wrapping(text: str) -> WrapMode:
    """Between words, but for words that fit on no line."""
    return WrapMode.CHAR if len(max(text.split(), key=len, default="")) > LONGEST_WORD else WrapMode.WORD


def _said(label: str, text: str) -> str:
    return _("%(label)s: %(text)s") % {"label": label, "text": text}


def _when(at: datetime | None) -> str:
    return date_format(localtime(at), "SHORT_DATETIME_FORMAT") if at else "—"


def _place(field: Field) -> str:
    return _("p. %(page)s") % {"page": field.page} if field.page else ""


def _with_unit(field: Field) -> str:
    return f"{field.text}\u00a0{field.unit}" if field.unit else field.text


def _answer(value: Value | None) -> str:
    return str(value.get_answer_display()) if value is not None and value.answer else ""


def draw(contents: Contents, *, key: str, attachment: bytes) -> bytes:
    return Sheet(contents, key=key, attachment=attachment).draw()
