"""Terms of payment: labelled, or a line or sentence that says within how many days to pay."""

from __future__ import annotations

import re

from reading.normalization import fold
from reading.vocabulary import any_of

from .candidates import Candidate, Finder, agreeing, best

_DAYS = rf"\d{{1,3}}\s*(?:{any_of('terms', 'days')})\b"
_LINE = re.compile(rf"(?:strictly |strikt |rein )?(?:{any_of('terms', 'before_days')})?\s*{_DAYS}.{{0,40}}")
_AT_ONCE = re.compile(any_of("terms", "at_once"))
_ALONE, _SENTENCE = 0.6, 0.5
_LONGEST = 16
"""Words of a sentence that is nothing but the terms."""
_PAY = re.compile(rf"\b(?:{any_of('terms', 'paying')})\b")


def payment_terms(finder: Finder) -> Candidate | None:
    labelled = best(agreeing(finder.find("payment_terms")))
    if labelled is not None:
        return labelled
    return _alone(finder)


def _alone(finder: Finder) -> Candidate | None:
    """A line that is nothing but the terms, else the first short sentence that sets them."""
    sentence = None
    for cell in finder.grid.cells:
        text = fold(cell.text).strip(" .:;")
        if cell in finder.banned or len(cell.tokens) > _LONGEST:
            continue
        span = cell.span.stripped()
        if len(cell.tokens) <= 8 and (_LINE.fullmatch(text) or _AT_ONCE.fullmatch(text)):
            return Candidate(span.text, (span,), _ALONE)
        if sentence is None and re.search(_DAYS, text) and _PAY.search(text) and len(cell.tokens) > 3:
            sentence = Candidate(span.text, (span,), _SENTENCE)
    return sentence
