"""What was handed over and given back at the till proves the total between them."""

from __future__ import annotations

from dataclasses import replace

from .candidates import ENOUGH, Candidate, Finder
from .readers import find_figures

_PROVED, _SAME = 0.8, 0.25


def handed_over(finder: Finder, totals: list[Candidate]) -> list[Candidate]:
    """Totals with those raised that cash minus change makes; one from another label where no total is labelled."""
    given = [candidate for candidate in finder.find("cash") if candidate.score >= ENOUGH and candidate.value > 0]
    change = [candidate for candidate in finder.find("change") if candidate.score >= ENOUGH and candidate.value >= 0]
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
