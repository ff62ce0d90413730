"""Business cards and the heads of résumés: who somebody is and how to reach them, with hardly a label."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz

from reading.document import Page
from reading.literals.companies import legal_form
from reading.literals.dates import find_dates
from reading.literals.numbers import find_numbers
from reading.normalization import fold
from reading.vocabulary import any_of, word_set

from ... import doctypes
from ..candidates import Candidate
from ..phrases import PARTY_PHRASES
from ..readers import read_email, read_phone, read_url
from ..text_grid import Cell, Span, TextGrid
from .labelled import RECORD_PHRASES

_ROLES = word_set("business_cards", "job_titles")
_LEGAL = re.compile(rf"\b(?:{legal_form('cards')}|{any_of('business_cards', 'company_words')})\b", re.IGNORECASE)
_STREET = re.compile(rf"\b(?:{any_of('business_cards', 'street_words')})\b|stra(?:ss|ß)e\b", re.IGNORECASE)
_LABEL = re.compile(r"\w\s?:(?:\s|$)")
_TOWN = re.compile(r"\b\d{4,5}(?:-\d{4})?\b|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b")
_KINDS = {
    "mobile": re.compile(r"\b(?:m|mob|mobile|cell|cellular|portable|port|mobil|handy|gsm|c)\b", re.IGNORECASE),
    "fax": re.compile(r"\b(?:f|fax|telefax|t[ée]l[ée]copie)\b", re.IGNORECASE),
    "phone": re.compile(
        r"\b(?:t|p|o|tel|tél|phone|telephone|téléphone|telefon|office|direct|fon|work)\b", re.IGNORECASE
    ),
}
_REACHED = re.compile(
    r"[\w.+-]+@[\w-]+\.\w|\bwww\."
    r"|(?:\+|\b(?:tel|t[ée]l|phone|mobil|mob|portable|cell|fon)\w*\W{1,4}\(?)\d[\d .()/-]{6,}\d",
    re.IGNORECASE,
)
_OF_INSURANCE = re.compile(
    r"\bvitale\b|assurance maladie|health plan|insurance card|krankenkasse|iban\b|versichertenkarte"
)
_MOST_LINES, _HEAD = 22, 0.35
_ALSO_ON_CARDS = ("business_card", "form", "insurance")
"""Kinds that a card may look like: its lines have labels, and the company may be an insurer."""
_OTHER_KIND, _LETTER = 0.75, 0.3
_NAME_WORDS = (2, 5)
_ALIKE = 80
_SCORE = 0.75
_FREE = word_set("business_cards", "mail_services")


def is_business_card(pages: Sequence[Page], grid: TextGrid) -> bool:
    """One page with a few lines, of which one is a web, e-mail or phone contact, and no money, no heading of
    another kind of document and none of a party."""
    if len(pages) != 1 or not 3 <= len(pages[0].lines) <= _MOST_LINES:
        return False
    text = pages[0].text
    money = any(number.places == 2 for number in find_numbers(text))
    reached = bool(_REACHED.search(text)) and not money and not _OF_INSURANCE.search(fold(text))
    return reached and not _is_other_kind(pages) and not any(_heads_party(cell) for cell in grid.cells)


def _is_other_kind(pages: Sequence[Page]) -> bool:
    shown = doctypes.kinds_shown(pages)
    others = max(score for kind, score in shown.items() if kind not in _ALSO_ON_CARDS)
    return others >= _OTHER_KIND or shown["letter"] >= _LETTER


def _heads_party(cell: Cell) -> bool:
    """Whether this is like 'Ship to' or 'Customer: ...'; the word for a firm may also label a line of a card."""
    for match in PARTY_PHRASES.find(cell.tokens)[:1]:
        behind = cell.text[cell.tokens[match.last].end :].lstrip()
        own = RECORD_PHRASES.exact([token.text for token in cell.tokens[: match.last + 1]])
        return match.first == 0 and not own and (behind.startswith(":") or (not behind and match.words > 1))
    return False


def is_resume(pages: Sequence[Page]) -> bool:
    shown = doctypes.kinds_shown(pages)
    return bool(shown) and max(shown, key=lambda kind: shown[kind]) == "resume"


class Card:
    """The lines of a card by what they are; of a longer document only its head is looked at for names."""

    def __init__(self, grid: TextGrid) -> None:
        self.grid = grid
        first = [cell for cell in grid.cells if cell.page == grid.cells[0].page]
        self.cells = first if len(first) <= 2 * _MOST_LINES else [cell for cell in first if cell.box.y0 < _HEAD]
        self._all = first
        self.email = self._pattern("email")

    def find(self, concept: str) -> Candidate | None:
        match concept:
            case "full_name":
                return self._span(self._name())
            case "surname" | "given_names":
                return self._part_of_name(concept)
            case "job_title":
                return self._span(self._title())
            case "company":
                return self._span(self._company())
            case "address":
                return self._address()
            case _:
                return self._pattern(concept)

    @staticmethod
    def _span(cell: Cell | None) -> Candidate | None:
        span = cell.span.stripped(" \t:;,.-–—·•●|/#*=☑☐") if cell is not None else None
        return Candidate(span.text, (span,), _SCORE) if span is not None and span.text else None

    def _pattern(self, concept: str) -> Candidate | None:
        if concept in _KINDS:
            return self._number(concept)
        if concept not in ("email", "website", "linkedin"):
            return None
        for cell in self._all:
            for reading in (read_email if concept == "email" else read_url)(cell.span, self.grid.style):
                around = cell.text[max(0, reading.span.start - 1) : reading.span.end + 1]
                of_net = concept == "email" or "@" not in around
                if of_net and (concept == "linkedin") == ("linkedin" in reading.value):
                    return Candidate(reading.value, (reading.span,), 0.9)
        return None

    def _number(self, kind: str) -> Candidate | None:
        """A telephone number by the word or letter before it; one without counts as the plain telephone, the more so
        if it begins as such numbers do."""
        free: list[Candidate] = []
        for cell in self._all:
            days = list(find_dates(cell.text, self.grid.style))
            for reading in read_phone(cell.span, self.grid.style):
                if any(day.start < reading.span.end and reading.span.start < day.end for day in days):
                    continue
                left = self.grid.before(cell)
                before = cell.text[: reading.span.start] or (left.text if left else "")
                found = Candidate(reading.value, (reading.span,), 0.85)
                if _KINDS[kind].search(before):
                    return found
                if kind == "phone" and not _KINDS["fax"].search(before):
                    free.append(found)
        return max(free, key=lambda one: str(one.value).lstrip("(").startswith(("+", "0")), default=None)

    def _wordy(self) -> Iterator[Cell]:
        for cell in self.cells:
            text = cell.text
            net = "@" in text or "www" in text.lower()
            wordy = sum(char.isalpha() for char in text) >= 3 and not any(char.isdigit() for char in text)
            if wordy and not net and not _STREET.search(fold(text)):
                yield cell

    def _title(self) -> Cell | None:
        def roles(cell: Cell) -> int:
            return sum(token.text in _ROLES for token in cell.tokens)

        titled = [cell for cell in self._wordy() if roles(cell) and len(cell.tokens) <= 9 and cell is not self._name()]
        return max(titled, key=lambda cell: roles(cell) / len(cell.tokens), default=None)

    def _name(self) -> Cell | None:
        """Like the address of the e-mail; else capitalised words, the larger the likelier."""
        likely = []
        local = re.split(r"@", str(self.email.value))[0] if self.email else ""
        for cell in self._wordy():
            words = re.findall(r"[^\W\d_][\w.'’-]*", cell.text)
            if not _NAME_WORDS[0] <= len(words) <= _NAME_WORDS[1] or _LEGAL.search(cell.text):
                continue
            if _LABEL.search(cell.text) or doctypes.plainly_named(cell.text) or not words[0][0].isupper():
                continue
            if any(token.text in _ROLES for token in cell.tokens) or not all(
                word[0].isupper() for word in words if len(word) > 3
            ):
                continue
            likely.append((_like_local(words, local), cell.box.height, cell))
        best = max(likely, key=lambda entry: entry[:2], default=None)
        return best[2] if best else None

    def _part_of_name(self, concept: str) -> Candidate | None:
        cell = self._name()
        if cell is None:
            return None
        span = cell.span.stripped()
        words = span.text.split()
        capitals = [word for word in words if word.isupper() and len(word) > 1]
        last = capitals if 0 < len(capitals) < len(words) else words[-1:]
        chosen = last if concept == "surname" else [word for word in words if word not in last]
        text = " ".join(chosen)
        at = span.text.find(text)
        return Candidate(text, (span.cut(at, at + len(text)) if at >= 0 else span,), _SCORE) if text else None

    def _company(self) -> Cell | None:
        """The line that the domain repeats; else one with a legal form, else the largest other line."""
        taken = (self._name(), self._title())
        others = [cell for cell in self._wordy() if cell not in taken]
        domain = self._domain()
        said = [cell for cell in others if domain and _says(domain, cell.text)]
        if said:
            return max(said, key=lambda cell: fuzz.ratio(_letters(cell.text), domain))
        formed = [cell for cell in others if _LEGAL.search(cell.text)]
        likely = formed or [cell for cell in others if len(cell.tokens) <= 6 and len(self._all) <= _MOST_LINES]
        return max(likely, key=lambda cell: cell.box.height, default=None)

    def _domain(self) -> str:
        for found, at in ((self.email, r"@"), (self._pattern("website"), r"^(?:https?://)?(?:www\.)?")):
            if found is not None:
                host = re.split(at, str(found.value))[-1]
                name = host.split("/")[0].rsplit(".", 1)[0].split(".")[-1]
                if name.casefold() not in _FREE:
                    return _letters(name)
        return ""

    def _address(self) -> Candidate | None:
        """The lines with a street, a house number or a town, one below the other."""
        lines: list[Span] = []
        for cell in self.cells:
            close = not lines or cell.box.y0 - lines[-1].box.y1 < 2 * cell.box.height
            if close and self._is_place(cell):
                lines.append(cell.span.stripped())
        text = ", ".join(line.text for line in lines)
        return Candidate(text, tuple(lines), _SCORE) if lines else None

    def _is_place(self, cell: Cell) -> bool:
        text = cell.text
        if "@" in text or not any(char.isdigit() for char in text):
            return False
        if any(True for _ in read_phone(cell.span, self.grid.style)):
            return False
        return bool(_STREET.search(fold(text)) or _TOWN.search(text) or re.match(r"\d+\w?,? \w", text))


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", fold(text))


def _says(domain: str, text: str) -> bool:
    said = _letters(text)
    if len(said) < 3 or len(domain) < 3:
        return False
    return said in domain or domain in said or fuzz.ratio(said, domain) >= _ALIKE


def _like_local(words: Sequence[str], local: str) -> float:
    """How many words of a name the part before the @ contains, whole or as initials."""
    said = _letters(local)
    if not said:
        return 0.0
    plain = [_letters(word) for word in words]
    whole = sum(len(word) > 1 and word in said for word in plain)
    initials = sum(word[:1] == said[:1] for word in plain if word and word not in said)
    return whole + 0.5 * min(initials, 1) if whole else 0.0
