"""How something was paid; what was handed over and given back at the till proves the total between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from reading.normalization import fold

from .candidates import ENOUGH, Candidate, Finder, agreeing, best
from .readers import find_figures
from .tender import is_means_of_payment
from .text_grid import Cell, Span

_PROVED, _SAME = 0.8, 0.25
_PAID_WITH = re.compile(r"[\s:]*(?:by|in|with|via|par|en|mit|per|met|con|mediante)\b")
_OF_PAYMENT = ("payment_method", "prepaid_amount")
"""'Paid by', and 'paid' with what follows."""
_TENDERED = 0.5


def means_of_payment(finder: Finder) -> Candidate | None:
    """What is labelled so, a known one rather than any words; else the only one beside an amount, as tills print it."""
    labelled = best(sorted(_known(finder), key=lambda one: -one.score)) or best(agreeing(finder.find("payment_method")))
    if labelled is not None:
        return labelled
    found = [cell for cell in finder.grid.cells if _is_tender(finder, cell)]
    if len({fold(cell.text) for cell in found}) != 1:
        return None
    span = found[0].span.stripped()
    return Candidate(span.text, (span,), _TENDERED)


def _known(finder: Finder) -> Iterator[Candidate]:
    """Names of means of payment where a label of one points to, or behind 'paid'."""
    for label in (label for concept in _OF_PAYMENT for label in finder.labels.by_concept[concept]):
        behind = Span(label.cell, label.end, len(label.cell.text))
        places = [(behind, 1.0)]
        if "payment_method" in label.concepts:
            places += [(region.span, region.geometry) for region in finder.labels.regions(label)]
        for place, geometry in places:
            said = _PAID_WITH.match(fold(place.text))
            span = place.cut(said.end(), len(place.text)).stripped() if said else place.stripped()
            if is_means_of_payment(span.text):
                yield Candidate(span.text, (span,), max(label.concepts.values()) * label.trust * geometry, label)


def _is_tender(finder: Finder, cell: Cell) -> bool:
    if cell in finder.banned or not is_means_of_payment(cell.text):
        return False
    beside = finder.grid.right_of(cell)[:1]
    return any(number.places == 2 for other in beside for _, number in find_figures(other.span, finder.grid.style))


def handed_over(finder: Finder, totals: list[Candidate]) -> list[Candidate]:
    """Totals with those raised that cash minus change makes; one from another label where no total is labelled."""
    given = [candidate for candidate in finder.find("cash") if candidate.score >= ENOUGH and candidate.value > 0]
    change = [replace(one, value=abs(one.value)) for one in finder.find("change") if one.score >= ENOUGH]
    if not given:
        return totals
    proved = {round(one.value - other.value, 2) for one in given for other in change if one.value > other.value}
    same = {one.value for one in given}
    raised = [
        replace(total, score=total.score + _PROVED) if total.value in proved
        else replace(total, score=total.score + _SAME) if total.value in same and not change
        else total
        for total in totals
    ]  # fmt: skip
    if not any(total.value in proved for total in raised):
        raised += _elsewhere(finder, proved or same, totals, bool(proved))
    return sorted(raised, key=lambda total: -total.score)


def _elsewhere(finder: Finder, wanted: set[float], totals: list[Candidate], proved: bool) -> list[Candidate]:
    """The wanted value under another name of a sum, or what was handed over where no total is named."""
    for concept in ("amount_due", "total_without_vat", "line_total"):
        for candidate in finder.find(concept):
            if candidate.value in wanted and candidate.score >= ENOUGH:
                return [replace(candidate, score=1.2 if proved else 0.6)]
    printed = [found for value in wanted if proved and (found := _printed(finder, value))]
    if printed or totals:
        return printed[:1]
    given = [candidate for candidate in finder.find("cash") if candidate.value in wanted and candidate.score >= ENOUGH]
    return [replace(given[0], score=0.6)] if given else []


def _printed(finder: Finder, value: float) -> Candidate | None:
    """The last place above the money handed over, or that place itself, where the amount stands."""
    last = max((candidate.cell.row for candidate in finder.find("cash")[:3]), default=0)
    for row in reversed(finder.grid.rows[: last + 1]):
        for cell in row:
            for span, number in find_figures(cell.span, finder.grid.style):
                if number.places == 2 and number.value == value:
                    return Candidate(value, (span,), 1.2)
    return None
