"""Terms of payment: labelled, or a line or sentence that says within how many days to pay."""

from __future__ import annotations

import re
from dataclasses import replace

from reading.normalization import fold
from reading.vocabulary import any_of

from .candidates import Candidate, Finder, agreeing, best
from .text_grid import Span

_DAYS = rf"\d{{1,3}}\s*(?:{any_of('terms', 'days')})\b"
_LINE = re.compile(rf"(?:strictly |strikt |rein )?(?:{any_of('terms', 'before_days')})?\s*{_DAYS}.{{0,40}}")
_AT_ONCE = re.compile(any_of("terms", "at_once"))
_ALONE, _SENTENCE = 0.6, 0.5
_LONGEST = 16
"""Words of a sentence that is nothing but the terms."""
_PAY = re.compile(rf"\b(?:{any_of('terms', 'paying')})\b")


def payment_terms(finder: Finder) -> Candidate | None:
    labelled = best(agreeing(finder.find("payment_terms")))
    if labelled is None or not _are_terms(labelled.spans[0]):
        labelled = _behind_colon(finder) or labelled
    if labelled is not None:
        return _whole(labelled)
    return _alone(finder)


def _behind_colon(finder: Finder) -> Candidate | None:
    """Terms that begin with a word that is itself a label elsewhere: 'Terms: payable within 14 days'."""
    for label in finder.labels.by_concept["payment_terms"]:
        span = Span(label.cell, label.end, len(label.cell.text)).stripped()
        if ":" in label.cell.text[label.end : span.start] and _are_terms(span):
            return Candidate(span.text, (span,), label.trust * label.concepts["payment_terms"], label)
    return None


def _whole(terms: Candidate) -> Candidate:
    """'14 days net': what follows the days belongs to the terms, though it may be the label of an amount elsewhere."""
    span = Span(terms.cell, terms.spans[0].start, len(terms.cell.text)).stripped()
    if len(terms.spans) > 1 or span.end <= terms.spans[0].end or not _are_terms(span):
        return terms
    return replace(terms, value=span.text, spans=(span,))


def _are_terms(span: Span) -> bool:
    text = fold(span.text).strip(" .:;")
    return bool(_LINE.fullmatch(text) or _AT_ONCE.fullmatch(text))


def _alone(finder: Finder) -> Candidate | None:
    """A line that is nothing but the terms, else the first short sentence that sets them."""
    sentence = None
    for cell in finder.grid.cells:
        text = fold(cell.text).strip(" .:;")
        if cell in finder.banned or len(cell.tokens) > _LONGEST:
            continue
        span = cell.span.stripped()
        if len(cell.tokens) <= 8 and _are_terms(span):
            return Candidate(span.text, (span,), _ALONE)
        if sentence is None and re.search(_DAYS, text) and _PAY.search(text) and len(cell.tokens) > 3:
            sentence = Candidate(span.text, (span,), _SENTENCE)
    return sentence
