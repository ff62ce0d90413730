"""The head of a receipt: the shop's name and address in its first lines, with no labels at all."""

from __future__ import annotations

import re

from reading.document import Source
from reading.literals.companies import legal_form
from reading.literals.dates import find_dates
from reading.normalization import fold
from reading.ocr.repairs import unjoined
from reading.vocabulary import any_of

from .candidates import Candidate
from .headings import is_party_heading
from .text_grid import Cell, Span, TextGrid

_LOOKED_AT = 16


_TITLES = """(?:simplified |sales |cash )?(?:tax ?)?(?:invoice|receipt)s?|cash (?:bill|sales?)|official receipt|copy
    |reprint(?:ed)?|duplicata?|original|customer copy|facture|ticket|recu|rechnung|quittung|kassenbon|bon|factuur
    |welcome(?: to)?|bienvenue|willkommen|guest check|bill|pre-?authori[sz]ation|take ?(?:away|out)|dine in
    |self collect|posted|paid"""
_TITLE = re.compile(rf"^\W*(?:{re.sub(chr(10) + ' *', '', _TITLES)})\W*$")
_STOP = re.compile(rf"\b(?:{any_of('receipts', 'after_head')})\b")
_REGISTERED = re.compile(
    r"\s*[\[(]?\s*(?:(?:co(?:mpany)?|roc|reg|business)?\.?\s*(?:reg(?:istration|\.)?)?\.?\s*(?:no|nr|number)?\.?\s*[:.]?\s*)"
    r"\(?\d{3,8}\s?-?\s?[A-Z]\)?\s*[\])]?\s*$",
    re.IGNORECASE,
)
_ONLY_NUMBER = re.compile(r"^[\W_]*(?:[a-z.]{0,8}[\W_]*)?[\d\W_]{4,}(?:[a-z]{1,2})?[\W_]*$")
_COMPANY = re.compile(rf"\b(?:{legal_form('receipts')}|{any_of('receipts', 'name_words')})\b")
_STREET = re.compile(rf"\b(?:{any_of('receipts', 'street_words')})\b")
_NUMBERED = re.compile(r"^\W*(?:co|company|compa\w*|business|roc|ssm|gst|sst|tin|reg\w*)\b.*\b(?:no|nr|number|id)\b")
_LEGAL_FORM = re.compile(rf"\b(?:{legal_form('receipts')})\b")
_MISREAD_FORM = re.compile(r"\bS[DBO]N\.? ?[B8E3][HN][DO0]\b(?<!SDN BHD)(?<!SDN\.BHD)(?<!SDN\. BHD)")
_AFTER_FORM = re.compile(r"(?<=\b(?:BHD|LTD|INC|LLC|PLC))(?:\b\W+\d[\d\W]*)$", re.IGNORECASE)
_ENOUGH_LETTERS = 3
_SHORTEST_LINE = 8
"""An address begins with no less; what is shorter is dirt or handwriting."""


class Head:
    """The first lines of a receipt, read once."""

    def __init__(self, grid: TextGrid) -> None:
        self._grid = grid
        self._rows = [row for row in grid.rows if row[0].page == grid.rows[0][0].page][:_LOOKED_AT] if grid.rows else []
        self._texts = [" ".join(cell.text for cell in row) for row in self._rows]
        words = [word for row in self._rows for cell in row for word in cell.words]
        self._recognised = any(word.source is Source.OCR for word in words)
        self._name_at = self._find_name()

    @property
    def company(self) -> Candidate | None:
        if self._name_at is None:
            return None
        first, last = self._name_at
        text = " ".join(self._texts[first : last + 1])
        spans = [cell.span for row in self._rows[first : last + 1] for cell in row]
        name = _AFTER_FORM.sub("", _REGISTERED.sub("", self._spaced(text))).strip(" -*.,:;")
        if last == first and len(spans) == 1 and name in spans[0].text:
            start = spans[0].text.index(name)
            spans = [spans[0].cut(start, start + len(name))]
        return Candidate(name, tuple(spans), 0.6) if name else None

    @property
    def address(self) -> Candidate | None:
        """The lines below the name up to the first one that is about something else."""
        if self._name_at is None:
            return None
        lines: list[list[Cell]] = []
        for index in range(self._name_at[1] + 1, len(self._rows)):
            kind = self._kind(index, started=bool(lines))
            if kind == "stop":
                break
            if kind == "address":
                lines.append(self._rows[index])
            elif lines:
                break
        if not lines:
            return None
        spans = tuple(Span(cell, 0, len(cell.text)) for row in lines for cell in row)
        return Candidate(self._spaced(" ".join(span.text for span in spans)).strip(" ,."), spans, 0.6)

    def _spaced(self, text: str) -> str:
        """Recognition loses blanks: a capital after a small letter, or a post code, tells where one was."""
        if not self._recognised:
            return text
        text = _MISREAD_FORM.sub("SDN BHD", text)
        text = re.sub(r"(?<=[a-z]{2})(?=[A-Z][a-z])", " ", text)
        text = re.sub(r"(?<=\b\d{5})(?=[A-Z][A-Za-z]{2})", " ", text)
        text = re.sub(r"[^\W\d_]{10,}", lambda match: unjoined(match[0]), text)
        return re.sub(r"\b(lot|no|jalan|jln)(?=\d)", r"\1 ", text, flags=re.IGNORECASE)

    def _kind(self, index: int, *, started: bool) -> str:
        """Whether a line is part of the address, is to be passed over, or ends it."""
        text = fold(self._texts[index])
        plain = self._texts[index].strip()
        if _REGISTERED.fullmatch(plain) or _TITLE.match(text) or _NUMBERED.match(text) or any(find_dates(plain)):
            return "skip"
        if not started and (re.fullmatch(r"\(.*\)", plain) or (_COMPANY.search(text) and not _STREET.search(text))):
            return "skip"
        if _STOP.search(text):
            return "stop" if started or not re.search(r"\b(?:gst|reg|roc|co)\b|\bno\b", text) else "skip"
        if _ONLY_NUMBER.match(text) and not (started and self._texts[index - 1].rstrip()[-1:].isdigit()):
            return "skip"  # unless a post code is broken over two lines
        if not started and len(text) < _SHORTEST_LINE:
            return "skip"
        looks_so = bool(_STREET.search(text)) or bool(re.search(r"\d", text)) or "," in text
        return "address" if looks_so or started else "skip"

    def _find_name(self) -> tuple[int, int] | None:
        usable: list[int] = []
        for index, text in enumerate(self._texts[:9]):
            folded = fold(text)
            letters = sum(char.isalpha() for char in text)
            noise = _TITLE.match(folded) or _NUMBERED.match(folded) or _ONLY_NUMBER.match(folded)
            heading = len(self._rows[index]) == 1 and is_party_heading(self._rows[index][0])
            if letters < _ENOUGH_LETTERS or noise or heading or any(find_dates(text)):
                continue
            address = _STREET.search(folded) and re.search(r"\d", folded) and not _COMPANY.search(folded)
            if usable and (address or (_STOP.search(folded) and not _COMPANY.search(folded))):
                break
            if not _STOP.search(folded) or _COMPANY.search(folded):
                usable.append(index)
        if not usable:
            return None
        named = [index for index in usable[:4] if _COMPANY.search(fold(self._texts[index]))]
        first = named[0] if named else usable[0]
        if not named and re.search(r"\d", self._texts[first]):  # dirt, or the end of another receipt
            first = next((at for at, text in enumerate(self._texts) if _LEGAL_FORM.search(fold(text))), first)
        return self._with_continuation(first, usable)

    def _with_continuation(self, first: int, usable: list[int]) -> tuple[int, int]:
        """A legal form alone on a line belongs to the name above or, when it stands alone, below."""
        form = re.compile(
            r"^\W*(?:\(\w+\)\s*)?(?:sdn\W*|bhd\W*|co\W*|ltd\W*|gmbh|s\.?a\.?(?:r\.?l\.?)?)+(?:\W*\(.*\))?\W*$"
        )
        if form.match(fold(self._texts[first])) and first - 1 in usable:
            return first - 1, first
        begins = _COMPANY.match(fold(self._texts[first])) and not form.match(fold(self._texts[first]))
        if begins and first - 1 in usable and len(self._texts[first].split()) > 1:
            return (
                (first - 1, first)
                if not _COMPANY.search(fold(self._texts[first - 1])) and self._alike(first)
                else (first, first)
            )
        after = first + 1
        if after < len(self._texts) and self._texts[first].rstrip().endswith(("&", " and", " et", " und")):
            return first, after
        if after < len(self._texts) and form.match(fold(self._texts[after])):
            return first, after
        return first, first

    def _alike(self, index: int) -> bool:
        """Whether a line is printed in letters of about the size of the line above."""
        one, other = self._rows[index][0].box.height, self._rows[index - 1][0].box.height
        return 0.7 < one / other < 1.4 and self._texts[index].isupper() == self._texts[index - 1].isupper()
