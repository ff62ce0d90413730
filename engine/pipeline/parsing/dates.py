"""Dates: chosen with what is known of the document as a whole."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise

from reading.literals.dates import find_dates
from reading.normalization import fold
from reading.vocabulary import any_of

from .candidates import ENOUGH, Candidate, Finder, agreeing, best
from .readers import read_time
from .text_grid import Cell
from .titles import titles_of

_PATTERNS = (
    (re.compile(r"\b(?:DD|JJ|TT)([/.-])MM\1(?:YYYY|AAAA|JJJJ)\b", re.IGNORECASE), "%d{0}%m{0}%Y"),
    (re.compile(r"\bMM([/.-])(?:DD|JJ|TT)\1(?:YYYY|AAAA|JJJJ)\b", re.IGNORECASE), "%m{0}%d{0}%Y"),
)


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
    if concept in ("period_start", "period_end"):
        return _of_period(finder, concept) or best(candidates)
    if concept in _TITLED and not best(candidates) and _is_dated_so(finder, concept):
        return choose_date(finder, "issue_date")
    if issued is not None:
        later = [candidate for candidate in candidates if candidate.value >= issued.value]
        return best(later) or _limit_in_sentence(finder, issued.value)
    return best(candidates)


_TITLED = {"quote_date": "quote", "order_date": "purchase_order"}
"""Dates that are the date of the document if that is what it is."""
_NUMBERED = {"quote_date": "quote_number"}
"""Whose number alone says what a document is; that of an order stands on what follows it, too."""
_PLAINLY = 0.7
_TO = re.compile(rf"\W*(?:{any_of('terms', 'between_days')})?\W*")
"""What stands between the days of a period."""
_GLUED = re.compile(r"(?<=[./]\d{4})[-–](?=\d{1,2}[./]\d)")
"""A dash between two days with no blanks."""
_FIRST_DAY = re.compile(
    r"(?<![\d.,/])(?P<d>\d{1,2})(?:\.|st|nd|rd|th|er)?(?:[./](?P<m>\d{1,2})[./]?)?"
    rf"\s*(?:[-–—]|{any_of('terms', 'between_days')})\s*$"
)
"""'01.' or '1/3' before the last day, which says the month and year."""


def _is_dated_so(finder: Finder, concept: str) -> bool:
    """Whether the date of the document is what is asked for: by its title, else by the only number that it has."""
    if titles := titles_of(finder.grid):
        return _TITLED[concept] in titles
    own = concept in _NUMBERED and best(finder.find(_NUMBERED[concept]), _PLAINLY)
    return bool(own) and best(finder.find("invoice_number"), _PLAINLY) is None


def _of_period(finder: Finder, concept: str) -> Candidate | None:
    """The first or last day of a period printed as two dates; that beside a label of it before any other."""
    labelled = [label.cell for label in finder.labels.by_concept["period"]]
    beside = [other for cell in labelled for other in (cell, *finder.grid.right_of(cell)[:1])]
    first_page = [cell for cell in finder.grid.cells if cell.page == finder.grid.cells[0].page]
    for cell, score in [*((cell, 0.8) for cell in beside), *((cell, 0.6) for cell in first_page)]:
        if cell in finder.banned and score < 0.8:
            continue
        days = _period_in(cell, finder)
        if days is not None:
            value, start, end = days[concept == "period_end"]
            return Candidate(value.isoformat(), (cell.span.cut(start, end),), score)
    return None


def _period_in(cell: Cell, finder: Finder) -> tuple[tuple[date, int, int], tuple[date, int, int]] | None:
    """Two days with nothing but a dash or 'to' between them, and where they stand."""
    text = _GLUED.sub(" ", cell.text)
    days = sorted(find_dates(text, finder.grid.style), key=lambda day: day.start)
    for one, two in pairwise(days):
        between = fold(cell.text[one.end : two.start])
        if one.value <= two.value and between.strip() and _TO.fullmatch(between):
            return (one.value, one.start, one.end), (two.value, two.start, two.end)
    for day in days:
        match = _FIRST_DAY.search(cell.text[: day.start])
        if match is None:
            continue
        try:
            begin = day.value.replace(day=int(match["d"]), month=int(match["m"] or day.value.month))
        except ValueError:
            continue
        if begin <= day.value:
            end = match.end("m") if match["m"] else match.end("d")
            return (begin, match.start(), end), (day.value, day.start, day.end)
    return None


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
    for cell in finder.grid.cells:
        text = fold(cell.text)
        demands = _PAYING.search(text) and not _PAID.search(_TO_BE.sub("", text))
        if len(cell.tokens) < 4 or len(text) != len(cell.text) or not demands:
            continue
        for day in find_dates(cell.text, finder.grid.style):
            clause = re.split(r"[.;]\s", text[: day.start])[-1]
            if _UNTIL.search(clause) and day.value.isoformat() >= issued and not _DISCOUNT.search(clause[-40:]):
                span = cell.span.cut(day.start, day.end)
                found.append(Candidate(day.value.isoformat(), (span,), 0.6))
    return max(found, key=lambda candidate: str(candidate.value), default=None)


def time_beside_date(finder: Finder) -> Candidate | None:
    """The time of the document, which stands without a label on the line of its date."""
    issued = choose_date(finder, "issue_date")
    for cell in finder.grid.rows[issued.cell.row] if issued is not None else ():
        for reading in read_time(cell.span, finder.grid.style):
            return Candidate(reading.value, (reading.span,), 0.5)
    return None


def _beside_number(finder: Finder) -> Candidate | None:
    """'Invoice no 12 of 3 May 2024': the date that follows the number of the document."""
    for label in finder.labels.by_concept["invoice_number"]:
        cells = [label.cell, *finder.grid.right_of(label.cell)]
        for cell in cells[:3]:
            for day in find_dates(cell.text, finder.grid.style):
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
    first_page = finder.grid.cells[0].page if finder.grid.cells else 1
    for cell in finder.grid.cells:
        if cell.page != first_page:
            break
        for day in sorted(find_dates(cell.text, finder.grid.style), key=lambda day: day.start):
            if (cell, day.start) not in claimed:
                return Candidate(day.value.isoformat(), (cell.span.cut(day.start, day.end),), 0.4)
    return None
