"""Dates and the currency: chosen with what is known of the document as a whole."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

from ..values import currency_of, find_dates, fold
from .candidates import ENOUGH, Candidate, Finder, agreeing, best
from .readers import find_figures, read_time

_PATTERNS = (
    (re.compile(r"\b(?:DD|JJ|TT)([/.-])MM\1(?:YYYY|AAAA|JJJJ)\b", re.IGNORECASE), "%d{0}%m{0}%Y"),
    (re.compile(r"\bMM([/.-])(?:DD|JJ|TT)\1(?:YYYY|AAAA|JJJJ)\b", re.IGNORECASE), "%m{0}%d{0}%Y"),
)

_OF_NUMBERS = "0123456789 \xa0\u202f\u2009.,'’()+-−–—%"
"""What an amount is made of besides its currency."""


def formatted(value: str, description: str) -> str:
    """An ISO date in the form that the description asks for; ISO stays the rule, other text stays as it is."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        for pattern, form in _PATTERNS:
            match = pattern.search(description)
            if match:
                return date.fromisoformat(value).strftime(form.format(match[1]))
    return value


def choose_date(finder: Finder, concept: str) -> Candidate | None:
    candidates = agreeing(finder.find(concept))
    if concept == "issue_date":
        return best(candidates) or _beside_number(finder) or _bare_date(finder)
    issued = choose_date(finder, "issue_date") if concept in ("due_date",) else None
    if issued is not None:
        later = [candidate for candidate in candidates if candidate.value >= issued.value]
        return best(later) or _limit_in_sentence(finder, issued.value)
    return best(candidates)


_PAYING = re.compile(
    r"\b(?:pay|paid|settle|remit|due|payable|net|zahl|uberweis|begleich|beglichen|bezahl|voldaan|fallig|regl|paie|vire|echeance|betal|voldoe"
    r"|over te maken|overmak|debit|abgebucht|eingezogen|preleve|geincasseerd|afgeschreven|collected)"
)
_PAID = re.compile(
    r"\b(?:paid|received|thanks|settled|reglee?|payee?|acquittee?|recu|bezahlt|beglichen|erhalten|betaald|voldaan"
    r"|ontvangen)\b"
)
"""What was done already; 'to be paid' is still to be done."""
_TO_BE = re.compile(
    r"\b(?:be|etre|zu|te) \w+|\b(?:bezahlt|beglichen|betaald|voldaan) (?:werden|sein|te worden|worden)\b"
)
_UNTIL = re.compile(
    r"\b(?:by|before|until|due|on|bis|spatestens|zum|am|vor dem|le|au|du|jusqu'au|voor|uiterlijk|op|tot|per)\W*$"
)
_DISCOUNT = re.compile(r"\b(?:skonto|escompte|discount|korting|rabatt|remise)\b")


def _limit_in_sentence(finder: Finder, issued: str) -> Candidate | None:
    """The day by which a sentence asks for payment; the last one, for an earlier one may earn a discount."""
    found = []
    for cell in finder.sheet.cells:
        text = fold(cell.text)
        asked = _PAYING.search(text) and not _PAID.search(_TO_BE.sub("", text))
        if len(cell.tokens) < 4 or len(text) != len(cell.text) or not asked:
            continue
        for day in find_dates(cell.text, finder.sheet.style):
            clause = re.split(r"[.;]\s", text[: day.start])[-1]
            if _UNTIL.search(clause) and day.value.isoformat() >= issued and not _DISCOUNT.search(clause[-40:]):
                span = cell.span.cut(day.start, day.end)
                found.append(Candidate(day.value.isoformat(), (span,), 0.6))
    return max(found, key=lambda candidate: str(candidate.value), default=None)


def time_beside_date(finder: Finder) -> Candidate | None:
    """The time of the document, which stands without a label on the line of its date."""
    issued = choose_date(finder, "issue_date")
    for cell in finder.sheet.rows[issued.cell.row] if issued is not None else ():
        for reading in read_time(cell.span, finder.sheet.style):
            return Candidate(reading.value, (reading.span,), 0.5)
    return None


def _beside_number(finder: Finder) -> Candidate | None:
    """'Invoice no 12 of 3 May 2024': the date that follows the number of the document."""
    for label in finder.labels.by_concept["invoice_number"]:
        cells = [label.cell, *finder.sheet.right_of(label.cell)]
        for cell in cells[:3]:
            for day in find_dates(cell.text, finder.sheet.style):
                span = cell.span.cut(day.start, day.end)
                return Candidate(day.value.isoformat(), (span,), 0.55 * label.trust)
    return None


def _bare_date(finder: Finder) -> Candidate | None:
    """The first date of the first page that no other label claims."""
    claimed = {
        (candidate.cell, candidate.spans[0].start)
        for concept in ("due_date", "delivery_date", "order_date", "birth_date", "expiry_date")
        for candidate in finder.find(concept)
        if candidate.score >= ENOUGH
    }
    first_page = finder.sheet.cells[0].page if finder.sheet.cells else 1
    for cell in finder.sheet.cells:
        if cell.page != first_page:
            break
        for day in sorted(find_dates(cell.text, finder.sheet.style), key=lambda day: day.start):
            if (cell, day.start) not in claimed:
                return Candidate(day.value.isoformat(), (cell.span.cut(day.start, day.end),), 0.4)
    return None


def main_currency(finder: Finder) -> Candidate | None:
    """The labelled currency, else the sign that most amounts carry."""
    labelled = best(finder.find("currency"), 0.5)
    if labelled is not None:
        return labelled
    seen: Counter[str] = Counter()
    first: dict[str, Candidate] = {}
    for cell in finder.sheet.cells:
        for span, number in find_figures(cell.span, finder.sheet.style):
            if number.currency:
                seen[number.currency] += 1
                first.setdefault(number.currency, Candidate(number.currency, (span.stripped(_OF_NUMBERS),), 0.7))
    if not seen:
        return _lone_sign(finder)
    most = first[seen.most_common(1)[0][0]]
    return (_named_dollars(finder) if most.spans[0].text == "$" else None) or most


_DOLLARS = re.compile(
    r"(?:(?i:\bin|\btotal|\bamounts?|\bdue|\bbalance|\bprices?)\s+\(?|\()(?P<code>AUD|CAD|NZD|HKD|SGD|TWD|USD)\b"
)


def _named_dollars(finder: Finder) -> Candidate | None:
    """Whose dollars a lone '$' stands for, where the document says it: 'All prices in CAD'."""
    for cell in finder.sheet.cells:
        if match := _DOLLARS.search(cell.text):
            return Candidate(match["code"], (cell.span.cut(*match.span("code")),), 0.7)
    return None


def _lone_sign(finder: Finder) -> Candidate | None:
    """A sign or code away from the amounts, such as in the head of a column."""
    for cell in finder.sheet.cells:
        for match in re.finditer(r"(?:[^\W\d_]{1,3})?\$|[€£¥₹]|\b(?:EUR|USD|GBP|CHF|RM|MYR)\b", cell.text):
            code = currency_of(match[0])
            if code:
                return Candidate(code, (cell.span.cut(match.start(), match.end()),), 0.5)
    return None
