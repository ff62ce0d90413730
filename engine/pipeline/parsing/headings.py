"""Headings of addresses: the words that say whose address follows, and where the name behind them begins."""

from __future__ import annotations

import re
from statistics import median

from reading.normalization import fold
from reading.vocabulary import section, word_set

from .address_lines import LEGAL_FORM
from .phrases import ATTRIBUTE_PHRASES, LABEL_PHRASES, PARTY_PHRASES, SMALL_WORDS, Match
from .text_grid import Cell, Span, tokenise

_TITLE = re.compile(
    r"\b(?:invoice|facture|rechnung|factuur|tax invoice|receipt|avoir|gutschrift|date|datum|page|seite|factura|fattura"
    r"|fecha|data|pagina|quote|quotation|devis|angebot|offerte)\b",
    re.IGNORECASE,
)
_SHORT = {word: role for role, words in section("parties_in_a_word", "roles").items() for word in words}
"""'From' and 'to' in languages in which they mean too much to be looked for in longer text."""
_SHORT_BEFORE = re.compile(r"([^\W\d_]+(?: à)?)\s*:\s*(?=\w)")
_GENDERED = re.compile(r"\([-/]?[^\W\d_]{1,5}\)|[:*/·_]-?(?:in|innen|e|se|rice|trice|a|ra)\b", re.IGNORECASE)
"""'Client(e)', 'Kund:in': one word for all that it may mean."""
_DIRECTION = re.compile(
    r"\s+(?:for|to|by|à|a|an|von|für|aan|van|voor|par|de|da|di|por|para)(?=\s*:)|\s+(?:for|à|an|für|aan|voor|para)(?=\s)",
    re.IGNORECASE,
)
"""The small word that ends a heading, which only a colon tells from one that begins a name."""
_BY = word_set("parties_in_a_word", "by")
_KINDS = word_set("company_names", "kinds_of_business")
_IN_NAMES = word_set("company_names", "words_for_parties")
_ALIGNED = 0.012
_APART, _ENOUGH_GAPS = 1.4, 2
"""A gap that wide among so many others parts two texts, although they were read as one."""


def short_heading(cell: Cell) -> str:
    """The role that a cell names in one small word, if it is no more than that."""
    return _SHORT.get(cell.text.strip(" :").casefold(), "") if cell.text[:1].isupper() else ""


def is_title(text: str) -> bool:
    """Whether a text has a word of which titles and columns consist."""
    return _TITLE.search(text) is not None


def is_party_heading(cell: Cell) -> bool:
    """Whether a cell only says whose address follows, as 'Facturé à' does; 'Facture' is a title."""
    if short_heading(cell):
        return True
    match = _first(cell)
    if match is None or (len(cell.tokens) == 1 and _TITLE.fullmatch(cell.text.strip(" :"))):
        return False
    end = _end(cell, match)
    rest = [token for token in cell.tokens if token.start >= end and token.text not in SMALL_WORDS]
    if rest and LABEL_PHRASES.exact([token.text for token in cell.tokens]):
        return False  # 'Customer PO:' names a number
    return not rest or cell.text.rstrip().endswith(":")


def behind_heading(cell: Cell, left: float | None = None) -> Span:
    """A line without the heading that begins it: 'Bill to: ACME Ltd'; all of it where none does.

    Without a colon, 'Auftraggeber ACME GmbH' must be set apart by a gap or by its words, or what follows begin at
    `left`, where the other lines of an address do.
    """
    short = _SHORT_BEFORE.match(cell.text)
    if short and short[1][0].isupper() and short[1].casefold() in _SHORT:
        return Span(cell, short.end(), len(cell.text))
    match = _first(cell)
    if match is None:
        return cell.span
    end = _end(cell, match)
    behind = re.match(r"\s*:\s*(?=\w)", cell.text[end:])
    if behind:
        return Span(cell, end + behind.end(), len(cell.text))
    rest = Span(cell, end, len(cell.text)).stripped(" ")
    return rest if rest.start > end and _names_somebody(cell, match, rest, left) else cell.span


def role_of(cell: Cell) -> str:
    """The role of the party that a heading names, or one with what it heads behind it; nothing for other text."""
    if short_heading(cell):
        return short_heading(cell)
    match = _first(cell)
    behind = cell.text[_end(cell, match) :].strip() if match else ""
    if is_party_heading(cell) or behind[:1] in tuple(":/(") or behind_heading(cell).start > 0:
        return role_before(cell)
    return ""


def role_before(cell: Cell) -> str:
    """The role that a line begins with, whatever follows."""
    short = _SHORT_BEFORE.match(cell.text)
    if short and short[1].casefold() in _SHORT:
        return _SHORT[short[1].casefold()]
    match = _first(cell)
    if match is None:
        return ""
    if len(match.concepts) > 1:  # 'facturé par' and 'facturé à' differ in a small word only
        return "seller" if _BY & {token.text for token in cell.tokens} else "buyer"
    return next(iter(match.concepts))


def _first(cell: Cell) -> Match | None:
    matches = PARTY_PHRASES.find(cell.tokens)
    return matches[0] if matches and matches[0].first == 0 else None


def _end(cell: Cell, match: Match) -> int:
    end = cell.tokens[match.last].end
    for more in (_GENDERED, _DIRECTION):
        found = more.match(cell.text, end)
        end = found.end() if found else end
    return end


def _names_somebody(cell: Cell, match: Match, rest: Span, left: float | None) -> bool:
    """Whether the words behind a heading are a name of their own: 'Client Earth Ltd' is one with its first word."""
    form = LEGAL_FORM.search(rest.text)
    if not rest.text[:1].isupper() or (form and form.start() == 0) or _TITLE.fullmatch(cell.text[: rest.start].strip()):
        return False
    words = [token.text for token in tokenise(rest.text)]
    if ATTRIBUTE_PHRASES.exact(words) or LABEL_PHRASES.exact(words) or PARTY_PHRASES.exact(words):
        return False
    if any(label.first == 0 and label.last > match.last for label in LABEL_PHRASES.find(cell.tokens)):
        return False
    alone = cell.text[: _end(cell, match)]
    alone = fold(alone) if " " not in alone else ""
    if alone in _KINDS:
        return False
    if left is not None and cell.box.x0 < left - _ALIGNED and abs(rest.box.x0 - left) < _ALIGNED:
        return True
    return alone not in _IN_NAMES and (form is not None or _stands_apart(cell, rest))


def _stands_apart(cell: Cell, rest: Span) -> bool:
    gaps = [after.box.x0 - before.box.x1 for before, after in zip(cell.words, cell.words[1:], strict=False)]
    at = sum(offset < rest.start for offset in cell.offsets) - 1
    others = gaps[:at] + gaps[at + 1 :]
    return len(others) >= _ENOUGH_GAPS and gaps[at] > _APART * median(others)
